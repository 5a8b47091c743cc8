"""Table [journey]: the states that persons live in, and what moves them from one to another."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, field_validator, model_validator

from adsim.scenario.kinds import (
    SHARE_TOLERANCE,
    Declared,
    Factor,
    Name,
    OrderValue,
    Share,
    Whole,
    broken,
)
from adsim.scenario.populations import MOST_PERSONS
from adsim.scenario.text import name_cure

PRESETS = Path(__file__).parent / "journey_presets"

STATE = "state"  # the living column of a journey without a trait
CAUSES = ("order", "cart", "click", "impression", "daily")
"""What moves a person, in the order of the kernels; of the first four the first one counts."""


def _row(chances: dict[str, float]) -> dict[str, float]:
    total = sum(chances.values())
    if total > 1.0 + SHARE_TOLERANCE:
        cure = "lower them; what is missing to 1 stays in the state"
        raise broken("must sum to at most 1", f"sum to {total:.9g}", cure)
    return chances


Row = Annotated[dict[Name, Share], AfterValidator(_row)]


class State(Declared):
    """One of [[journey.states]]: what its persons do, and where they go from here."""

    name: Name = Field(description="Name of the state; with a trait, a value of it.")
    share: Share | None = Field(
        default=None, description="Share of persons at the start; only without a trait."
    )
    searches: Factor = Field(default=1.0, description="Factor of searches of persons in the state.")
    ctr: Factor = Field(default=1.0, description="CTR factor of persons in the state.")
    cvr: Factor = Field(default=1.0, description="CVR factor of persons in the state.")
    organic: Factor = Field(
        default=1.0, description="Factor of their organic orders, beside that of the CVR."
    )
    order_value: OrderValue = Field(
        default=1.0, description="Factor of revenue and goods cost of their orders."
    )
    queries: dict[Name, Factor] = Field(
        default={},
        description="Further factors of searches of single queries or query groups, by name.",
    )
    days: Annotated[Whole, Field(ge=1, le=366)] | None = Field(
        default=None, description="Midnights after coming in at which a person goes to then."
    )
    then: Name | None = Field(default=None, description="The state after so many days.")
    since: Name | None = Field(
        default=None,
        description="Column that holds the days since coming in; no value in other states.",
    )
    daily: Row = Field(
        default={}, description="Chance of each other state at a midnight; the rest stays."
    )
    impression: Row = Field(
        default={}, description="Where an hour with an impression sends a person, by chance."
    )
    click: Row = Field(default={}, description="Where an hour with a click sends a person.")
    cart: Row = Field(default={}, description="Where an hour with a cart sends a person.")
    order: Row = Field(default={}, description="Where an hour with an order sends a person.")

    @model_validator(mode="after")
    def _stays_end_somewhere(self) -> State:
        if (self.days is None) != (self.then is None):
            key, other = ("then", "days") if self.then is None else ("days", "then")
            cure = f"give {key}, or leave {other} out"
            raise broken("must have days and then together", f"has no {key}", cure)
        if self.since is not None and self.days is None:
            cure = "give days and then, after which the days count no longer"
            raise broken("must have days if it has since", "has none", cure)
        return self

    def row(self, cause: str) -> dict[str, float]:
        """Chance of each state that a cause sends to."""
        chances: dict[str, float] = getattr(self, cause)
        return chances


def _own_names(states: tuple[State, ...]) -> tuple[State, ...]:
    names = [state.name for state in states]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        found = f"more than one is named {', '.join(repeated)}"
        raise broken("must each have a name of its own", found, "rename all but one")
    return states


class Journey(Declared):
    """Table [journey]: persons move between states, day by day and by what they meet."""

    preset: Name | None = Field(
        default=None, description='Shipped states to start from: "tac"; own keys go before.'
    )
    trait: Name | None = Field(
        default=None,
        description="Column of the population that lives, its values are the states; "
        f"absent: shares of the states, told to conditions as {STATE}.",
    )
    persons: Annotated[Whole, Field(ge=1, le=MOST_PERSONS)] = Field(
        default=200_000, description="Number of persons where there is no population."
    )
    burn_in: Annotated[Whole, Field(ge=0, le=3660)] = Field(
        default=0, description="Midnights that have passed before the first day."
    )
    states: Annotated[tuple[State, ...], Field(min_length=1), AfterValidator(_own_names)] = Field(
        description="The states."
    )

    @model_validator(mode="before")
    @classmethod
    def _with_preset(cls, raw: Any) -> Any:
        """Write the states of a preset out; an own state of the same name amends one."""
        if not isinstance(raw, Mapping) or raw.get("preset") not in preset_names():
            return raw
        own = raw.get("states", [])
        if not isinstance(own, list | tuple) or not all(isinstance(s, Mapping) for s in own):
            return raw
        merged = _preset(raw["preset"])
        states = {state["name"]: state for state in merged["states"]}
        for place, state in enumerate(own):
            name = state.get("name", place)
            states[name] = {**states.get(name, {}), **state}
        kept = {key: raw[key] for key in raw if key != "preset"}
        return {**merged, **kept, "states": [*states.values()]}

    @field_validator("preset")
    @classmethod
    def _known_preset(cls, name: str | None) -> str | None:
        if name is not None and name not in preset_names():
            cure = name_cure(name, preset_names(), "write states of your own")
            raise broken("must be a shipped preset", f"is {name!r}", cure)
        return name

    @property
    def column(self) -> str:
        """The column whose value is a person's state."""
        return self.trait or STATE

    @property
    def since_columns(self) -> list[str]:
        """Columns of days since coming in, each once."""
        return list(dict.fromkeys(s.since for s in self.states if s.since is not None))

    def names(self) -> list[str]:
        """Names of the states, in their order."""
        return [state.name for state in self.states]


@cache
def preset_names() -> list[str]:
    """Names of the shipped presets of states."""
    return sorted(path.stem for path in PRESETS.glob("*.toml"))


def _preset(name: str) -> dict[str, Any]:
    return tomllib.loads((PRESETS / f"{name}.toml").read_text("utf-8"))
