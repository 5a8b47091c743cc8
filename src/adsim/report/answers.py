"""The answer of a page in plain sentences, and its headline figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from adsim.report.formats import NOTHING, number
from adsim.report.page import Cell, Figure, Figures
from adsim.report.tables import tone, with_unit
from adsim.report.words import Words
from adsim.results.registry import COLUMNS
from adsim.scenario import Scenario

Row = Mapping[str, Any]

WHOLE = 10  # orders of which a sentence tells no parts
HEADLINES = ("profit", "spend", "revenue", "orders", "roi", "clicks", "impressions", "cpc")
NO_BREAK = "\u00a0"
"""A space at which no line ends."""

NEITHER = frozenset({"spend", "cpc", "impressions", "clicks"})
"""Headlines of which more is neither better nor worse by itself."""


def rows_by_metric(table: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """The rows of a comparison by metric."""
    return {row["metric"]: row for row in table.iter_rows(named=True)}


def brief(metric: str, value: float | None, signed: bool = False) -> str:
    """A number for a sentence: no cents from a hundred on."""
    unit = COLUMNS[metric].unit
    large = value is not None and abs(value) >= 100 and unit in ("money", "count")
    return number(value, unit, 0 if large else None, signed)


def amount(words: Words, scenario: Scenario, metric: str, value: float | None) -> str:
    """`brief` with the currency where it is money."""
    text = brief(metric, value)
    money = COLUMNS[metric].unit == "money" and text != NOTHING
    return f"{text}{NO_BREAK}{words.currency(scenario.scenario.currency)}" if money else text


def window_text(words: Words, days: int) -> str:
    """The window in a sentence."""
    return words("window_day") if days == 1 else words("window_days", count=days)


def in_sentence(words: Words, metric: str) -> str:
    """A metric's label inside a sentence: small, but for ROI and its like."""
    label = words.metric(metric)
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def compared(
    words: Words, scenario: Scenario, days: int, table: pl.DataFrame, goal: str, plan: str
) -> Iterator[str]:
    """What plan b brings of the goal, and what it spends for it."""
    rows = rows_by_metric(table)
    row = rows[goal]
    low, high, change = row["difference_low"], row["difference_high"], row["difference"]
    texts = {
        "metric": in_sentence(words, goal),
        "plan": plan,
        "window": window_text(words, days),
        "a": brief(goal, row["a"]),
        "b": amount(words, scenario, goal, row["b"]),
    }
    if change is None:
        yield words("answer_nothing", **texts)
    elif not change and not low and not high:
        yield words("answer_same", **texts)
    else:
        size = amount(words, scenario, goal, abs(change))
        texts |= {
            "difference": size,
            "low": brief(goal, low, True),
            "high": brief(goal, high, True),
        }
        sure = low is not None and (low > 0 or high < 0)
        key = "answer_unsure" if not sure else "answer_raises" if change > 0 else "answer_lowers"
        yield words(key, **texts)
    if change and goal != "spend":
        yield _spending(words, scenario, rows)


def _spending(words: Words, scenario: Scenario, rows: Mapping[str, Row]) -> str:
    spend, roi = rows["spend"], rows["roi"]
    return words(
        "answer_spend",
        a=brief("spend", spend["a"]),
        b=amount(words, scenario, "spend", spend["b"]),
        roi_a=brief("roi", roi["a"]),
        roi_b=brief("roi", roi["b"]),
    )


def compared_figures(
    words: Words, currency: str, table: pl.DataFrame, name: str, goal: str
) -> Figures:
    """Headline figures of a comparison: plan b, plan a (`name`), difference and interval.

    The goal comes first; where it is none of the usual headlines, the last of them is left out.
    """
    rows = rows_by_metric(table)
    shown = list(dict.fromkeys((goal, *HEADLINES)))[: len(HEADLINES)]
    return Figures([_compared_figure(words, currency, rows[m], name, goal) for m in shown])


def _compared_figure(words: Words, currency: str, row: Row, name: str, goal: str) -> Figure:
    metric = row["metric"]
    change, low, high = (row[k] for k in ("difference", "difference_low", "difference_high"))
    is_told = metric == goal or metric not in NEITHER
    sure = is_told and low is not None and (low > 0 or high < 0)
    interval = words("between", low=brief(metric, low, True), high=brief(metric, high, True))
    notes = [
        Cell(words("colon", name=name, text=brief(metric, row["a"])), row["a"]),
        Cell(brief(metric, change, True), change, tone(change, metric) if sure else "even"),
    ]
    if low is not None:
        notes.append(Cell(f"95 % {interval}"))
    return Figure(
        with_unit(words, metric, currency), Cell(brief(metric, row["b"]), row["b"]), notes
    )


def simulated(words: Words, scenario: Scenario, days: int, row: Row) -> Iterator[str]:
    """What a run comes to."""
    metrics = ("spend", "orders", "revenue", "roi", "profit")
    texts = {m: amount(words, scenario, m, row[m]) for m in metrics}
    if row["orders"] >= WHOLE:
        texts["orders"] = number(row["orders"], "count", 0)
    yield words("answer_run", window=window_text(words, days), **texts)
    if "profit_low" in row:
        low = brief("profit", row["profit_low"])
        high = amount(words, scenario, "profit", row["profit_high"])
        yield words("answer_run_range", low=low, high=high)


def simulated_figures(words: Words, currency: str, row: Row) -> Figures:
    """Headline figures of a run with the range of its replications."""
    figures = []
    for metric in HEADLINES:
        notes = []
        if f"{metric}_low" in row:
            ends = (brief(metric, row[f"{metric}_{end}"]) for end in ("low", "high"))
            text = words("between", **dict(zip(("low", "high"), ends, strict=True)))
            notes.append(Cell(words("colon", name=words("range"), text=text)))
        value = Cell(brief(metric, row[metric]), row[metric])
        figures.append(Figure(with_unit(words, metric, currency), value, notes))
    return Figures(figures)
