"""Simple plans beside the exact one: what each brings under the same budgets and limits.

One number is chosen for each of them, by what it brings at fidelity `expected`: the one bid of all
keywords; the pair of bids, each for a part of the time (Feldman, Muthukrishnan, Pal and Stein
2007); the multiplier of every keyword's worth of a click; the return that every keyword must have
by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

import numpy as np
import polars as pl

from adsim.kernels.model import NO_BUDGET
from adsim.optimize.aims.goals import GOALS, spend_of
from adsim.optimize.exact.ascent import Climb
from adsim.optimize.exact.search import Found
from adsim.optimize.exact.task import Task
from adsim.optimize.exact.worths import keyword_click_worths
from adsim.results.tables import Floats, Tallies

COARSE, FINE, ROUNDS = 12, 5, 2  # numbers tried at first, then around the best, so often
PARTS = 21  # parts of the time that the first of two bids has
RETURNS = (0.2, 50.0)  # range of returns that keywords may be asked for
CELLS_AT_ONCE = 2e7  # links x sides x hour blocks of the plans valued at a time

Make = Callable[[float], np.ndarray]


def list_baselines(task: Task, found: Found, today: Tallies | None = None) -> pl.DataFrame:
    """A row a plan: plan, value (of what is best), spend, revenue, roi, holds (all that was asked).

    `today`: tallies of today's plan, where it was played elsewhere than at the task's settings.
    Plans: today, one_bid, two_bids, value_bids, roi_bids, exact (what the search found), bound.
    Values are null where none of a kind holds what was asked; of the bound only the value is known.
    """
    lowest, highest = _reach_of_bids(task)
    spread = np.geomspace(lowest, highest, COARSE)
    worth = _click_worths(task)
    rows = {
        "today": _as_is(task, task.plan.bid) if today is None else _row(task, today),
        "one_bid": _best_of(task, lambda bid: np.full(len(worth), bid), spread),
        "two_bids": _two_bids(task, spread),
        "value_bids": _best_of(task, lambda bid: bid * worth, spread),
        "roi_bids": _roi_bids(task),
        "exact": _as_is(task, found.bids),
    }
    table = [{"plan": name, **row} for name, row in rows.items()]
    return pl.DataFrame([*table, {"plan": "bound", "value": found.bound}], schema=_SCHEMA)


_SCHEMA = {
    "plan": pl.String,
    "value": pl.Float64,
    "spend": pl.Float64,
    "revenue": pl.Float64,
    "roi": pl.Float64,
    "holds": pl.Boolean,
}


def _reach_of_bids(task: Task) -> tuple[float, float]:
    """The lowest and highest bid on any hull, micros."""
    bids = task.hulls.bid[task.hulls.bid > 0]
    return (float(bids.min()), float(bids.max())) if len(bids) else (1.0, 2.0)


def _click_worths(task: Task) -> Floats:
    """The worth of a click of every keyword over that of the mean keyword, float64[K]."""
    market = task.bench.market.arrays
    choice = task.choice._replace(**task.aim.goal.worths(market.order_money))
    worth = keyword_click_worths(market, choice)
    mean = worth[task.plan.bid > 0].mean() if (task.plan.bid > 0).any() else 0.0
    return worth / mean if mean > 0 else np.ones(len(worth))


def _fit(task: Task, bids: Floats) -> Climb:
    micros = np.where(task.plan.bid > 0, np.minimum(bids, 1e15), 0.0).astype(np.int64)
    return Climb(task.ranges.fit(micros), np.zeros(len(task.budgets)))


def _expect(task: Task, plans: list[Climb]) -> Tallies:
    """As `Task.expect`, a few plans at a time where they are large."""
    size = task.bench.market.arrays.links.size * task.choice.rung[0].size
    step = max(1, int(CELLS_AT_ONCE / max(1, size)))
    parts = [task.expect(plans[first : first + step]) for first in range(0, len(plans), step)]
    return np.concatenate(parts)


def _as_is(task: Task, bids: np.ndarray) -> dict[str, float | bool]:
    return _row(task, task.expect([Climb(bids, np.zeros(len(task.budgets)))]))


def _row(task: Task, tallies: Tallies) -> dict[str, float | bool]:
    goal = task.aim.measured
    row = {name: float(goal.measure(tallies, name)[0]) for name in ("spend", "revenue", "roi")}
    value, holds = float(goal.measure(tallies)[0]), bool(task.aim.holds(tallies)[0])
    return {"value": value, **row, "holds": holds}


def _best_of(task: Task, make: Make, numbers: Floats) -> dict[str, float | bool]:
    """The best plan of a kind; the numbers are refined around the best one."""
    tried, scores, best = np.empty(0), np.empty(0), None
    for _ in range(1 + ROUNDS):
        tallies = _expect(task, [_fit(task, make(number)) for number in numbers])
        found = task.aim.score(tallies)
        top = int(np.argmax(found))
        if np.isfinite(found[top]) and (not len(scores) or found[top] > scores.max()):
            best = tallies[top : top + 1]
        tried, scores = np.append(tried, numbers), np.append(scores, found)
        numbers = _around(tried, float(tried[int(np.argmax(scores))]))
    return {"holds": False} if best is None else _row(task, best)


def _around(tried: Floats, best: float) -> Floats:
    """Numbers between the neighbors of the best one, without those known."""
    known = np.sort(tried)
    place = int(np.searchsorted(known, best))
    low, high = known[max(0, place - 1)], known[min(len(known) - 1, place + 1)]
    return np.geomspace(low, high, FINE + 2)[1:-1]


def _two_bids(task: Task, spread: Floats) -> dict[str, float | bool]:
    """Two uniform bids, each a part of the time, within the account's money on average."""
    budget = task.plan.budget.copy()
    budget[-1] = NO_BUDGET
    free = task.plan._replace(budget=budget)
    plans = [_fit(task, np.full(len(task.plan.bid), bid)) for bid in spread]
    tallies = _expect(replace(task, plan=free), plans)
    if task.ranges.allow(np.zeros(len(task.plan.bid), np.int64)):
        tallies = np.concatenate((tallies, 0 * tallies[:1]))  # no ads for a part of the time
    part = np.linspace(0, 1, PARTS)[:, None, None, None]
    pairs = combinations(range(len(tallies)), 2)
    mixes = np.concatenate([part * tallies[i] + (1 - part) * tallies[j] for i, j in pairs])
    within = spend_of(mixes) <= task.budgets[-1] * task.days.count.sum() * (1 + 1e-9)
    scores = np.where(within, task.aim.score(mixes), -np.inf)
    top = int(np.argmax(scores))
    return _row(task, mixes[top : top + 1]) if np.isfinite(scores[top]) else {"holds": False}


def _roi_bids(task: Task) -> dict[str, float | bool]:
    """Every keyword's highest bid at which it has a return of its own; the best such return."""
    goal = GOALS["caused_revenue" if task.aim.goal.is_caused else "revenue"]
    choice = task.choice._replace(**goal.worths(task.bench.market.arrays.order_money))
    hulls = task.worth(choice).hulls
    owner = np.repeat(np.arange(len(task.plan.bid)), np.diff(hulls.start))

    def make(least: float) -> Floats:
        bids = np.zeros(len(task.plan.bid))
        has_it = hulls.value >= least * hulls.cost
        np.maximum.at(bids, owner[has_it], hulls.bid[has_it])
        return bids

    return _best_of(task, make, np.geomspace(*RETURNS, COARSE))
