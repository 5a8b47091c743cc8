"""Where the money goes and where impressions are lost: by campaign, hour and day."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import polars as pl

from adsim.report import charts
from adsim.report.formats import plain
from adsim.report.page import Chart, Charts, Legend, Prose, Section
from adsim.report.words import Words
from adsim.simulate.run import Run

Data = dict[str, list[dict[str, Any]]]

SHOWN_CAMPAIGNS = 8
KINDS = {
    "shown": "impression_share",
    "lost_to_rank": "lost_to_rank",
    "lost_to_budget": "lost_to_budget",
    "lost_to_cap": "lost_to_cap",  # only where a plan has caps
}
SAMPLES = ("block c-shown", "block c-rank", "block c-out", "block c-cap")


class Named(NamedTuple):
    """A run and the name that the page gives its plan."""

    name: str
    run: Run


def own_campaigns(run: Run) -> pl.DataFrame:
    """The report by campaign, without searches that no own keyword matches."""
    return run.report(by=["campaign"]).filter(pl.col("campaign").is_not_null())


def _largest(runs: Sequence[Named]) -> list[str]:
    """Campaigns that spend most under any of the plans, in the order of the account."""
    tables = pl.concat([own_campaigns(named.run).select("campaign", "spend") for named in runs])
    most = tables.group_by("campaign", maintain_order=True).max()
    kept = set(
        most.sort("spend", descending=True, maintain_order=True).head(SHOWN_CAMPAIGNS)["campaign"]
    )
    return [name for name in most["campaign"] if name in kept]


def hours_section(words: Words, runs: Sequence[Named]) -> tuple[Section, Data]:
    """Spend since midnight against the budget, a chart a campaign."""
    campaigns = _largest(runs)
    account = any(named.run.plan.account_budget is not None for named in runs)
    drawn, data = [], {}
    for place, campaign in enumerate([*campaigns, *([None] if account else [])], 1):
        key = f"hours-{place}"
        data[key] = [row for named in runs for row in _day_rows(named, campaign)]
        drawn.append(_hours_chart(words, runs, key, campaign))
    notes = [words("hours_note")]
    count = len(runs[0].run.plan.campaigns)
    if count > len(campaigns):
        notes.append(words("hours_more", shown=len(campaigns), count=count))
    legend = Legend([*plan_legend(runs), ("dash c-ink", words("budget"))])
    blocks = [Prose(notes), legend, Charts(drawn, columns=2 if len(drawn) < 3 else 3)]
    return Section("hours", words("hours"), blocks), data


def plan_legend(runs: Sequence[Named]) -> list[tuple[str, str]]:
    """Colors of plans: today's is gray where there are two."""
    samples = ["line c-today", "line c-new"][-len(runs) :]
    return [(sample, named.name) for sample, named in zip(samples, runs, strict=True)]


def _day_rows(named: Named, campaign: str | None) -> list[dict[str, Any]]:
    """Spend since midnight of a mean day, at every full hour."""
    run = named.run
    table = run.report(by=["campaign", "hour"])
    own = table if campaign is None else table.filter(pl.col("campaign") == campaign)
    hourly = own.group_by("hour").agg(pl.col("spend").sum()).sort("hour")["spend"].to_list()
    days = run.last_day - run.first_day
    budget = _budget(run, campaign)
    return [
        {"plan": named.name, "hour": hour, "spent": spent / days, "budget": budget}
        for hour, spent in enumerate(accumulate(hourly, initial=0.0))
    ]


def _budget(run: Run, campaign: str | None) -> float | None:
    if campaign is None:
        return run.plan.account_budget
    return next(c.daily_budget for c in run.plan.campaigns if c.name == campaign)


def _hours_chart(words: Words, runs: Sequence[Named], key: str, campaign: str | None) -> Chart:
    title = words("all_campaigns") if campaign is None else campaign
    currency = words.currency(runs[0].run.scenario.scenario.currency)
    budgets = dict.fromkeys(_budget(named.run, campaign) for named in runs)
    spec = charts.day_spend(
        key,
        words("hours_chart", campaign=title),
        [named.name for named in runs],
        (words("clock"), words("spent", currency=currency)),
        any(budget is not None for budget in budgets),
    )
    texts = [words("unlimited") if b is None else plain(b) for b in budgets]
    return Chart(key, spec, title, words("budget_of", amount=" → ".join(texts)), 220)


def lost_section(words: Words, runs: Sequence[Named]) -> tuple[Section, Data]:
    """Shares of the eligible searches: shown, lost to rank, to budget and to caps, if any."""
    several = len(runs[0].run.plan.campaigns) > 1
    shown = [*([None] if several else []), *_largest(runs)]
    rows = [row for name in shown for named in runs for row in _share_rows(words, named, name)]
    counts = len({row["campaign"] for row in rows}), len(runs)
    known = {row["kind"] for row in rows}
    kinds = [words(k) for k in KINDS if k != "lost_to_cap" or words(k) in known]
    spec, height = charts.shares("lost", words("lost"), kinds, words("share_of_searches"), counts)
    legend = Legend(list(zip(SAMPLES, kinds, strict=False)))
    blocks = [Prose([words("lost_note")]), legend, Charts([Chart("lost", spec, height=height)])]
    return Section("lost", words("lost"), blocks), {"lost": rows}


def _share_rows(words: Words, named: Named, campaign: str | None) -> list[dict[str, Any]]:
    table = named.run.report()
    if campaign is not None:
        table = own_campaigns(named.run).filter(pl.col("campaign") == campaign)
    row = table.row(0, named=True)
    title = words("all_campaigns") if campaign is None else campaign
    return [
        {
            "campaign": title,
            "plan": named.name,
            "kind": words(kind),
            "share": row[column],
            "place": place,
        }
        for place, (kind, column) in enumerate(KINDS.items())
        if row.get(column) is not None
    ]


def range_charts(words: Words, run: Run, group: str) -> tuple[Charts, Data]:
    """Spend and profit by hour or day with the range of the replications."""
    table = run.report(by=[group])
    currency = words.currency(run.scenario.scenario.currency)
    banded = "spend_low" in table.columns
    drawn = []
    for metric in ("spend", "profit", "clicks", "orders"):
        x = charts.day_axis() if group == "day" else charts.hour_axis(words("clock"))
        title = words.metric(metric)
        unit = currency if metric in ("spend", "profit") else title
        text = words("range_chart", metric=title, group=words.metric(group))
        key = f"{group}-{metric}"
        spec = charts.ranges(group, text, x, unit, metric, banded)
        drawn.append(Chart(key, spec, title, height=250))
    ends = ("", "_low", "_high") if banded else ("",)
    names = [f"{metric}{end}" for metric in ("spend", "profit", "clicks", "orders") for end in ends]
    return Charts(drawn, columns=2), {group: table.select(group, *names).to_dicts()}
