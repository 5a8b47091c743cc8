"""The creatives of a run: what each brought, and how they shared impressions day by day."""

from __future__ import annotations

import polars as pl

from adsim.market.rotating import GROUP
from adsim.report import charts
from adsim.report.page import Block, Chart, Charts, Prose, Section
from adsim.report.spending import Data
from adsim.report.tables import metric_fields, table_of
from adsim.report.words import Words
from adsim.simulate.run import Run

METRICS = ("impressions", "share", "clicks", "orders", "spend", "revenue", "profit", "ctr", "cvr")
DRAWN = 4  # ad groups: those with most impressions


def creatives_section(words: Words, run: Run) -> tuple[Section, Data]:
    """A table of all creatives, and charts of the largest ad groups' shares by day."""
    table = run.creatives()
    metrics = (*METRICS, *(["won"] if "won" in table.columns else []))
    fields = metric_fields(words, metrics, run.scenario.scenario.currency)
    title = words("by_creative")
    shown = table_of(words, "creatives", title, table, [*GROUP, "creative"], fields)
    blocks: list[Block] = [Prose([words("by_creative_note")]), shown]
    drawn, data = _shares(words, run, table) if run.last_day - run.first_day > 1 else ([], {})
    if drawn:
        blocks.append(Charts(drawn))
    return Section("by-creative", title, blocks), data


def _shares(words: Words, run: Run, table: pl.DataFrame) -> tuple[list[Chart], Data]:
    by_day = run.creatives("day").filter(pl.col("share").is_not_null())
    largest = table.group_by(GROUP, maintain_order=True).agg(pl.col("impressions").sum())
    largest = largest.filter(pl.col("impressions") > 0).top_k(DRAWN, by="impressions")
    drawn: list[Chart] = []
    data: Data = {}
    for place, (campaign, group, _) in enumerate(largest.iter_rows()):
        own = by_day.filter(campaign=campaign, ad_group=group)
        names = own["creative"].unique(maintain_order=True).to_list()
        if not 1 < len(names) <= len(charts.STACK_COLORS):
            continue
        key, title = f"creatives-{place}", words("share_by_day", group=f"{campaign} / {group}")
        data[key] = [
            {"day": day, "value": name, "place": names.index(name), "share": share}
            for day, name, share in own.select("day", "creative", "share").iter_rows()
        ]
        spec = charts.stack(key, title, names, words("share_of_impressions"), charts.day_axis())
        drawn.append(Chart(key, spec, title, height=charts.STACK_HEIGHT))
    return drawn, data
