"""A search as it is posed: the market, the aim, the bids allowed, the money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from adsim.kernels.choices import Choice
from adsim.kernels.model import NO_BUDGET, PlanArrays
from adsim.kernels.spending import FRACTIONS, WHOLE
from adsim.money import MICROS
from adsim.optimize.aims.days import Days, list_days
from adsim.optimize.aims.goals import Aim
from adsim.optimize.aims.ranges import BidRanges
from adsim.optimize.bench import Bench
from adsim.optimize.exact.allocation import Hulls, allocate, find_hulls
from adsim.optimize.exact.ascent import Climb
from adsim.optimize.exact.bound import Relaxation
from adsim.optimize.exact.choosing import list_choices
from adsim.results.tables import Floats, Tallies

MOST_DEMANDS = 7  # kinds of days for which a plan of their own is tried


@dataclass(frozen=True)
class Task:
    """What the search works on.

    Attributes:
        ranges: The bids that are allowed.
        choice: The same for the kernels, and what clicks are worth at the present pressure.
        hulls: Of every keyword as if it stood alone, in the mean day.
        budgets: float64[C + 1], money a day, the account's last; inf = no limit.
        pressure: The price of the target: what a unit of its slack is worth in the goal.
    """

    bench: Bench
    plan: PlanArrays
    aim: Aim
    ranges: BidRanges
    choice: Choice
    days: Days
    hulls: Hulls
    budgets: Floats
    pressure: float = 0.0

    def expect(self, candidates: Sequence[Climb]) -> Tallies:
        """The tallies of plans at fidelity `expected`."""
        return self.bench.expect([self.plan._replace(bid=one.bids) for one in candidates])

    def scores(self, candidates: list[Climb]) -> Floats:
        """What is maximized; -inf where something is not held."""
        return self.aim.score(self.expect(candidates))

    def pressed(self, pressure: float) -> Task:
        """The task with the target's slack worth so much, instead of a target to be held."""
        target = self.aim.target
        if target is None or pressure == self.pressure:
            return self
        goal, money = self.aim.goal, self.bench.market.arrays.order_money
        choice = self.choice._replace(
            order_worth=goal.order_worth(money) + pressure * target.order_worth(money),
            organic_worth=goal.organic_worth(money) + pressure * target.organic_worth(money),
            spend_worth=goal.spend + pressure * target.spend_worth,
        )
        return replace(self.worth(choice), pressure=pressure)

    def worth(self, choice: Choice) -> Task:
        """The task where clicks are worth something else."""
        hulls = find_hulls(self.bench.market.arrays, choice, self.days.mean, self.bench.pool)
        return replace(self, choice=choice, hulls=hulls)

    def with_money(self, account: float) -> Floats:
        """The campaigns' budgets, and so much money in the window for the account, a mean day."""
        return np.append(self.budgets[:-1], account / self.days.count.sum())

    def alone(self, money: Floats, rule: int = WHOLE) -> Climb:
        """The plan for money[C + 1] a mean day as if every keyword stood alone on its queries."""
        given = allocate(self.hulls, money, rule)
        return Climb(given.bids, allocate(self.hulls, money, FRACTIONS).price)

    def daily_money(self) -> list[Floats]:
        """The budgets as they are to days of different demand, in units of the mean day."""
        demands = np.unique(self.days.demand)
        demands = np.quantile(demands, np.linspace(0, 1, min(len(demands), MOST_DEMANDS)))
        return [self.budgets / demand for demand in demands if demand > 0]

    def relaxation(self) -> Relaxation:
        """The task with prices instead of budgets."""
        return Relaxation(
            self.bench.market.arrays,
            self.plan,
            self.choice,
            self.days,
            self.budgets,
            self.aim.floor,
            self.aim.reach,
            self.bench.pool,
            with_clicks=self.aim.reach is None and self.aim.target is None,
        )


def pose(bench: Bench, plan: PlanArrays, aim: Aim, ranges: BidRanges) -> Task:
    """The task of an aim, at no pressure."""
    market = bench.market.arrays
    choice = list_choices(ranges, market, plan, aim.goal)
    days = list_days(market, plan)
    hulls = find_hulls(market, choice, days.mean, bench.pool)
    budgets = np.where(plan.budget >= NO_BUDGET, np.inf, plan.budget / MICROS)
    return Task(bench, plan, aim, ranges, choice, days, hulls, budgets)
