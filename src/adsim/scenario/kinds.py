"""The kinds of values that declarations are made of, and the error of a broken rule."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, StringConstraints
from pydantic_core import PydanticCustomError

from adsim.scenario.columns import LARGEST

SHARE_TOLERANCE = 1e-6
UNLIMITED = "unlimited"
MOST_EXPOSURES = 1000  # of one campaign, that a cap may count up to


def broken(rule: str, found: str, cure: str) -> PydanticCustomError:
    """The error of a rule of ours inside pydantic; `declaring.py` reads its three parts."""
    return PydanticCustomError("adsim", "{rule}", {"rule": rule, "found": found, "cure": cure})


def sums_to_one(shares: tuple[float, ...]) -> tuple[float, ...]:
    total = sum(shares)
    if abs(total - 1.0) > SHARE_TOLERANCE:
        cure = f"divide each by {total:.9g}" if total > 0 else "give shares above 0"
        raise broken("must sum to 1", f"sum to {total:.9g}", cure)
    return shares


def _unlimited_to_none(value: object) -> object:
    return None if value == UNLIMITED else value


Finite = Annotated[float, Strict(), Field(allow_inf_nan=False, lt=LARGEST)]
Amount = Annotated[Finite, Field(ge=0)]
Positive = Annotated[Finite, Field(gt=0)]
Factor = Annotated[Finite, Field(ge=0)]
Premium = Annotated[Factor, Field(le=10)]  # 1000 %, the most that Kuaiche accepts
OrderValue = Annotated[Factor, Field(le=1000)]  # of orders below 1e9: their micros fit in int64
Share = Annotated[float, Strict(), Field(ge=0, le=1, allow_inf_nan=False)]
Budget = Annotated[
    Amount | None,
    BeforeValidator(_unlimited_to_none, json_schema_input_type=Amount | Literal["unlimited"]),
]
Whole = Annotated[int, Strict()]
Cap = Annotated[
    Annotated[Whole, Field(ge=1, le=MOST_EXPOSURES)] | None,
    BeforeValidator(_unlimited_to_none, json_schema_input_type=int | Literal["unlimited"]),
]
Day = Annotated[datetime.date, Strict()]
Name = Annotated[str, Strict(), StringConstraints(strip_whitespace=True, min_length=1)]
WholeDay = Annotated[tuple[Factor, ...], Field(min_length=24, max_length=24)]


class Declared(BaseModel):
    """Base of all declarations: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Only what differs from its default, or nobody would find it among dozens of keys."""
        fields = type(self).model_fields
        for name, value in super().__repr_args__():
            if name not in fields or value != fields[name].default:
                yield name, value
