"""The page of ad auctions games: who earns what, what a slot brings, users by state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from adsim.game import GameRun
from adsim.report import charts
from adsim.report.formats import decimals, number
from adsim.report.page import Cell, Chart, Charts, Head, Page, Prose, Section
from adsim.report.spending import Data
from adsim.report.tables import metric_fields, table_of
from adsim.report.words import Words

EARNED = ("profit", "revenue", "spend", "orders", "clicks", "impressions", "cpc", "cvr")
OF_SLOT = ("impressions", "clicks", "orders", "spend", "revenue", "ctr", "cpc", "cvr")
Made = tuple[Section, Data]


def game_page(words: Words, run: GameRun, command: str) -> Page:
    """What `game.play` gave."""
    sections, data = [], Data()
    for made in (_profit(words, run), _days(words, run), _states(words, run), _slots(words, run)):
        sections.append(made[0])
        data |= made[1]
    return Page(
        words,
        words("game_title", name=run.game.game.name, games=f"{run.games:,}", days=run.days_played),
        run.sentences(words.lang),
        list(_facts(words, run)),
        sections,
        run.recipe(),
        data,
        command,
    )


def _facts(words: Words, run: GameRun) -> Iterator[tuple[str, str]]:
    market = run.game.game
    yield words("games"), f"{run.games:,}"
    yield words("users"), f"{market.users * len(run.game.products):,}"
    if run.agents:
        yield words("played_by"), ", ".join(run.agents)
    yield words("seed"), str(run.seed)
    yield words("currency"), words.currency(market.currency)


def _profit(words: Words, run: GameRun) -> Made:
    """Profits drawn with their intervals, and the table of advertisers, best first."""
    table = run.advertisers.sort("profit", descending=True)
    ends = {end: pl.coalesce(f"profit_{end}", "profit") for end in ("low", "high")}
    drawn = table.select(label="advertiser", difference="profit", **ends).to_dicts()
    title = words("profit_of_a_game")
    spec, height = charts.intervals("profits", title, len(drawn), ",~f")
    currency = run.game.game.currency
    caption = words("game_profit")
    made = table_of(
        words, "advertisers", caption, table, ["advertiser"], metric_fields(words, EARNED, currency)
    )
    cells = _intervals(words, table)
    heads = [*made.heads[:2], Head(words("interval")), *made.heads[2:]]
    rows = [[*row[:2], cell, *row[2:]] for row, cell in zip(made.rows, cells, strict=True)]
    blocks = [
        Prose([words("game_profit_note")]),
        Charts([Chart("profits", spec, title, height=height)]),
        replace(made, heads=heads, rows=rows),
    ]
    return Section("profit", caption, blocks), {"profits": drawn}


def _intervals(words: Words, table: pl.DataFrame) -> list[Cell]:
    places = decimals("money", table["profit"].to_list())
    return [
        Cell("–")
        if low is None
        else Cell(
            words("between", low=number(low, "money", places), high=number(high, "money", places)),
            low,
        )
        for low, high in table.select("profit_low", "profit_high").iter_rows()
    ]


def _days(words: Words, run: GameRun) -> Made:
    rows = run.days.group_by("day", maintain_order=True).agg(pl.col("profit").sum()).to_dicts()
    title, day = words("game_days"), words("day_of_game")
    unit = words("in_unit", label=words.metric("profit"), unit=run.game.game.currency)
    spec = charts.ranges("days", title, charts.number_axis(day), unit, "profit", False)
    chart = Charts([Chart("days", spec, height=charts.STACK_HEIGHT)])
    return Section("days", title, [Prose([words("game_days_note")]), chart]), {"days": rows}


def _states(words: Words, run: GameRun) -> Made:
    """A stack of all states but the largest, beside which the others would be thin lines."""
    table = run.states.filter(pl.col("day") >= 0)
    means = table.group_by("state", maintain_order=True).agg(pl.col("share").mean())
    largest = means.sort("share")["state"][-1]
    names = [name for name in means["state"] if name != largest]
    drawn = [
        {"day": day, "value": state, "place": names.index(state), "share": share}
        for day, state, share in table.select("day", "state", "share").iter_rows()
        if state != largest
    ]
    title, day = words("game_states"), words("day_of_game")
    axis = charts.number_axis(day)
    spec = charts.stack("states", title, names, words("share_of_users"), axis)
    blocks = [
        Prose([words("game_states_note", name=largest)]),
        Charts([Chart("states", spec, height=charts.STACK_HEIGHT)]),
    ]
    return Section("states", title, blocks), {"states": drawn}


def _slots(words: Words, run: GameRun) -> Made:
    currency = run.game.game.currency
    fields = metric_fields(words, OF_SLOT, currency)
    title = words("game_slots")
    table = table_of(words, "slots", title, run.slots, ["class", "slot"], fields)
    return Section("slots", title, [Prose([words("game_slots_note")]), table]), {}
