"""What the search over policies found, as messages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from adsim.optimize.aims.goals import Aim, Goal
from adsim.optimize.answer.risks import measure_of
from adsim.optimize.answer.sentences import Message, amount, say
from adsim.optimize.policies.parameters import NEUTRAL
from adsim.optimize.policies.policy import parts_of_day
from adsim.scenario import Plan, Scenario
from adsim.scenario.models import Campaign


def explain_coefficients(scenario: Scenario, today: Plan, plan: Plan) -> Iterator[Message]:
    """Premiums, devices, hours and budgets that change, a line each with all campaigns."""
    pairs = list(zip(today.campaigns, plan.campaigns, strict=True))
    for crowd in scenario.crowds:
        yield from _moves(say("premium_of", crowd=crowd.name), pairs, "percent", crowd.name)
    for device in scenario.devices:
        yield from _moves(say("device_of", device=device.name), pairs, "factor", device.name)
    for hours in parts_of_day(tuple(scenario.demand.hour)):
        what = say("hours_of", first=hours[0], last=hours[-1])
        yield from _moves(what, pairs, "hours", hours)
    yield from _moves(say("budget_of"), pairs, "money", None)


def _moves(
    what: Message, pairs: list[tuple[Campaign, Campaign]], kind: str, key: object
) -> Iterator[Message]:
    moves = [(new.name, _value(old, kind, key), _value(new, kind, key)) for old, new in pairs]
    changed = [move for move in moves if move[1] != move[2]]
    if not changed:
        return
    told = None
    for name, old, new in changed:
        one = say("moves", campaign=name, old=_tell(kind, old), new=_tell(kind, new))
        told = one if told is None else say("joined", first=told, second=one)
    yield say("coefficient", what=what, moves=told)


def _value(campaign: Campaign, kind: str, key: object) -> float | None:
    if kind == "percent":
        return campaign.premiums.get(str(key), 0.0)
    if kind == "factor":
        return campaign.devices.get(str(key), NEUTRAL)
    if kind == "hours":
        assert isinstance(key, list)
        return round(float(np.array(campaign.hours)[:, key].mean()), 2)
    return campaign.daily_budget


def _tell(kind: str, value: float | None) -> Message:
    if value is None:
        return say("unlimited")
    return say("premium" if kind == "percent" else "factor", value=value)


def explain_kept(campaigns: list[str]) -> Iterator[Message]:
    """Which campaigns keep their coefficients, and why."""
    if campaigns:
        names = say("named", name=campaigns[0])
        for name in campaigns[1:]:
            names = say("list", first=names, rest=name)
        yield say("kept", campaigns=names)


def explain_search(
    trials: pl.DataFrame, race: pl.DataFrame, aim: Aim, money: str
) -> Iterator[Message]:
    """How long the search was, what it brings over the exact bids, and what was luck in it."""
    state, goal, metric = trials["state"], aim.measured, measure_of(aim)
    if len(trials):
        yield say("searched", count=len(trials), stopped=int((state == "stopped").sum()))
    missed = int((state == "missed").sum())
    if missed:
        yield say("missed", count=missed)
    won = race.row(by_predicate=pl.col("state") == "won", named=True)
    if won["plan"] not in ("exact", "today"):
        yield say("race", metric=metric, **_gain(won, goal, money))
    policy = race.filter(pl.col("plan") == "policy")
    if len(policy):
        row = policy.row(0, named=True)
        exact = race.row(by_predicate=pl.col("plan") == "exact", named=True)
        found = amount(goal.name, row["search"] - exact["search"], money, signed=True)
        yield say("curse", metric=metric, search=found, **_gain(row, goal, money))


def _gain(row: dict[str, Any], goal: Goal, money: str) -> dict[str, Any]:
    """What a plan of the race brings more than the exact one, on luck of both."""
    told = {"difference": "gain", "low": "gain_low", "high": "gain_high"}
    gains = {
        name: amount(goal.name, row[column], money, signed=True) for name, column in told.items()
    }
    return {**gains, "count": row["replications"]}
