"""What a search over policies tried and raced, and what its plan brings in every market."""

from __future__ import annotations

from typing import Any

import polars as pl

from adsim.optimize import Optimum
from adsim.optimize.aims.goals import GOALS
from adsim.optimize.answer.parameters import tell_parameter, tell_value
from adsim.report import charts
from adsim.report.formats import decimals, number
from adsim.report.page import Cell, Chart, Charts, Head, Prose, Section, Table
from adsim.report.risks import ranked_by
from adsim.report.spending import Data
from adsim.report.tables import with_unit
from adsim.report.words import Words
from adsim.results.registry import COLUMNS

ENDS = ("stopped", "missed")
"""How a trial may end early."""


def search_section(
    words: Words, best: Optimum, trials: pl.DataFrame, race: pl.DataFrame
) -> tuple[Section, Data]:
    """The best score by trial, and the final race on fresh luck."""
    count = {state: trials.filter(pl.col("state") == state).height for state in ENDS}
    note = words("search_note", count=trials.height, stopped=count["stopped"])
    missed = [words("search_missed", count=count["missed"])] if count["missed"] else []
    data = _progress(trials, GOALS[best.goal].rises)
    axis = with_unit(words, best.goal, best.scenario.scenario.currency)
    title = words("search_chart", metric=ranked_by(words, best))
    spec = charts.progress("trials", title, words("trial"), axis)
    drawn = [Chart("trials", spec, title, words("search_dots"), 210)] if data else []
    blocks = [Prose([note, *missed]), *([Charts(drawn)] if drawn else []), _race(words, best, race)]
    blocks += _tried(words, trials, GOALS[best.goal].rises)
    return Section("search", words("search"), blocks), {"trials": data} if data else {}


def _progress(trials: pl.DataFrame, rises: bool) -> list[dict[str, object]]:
    """A row a trial: its score, if it was played, and the best of those played to the end."""
    whole = pl.when(pl.col("state") == "played").then("score")
    best = (whole.cum_max() if rises else whole.cum_min()).forward_fill()
    return trials.select("trial", "score", best=best).to_dicts()


def _tried(words: Words, trials: pl.DataFrame, rises: bool) -> list[Table]:
    """A row a parameter: how far it was moved, and where it stands in the best trial."""
    top = trials.filter(pl.col("state") == "played").sort("score", descending=rises).head(1)
    names = [name for name in trials.columns if "." in name]
    if not names or trials.is_empty():
        return []
    rows = []
    for name in names:
        column = trials[name].to_list()
        values = [min(column), max(column), *top[name]]
        told = [Cell(tell_value(name, value).tell(words.lang), value) for value in values]
        told += [Cell("–")] * top.is_empty()
        rows.append([Cell(tell_parameter(name).tell(words.lang)), *told])
    heads = [Head(words("setting"), is_number=False)]
    heads += [Head(words(name)) for name in ("least_tried", "most_tried", "in_best_trial")]
    return [Table("tried", words("tried"), heads, rows, words("tried_note"))]


def _race(words: Words, best: Optimum, race: pl.DataFrame) -> Table:
    """A row a plan, the winner first, then by what fresh luck made of it."""
    label = with_unit(words, best.goal, best.scenario.scenario.currency)
    heads = [Head(words("plan"), is_number=False)]
    heads += [Head(words(name), label) for name in ("in_search", "fresh_luck")]
    heads += [Head(words(name), words("to_winner")) for name in ("difference", "interval")]
    heads.append(Head(words("replications")))
    won, rises = pl.col("state") == "won", GOALS[best.goal].rises
    ordered = race.sort(won, "fresh", descending=[True, rises], maintain_order=True)
    unit = COLUMNS[best.goal].unit
    places = decimals(unit, race["fresh"].to_list())
    rows = []
    for row in ordered.iter_rows(named=True):
        name = words(f"raced_{row['plan'].replace(' ', '_')}")
        is_winner = row["state"] == "won"
        shown = words("winner", name=name) if is_winner else name
        values = [Cell(number(row[key], unit, places), row[key]) for key in ("search", "fresh")]
        change = [Cell("–"), Cell("–")] if is_winner else _change(words, best, row, places)
        count = Cell(f"{row['replications']:,}", row["replications"])
        rows.append([Cell(shown), *values, *change, count])
    return Table("race", words("race"), heads, rows, words("race_note"))


def _change(words: Words, best: Optimum, row: dict[str, Any], places: int) -> list[Cell]:
    """A difference and its 95 % interval."""
    unit = COLUMNS[best.goal].unit
    value, *ends = (row[name] for name in ("difference", "difference_low", "difference_high"))
    if value is None:
        return [Cell("–"), Cell("–")]
    low, high = (number(end, unit, places, True) for end in ends)
    between = words("between", low=low, high=high)
    return [Cell(number(value, unit, places, True), value), Cell(between, ends[0])]


def markets_section(words: Words, best: Optimum) -> Section:
    """What the plan found brings in each of the markets that the scenario may be."""
    label = with_unit(words, best.goal, best.scenario.scenario.currency)
    names = ("scenario", "by_scenario", "scenarios_note")
    if not best.question.worst_of:
        names = ("market", "by_market", "markets_note")
    place, title, note = (words(name) for name in names)
    heads = [Head(place, is_number=False)]
    heads += [Head(words(name), label) for name in ("today", "new", "difference", "interval")]
    unit = COLUMNS[best.goal].unit
    places = decimals(unit, [*best.markets["a"], *best.markets["b"]])
    rows = [
        [
            Cell(str(row["market"])),
            *(Cell(number(row[name], unit, places), row[name]) for name in ("a", "b")),
            *_change(words, best, row, places),
        ]
        for row in best.markets.iter_rows(named=True)
    ]
    table = Table("markets", title, heads, rows)
    return Section("markets", title, [Prose([note]), table])
