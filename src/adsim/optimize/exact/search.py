"""The search for the best bids in closed form: hulls, budgets, ascent, and the bound."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from adsim.kernels.model import PlanArrays
from adsim.kernels.spending import FRACTIONS
from adsim.optimize.aims.goals import Aim, spend_of
from adsim.optimize.aims.ranges import BidRanges, free_ranges
from adsim.optimize.bench import Bench
from adsim.optimize.exact.allocation import allocate
from adsim.optimize.exact.ascent import Climb
from adsim.optimize.exact.bound import ROUNDS, find_bound
from adsim.optimize.exact.leads import Knob, Lead, ascend, leads_of, nearest_return
from adsim.optimize.exact.polishing import polish
from adsim.optimize.exact.task import Task, pose
from adsim.results.tables import Floats
from adsim.simulate.histories import Progress

POLISHED = 3  # best candidates that the last step starts from
PROHIBITIVE = 1e9  # price of money that is not there
STEPS = 5  # of the search that are told to `progress`


@dataclass(frozen=True)
class Found:
    """What the search found.

    Attributes:
        bids: int64[K], micros; 0 = paused.
        aim: What was searched for: what was asked, or, where that cannot be had, the nearest.
        is_met: Whether what was asked for can be had.
        value, today: The aim's metric of these bids and of today's, at fidelity `expected`.
        spend, revenue: Of these bids, likewise.
        bound: What no plan can pass.
        price: float64[C + 1], what one more unit of a campaign's (last: the account's) money
            brings; 0 where money is left.
        pressure: What a unit of the target's slack is worth in the goal; 0 where it holds anyway.
        today_is_allowed: Whether today's bids hold all that was asked, limits included.
        shared_queries: Number of queries that several own keywords stand on.
        ranges: The bids that were allowed.
        task: The search as it was posed, at the last pressure.
    """

    bids: np.ndarray
    aim: Aim
    is_met: bool
    value: float
    today: float
    spend: float
    revenue: float
    bound: float
    price: Floats
    pressure: float
    today_is_allowed: bool
    shared_queries: int
    ranges: BidRanges
    task: Task

    @property
    def floor(self) -> float:
        """Money that has to be spent in the window where the goal is a return, else 0."""
        return self.aim.floor


def search_bids(
    bench: Bench,
    plan: PlanArrays,
    aim: Aim,
    ranges: BidRanges | None = None,
    progress: Progress | None = None,
    rounds: int = ROUNDS,
    rough: bool = False,
) -> Found:
    """The best bids found for the plan's coefficients and budgets; its own are a candidate.

    Where the aim's target cannot be held by any plan that brings something, or the amount to be
    reached is out of reach, the nearest is searched for instead: the best return, the most of the
    goal. `ranges`: the bids that are allowed, by default all that the platform accepts.
    `rounds`: how often the bound is improved at most. `rough`: without the last step.
    """
    ranges = ranges or free_ranges(bench.market.scenario.auction, plan)
    tell = _teller(progress)
    task, leads, knob = leads_of(pose(bench, plan, aim, ranges))
    tell(1)
    candidates = _candidates(task, leads, knob)
    tell(2)
    scores = task.scores(candidates)
    if not np.isfinite(scores).any() or _brings_nothing(task, candidates, scores):
        return _nearest(task, candidates, progress)
    best = candidates[int(np.argmax(scores))] if rough else _polished(task, candidates, scores)
    tell(3)
    bound = _bound(task, leads, best, rounds)
    tell(STEPS)
    return _found(task, best, (bound, leads[-1].task), True)


def _teller(progress: Progress | None):  # type: ignore[no-untyped-def]
    return (lambda step: progress(step, STEPS)) if progress else (lambda step: None)


def _candidates(task: Task, leads: list[Lead], knob: Knob | None) -> list[Climb]:
    """Today's bids where they are allowed, then what the leads come to."""
    alone = [lead.alone() for lead in leads]
    candidates = list(alone)
    if task.choice.shared.any():
        best = int(np.argmax(task.scores(alone))) if knob is None else len(leads) - 1
        candidates += ascend(task, leads[best], alone[best], knob)
    if task.ranges.allow(task.plan.bid):
        candidates.append(Climb(task.plan.bid, np.zeros(len(task.budgets))))
    return candidates


def _brings_nothing(task: Task, candidates: list[Climb], scores: Floats) -> bool:
    """Whether the target is held by silence only."""
    if task.aim.target is None:
        return False
    held = [one for one, score in zip(candidates, scores, strict=True) if np.isfinite(score)]
    return not (spend_of(task.expect(held)) > 0).any()


def _polished(task: Task, candidates: list[Climb], scores: Floats) -> Climb:
    best = candidates[int(np.argmax(scores))]
    aim = task.aim
    is_bound = np.isfinite(task.budgets).any() or aim.floor or aim.target or aim.reach is not None
    if not (task.choice.shared.any() or is_bound):
        return best
    order = np.argsort(-scores, kind="stable")[:POLISHED]
    starts = [candidates[i] for i in order if np.isfinite(scores[i])]
    return polish(task.bench.market.arrays, task.choice, starts, task.scores)


def _found(task: Task, best: Climb, end: tuple[float, Task], is_met: bool) -> Found:
    bound, pressed = end
    today = Climb(task.plan.bid, best.price)
    tallies = task.expect([best, today])
    goal = task.aim.measured
    value, of_today = goal.measure(tallies)
    return Found(
        bids=best.bids,
        aim=task.aim,
        is_met=is_met,
        value=float(value),
        today=float(of_today),
        spend=float(spend_of(tallies)[0]),
        revenue=float(goal.measure(tallies, "revenue")[0]),
        bound=bound,
        price=best.price,
        pressure=pressed.pressure,
        today_is_allowed=bool(task.aim.holds(tallies)[1]) and task.ranges.allow(task.plan.bid),
        shared_queries=int(task.choice.shared.sum()),
        ranges=task.ranges,
        task=pressed,
    )


def _nearest(task: Task, candidates: list[Climb], progress: Progress | None) -> Found:
    """The answer where what was asked for cannot be had."""
    if task.aim.target is None:
        aim = Aim(task.aim.goal)
        most = search_bids(task.bench, task.plan, aim, task.ranges, progress)
        if task.aim.reach is None or most.value < task.aim.reach:
            return replace(most, is_met=False)
        best = _polished(task, [Climb(most.bids, most.price)], np.zeros(1))
        return _found(task, best, (_bound(task, [Lead(task, task.budgets)], best), task), True)
    near, plans, bound = nearest_return(task, task.aim.target.goal)
    candidates = [*plans, *candidates]
    scores = near.scores(candidates)
    scores[spend_of(near.expect(candidates)) <= 0] = -np.inf
    best = _polished(near, candidates, scores)
    found = _found(near, best, (bound, near), False)
    beyond = max(bound, found.value) if near.aim.goal.rises else min(bound, found.value)
    return replace(found, bound=beyond)


def _bound(task: Task, leads: list[Lead], best: Climb, rounds: int = ROUNDS) -> float:
    """The least bound at the ends of the leads, in units of the metric."""
    if task.aim.reach is None and not task.aim.floor:
        pressed = {lead.task.pressure: lead.task for lead in leads}
        return min(_bound_at(one, one.budgets, 0.0, rounds) for one in pressed.values())
    spent = float(spend_of(task.expect([best]))[0])
    if task.aim.reach is not None:
        return -_bound_at(task, task.with_money(spent), spent)
    spends = [task.aim.floor] + ([spent] if spent > task.aim.floor * 1.02 else [])
    rates = [_bound_at(task, task.with_money(spend), spend) for spend in spends]
    return min(rates) - task.aim.goal.less


def _bound_at(task: Task, money: Floats, spend: float, rounds: int = ROUNDS) -> float:
    """The bound from the prices of so much money a mean day; `spend`: that of the window, if any.

    The account's money is then that of the whole window, with one price on all days.
    """
    prices = np.zeros((len(task.days.count), len(money)))
    for kind, demand in enumerate(task.days.demand):
        if demand > 0:
            limits = np.append(money[:-1] / demand, money[-1] / (1 if spend else demand))
            prices[kind] = allocate(task.hulls, limits, FRACTIONS).price
    prices[:, money == 0] = PROHIBITIVE
    return find_bound(replace(task.relaxation(), spend=spend), prices, rounds)
