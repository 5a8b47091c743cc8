"""The page of a fit: what the market gives back of the report, and what had to be assumed."""

from __future__ import annotations

import polars as pl

from adsim.calibrate import Fit
from adsim.calibrate.recovery import ALL
from adsim.report import charts
from adsim.report.formats import decimals, number, percent
from adsim.report.page import Cell, Chart, Charts, Head, Page, Points, Prose, Section, Table
from adsim.report.spending import Data
from adsim.report.tables import with_unit
from adsim.report.words import Words
from adsim.results.registry import COLUMNS


def fit_page(words: Words, fit: Fit, command: str) -> Page:
    """What `fit` made of a report."""
    recovery, data = _recovery(words, fit)
    sections = [recovery, _assumptions(words, fit)]
    return Page(
        words,
        words("fit_title", shop=fit.scenario.scenario.name),
        [_answer(words, fit)],
        _facts(words, fit),
        sections,
        fit.recipe(),
        data,
        command,
    )


def _answer(words: Words, fit: Fit) -> str:
    whole = fit.recovery.filter(pl.col("campaign") == ALL)["error"].drop_nulls()
    if whole.is_empty():
        return words("fit_unknown")
    return words("fit_answer", error=percent(max(abs(error) for error in whole)))


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
        spec, height = charts.errors("errors", words("errors"), words("error"), rows)
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


def _campaign(words: Words, name: str) -> str:
    return words("all_campaigns") if name == ALL else name


def _assumptions(words: Words, fit: Fit) -> Section:
    blocks = [Prose([words("assumptions_note")]), Points(fit.assumptions, "en")]
    return Section("assumptions", words("assumptions"), blocks)
