"""The settings that were tried beside bids: a row each."""

from __future__ import annotations

from typing import Any

from adsim.optimize import Optimum
from adsim.report.formats import decimals, number
from adsim.report.page import Cell, Head, Prose, Section, Table
from adsim.report.tables import with_unit
from adsim.report.words import Words
from adsim.results.registry import COLUMNS


def settings_section(words: Words, best: Optimum) -> Section:
    """What the best plan of every setting brings over today's, and over the best of today's."""
    keys = best.settings.columns[: best.settings.columns.index("metric")]
    label = with_unit(words, best.goal, best.scenario.scenario.currency)
    heads = [Head(key, is_number=False) for key in keys]
    heads += [Head(words("state"), is_number=False), Head(words("best_here"), label)]
    for group in (words("over_today"), words("over_best_today")):
        heads += [Head(words(name), group) for name in ("difference", "interval")]
    places = decimals(COLUMNS[best.goal].unit, best.settings["b"].to_list())
    rows = [
        [Cell(row[key]) for key in keys] + _values(words, best, row, places)
        for row in best.settings.iter_rows(named=True)
    ]
    table = Table("varied", words("varied"), heads, rows)
    return Section("varied", words("varied"), [Prose([words("varied_note")]), table])


def _values(words: Words, best: Optimum, row: dict[str, Any], places: int) -> list[Cell]:
    unit = COLUMNS[best.goal].unit
    cells = [Cell(words(f"state_{row['state']}")), Cell(number(row["b"], unit, places), row["b"])]
    for name, low, high in (
        ("difference", "difference_low", "difference_high"),
        ("gain", "gain_low", "gain_high"),
    ):
        ends = [number(row[end], unit, places, True) for end in (low, high)]
        cells.append(Cell(number(row[name], unit, places, True), row[name]))
        cells.append(Cell(words("between", low=ends[0], high=ends[1]), row[low]))
    return cells
