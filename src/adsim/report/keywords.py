"""Keywords: what changes for each, and what other bids of the most important would bring."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from adsim.report import charts
from adsim.report.formats import number, plain
from adsim.report.page import Cell, Chart, Charts, Head, Legend, Prose, Section, Table
from adsim.report.tables import Field, labels, numbers, with_unit
from adsim.report.words import Words
from adsim.results.registry import COLUMNS, GROUPS, Unit
from adsim.scenario import Plan, Scenario
from adsim.simulate import landscape
from adsim.simulate.run import Run

KEY = list(GROUPS["keyword"])
SHOWN_LANDSCAPES = 6
N_BIDS = 41
REACH = 1.25  # bids go from half of the lower mark to this multiple of the higher one


def changed_keywords(a: Run, b: Run, value: str) -> pl.DataFrame:
    """Keywords of both plans, columns as in `Optimum.changes`, from the runs' own reports."""
    metrics = list(dict.fromkeys(("clicks", "spend", value)))
    sides = []
    for run, suffix in ((a, "today"), (b, "new")):
        found = run.report(by=["keyword"]).select(*KEY, *metrics)
        table = bids_of(run.plan).join(found, on=KEY, how="left", maintain_order="left")
        sides.append(table.rename({name: f"{name}_{suffix}" for name in ("bid", *metrics)}))
    joined = sides[0].join(sides[1], on=KEY, how="full", coalesce=True, maintain_order="left_right")
    joined = joined.with_columns(pl.col(pl.Float64).fill_null(0.0))
    return joined.sort(_change(value).abs(), descending=True, maintain_order=True)


def bids_of(plan: Plan) -> pl.DataFrame:
    """The key and bid of each keyword, 0 where it is paused."""
    bid = pl.when(pl.col("status") == "active").then("bid").otherwise(0.0)
    return plan.keywords.select(*KEY, bid=bid)


def _change(value: str) -> pl.Expr:
    return pl.col(f"{value}_new") - pl.col(f"{value}_today")


def changes_table(
    words: Words, frame: pl.DataFrame, value: str, names: Sequence[str], currency: str
) -> Table:
    """The table of changes: bid, clicks, spend and value, under both plans."""
    frame = frame.with_columns(change=_change(value))
    metrics = list(dict.fromkeys((value, "spend", "clicks")))
    fields = [
        Field(f"{metric}_{end}", Head(name, with_unit(words, metric, currency)), _unit(metric))
        for metric in metrics
        for end, name in zip(("today", "new"), names, strict=True)
    ]
    change = Head(words("difference"), fields[0].head.group)
    fields.insert(2, Field("change", change, _unit(value), signed=True))
    heads = [Head(words.metric("keyword"), is_number=False)]
    heads.append(Head(words("action"), is_number=False))
    heads += [
        Head(name, words("in_unit", label=words("bid"), unit=words.currency(currency)))
        for name in names
    ]
    columns = [labels(frame, "keyword"), _actions(words, frame)]
    columns += [_bids(words, frame, f"bid_{end}") for end in ("today", "new")]
    columns += [numbers(frame, field) for field in fields]
    columns.append(_places(words, frame))
    heads += [*(field.head for field in fields), Head(words("where"), is_number=False)]
    return Table("changes", words("changes"), heads, list(zip(*columns, strict=True)))


def _unit(metric: str) -> Unit:
    return COLUMNS[metric].unit


def _places(words: Words, frame: pl.DataFrame) -> list[Cell]:
    rows = frame.select("campaign", "ad_group", "match_type").iter_rows()
    return [Cell(f"{campaign} · {group} · {words(match)}") for campaign, group, match in rows]


def _actions(words: Words, frame: pl.DataFrame) -> list[Cell]:
    pairs = frame.select("bid_today", "bid_new").iter_rows()
    return [Cell(words(action(*pair))) for pair in pairs]


def action(today: float, new: float) -> str:
    """What happens to a bid; 0 is paused."""
    if today == 0:
        return "started" if new else "left_paused"
    if new == 0:
        return "paused"
    return "kept" if new == today else "raised" if new > today else "lowered"


def _bids(words: Words, frame: pl.DataFrame, name: str) -> list[Cell]:
    return [Cell(number(bid, "money") if bid else words("off"), bid) for bid in frame[name]]


@dataclass(frozen=True)
class Marked:
    """A keyword whose landscape is shown: its key, and its bid under plans a and b (0 = none)."""

    key: tuple[str, ...]
    a: float
    b: float


def most_changed(frame: pl.DataFrame) -> list[Marked]:
    """The keywords whose changed bids matter most (the first rows of a table of changes)."""
    rows = frame.filter(pl.col("bid_today") != pl.col("bid_new")).head(SHOWN_LANDSCAPES)
    rows = rows.select(*KEY, "bid_today", "bid_new")
    return [Marked(row[:4], row[4], row[5]) for row in rows.iter_rows()]


def landscapes(
    words: Words,
    scenario: Scenario,
    plan: Plan,
    value: str,
    marked: Sequence[Marked],
    names: tuple[str, str],
) -> tuple[Section, dict[str, list[dict[str, object]]]] | None:
    """Charts of what other bids would bring, all other bids as in the plan, and their data."""
    drawn, data = [], {}
    for place, keyword in enumerate(marked, 1):
        table = _landscape(scenario, plan, keyword)
        if table.is_empty():
            continue
        for metrics in _panels(value):
            key = f"landscape-{place}-{metrics[0]}"
            data[key] = table.select("bid", *metrics, "mark").to_dicts()
            drawn.append(_landscape_chart(words, scenario, key, keyword, metrics))
    if not drawn:
        return None
    note = words("landscapes_note", plan=names[1])
    blocks = [
        Prose([note]),
        Legend(list(_legend(words, value, marked, names))),
        Charts(drawn, columns=3),
    ]
    return Section("landscapes", words("landscapes"), blocks), data


def _panels(value: str) -> list[list[str]]:
    """Metrics that share an axis: money with money."""
    metrics = list(dict.fromkeys((value, "spend")))
    same = len({COLUMNS[metric].unit for metric in metrics}) == 1
    return [metrics] if same else [[metric] for metric in metrics]


def _legend(
    words: Words, value: str, marked: Sequence[Marked], names: tuple[str, str]
) -> Iterator[tuple[str, str]]:
    yield "line c-ink", words.metric(value)
    if value != "spend":
        yield "line c-spend", words.metric("spend")
    if any(keyword.a for keyword in marked):
        yield "dot c-today", words("bid_of", plan=names[0])
    if any(keyword.b and keyword.b != keyword.a for keyword in marked):
        yield "diamond c-new", words("bid_of", plan=names[1])


def _landscape(scenario: Scenario, plan: Plan, keyword: Marked) -> pl.DataFrame:
    bids = _ladder(scenario, [bid for bid in (keyword.a, keyword.b) if bid > 0])
    if len(bids) < 2:
        return pl.DataFrame()
    table = landscape(scenario, keyword=keyword.key[2], bids=bids, plan=plan)
    is_own = pl.all_horizontal(pl.col(k) == v for k, v in zip(KEY, keyword.key, strict=True))
    marks = {keyword.b: "b", keyword.a: "a"}  # where both are the same: a
    mark = pl.col("bid").replace_strict(marks, default=None, return_dtype=pl.String)
    return table.filter(is_own).with_columns(mark=mark)


def _ladder(scenario: Scenario, marks: Sequence[float]) -> list[float]:
    """Bids that the platform accepts around the marks, the marks among them."""
    if not marks:
        return []
    auction = scenario.auction
    step = auction.bid_step or 1e-6
    steps = np.linspace(min(marks) / 2, max(marks) * REACH, N_BIDS)
    bids = np.round(np.round(steps / step) * step, 6)
    low, high = auction.bid_min or step, auction.bid_max or np.inf
    return sorted({*bids[(bids >= low) & (bids <= high)].tolist(), *marks})


def _landscape_chart(
    words: Words, scenario: Scenario, key: str, keyword: Marked, metrics: Sequence[str]
) -> Chart:
    campaign, _, text, match = keyword.key
    currency = scenario.scenario.currency
    named = " / ".join(words.metric(metric) for metric in metrics)
    moved = _moved(words, keyword)
    money = COLUMNS[metrics[0]].unit == "money"
    spec = charts.landscape(
        key,
        words("landscape_chart", metrics=named, keyword=text, marks=moved),
        metrics,
        words("in_unit", label=words("bid"), unit=words.currency(currency)),
        words.currency(currency) if money else words.metric(metrics[0]),
    )
    return Chart(key, spec, text, f"{campaign} · {words(match)} · {moved}", 230)


def _moved(words: Words, keyword: Marked) -> str:
    a, b = (plain(bid) if bid else words("off") for bid in (keyword.a, keyword.b))
    same = keyword.a == keyword.b
    return words("landscape_at", a=a) if same else words("landscape_moved", a=a, b=b)
