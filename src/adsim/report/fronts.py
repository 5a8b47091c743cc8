"""The front of two goals: a chart with intervals, and a row a plan."""

from __future__ import annotations

from typing import Any

from adsim.optimize import Optimum
from adsim.optimize.aims.fronts import Axis
from adsim.report import charts
from adsim.report.formats import decimals, number
from adsim.report.page import Cell, Chart, Charts, Head, Prose, Section, Table
from adsim.report.spending import Data
from adsim.report.tables import with_unit
from adsim.report.words import Words
from adsim.results.registry import COLUMNS
from adsim.results.risk import TAIL


def front_section(words: Words, best: Optimum, axes: tuple[Axis, Axis]) -> tuple[Section, Data]:
    """All plans of the front, today's and the recommended one."""
    labels = [_label(words, axis, best.scenario.scenario.currency) for axis in axes]
    title = words("front_chart", first=labels[0], second=labels[1])
    spec = charts.front("front", title, *labels)
    rows = list(best.front.iter_rows(named=True))
    data = [_point(words, axes, row) for row in rows]
    blocks = [
        Prose([words("front_note")]),
        Charts([Chart("front", spec, title, height=260)]),
        _table(words, axes, labels, rows),
    ]
    return Section("front", words("front"), blocks), {"front": data}


def _label(words: Words, axis: Axis, currency: str) -> str:
    label = with_unit(words, axis.metric, currency)
    return words("risk_cvar", metric=label, percent=100 * TAIL) if axis.is_tail else label


def _point(words: Words, axes: tuple[Axis, Axis], row: dict[str, Any]) -> dict[str, object]:
    point: dict[str, object] = {"kind": row["kind"], "plan": _name(words, row)}
    for place, axis in zip(("first", "second"), axes, strict=True):
        for end in ("", "_low", "_high"):
            point[f"{place}{end}"] = row[f"{axis.name}{end}"]
    return point


def _name(words: Words, row: dict[str, Any]) -> str:
    return words(f"front_{row['kind']}", plan=row["plan"])


def _table(
    words: Words, axes: tuple[Axis, Axis], labels: list[str], rows: list[dict[str, Any]]
) -> Table:
    heads = [Head(words("plan"), is_number=False)]
    for label in labels:
        heads += [Head(label), Head(words("interval"))]
    cells = [[Cell(_name(words, row))] for row in rows]
    for axis in axes:
        unit = COLUMNS[axis.metric].unit
        places = decimals(unit, [row[axis.name] for row in rows])
        for row, shown in zip(rows, cells, strict=True):
            value, low, high = (row[f"{axis.name}{end}"] for end in ("", "_low", "_high"))
            ends = {"low": number(low, unit, places), "high": number(high, unit, places)}
            shown += [Cell(number(value, unit, places), value), Cell(words("between", **ends), low)]
    return Table("front", words("front"), heads, cells)
