"""The answer in plain words, as messages that `Optimum.explain` tells in a language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from adsim.optimize.goals import ROI_SPENDS, Goal
from adsim.optimize.search import Found
from adsim.optimize.sentences import Message, Word, amount, say, window_of
from adsim.scenario import Plan, Scenario

LARGEST = 5  # changes that are told one by one


def explain_changes(changes: pl.DataFrame, goal: Goal, scenario: Scenario) -> Iterator[Message]:
    """How many bids change, by how much, and the changes that matter most."""
    today, new = pl.col("bid_today"), pl.col("bid_new")
    active = changes.filter(today > 0)
    raised, lowered = active.filter(new > today), active.filter((new < today) & (new > 0))
    paused = len(active.filter(new == 0))
    kept = len(active) - len(raised) - len(lowered) - paused
    words = {"raised": _moved(raised, "raised"), "lowered": _moved(lowered, "lowered")}
    yield say("changes", **words, paused=paused, kept=kept)
    if len(active) < len(changes):
        yield say("stay_paused", count=len(changes) - len(active))
    moved = active.filter(new != today)
    for row in moved.head(LARGEST).iter_rows(named=True):
        yield _change(row, goal, scenario.scenario.currency)
    if len(moved) > LARGEST:
        window = window_of(scenario.scenario.days)
        yield say("more_changes", count=len(moved) - LARGEST, window=window)


def _moved(rows: pl.DataFrame, key: str) -> Message:
    if rows.is_empty():
        return say(key, count=0, by=say("nothing"))
    factor = float((rows["bid_new"] / rows["bid_today"]).median() or 1.0)  # type: ignore[arg-type]
    return say(key, count=len(rows), by=say("median", percent=100 * (factor - 1)))


def _change(row: dict[str, Any], goal: Goal, money: str) -> Message:
    value = row[f"{goal.value}_new"] - row[f"{goal.value}_today"]
    spend = row["spend_new"] - row["spend_today"]
    return say(
        "change",
        keyword=row["keyword"],
        match_type=say(str(row["match_type"])),
        campaign=row["campaign"],
        today=row["bid_today"],
        new=say("bid", bid=row["bid_new"]) if row["bid_new"] else say("no_bid"),
        metric=Word(goal.value),
        value=amount(goal.value, value, money, signed=True),
        spend=amount("spend", spend, money, signed=True),
    )


def explain_gain(row: dict[str, Any], scenario: Scenario) -> Message:
    """What the comparison says of one metric."""
    metric, money = str(row["metric"]), scenario.scenario.currency
    if row["difference"] is None:
        return say("gain_unknown", metric=Word(metric))
    return say(
        "gain",
        metric=Word(metric),
        a=amount(metric, row["a"], money),
        b=amount(metric, row["b"], money),
        window=window_of(scenario.scenario.days),
        difference=amount(metric, row["difference"], money, signed=True),
        low=amount(metric, row["difference_low"], money, signed=True),
        high=amount(metric, row["difference_high"], money, signed=True),
    )


def explain_limits(scenario: Scenario, plan: Plan, found: Found, goal: Goal) -> Iterator[Message]:
    """Which budgets bind, and what one more unit of money would bring."""
    money = scenario.scenario.currency
    payers = [
        (say("campaign", name=campaign.name), campaign.daily_budget) for campaign in plan.campaigns
    ] + [(say("the_account"), plan.account_budget)]
    bound = False
    for (payer, budget), price in zip(payers, found.price, strict=True):
        if budget is not None and price > 0 and not (found.floor and payer.key == "the_account"):
            bound = True
            yield say(
                "binds",
                payer=payer,
                budget=amount("spend", budget, money),
                money=Word(money),
                price=price,
                metric=Word(goal.value),
            )
    limited = any(budget is not None for _, budget in payers)
    if not bound and limited:
        yield say("no_binding")
    if not limited and goal.name in ("revenue", "orders", "clicks"):
        yield say("no_limit", metric=Word(goal.name))
    if found.floor:
        what = say("todays_spend" if plan.account_budget is None else "the_budget")
        least = amount("spend", found.floor, money)
        yield say("floor", least=least, share=ROI_SPENDS, what=what)
        if not found.today_is_allowed:
            yield say("today_spends_less", metric=Word(goal.name))


def explain_bound(
    found: Found, value: float, gap: float, goal: Goal, currency: str
) -> Iterator[Message]:
    """How far from the best plan there can be."""
    values = {"value": value, "bound": found.bound}
    told = {name: amount(goal.name, one, currency) for name, one in values.items()}
    yield say("bound", **told, percent=100 * gap)
    if found.shared_queries:
        yield say("overlap", count=found.shared_queries)


def explain_noise(goal: Goal, expected: float, counted: float, currency: str) -> Message:
    """What noise and the demand shock take."""
    cost = expected - counted
    known = expected and np.isfinite(expected)
    part = say("part", percent=100 * cost / abs(expected)) if known else say("nothing")
    told = {"cost": cost, "expected": expected}
    amounts = {name: amount(goal.name, one, currency) for name, one in told.items()}
    return say("noise", **amounts, part=part)
