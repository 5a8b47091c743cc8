"""The page of a fit: what the market gives back of the report, and what had to be assumed."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from adsim.calibrate import Fit
from adsim.calibrate.recovery import ALL
from adsim.report import charts
from adsim.report.formats import decimals, number, percent
from adsim.report.page import Block, Cell, Chart, Charts, Head, Page, Points, Prose, Section, Table
from adsim.report.spending import Data
from adsim.report.tables import with_unit
from adsim.report.words import Words
from adsim.results.registry import COLUMNS

SMALLEST_TOLD = 1e-6
"""An error below this is not told in more digits."""

LEAST_REACH = 0.01
"""Smallest error at the end of the axis: what is smaller is no difference to look at."""


def fit_page(words: Words, fit: Fit, command: str) -> Page:
    """What `fit` made of a report."""
    recovery, data = _recovery(words, fit)
    sections = [recovery]
    if not fit.backtest.totals.is_empty():
        held_out, more = _held_out(words, fit)
        sections.append(held_out)
        data |= more
    sections += [_unknowns(words, fit), _assumptions(words, fit)]
    return Page(
        words,
        words("fit_title", shop=fit.scenario.scenario.name),
        list(_answer(words, fit)),
        _facts(words, fit),
        sections,
        fit.recipe(),
        data,
        command,
    )


def _answer(words: Words, fit: Fit) -> Iterator[str]:
    whole = fit.recovery.filter(pl.col("campaign") == ALL)["error"].drop_nulls()
    if whole.is_empty():
        yield words("fit_unknown")
    else:
        yield words("fit_answer", error=percent(max(SMALLEST_TOLD, *map(abs, whole))))
    totals = fit.backtest.totals
    if totals.height:
        covered = int(totals["covered"].sum())
        yield words("fit_tested", covered=covered, count=totals.height)
    yield words("fit_bids")


def _facts(words: Words, fit: Fit) -> list[tuple[str, str]]:
    general = fit.scenario.scenario
    return [
        (words("shop"), general.name),
        (words("report"), fit.report.format.name),
        (words("keywords_count"), f"{fit.scenario.tables.keywords.height:,}"),
        (words("currency"), words.currency(general.currency)),
    ]


def _recovery(words: Words, fit: Fit) -> tuple[Section, Data]:
    table = recovery_table(words, fit.recovery, fit.scenario.scenario.currency)
    data = [
        {
            "campaign": _campaign(words, row["campaign"]),
            "metric": words.metric(row["metric"]),
            "error": row["error"],
        }
        for row in fit.recovery.iter_rows(named=True)
        if row["error"] is not None
    ]
    blocks = [Prose([words("recovery_note")]), table]
    if data:
        rows = len({row["metric"] for row in data})
        largest = max(LEAST_REACH, *(abs(row["error"]) for row in data))
        spec, height = charts.errors("errors", words("errors"), words("error"), rows, largest)
        chart = Charts([Chart("errors", spec, words("errors"), height=height)])
        blocks = [Prose([words("recovery_note"), words("errors_note")]), chart, table]
    return Section("recovery", words("recovery"), blocks), {"errors": data}


def recovery_table(words: Words, recovery: pl.DataFrame, currency: str) -> Table:
    """Reported and simulated totals with their relative error, a row a campaign and metric."""
    names = [words.metric("campaign"), words("metric")]
    heads = [Head(name, is_number=False) for name in names]
    heads += [Head(words(name)) for name in ("reported", "simulated", "error")]
    rows = []
    for row in recovery.iter_rows(named=True):
        unit = COLUMNS[row["metric"]].unit
        places = decimals(unit, [row["reported"], row["simulated"]])
        rows.append(
            [
                Cell(_campaign(words, row["campaign"])),
                Cell(with_unit(words, row["metric"], currency)),
                *(Cell(number(row[n], unit, places), row[n]) for n in ("reported", "simulated")),
                Cell(percent(row["error"], signed=True), row["error"]),
            ]
        )
    return Table("recovery-table", words("recovery"), heads, rows)


def _held_out(words: Words, fit: Fit) -> tuple[Section, Data]:
    """Predictions for what the fit did not see, beside what was reported."""
    currency = fit.scenario.scenario.currency
    rows = [row for row in fit.backtest.totals.iter_rows(named=True) if row["reported"] > 0]
    data = [
        {
            "label": f"{words.metric(row['metric'])} · {_campaign(words, row['campaign'])}",
            "difference": row["simulated"] / row["reported"],
            "low": row["low"] / row["reported"],
            "high": row["high"] / row["reported"],
        }
        for row in rows
        if row["campaign"] == ALL
    ]
    blocks: list[Block] = [Prose([words("held_out_note")])]
    if data:
        spec, height = charts.intervals("held-out", words("held_out"), len(data), ",~f", 1.0)
        blocks.append(Charts([Chart("held-out", spec, words("held_out_chart"), height=height)]))
    coverage = [
        words("colon", name=words.metric(row["metric"]), text=percent(row["covered"]))
        for row in fit.backtest.coverage.iter_rows(named=True)
    ]
    blocks += [
        held_out_table(words, fit.backtest.totals, currency),
        Prose([words("colon", name=words("coverage"), text=" · ".join(coverage))]),
    ]
    return Section("held-out", words("held_out"), blocks), {"held-out": data}


def held_out_table(words: Words, totals: pl.DataFrame, currency: str) -> Table:
    """Reported and predicted totals of what was held out, a row a campaign and metric."""
    names = [words.metric("campaign"), words("metric")]
    heads = [Head(name, is_number=False) for name in names]
    heads += [Head(words(name)) for name in ("reported", "simulated", "interval_80")]
    heads.append(Head(words("covered"), is_number=False))
    rows = []
    for row in totals.iter_rows(named=True):
        unit = COLUMNS[row["metric"]].unit
        places = decimals(unit, [row["reported"], row["high"]])
        low, high = (number(row[end], unit, places) for end in ("low", "high"))
        rows.append(
            [
                Cell(_campaign(words, row["campaign"])),
                Cell(with_unit(words, row["metric"], currency)),
                *(Cell(number(row[n], unit, places), row[n]) for n in ("reported", "simulated")),
                Cell(words("between", low=low, high=high), row["low"]),
                Cell(words("yes" if row["covered"] else "no")),
            ]
        )
    return Table("held-out", words("held_out_table"), heads, rows)


def _campaign(words: Words, name: str) -> str:
    return words("all_campaigns") if name == ALL else name


def _assumptions(words: Words, fit: Fit) -> Section:
    points = Points(fit.explain(words.lang), words("html_lang"))
    return Section(
        "assumptions", words("assumptions"), [Prose([words("assumptions_note")]), points]
    )


def _unknowns(words: Words, fit: Fit) -> Section:
    points = Points(fit.unidentified(words.lang), words("html_lang"))
    return Section("unknowns", words("unknowns"), [Prose([words("unknowns_note")]), points])
