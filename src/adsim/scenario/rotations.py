"""How the creatives of an ad group share its impressions: what scenarios and plans say of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from adsim.scenario.kinds import Declared, Name, Whole, broken

How = Literal["equal", "optimized", "only", "turns", "test"]
KEYS = {  # of each way, beside `how`; those in the first place must be given
    "equal": ((), ()),
    "optimized": ((), ("goal",)),
    "only": (("creative",), ()),
    "turns": (("days",), ()),
    "test": ((), ("impressions", "days", "goal")),
}


class Rotation(Declared):
    """One of campaigns.rotations: how an ad group's creatives share its impressions."""

    how: How = Field(
        description="equal: in turns, impression by impression; optimized: by Thompson sampling, "
        "hour by hour; only: all to one creative; turns: all to one after the other, `days` each; "
        "test: equal until it ends, then all to the best."
    )
    creative: Name | None = Field(default=None, description="The creative of only.")
    days: Annotated[Whole, Field(ge=1, le=3660)] | None = Field(
        default=None, description="Days of a turn; of a test, from the scenario's start to its end."
    )
    impressions: Annotated[Whole, Field(ge=1, le=10**12)] | None = Field(
        default=None, description="Impressions that every creative has when a test ends."
    )
    goal: Literal["clicks", "orders", "profit"] = Field(
        default="clicks", description="What of an impression makes a creative the best."
    )

    @model_validator(mode="after")
    def _nothing_idle(self) -> Rotation:
        needed, allowed = KEYS[self.how]
        missing = [key for key in needed if getattr(self, key) is None]
        if missing:
            rule, cure = f'must have {missing[0]} if how is "{self.how}"', "add it"
            raise broken(rule, "has none", cure)
        if self.how == "test" and self.impressions is None and self.days is None:
            cure = "add impressions = 5000, say"
            raise broken("must have impressions or days if it is a test", "has neither", cure)
        idle = [key for key in self.model_fields_set if key not in ("how", *needed, *allowed)]
        if idle:
            rule = f'must have no {idle[0]} if how is "{self.how}"'
            raise broken(rule, "has one", "leave it out")
        return self


EQUAL = Rotation(how="equal")
