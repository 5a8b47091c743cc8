"""The page of a sweep: what mattered most, how steady the ranks of plans are, and every cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from adsim.report import charts
from adsim.report.answers import in_sentence
from adsim.report.formats import decimals, number, percent, plain
from adsim.report.page import Block, Cell, Chart, Charts, Head, Page, Prose, Section, Table
from adsim.report.spending import Data
from adsim.report.tables import Field, numbers, with_unit
from adsim.report.words import Words
from adsim.results.registry import COLUMNS

METRIC = "profit"
CELL_METRICS = ("roi", "orders", "clicks", "spend", "revenue")
DRAWN_EFFECTS = 12
MOST_CELLS = 1000
"""Rows of the table of cells; a browser shows more only slowly, and summary.csv holds all."""


@dataclass(frozen=True)
class Swept:
    """What the page of a sweep shows: tables as `adsim.batch.Sweep.tables` gives them.

    Attributes:
        summary, effects, ranks: The three tables.
        settings: Label columns of `summary`.
        done, failed: Numbers of tasks.
        currency: Of all scenarios; empty where they differ.
        recipe: All that the results depend on.
    """

    summary: pl.DataFrame
    effects: pl.DataFrame
    ranks: pl.DataFrame
    settings: Sequence[str]
    done: int
    failed: int
    currency: str
    recipe: Mapping[str, Any]

    @property
    def short(self) -> dict[str, str]:
        """The last step of every key that is varied, or all of it where two end alike."""
        ends = {key: key.rsplit(".", 1)[-1] for key in self.recipe["varied"]}
        alike = Counter(ends.values())
        return {key: end if alike[end] == 1 else key for key, end in ends.items()}

    def of(self, table: pl.DataFrame, metric: str = METRIC) -> list[dict[str, Any]]:
        """The rows of one metric."""
        return table.filter(pl.col("metric") == metric).to_dicts()


def sweep_page(words: Words, swept: Swept, command: str) -> Page:
    """The page of a sweep that has results."""
    data: Data = {}
    sections = []
    for made in (_effects(words, swept), _ranks(words, swept)):
        if made is not None:
            sections.append(made[0])
            data |= made[1]
    return Page(
        words,
        words("sweep_title", names=", ".join(swept.recipe["scenarios"])),
        _answer(words, swept),
        _facts(words, swept),
        [*sections, _cells(words, swept)],
        swept.recipe,
        data,
        command,
    )


def _answer(words: Words, swept: Swept) -> list[str]:
    """What explains most, and which plan leads; or why that cannot be told."""
    lines = []
    effects, ranks = swept.of(swept.effects), swept.of(swept.ranks)
    if effects:
        first, luck = effects[0], effects[-1]["share"]
        name, share = _factor(words, swept, first["factor"]), percent(first["share"])
        metric = in_sentence(words, METRIC)
        if luck is None:
            lines.append(words("sweep_first", name=name, share=share, metric=metric))
        else:
            texts = {"name": name, "share": share, "metric": metric, "luck": percent(luck)}
            lines.append(words("sweep_first_and_luck", **texts))
    if ranks:
        best = ranks[0]
        texts = {"plan": _plan(words, best["plan"]), "share": percent(best["best"])}
        lines.append(words("sweep_best", **texts, count=f"{best['settings']:,}"))
    return lines or [words("sweep_unknown")]


def _facts(words: Words, swept: Swept) -> list[tuple[str, str]]:
    recipe = swept.recipe
    plans = ", ".join(_plan(words, name) for name in recipe["plans"])
    facts = [
        (words("scenarios"), ", ".join(recipe["scenarios"])),
        (words("plans"), plans),
        (words("settings"), ", ".join(recipe["varied"]) or "–"),
        (words("seeds_count"), f"{len(recipe['seeds']):,}"),
        (words("fidelity"), recipe["fidelity"]),
        (words("replications"), f"{recipe['replications']:,}"),
        (words("tasks_done"), f"{swept.done:,}"),
    ]
    return [*facts, (words("tasks_failed"), f"{swept.failed:,}")] if swept.failed else facts


def _effects(words: Words, swept: Swept) -> tuple[Section, Data] | None:
    """Shares of the variance of profit, drawn and as a table."""
    rows = swept.of(swept.effects)
    if not rows:
        return None
    drawn = [_point(_effect(words, swept, row), row, "share") for row in rows]
    drawn = sorted(drawn, key=lambda point: -point["difference"])[:DRAWN_EFFECTS]
    title = words("effects_chart", metric=in_sentence(words, METRIC))
    spec, height = charts.intervals("effects", title, len(drawn), "~%")
    chart = Charts([Chart("effects", spec, title, height=height)])
    names = ("effect", "share_of_variance", "interval", "total_share")
    heads = [Head(words(name), is_number=name != "effect") for name in names]
    cells = [
        [
            Cell(_effect(words, swept, row)),
            Cell(_share(row["share"]), row["share"]),
            Cell(_between(words, row, "share"), row["share_low"]),
            Cell(_share(row["total"]), row["total"]),
        ]
        for row in rows
    ]
    table = Table("effects", words("effects"), heads, cells)
    blocks: list[Block] = [Prose([words("effects_note")]), chart, table]
    return Section("effects", words("effects"), blocks), {"effects": drawn}


def _ranks(words: Words, swept: Swept) -> tuple[Section, Data] | None:
    """How often each plan comes first by profit, drawn and as a table."""
    rows = swept.of(swept.ranks)
    if not rows:
        return None
    drawn = [_point(_plan(words, row["plan"]), row, "best") for row in rows]
    title = words("ranks_chart", metric=in_sentence(words, METRIC))
    spec, height = charts.intervals("ranks", title, len(drawn), "~%")
    names = ("plan", "best_share", "interval", "mean_rank", "order_kept")
    heads = [Head(words(name), is_number=name != "plan") for name in names]
    cells = [
        [
            Cell(_plan(words, row["plan"])),
            Cell(_share(row["best"]), row["best"]),
            Cell(_between(words, row, "best"), row["best_low"]),
            Cell(f"{row['mean_rank']:.2f}", row["mean_rank"]),
            Cell(_share(row["order_kept"]), row["order_kept"]),
        ]
        for row in rows
    ]
    chart = Charts([Chart("ranks", spec, title, height=height)])
    table = Table("ranks", words("ranks"), heads, cells)
    note = words("ranks_note", count=f"{rows[0]['settings']:,}")
    return Section("ranks", words("ranks"), [Prose([note]), chart, table]), {"ranks": drawn}


def _cells(words: Words, swept: Swept) -> Section:
    """A row a cell: its settings, its profit and the gain over the first plan, other means."""
    order = swept.summary.sort("profit", descending=True, maintain_order=True)
    shown = order.head(MOST_CELLS)
    varied = [name for name in swept.settings if shown[name].n_unique() > 1]
    heads = [Head(_factor(words, swept, name), is_number=False) for name in varied]
    heads.append(Head(_head(words, METRIC, swept.currency)))
    heads += [Head(words(name)) for name in ("interval", "gain", "gain_interval")]
    heads += [Head(_head(words, name, swept.currency)) for name in CELL_METRICS]
    columns = [[_label(words, name, value) for value in shown[name]] for name in varied]
    columns += [_money(shown, METRIC), _interval(words, shown, METRIC)]
    columns += [_money(shown, "gain", True), _interval(words, shown, "gain", True)]
    columns += [numbers(shown, Field(m, Head(m), COLUMNS[m].unit)) for m in CELL_METRICS]
    lines = [words("cells_note", plan=_plan(words, swept.recipe["plans"][0]))]
    if order.height > MOST_CELLS:
        lines.append(words("cells_cut", count=f"{MOST_CELLS:,}", all=f"{order.height:,}"))
    table = Table("cells", words("cells"), heads, list(zip(*columns, strict=True)))
    return Section("cells", words("cells"), [Prose(lines), table])


def _money(shown: pl.DataFrame, name: str, signed: bool = False) -> list[Cell]:
    return numbers(shown, Field(name, Head(name), "money", signed))


def _interval(words: Words, shown: pl.DataFrame, name: str, signed: bool = False) -> list[Cell]:
    """`_low` and `_high` in one cell, with the digits of the value itself."""
    places = decimals("money", shown[name].to_list())
    pairs = shown.select(f"{name}_low", f"{name}_high").iter_rows()
    texts = [[number(end, "money", places, signed) for end in pair] for pair in pairs]
    lows = shown[f"{name}_low"].to_list()
    return [Cell(_range(words, ends), low) for ends, low in zip(texts, lows, strict=True)]


def _point(label: str, row: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A dot with its whisker; without an interval the whisker is as long as the dot is wide."""
    value = row[name] or 0.0
    ends = {end: row[f"{name}_{end}"] for end in ("low", "high")}
    return {
        "label": label,
        "difference": value,
        **{end: value if found is None else found for end, found in ends.items()},
    }


def _effect(words: Words, swept: Swept, row: Mapping[str, Any]) -> str:
    if row["kind"] in ("main", "interaction"):
        factors = [row[name] for name in ("factor", "with") if row[name] is not None]
        return " × ".join(_factor(words, swept, name) for name in factors)
    return words("effect_rest") if row["kind"] == "rest" else words("effect_luck")


def _factor(words: Words, swept: Swept, name: str) -> str:
    """What a factor is called: keys of scenario.toml as they are typed, but shorter."""
    known = ("scenario", "plan", "fidelity", "replications")
    return words(name) if name in known else swept.short.get(name, name)


def _plan(words: Words, name: str) -> str:
    return words("today") if name == "today" else name


def _label(words: Words, name: str, value: object) -> Cell:
    """A setting; numbers sort as numbers."""
    if value is None:
        return Cell("–")
    if isinstance(value, float):
        return Cell(plain(value), value)
    return Cell(_plan(words, str(value)) if name == "plan" else str(value))


def _head(words: Words, metric: str, currency: str) -> str:
    return with_unit(words, metric, currency) if currency else words.metric(metric)


def _share(value: float | None) -> str:
    return number(value, "share", 1)


def _between(words: Words, row: Mapping[str, Any], name: str) -> str:
    return _range(words, [_share(row[f"{name}_{end}"]) for end in ("low", "high")])


def _range(words: Words, ends: Sequence[str]) -> str:
    low, high = ends
    return "–" if "–" in ends else words("between", low=low, high=high)
