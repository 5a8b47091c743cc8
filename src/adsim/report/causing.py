"""The page of what ads cause: attributed beside caused, for the account and its parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from adsim.optimize import Incrementality
from adsim.report import charts
from adsim.report.answers import amount, brief, window_text
from adsim.report.facts import window
from adsim.report.formats import NOTHING, number, percent
from adsim.report.page import (
    Block,
    Cell,
    Chart,
    Charts,
    Head,
    Legend,
    Page,
    Points,
    Prose,
    Section,
    Table,
)
from adsim.report.spending import Data
from adsim.report.tables import with_unit
from adsim.report.words import Words
from adsim.results.registry import COLUMNS

DRAWN_METRICS = ("revenue", "profit")
MOST_DRAWN = 16  # parts
KINDS = ("attributed", "caused")


def causing_page(words: Words, found: Incrementality, command: str) -> Page:
    """What `incrementality` found."""
    account, data = _account(words, found)
    sections = [account]
    if found.parts is not None and found.parts.height:
        parts, more = _parts(words, found, found.parts)
        sections.append(parts)
        data |= more
    if found.holdout is not None:
        sections.append(_holdout(words, found, found.holdout))
    return Page(
        words,
        words("causes_title", shop=found.scenario.scenario.name),
        list(_answer(words, found)),
        list(_facts(words, found)),
        sections,
        found.recipe,
        data,
        command,
    )


def _answer(words: Words, found: Incrementality) -> Iterator[str]:
    rows = {row["metric"]: row for row in found.account.iter_rows(named=True)}
    orders, profit = rows["orders"], rows["profit"]
    told = {name: brief("orders", orders[name]) for name in KINDS}
    yield words("answer_caused", **told, share=_share(orders["caused_share"]))
    told = {name: amount(words, found.scenario, "profit", profit[name]) for name in KINDS}
    ends = {end: brief("profit", profit[f"caused_{end}"], True) for end in ("low", "high")}
    days = window_text(words, found.scenario.scenario.days)
    yield words("answer_caused_profit", **told, **ends, window=days)


def _facts(words: Words, found: Incrementality) -> Iterator[tuple[str, str]]:
    general = found.scenario.scenario
    yield words("shop"), general.name
    yield words("plan"), words("today") if found.plan == "today" else found.plan
    yield words("window"), window(words, found.scenario, 0, general.days)
    yield words("replications"), f"{found.recipe['replications']:,}"
    yield words("seed"), str(found.recipe["seed"])
    yield words("currency"), words.currency(general.currency)


def _account(words: Words, found: Incrementality) -> tuple[Section, Data]:
    """Revenue and profit drawn, and the table of all metrics."""
    currency = words.currency(found.scenario.scenario.currency)
    rows = found.account.filter(pl.col("metric").is_in(DRAWN_METRICS)).to_dicts()
    data = [one for row in rows for one in _bars(words, words.metric(row["metric"]), row)]
    title = words("causes_chart", metric=currency)
    spec, height = charts.beside("caused", title, currency, _kinds(words), len(rows))
    points = Points(found.explain(words.lang), words("html_lang"))
    blocks = [
        Prose([words("causes_note")]),
        _legend(words),
        Charts([Chart("caused", spec, height=height)]),
        _table(words, found, found.account, "account"),
        *([points] if points.lines else []),
    ]
    return Section("caused", words("causes_account"), blocks), {"caused": data}


def _parts(words: Words, found: Incrementality, parts: pl.DataFrame) -> tuple[Section, Data]:
    """The profit of the largest parts drawn, and the table of all."""
    labels = parts.columns[: parts.columns.index("metric")]
    profit = parts.filter(pl.col("metric") == "profit")
    drawn = profit.sort(pl.col("attributed").abs(), descending=True).head(MOST_DRAWN).to_dicts()
    data = [one for row in drawn for one in _bars(words, _name(row, labels), row)]
    axis = with_unit(words, "profit", found.scenario.scenario.currency)
    title = words("causes_chart", metric=words.metric("profit"))
    spec, height = charts.beside("parts", title, axis, _kinds(words), len(drawn))
    note = [words("causes_largest", count=len(drawn))] if len(drawn) < len(profit) else []
    blocks: list[Block] = [*([Prose(note)] if note else []), _legend(words)]
    blocks.append(Charts([Chart("parts", spec, title, height=height)]))
    blocks.append(_table(words, found, parts, "parts"))
    heading = words(f"causes_by_{found.recipe['by']}")
    return Section("parts", heading, blocks), {"parts": data}


def _holdout(words: Words, found: Incrementality, holdout: pl.DataFrame) -> Section:
    """What those held out tell, beside the truth."""
    heads = [Head(words("metric"), is_number=False)]
    heads += [Head(words(name)) for name in ("truth", "estimate", "interval")]
    heads.append(Head(words.metric("covered")))
    rows = [
        [
            Cell(with_unit(words, row["metric"], found.scenario.scenario.currency)),
            *(_value(row["metric"], row[name]) for name in ("truth", "estimate")),
            _interval(words, row, "estimate"),
            Cell(percent(row["covered"]), row["covered"]),
        ]
        for row in holdout.iter_rows(named=True)
    ]
    title = words("causes_holdout_title")
    return Section("holdout", title, [Table("holdout", title, heads, rows)])


def _table(words: Words, found: Incrementality, table: pl.DataFrame, key: str) -> Table:
    labels = table.columns[: table.columns.index("metric")]
    heads = [Head(words.metric(name), is_number=False) for name in labels]
    heads.append(Head(words("metric"), is_number=False))
    heads += [Head(words(name)) for name in (*KINDS, "interval")]
    heads.append(Head(words.metric("caused_share")))
    currency = found.scenario.scenario.currency
    rows = [
        [
            *(Cell(str(row[name])) for name in labels),
            Cell(with_unit(words, row["metric"], currency)),
            *(_value(row["metric"], row[name]) for name in KINDS),
            _interval(words, row, "caused"),
            _share_cell(row),
        ]
        for row in table.iter_rows(named=True)
    ]
    return Table(key, words("causes_chart", metric=words("all_metrics")), heads, rows)


def _value(metric: str, value: float | None) -> Cell:
    return Cell(number(value, COLUMNS[metric].unit), value)


def _interval(words: Words, row: dict[str, Any], name: str) -> Cell:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    if low is None:
        return Cell(NOTHING)
    unit = COLUMNS[row["metric"]].unit
    return Cell(words("between", low=number(low, unit), high=number(high, unit)), low)


def _share_cell(row: dict[str, Any]) -> Cell:
    """What part is caused; none of a loss."""
    if row["attributed"] is None or row["attributed"] <= 0 or row["caused"] < 0:
        return Cell(NOTHING)
    return Cell(_share(row["caused_share"]), row["caused_share"])


def _share(share: float | None) -> str:
    return NOTHING if share is None else percent(share)


def _bars(words: Words, label: str, row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"label": label, "kind": words("attributed"), "value": row["attributed"]}
    ends = {end: row[f"caused_{end}"] for end in ("low", "high")}
    yield {"label": label, "kind": words("caused"), "value": row["caused"], **ends}


def _kinds(words: Words) -> list[str]:
    return [words(kind) for kind in KINDS]


def _legend(words: Words) -> Legend:
    samples = zip(("c-today", "c-new"), _kinds(words), strict=True)
    return Legend([(f"block {sample}", text) for sample, text in samples])


def _name(row: dict[str, Any], labels: list[str]) -> str:
    return " · ".join(str(row[name]) for name in labels)
