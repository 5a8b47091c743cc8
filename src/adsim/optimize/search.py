"""The search for the best bids in closed form: hulls, budgets, ascent, and the bound."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from adsim.kernels.choices import Choice
from adsim.kernels.model import NO_BUDGET, PlanArrays
from adsim.kernels.spending import FRACTIONS, REACH, WHOLE
from adsim.money import MICROS
from adsim.optimize.allocation import Hulls, allocate, find_hulls
from adsim.optimize.ascent import Climb, climb
from adsim.optimize.bench import Bench
from adsim.optimize.bound import Relaxation, find_bound
from adsim.optimize.choosing import list_choices
from adsim.optimize.days import Days, list_days
from adsim.optimize.goals import ROI_SPENDS, Goal, spend_of
from adsim.optimize.polishing import polish
from adsim.optimize.ranges import BidRanges, free_ranges
from adsim.results.tables import Floats

MOST_DEMANDS = 7  # kinds of days for which a plan of their own is tried
FLOOR_MARGINS = (1.0, 1.003, 1.01)  # how far above the least spend plans for the ROI aim
POLISHED = 3  # best candidates that the last step starts from
PROHIBITIVE = 1e9  # price of money that is not there
ROUNDING = 1e-9


@dataclass(frozen=True)
class Found:
    """What the search found.

    Attributes:
        bids: int64[K], micros; 0 = paused.
        value, today: The goal of these bids and of today's, at fidelity `expected`.
        bound: What no plan can pass.
        price: float64[C + 1], what one more unit of a campaign's (last: the account's) money
            brings; 0 where money is left.
        floor: Money that has to be spent in the window where the goal is the ROI, else 0.
        today_is_allowed: Whether today's bids spend as much.
        shared_queries: Number of queries that several own keywords stand on.
    """

    bids: np.ndarray
    value: float
    today: float
    bound: float
    price: Floats
    floor: float
    today_is_allowed: bool
    shared_queries: int


@dataclass(frozen=True)
class _Problem:
    bench: Bench
    plan: PlanArrays
    goal: Goal
    choice: Choice
    days: Days
    hulls: Hulls
    budgets: Floats  # [C + 1], money a day; inf = no limit
    floor: float  # money that has to be spent in the window

    @property
    def targets(self) -> Floats:
        """Money [C + 1] to be spent in a mean day where the account has to reach the floor."""
        return np.append(self.budgets[:-1], self.floor / self.days.count.sum())

    def scores(self, candidates: list[Climb]) -> Floats:
        """The goal of each at fidelity `expected`; -inf where too little is spent."""
        plans = [self.plan._replace(bid=one.bids) for one in candidates]
        tallies = self.bench.expect(plans)
        enough = spend_of(tallies) >= self.floor * (1 - ROUNDING)
        return np.where(enough, self.goal.measure(tallies), -np.inf)


def search_bids(
    bench: Bench, plan: PlanArrays, goal: Goal, ranges: BidRanges | None = None
) -> Found:
    """The best bids found for the plan's coefficients and budgets; its own are a candidate.

    `ranges`: the bids that are allowed, by default all that the platform accepts.
    """
    ranges = ranges or free_ranges(bench.market.scenario.auction, plan)
    problem = _pose(bench, plan, goal, ranges)
    alone = _stand_alone(problem)
    candidates = [Climb(plan.bid, np.zeros(len(problem.budgets))), *(one for _, one in alone)]
    scores = problem.scores(candidates)
    if problem.choice.shared.any():
        budgets, start = alone[int(np.argmax(scores[1:]))]
        mean = problem.days.mean
        climbed = list(climb(bench, plan, problem.choice, mean, start, budgets))
        candidates += climbed
        scores = np.append(scores, problem.scores(climbed))
    best = candidates[int(np.argmax(scores))]
    if problem.choice.shared.any() or problem.floor or np.isfinite(problem.budgets).any():
        starts = [candidates[i] for i in np.argsort(-scores, kind="stable")[:POLISHED]]
        best = polish(bench.market.arrays, problem.choice, starts, problem.scores)
    return Found(
        bids=best.bids,
        value=float(problem.scores([best])[0]),
        today=float(goal.measure(bench.expect([plan]))[0]),
        bound=_bound(problem),
        price=best.price,
        floor=problem.floor,
        today_is_allowed=bool(np.isfinite(scores[0])),
        shared_queries=int(problem.choice.shared.sum()),
    )


def _pose(bench: Bench, plan: PlanArrays, goal: Goal, ranges: BidRanges) -> _Problem:
    market = bench.market.arrays
    choice = list_choices(ranges, market, plan, goal)
    days = list_days(market, plan)
    hulls = find_hulls(market, choice, days.mean, bench.pool)
    budgets = np.where(plan.budget >= NO_BUDGET, np.inf, plan.budget / MICROS)
    problem = _Problem(bench, plan, goal, choice, days, hulls, budgets, 0.0)
    return replace(problem, floor=_floor(problem)) if goal.name == "roi" else problem


def _floor(problem: _Problem) -> float:
    """The least spend where the goal is the ROI: a part of the budget, else of today's spend.

    No more than the plan spends that spends most.
    """
    budget = problem.budgets[-1]
    most = allocate(problem.hulls, np.append(problem.budgets[:-1], np.inf), WHOLE).bids
    plans = [problem.plan, problem.plan._replace(bid=most)]
    today, largest = spend_of(problem.bench.expect(plans))
    wanted = today if np.isinf(budget) else budget * problem.days.count.sum()
    return float(min(ROI_SPENDS * wanted, max(today, largest)))


def _stand_alone(problem: _Problem) -> list[tuple[Floats, Climb]]:
    """Plans as if every keyword stood alone on its queries, and the money each was made for.

    A plan has one bid for days of different demand: a plan is made for each of them.
    """
    if problem.floor:
        aims = [
            problem.targets * np.append(np.ones(len(problem.budgets) - 1), margin)
            for margin in FLOOR_MARGINS
        ]
    else:
        demands = np.unique(problem.days.demand)
        demands = np.quantile(demands, np.linspace(0, 1, min(len(demands), MOST_DEMANDS)))
        aims = [problem.budgets / demand for demand in demands if demand > 0]
    rule = REACH if problem.floor else WHOLE
    plans = []
    for aim in aims:
        given = allocate(problem.hulls, aim, rule)
        plans.append((aim, Climb(given.bids, allocate(problem.hulls, aim, FRACTIONS).price)))
    return plans


def _bound(problem: _Problem) -> float:
    days = problem.days
    money = problem.targets if problem.floor else problem.budgets
    prices = np.zeros((len(days.count), len(money)))
    for kind, demand in enumerate(days.demand):
        if demand > 0:
            limits = np.append(money[:-1] / demand, money[-1] / (1 if problem.floor else demand))
            prices[kind] = allocate(problem.hulls, limits, FRACTIONS).price
    prices[:, money == 0] = PROHIBITIVE
    relaxation = Relaxation(
        problem.bench.market.arrays,
        problem.plan,
        problem.choice,
        days,
        problem.budgets,
        problem.floor,
        problem.bench.pool,
    )
    return find_bound(relaxation, prices)
