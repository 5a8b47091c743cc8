"""Table [population]: the persons behind the searches, drawn column by column or brought along."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator, model_validator

from adsim.scenario.columns import LARGEST
from adsim.scenario.kinds import (
    Declared,
    Factor,
    Finite,
    Name,
    OrderValue,
    Positive,
    Share,
    Whole,
    broken,
)
from adsim.scenario.text import name_cure

PRESETS = Path(__file__).parent / "presets"
MOST_PERSONS = 20_000_000
FAMILIES = {"lognormal": ("scale", "shape"), "exponential": ("scale",), "uniform": ("low", "high")}
DRAWN = ("size", "seed", "preset", "columns")  # keys that a table of persons leaves no room for
BROUGHT = ("types", "required")  # keys that only say how to read a table of persons


def _plain(value: object) -> object:
    is_number = isinstance(value, int | float) and abs(value) < LARGEST  # NaN is not
    if isinstance(value, str) or is_number:
        return value
    rule = f"must be a text, a number below {LARGEST:g}, true or false"
    raise broken(rule, f"is {value!r}", "write one of these")


Value = Annotated[
    Any,
    BeforeValidator(_plain),
    WithJsonSchema({"type": ["string", "number", "boolean"]}),
]


class Spread(Declared):
    """How the values of a column spread over persons; a case may say a part of it otherwise."""

    weights: tuple[Factor, ...] = Field(
        default=(), description="Weight of each value; their sum is of no matter; absent: equal."
    )
    scale: Positive | None = Field(
        default=None, description="lognormal: the median; exponential: the mean."
    )
    shape: Annotated[Positive, Field(le=5)] | None = Field(
        default=None, description="lognormal: sigma of the logarithm."
    )
    low: Finite | None = Field(default=None, description="uniform: the least value.")
    high: Finite | None = Field(default=None, description="uniform: the highest value.")
    missing: Share | None = Field(
        default=None, description="Share of persons without a value (null: never, unknown)."
    )


class Column(Spread):
    """One of [population.columns]: a trait, by its values and weights or by a family of numbers."""

    values: tuple[Value, ...] = Field(
        default=(), description="All values: texts, numbers or true and false, in their order."
    )
    family: Literal["lognormal", "exponential", "uniform"] | None = Field(
        default=None, description="Family of a number, instead of values."
    )
    whole: bool = Field(default=False, description="Whether numbers of a family are rounded down.")
    given: Name | None = Field(
        default=None, description="Another column with values, on which this one depends."
    )
    cases: dict[Name, Spread] = Field(
        default={}, description="What is otherwise at a value of the column named by given."
    )
    source: str = Field(default="", description="Where the numbers come from, and how sure.")

    @model_validator(mode="after")
    def _can_be_drawn(self) -> Column:
        self._check_values()
        if bool(self.cases) != (self.given is not None):
            cure = "name the column that the cases are values of, or leave both out"
            raise broken("must have given and cases together", "has one of them", cure)
        for name, spread in [("", self.spread("")), *((c, self.spread(c)) for c in self.cases)]:
            _check_spread(self, spread, f" in the case {name}" if name else "")
        return self

    def _check_values(self) -> None:
        if bool(self.values) == (self.family is not None):
            found = "has both" if self.values else "has neither"
            raise broken("must have either values or a family", found, "give one of the two")
        kinds = set(map(type, self.values))
        if len(kinds) > 1 and kinds != {int, float}:
            cure = "write all as texts, or all as numbers"
            raise broken("must have values of one kind", "has several", cure)
        if len(set(self.values)) < len(self.values):
            raise broken("must have distinct values", "has one twice", "join their weights")

    def spread(self, case: str) -> Spread:
        """How the values spread in a case: its own keys before those of the column."""
        own = self.cases[case].model_dump(exclude_unset=True) if case in self.cases else {}
        return Spread(**{**self.model_dump(include=set(Spread.model_fields)), **own})

    @property
    def dtype(self) -> pl.DataType | type[pl.DataType]:
        """Type of the column in polars; texts are an Enum in the order of the values."""
        if self.family is not None:
            return pl.Int64 if self.whole else pl.Float64
        if isinstance(self.values[0], str):
            return pl.Enum(self.values)
        if isinstance(self.values[0], bool):
            return pl.Boolean
        return pl.Float64 if any(isinstance(v, float) for v in self.values) else pl.Int64

    @property
    def case_names(self) -> list[str]:
        """The values as keys of TOML spell them."""
        return [_key(value) for value in self.values]


def _key(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _check_spread(column: Column, spread: Spread, where: str) -> None:
    needed = FAMILIES.get(column.family or "", ())
    for key in ("scale", "shape", "low", "high"):
        is_there = getattr(spread, key) is not None
        if is_there != (key in needed):
            rule = f"must have {' and '.join(needed) or 'no scale, shape, low and high'}{where}"
            cure = f"leave {key} out" if is_there else f"give {key}"
            raise broken(rule, f"has {'a' if is_there else 'no'} {key}", cure)
    if spread.low is not None and spread.high is not None and spread.low >= spread.high:
        found = f"low is {spread.low:g} and high is {spread.high:g}"
        raise broken(f"low must be below high{where}", found, "exchange the two")
    if spread.weights and len(spread.weights) != len(column.values):
        found = f"has {len(spread.weights)} for {len(column.values)} values"
        raise broken(f"must have a weight for each value{where}", found, "add or delete weights")
    if spread.weights and sum(spread.weights) <= 0:
        raise broken(f"must have a weight > 0{where}", "has none", "give one a weight")


class Effect(Declared):
    """One of [[population.effects]]: what a trait does to its persons; effects multiply."""

    where: Name = Field(description="Condition in SQL over the columns: \"age = '18-24'\".")
    searches: Factor = Field(default=1.0, description="Factor of the number of searches.")
    ctr: Factor = Field(default=1.0, description="Factor of the CTR.")
    cvr: Factor = Field(default=1.0, description="Factor of the CVR, of organic orders too.")
    organic: Factor = Field(default=1.0, description="Factor of organic orders, beside the CVR's.")
    order_value: OrderValue = Field(default=1.0, description="Factor of the value of an order.")


class Population(Declared):
    """Table [population]: persons with traits, made from columns or read from a table."""

    size: Whole = Field(default=200_000, ge=1, le=MOST_PERSONS, description="Number of persons.")
    seed: Whole = Field(default=1, ge=0, lt=2**32, description="Seed of the persons' traits.")
    preset: Name | None = Field(
        default=None, description='Shipped columns to start from: "shoppers"; own keys go before.'
    )
    columns: dict[Name, Column] = Field(default={}, description="The traits, by name.")
    table: Name | None = Field(
        default=None, description="A CSV or Parquet file with a row a person, instead of columns."
    )
    types: dict[Name, Literal["number", "text", "flag"]] = Field(
        default={}, description="Types of columns of the table; absent: as their cells look."
    )
    required: tuple[Name, ...] = Field(
        default=(), description="Columns of the table in which every person must have a value."
    )
    effects: tuple[Effect, ...] = Field(
        default=(), description="What traits do to searches, clicks, orders and their value."
    )

    @model_validator(mode="before")
    @classmethod
    def _with_preset(cls, raw: Any) -> Any:
        """Write the columns of a preset out; a column of one's own without values amends one."""
        if not isinstance(raw, Mapping) or not isinstance(raw.get("preset"), str):
            return raw
        own = raw.get("columns", {})
        if raw["preset"] not in preset_names() or not isinstance(own, Mapping):
            return raw
        merged = preset_columns(raw["preset"])
        for name, column in own.items():
            amends = isinstance(column, Mapping) and not {"values", "family"} & column.keys()
            merged[name] = {**merged.get(name, {}), **column} if amends else column
        return {**{key: raw[key] for key in raw if key != "preset"}, "columns": merged}

    @field_validator("preset")
    @classmethod
    def _known_preset(cls, name: str | None) -> str | None:
        if name is not None and name not in preset_names():
            cure = name_cure(name, preset_names(), "write columns of your own")
            raise broken("must be a shipped preset", f"is {name!r}", cure)
        return name

    @model_validator(mode="after")
    def _drawn_or_brought(self) -> Population:
        given = self.model_fields_set
        wrong = [key for key in (DRAWN if self.table else BROUGHT) if key in given]
        if wrong:
            rule = "must be drawn from columns or read from a table, not both"
            found = f"has {wrong[0]} {'beside' if self.table else 'without'} table"
            raise broken(rule, found, f"leave {wrong[0]} {'or table ' if self.table else ''}out")
        if not self.table and not self.columns:
            cure = 'add [population.columns.NAME], preset = "shoppers" or table = "people.csv"'
            raise broken("must have columns, a preset or a table", "has none", cure)
        for name, column in self.columns.items():
            self._check_given(name, column)
        self.order()
        return self

    def _check_given(self, name: str, column: Column) -> None:
        if column.given is None:
            return
        parent = self.columns.get(column.given)
        if parent is None or not parent.values:
            known = [other for other, c in self.columns.items() if c.values and other != name]
            cure = name_cure(column.given, known, "name one that has values")
            rule = f"columns.{name}.given must be a column with values"
            raise broken(rule, f"is {column.given!r}", cure)
        for case in column.cases:
            if case not in parent.case_names:
                cure = name_cure(case, parent.case_names, "name one of its values")
                rule = f"columns.{name}.cases must be values of {column.given}"
                raise broken(rule, f"{case} is not", cure)

    def order(self) -> list[str]:
        """Names of the columns, each after the one that it depends on."""
        needs = {n: [c.given] if c.given else [] for n, c in self.columns.items()}
        try:
            return list(TopologicalSorter(needs).static_order())
        except CycleError as error:
            circle = " -> ".join(error.args[1])
            raise broken(
                "columns must not depend on each other in a circle",
                f"{circle} do",
                "drop one given",
            ) from error


@cache
def preset_names() -> list[str]:
    """Names of the shipped presets of columns."""
    return sorted(path.stem for path in PRESETS.glob("*.toml"))


def preset_columns(name: str) -> dict[str, Any]:
    """The columns of a shipped preset, as scenario.toml would declare them."""
    columns: dict[str, Any] = tomllib.loads((PRESETS / f"{name}.toml").read_text("utf-8"))
    return columns
