"""Tables of a page from frames of results: the same numbers, with digits that stand in line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from adsim.report.formats import decimals, number
from adsim.report.page import Cell, Head, Table
from adsim.report.words import Words
from adsim.results.registry import COLUMNS, Unit


class Field(NamedTuple):
    """One column of numbers: its name in the frame, heading, unit, and whether sign tells."""

    name: str
    head: Head
    unit: Unit
    signed: bool = False


def labels(frame: pl.DataFrame, name: str) -> list[Cell]:
    """A column of texts."""
    return [Cell(str(value)) for value in frame[name]]


def numbers(frame: pl.DataFrame, field: Field) -> list[Cell]:
    """A column of numbers; a signed one is toned as gain or loss."""
    values = frame[field.name].to_list()
    places = decimals(field.unit, values)
    if field.signed:
        return [
            Cell(number(value, field.unit, places, True), value, tone(value)) for value in values
        ]
    return [Cell(number(value, field.unit, places), value) for value in values]


LESS_IS_BETTER = frozenset({"spend", "cpa"})
"""Metrics that are a goal only as the least of them."""


def tone(value: float | None, metric: str = "profit") -> str:
    """Gain, loss or neither, by the sign of the metric's difference."""
    if not value:
        return ""
    return "gain" if (value > 0) != (metric in LESS_IS_BETTER) else "loss"


def table_of(
    words: Words,
    key: str,
    caption: str,
    frame: pl.DataFrame,
    groups: Sequence[str],
    fields: Sequence[Field],
) -> Table:
    """A table of a frame: its label columns, then the fields."""
    heads = [Head(words.metric(name), is_number=False) for name in groups]
    columns = [labels(frame, name) for name in groups]
    columns += [numbers(frame, field) for field in fields]
    rows = list(zip(*columns, strict=True))
    return Table(key, caption, [*heads, *(field.head for field in fields)], rows)


def metric_fields(words: Words, metrics: Sequence[str], currency: str) -> list[Field]:
    """Fields of a report's own columns, money with its currency."""
    return [
        Field(name, Head(with_unit(words, name, currency)), COLUMNS[name].unit) for name in metrics
    ]


def with_unit(words: Words, metric: str, currency: str) -> str:
    """`Spend, CNY`: a metric's label with its unit where it is money."""
    label = words.metric(metric)
    if COLUMNS[metric].unit != "money":
        return label
    return words("in_unit", label=label, unit=words.currency(currency))
