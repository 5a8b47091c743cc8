"""The page of a run: what comes of the account under one plan."""

from __future__ import annotations

import polars as pl

from adsim.report import charts
from adsim.report.answers import simulated, simulated_figures
from adsim.report.creatives import creatives_section
from adsim.report.facts import plan_name, run_facts
from adsim.report.keywords import KEY, Marked, bids_of, landscapes
from adsim.report.page import Block, Chart, Charts, Page, Prose, Section
from adsim.report.spending import (
    Data,
    Named,
    hours_section,
    lost_section,
    own_campaigns,
    range_charts,
)
from adsim.report.tables import metric_fields, table_of
from adsim.report.words import Words
from adsim.simulate.run import Run

CAMPAIGN_METRICS = (
    "impressions",
    "clicks",
    "orders",
    "spend",
    "revenue",
    "profit",
    "ctr",
    "cpc",
    "cvr",
    "roi",
    "avg_position",
    "impression_share",
)
KEYWORD_METRICS = ("impressions", "clicks", "orders", "spend", "revenue", "profit", "cpc", "roi")
LANDSCAPES = 6
DROWNING = 0.6  # share of persons above which a state hides the changes of all others


def run_page(words: Words, run: Run, command: str) -> Page:
    """What `simulate` gave."""
    days = run.last_day - run.first_day
    row = run.report().row(0, named=True)
    name = plan_name(words, run)
    facts = [*run_facts(words, run)]
    facts.insert(2, (words("plan"), name))
    sections, data = _sections(words, run, name)
    return Page(
        words,
        words("simulate_title", shop=run.scenario.scenario.name, plan=name),
        list(simulated(words, run.scenario, days, row)),
        facts,
        sections,
        run.recipe(),
        data,
        command,
    )


def _sections(words: Words, run: Run, name: str) -> tuple[list[Section], Data]:
    several = run.last_day - run.first_day > 1
    by = ("campaign", "day", "hour") if several else ("campaign", "hour")
    run.tallies(by)  # at once, not anew for each table
    runs = [Named(name, run)]
    sections, data = [_headline(words, run), _campaigns(words, run)], Data()
    made = [
        hours_section(words, runs),
        lost_section(words, runs),
        _along(words, run, "day") if several else None,
        _along(words, run, "hour"),
        _journey(words, run) if run.scenario.journey is not None else None,
        creatives_section(words, run) if run.scenario.has_creatives else None,
        (_keywords(words, run), {}),
        _landscapes(words, run, name),
    ]
    for pair in made:
        if pair:
            sections.append(pair[0])
            data |= pair[1]
    return sections, data


def _headline(words: Words, run: Run) -> Section:
    row = run.report().row(0, named=True)
    figures = simulated_figures(words, run.scenario.scenario.currency, row)
    luck = "means_expected" if run.fidelity == "expected" else "means_sampled"
    notes = [words(f"fidelity_{run.fidelity}"), words(luck, count=f"{run.replications:,}")]
    return Section("headline", words("headline"), [figures, Prose(notes)])


def _campaigns(words: Words, run: Run) -> Section:
    fields = metric_fields(words, CAMPAIGN_METRICS, run.scenario.scenario.currency)
    title = words("by_campaign")
    table = table_of(words, "campaigns", title, own_campaigns(run), ["campaign"], fields)
    return Section("by-campaign", title, [table])


def _along(words: Words, run: Run, group: str) -> tuple[Section, Data]:
    drawn, data = range_charts(words, run, group)
    blocks: list[Block] = [drawn]
    if run.fidelity != "expected" and run.replications > 1:
        blocks.insert(0, Prose([words("range_note")]))
    return Section(f"by-{group}", words(f"by_{group}"), blocks), data


def _journey(words: Words, run: Run) -> tuple[Section, Data]:
    """Shares of persons by state, morning by morning, of those that are not most persons."""
    table, names = run.journey(), run.scenario.journey.names()  # type: ignore[union-attr]
    note = [words("journey_note")]
    most, share = table.group_by("state").agg(pl.col("share").mean()).sort("share").row(-1)
    if share > DROWNING and len(names) > 1:
        names.remove(most)
        table = table.filter(pl.col("state") != most)
        note.append(words("journey_rest", state=most, share=f"{share:.0%}"))
    rows = [
        {"day": day, "value": state, "place": names.index(state), "share": share}
        for day, state, share in table.select("day", "state", "share").iter_rows()
    ]
    title = words("states_over_time")
    axis = charts.day_axis()
    spec = charts.stack("states", title, names, words("share_of_persons"), axis)
    drawn = Charts([Chart("states", spec, title, height=charts.STACK_HEIGHT)])
    return Section("states", title, [Prose(note), drawn]), {"states": rows}


def _own_keywords(run: Run) -> pl.DataFrame:
    table = run.report(by=["keyword"]).filter(pl.col("keyword").is_not_null())
    table = table.join(bids_of(run.plan), on=KEY, how="left", maintain_order="left")
    return table.sort("spend", descending=True, maintain_order=True)


def _keywords(words: Words, run: Run) -> Section:
    groups = ["keyword", "campaign", "ad_group", "match_type"]
    fields = metric_fields(words, KEYWORD_METRICS, run.scenario.scenario.currency)
    title = words("by_keyword")
    table = table_of(words, "keywords", title, _own_keywords(run), groups, fields)
    return Section("by-keyword", title, [Prose([words("by_keyword_note")]), table])


def _landscapes(words: Words, run: Run, name: str) -> tuple[Section, Data] | None:
    rows = _own_keywords(run).filter(pl.col("bid") > 0).head(LANDSCAPES).select(*KEY, "bid")
    marked = [Marked(row[:4], row[4], row[4]) for row in rows.iter_rows()]
    return landscapes(words, run.scenario, run.plan, "profit", marked, (name, name))
