"""The answer in plain words, as messages that `Optimum.explain` tells in a language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from adsim.money import MICROS
from adsim.optimize.aims.goals import ROI_SPENDS, Aim, Goal
from adsim.optimize.aims.question import Question
from adsim.optimize.answer.binding import binding_limits
from adsim.optimize.answer.sentences import Message, Word, amount, say, window_of
from adsim.optimize.exact.search import Found
from adsim.scenario import Plan, Scenario

NOTHING = 1e-9  # a price or a gap that is rounding
LARGEST = 5  # changes that are told one by one


def explain_question(question: Question, found: Found, scenario: Scenario) -> Iterator[Message]:
    """What was asked, and whether it can be had; if not, what the nearest is."""
    money = scenario.scenario.currency
    if question.budget is not None:
        yield say("same_budget", budget=amount("spend", question.budget, money))
    asked = question.aim()
    if not found.is_met:
        metric, value = _condition(asked)
        nearest = found.aim.measured.name
        told = {"asked": amount(metric, value, money), "metric": Word(metric)}
        best, bound = amount(nearest, found.value, money), amount(nearest, found.bound, money)
        with_it = {
            name: amount(name, one, money)
            for name, one in (("revenue", found.revenue), ("spend", found.spend))
        }
        yield say("unmet", **told, **with_it, nearest=Word(nearest), value=best, bound=bound)
    if not found.today_is_allowed and not found.aim.floor:
        yield say("today_breaks")


def _condition(aim: Aim) -> tuple[str, float]:
    """The metric that must be reached or held, and how much of it."""
    if aim.target is not None:
        return aim.target.metric, aim.target.value
    return aim.goal.name, aim.reach or 0.0


def explain_conditions(found: Found, comparison: pl.DataFrame, money: str) -> Iterator[Message]:
    """What a target costs, how it holds expected and under noise; what more to reach costs."""
    if not found.is_met or (found.aim.target is None and found.aim.reach is None):
        return
    metric, value = _condition(found.aim)
    row = comparison.row(by_predicate=pl.col("metric") == metric, named=True)
    asked = amount(metric, value, money)
    if row["b"] is not None:
        both = (_expected(comparison, metric), row["b"])
        expected, counted = (amount(metric, one, money) for one in both)
        yield say("held", metric=Word(metric), asked=asked, expected=expected, counted=counted)
    goal = found.aim.goal.name
    if found.aim.target is not None:
        of = {name: _expected(comparison, name) for name in ("spend", "orders")}
        gain = found.pressure * found.aim.target.percent(of["spend"], of["orders"])
        if gain > 0:
            brings = amount(goal, gain, money, signed=True)
            yield say("looser_target", metric=Word(metric), gain=brings)
        else:
            yield say("slack_target", metric=Word(metric))
    elif found.price[-1] > 0:
        cost = 0.01 * value / float(found.price[-1])
        yield say("one_percent_more", metric=Word(goal), cost=amount("spend", cost, money))


def _expected(comparison: pl.DataFrame, metric: str) -> float:
    row = comparison.row(by_predicate=pl.col("metric") == metric, named=True)
    return float(row["expected"] or 0.0)


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


def explain_test(row: dict[str, Any], count: int, most: int) -> Iterator[Message]:
    """How precisely the last test knows the difference of what counts, and after how much luck."""
    change = row["difference"]
    if change and row["difference_high"] is not None:
        percent = 100 * (row["difference_high"] - change) / abs(change)
        yield say("tested", count=count, most=max(most, count), percent=percent)


def explain_causes(comparison: pl.DataFrame, goal: Goal, money: str) -> Iterator[Message]:
    """What both plans cause, where something else is asked for and there are organic orders."""
    rows = comparison.filter(pl.col("metric") == "caused_profit")
    if goal.name == "caused_profit" or rows.is_empty():
        return
    row = rows.row(0, named=True)
    told = {name: amount("profit", row[name], money) for name in ("a", "b")}
    signed = {"difference": "difference", "low": "difference_low", "high": "difference_high"}
    told |= {key: amount("profit", row[name], money, signed=True) for key, name in signed.items()}
    yield say("causes", **told)


def explain_limits(scenario: Scenario, plan: Plan, found: Found) -> Iterator[Message]:
    """Which budgets bind, and what one more unit of money would bring."""
    money, goal = scenario.scenario.currency, found.aim.goal
    is_looked_up = goal.is_return or found.aim.reach is not None  # the account's price is another
    payers = [
        (say("campaign", name=campaign.name), campaign.daily_budget) for campaign in plan.campaigns
    ] + [(say("the_account"), plan.account_budget)]
    bound = False
    for (payer, budget), price in zip(payers, found.price, strict=True):
        if (
            budget is not None
            and price > NOTHING
            and not (is_looked_up and payer.key == "the_account")
        ):
            bound = True
            yield say(
                "binds",
                payer=payer,
                budget=amount("spend", budget, money),
                money=Word(money),
                price=price - goal.less,
                metric=Word(goal.value),
            )
    limited = any(budget is not None for _, budget in payers)
    if not bound and limited and not is_looked_up:
        yield say("no_binding")
    if (
        not limited
        and found.aim.target is None
        and not is_looked_up
        and not goal.is_return
        and not goal.spend
    ):
        yield say("no_limit", metric=Word(goal.name))
    if found.floor:
        budget = plan.account_budget
        what = say("todays_spend" if budget is None else "the_budget")
        least = amount("spend", found.floor, money)
        wanted = 0.0 if budget is None else ROI_SPENDS * budget * scenario.scenario.days
        key = "floor" if found.floor >= wanted * (1 - NOTHING) else "floor_all"
        yield say(key, least=least, share=ROI_SPENDS, what=what)
        if not found.today_is_allowed:
            yield say("today_spends_less", metric=Word(goal.name))


def explain_binding(found: Found, keywords: pl.DataFrame, money: str) -> Iterator[Message]:
    """Which limits on bids bind, and what they cost; `keywords` are those of the market."""
    for one in binding_limits(found)[:LARGEST]:
        yield say(
            "limit_binds",
            where=one.where,
            rules=", ".join(one.rules),
            count=one.keywords,
            gain=amount(found.aim.goal.value, one.gain, money, signed=True),
            keyword=keywords["keyword"][one.keyword],
            bid=one.bid / MICROS,
            better=one.better / MICROS,
        )


def explain_baselines(baselines: pl.DataFrame, goal: Goal, money: str) -> Message:
    """What simple plans bring beside the one found."""
    told = None
    for row in baselines.reverse().iter_rows(named=True):
        if row["plan"] == "bound":
            continue
        known = row["value"] is not None
        value = amount(goal.name, row["value"], money) if known else say("none_holds")
        one = say("found" if row["plan"] == "exact" else row["plan"], value=value)
        told = one if told is None else say("list", first=one, rest=told)
    return say("baselines", metric=Word(goal.name), rows=told)


def explain_bound(found: Found, value: float, gap: float, currency: str) -> Iterator[Message]:
    """How far from the best plan there can be."""
    goal = found.aim.measured
    values = {"value": value, "bound": found.bound}
    told = {name: amount(goal.name, one, currency) for name, one in values.items()}
    left = 100 * gap if gap > NOTHING else 0.0
    percent = f"{left:.2g}" if left < 10 else f"{left:,.0f}"
    yield say("bound" if goal.rises else "bound_below", **told, percent=percent)
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
