"""Rows of transitions and numbers by value: the parts that a category's TOML is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, Field, create_model, model_validator

from adsim.scenario.kinds import SHARE_TOLERANCE, Declared, Factor, Share, broken
from adsim.scenario.media.states import BRAND, DIMENSIONS, MOVABLE


def _model(name: str, fields: Mapping[str, Any], base: type[BaseModel] = Declared) -> Any:
    return create_model(name, __base__=base, **fields)


class Row(Declared):
    """Where persons of one value go in a period: P(value). What is not named has chance 0."""

    own: ClassVar[str | None] = None
    """The value that they come from, which keeps the rest; None: the row must say it all."""

    @model_validator(mode="after")
    def _sums_to_one(self) -> Row:
        chances = self.chances()
        total = sum(chances.values())
        if self.own is not None and self.own not in chances:
            if total > 1.0 + SHARE_TOLERANCE:
                raise broken("must sum to at most 1", f"sums to {total:.9g}", "lower a chance")
        elif abs(total - 1.0) > SHARE_TOLERANCE:
            cure = f"divide each by {total:.9g}" if total > 0 else "give chances above 0"
            if self.own is not None:
                cure += f", or leave out {self.own}, which then keeps the rest"
            raise broken("must sum to 1", f"sums to {total:.9g}", cure)
        return self

    def chances(self) -> dict[str, float]:
        """The chances that the row names."""
        return {name: value for name, value in self if value is not None}

    def full(self) -> dict[str, float]:
        """The chance of every value that can be reached; they sum to 1."""
        chances = self.chances()
        if self.own is not None and self.own not in chances:
            chances[self.own] = max(0.0, 1.0 - sum(chances.values()))
        total = sum(chances.values())
        return {name: chance / total for name, chance in chances.items() if chance > 0}


def row_of(dimension: str, own: str | None) -> Any:
    fields = {
        value: (Share | None, Field(default=None, description=f"Chance of {value}."))
        for value in DIMENSIONS[dimension]
    }
    row = _model(f"{dimension}_row", fields, Row)
    row.own = own
    return row


def _table_of(dimension: str) -> Any:
    """Rows by the value that persons come from; `any` is the row of those without their own."""
    fields: dict[str, Any] = {
        value: (row_of(dimension, value) | None, Field(default=None, description="A row."))
        for value in DIMENSIONS[dimension]
    }
    fields["any"] = (row_of(dimension, None) | None, Field(default=None, description="A row."))
    return _model(f"{dimension}_table", fields)


def _moves_of(name: str, dimensions: tuple[str, ...]) -> Any:
    fields = {
        each: (_table_of(each) | None, Field(default=None, description="Rows by value."))
        for each in dimensions
    }
    return _model(name, fields)


def _factors_of(dimension: str) -> Any:
    fields = {
        value: (Factor, Field(description=f"For {value}.")) for value in DIMENSIONS[dimension]
    }
    return _model(f"{dimension}_factors", fields)


def _by_value(name: str, dimensions: tuple[str, ...]) -> Any:
    """One number for every value of some dimensions; those of a state are multiplied."""
    fields = {
        each: (_factors_of(each) | None, Field(default=None, description="A number for each."))
        for each in dimensions
    }
    return _model(name, fields)


ActivityShares, FavorabilityShares, LoyaltyShares, AvailabilityShares = (
    row_of(dimension, None) for dimension in MOVABLE
)
Moves = _moves_of("moves", MOVABLE)
BrandMoves = _moves_of("brand_moves", BRAND)
ByValue = _by_value("by_value", MOVABLE)
ByBrand = _by_value("by_brand", BRAND)
CarryOver = _model(
    "carry_over",
    {each: (Share, Field(default=0.0, description="Share that stays.")) for each in MOVABLE},
)


def one_of(factors: Any, state: Mapping[str, str]) -> float:
    """The product of the numbers of a state's values; dimensions without numbers count 1."""
    product = 1.0
    for dimension, table in factors or ():
        if table is not None:
            product *= getattr(table, state[dimension])
    return product
