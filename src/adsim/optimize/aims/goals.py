"""What a plan is measured by, and what it must hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from adsim.kernels.tally import SPEND
from adsim.money import MICROS
from adsim.optimize.aims.risk import Risk
from adsim.results.registry import COLUMNS
from adsim.results.tables import Floats, Tallies, mean_value, numerator

GoalName = Literal[
    "profit",
    "revenue",
    "orders",
    "clicks",
    "roi",
    "profit_roi",
    "caused_profit",
    "caused_revenue",
    "caused_orders",
    "caused_roi",
]
GOAL_NAMES: tuple[GoalName, ...] = get_args(GoalName)
REPORTED = ("profit", "revenue", "orders", "clicks")
"""Goals that add up over clicks as a report does."""

VOLUMES = (*REPORTED, "caused_profit", "caused_revenue", "caused_orders")
"""Goals that add up over clicks; only they may have a target or be reached."""

CAUSED = "caused_"
"""Goals that begin so count what ads cause: a click brings its order less the organic one that the
search would have brought without it (`queries.csv`, `organic`)."""

ROI_SPENDS = 0.95
"""The part of the budget that a plan must spend at least where the goal is a return."""

ROUNDING = 1e-9


@dataclass(frozen=True)
class Goal:
    """What clicks, orders and spending are worth, in units of the goal.

    A return is found from the value within the spend: `roi` from revenue, `profit_roi` from
    profit before spending.

    Attributes:
        name: The metric that is maximized, or minimized where it does not `rise`.
        value: The sum over clicks that is maximized to this end.
        click, spend: Worth of a click, and what a unit of money spent takes away.
        rises: Whether more of the metric is better.
        less: What a return is less than value / spend.
    """

    name: str
    value: str
    click: float
    spend: float
    rises: bool = True
    less: float = 0.0

    def order_worth(self, money: np.ndarray) -> Floats:
        """What an order of ORDER[P, S], of a product on a side, adds."""
        price, value = money["price"] / MICROS, self.value.removeprefix(CAUSED)
        if value == "profit":
            return np.asarray(price - money["unit_cost"] / MICROS)
        nothing, one = np.zeros(price.shape), np.ones(price.shape)
        return {"revenue": price, "orders": one}.get(value, nothing)

    def organic_worth(self, money: np.ndarray) -> Floats:
        """What an organic order of ORDER[P, S] takes that a click takes the place of."""
        return self.order_worth(money) * self.is_caused

    def worths(self, money: np.ndarray) -> dict[str, Any]:
        """The fields of `kernels.choices.Choice` that say what clicks are worth."""
        return {
            "click_worth": self.click,
            "order_worth": self.order_worth(money),
            "organic_worth": self.organic_worth(money),
            "spend_worth": self.spend,
        }

    def measure(self, tallies: Tallies, metric: str | None = None) -> Floats:
        """The goal (or another metric) of tallies[plan, replication, group, field], by plan.

        0 where the denominator of a rate is 0.
        """
        totals = np.moveaxis(tallies.sum(axis=2), -1, 0)
        return np.nan_to_num(mean_value(COLUMNS[metric or self.name], totals))

    @property
    def is_return(self) -> bool:
        """Whether it is value per money, or money per value: a ratio."""
        return self.name in ("roi", "profit_roi", "caused_roi", "cpa")

    @property
    def is_caused(self) -> bool:
        """Whether orders count that would not have come without the ads, and no others."""
        return self.value.startswith(CAUSED)


GOALS: dict[str, Goal] = {
    "profit": Goal("profit", "profit", 0.0, 1.0),
    "revenue": Goal("revenue", "revenue", 0.0, 0.0),
    "orders": Goal("orders", "orders", 0.0, 0.0),
    "clicks": Goal("clicks", "clicks", 1.0, 0.0),
    "roi": Goal("roi", "revenue", 0.0, 0.0),
    "profit_roi": Goal("profit_roi", "profit", 0.0, 0.0, less=1.0),
    "caused_profit": Goal("caused_profit", "caused_profit", 0.0, 1.0),
    "caused_revenue": Goal("caused_revenue", "caused_revenue", 0.0, 0.0),
    "caused_orders": Goal("caused_orders", "caused_orders", 0.0, 0.0),
    "caused_roi": Goal("caused_roi", "caused_revenue", 0.0, 0.0),
    "cpa": Goal("cpa", "orders", 0.0, 0.0, rises=False),
    "spend": Goal("spend", "spend", 0.0, 0.0, rises=False),
}
"""By name; the last two are what is minimized for a target or to reach a goal, never asked for."""


@dataclass(frozen=True)
class Worst(Goal):
    """A goal that adds up over clicks, in the worst of several markets, or in a mix of them.

    Attributes:
        weights: Of the markets in the mix; none = the worst counts.
    """

    weights: tuple[float, ...] = ()

    def by_market(self, tallies: Tallies) -> Floats:
        """The goal in each market, float64[K, plan], where every replication is one of its own."""
        markets = range(tallies.shape[1])
        return np.array([super(Worst, self).measure(tallies[:, [k]]) for k in markets])

    def measure(self, tallies: Tallies, metric: str | None = None) -> Floats:
        """The goal, or the mean of another metric over the markets."""
        if metric is not None:
            return super().measure(tallies, metric)
        found = self.by_market(tallies)
        return np.asarray(np.array(self.weights) @ found if self.weights else found.min(axis=0))


@dataclass(frozen=True)
class Blend(Goal):
    """A weighted sum of goals that add up over clicks, and of the spend.

    Attributes:
        parts: Metrics and their weights.
        aversion: What an order takes for being large, over the square of its margin; `measure`
            knows nothing of it.
    """

    parts: tuple[tuple[str, float], ...] = ()
    aversion: float = 0.0

    def order_worth(self, products: np.ndarray) -> Floats:
        """What an order of each of PRODUCT[P] adds."""
        worths = [weight * GOALS[name].order_worth(products) for name, weight in self.parts]
        margin = GOALS[self.name].order_worth(products)
        return np.asarray(np.sum(worths, axis=0) - self.aversion * margin**2)

    def measure(self, tallies: Tallies, metric: str | None = None) -> Floats:
        """The sum, or another metric."""
        if metric is not None:
            return super().measure(tallies, metric)
        parts = [weight * super(Blend, self).measure(tallies, name) for name, weight in self.parts]
        return np.asarray(np.sum(parts, axis=0))


def blend(goal: Goal, *others: tuple[str, float]) -> Blend:
    """A goal with so much of other metrics added: volumes, or spend (less than 0 of it to save)."""
    parts = ((goal.name, 1.0), *others)
    click = sum(weight * GOALS[name].click for name, weight in parts)
    spend = sum(
        -weight if name == "spend" else weight * GOALS[name].spend for name, weight in parts
    )
    return Blend(goal.name, goal.value, click, spend, parts=parts)


def gains_of(tallies: Tallies, metric: str) -> Floats:
    """A total of tallies[plan, replication, group, field]: float64[plan, replication]."""
    column = COLUMNS[metric]
    totals = np.moveaxis(tallies.sum(axis=2), -1, 0)
    return np.asarray(numerator(column, totals) / column.divisor)


def spend_of(tallies: Tallies) -> Floats:
    """Money spent in tallies[plan, replication, group, field], by plan."""
    return np.asarray(tallies[..., SPEND].sum(axis=2).mean(axis=1) / MICROS)


@dataclass(frozen=True)
class Target:
    """A return that the whole window must have: roi at least, or cpa at most `value`."""

    metric: Literal["roi", "caused_roi", "cpa"]
    value: float

    @property
    def goal(self) -> Goal:
        """The metric as a goal of its own."""
        return GOALS[self.metric]

    def slack(self, tallies: Tallies) -> Floats:
        """How far it is held, in money, by plan: revenue - roi x spend, or cpa x orders - spend."""
        spend = spend_of(tallies)
        if self.metric != "cpa":
            return self.goal.measure(tallies, self.goal.value) - self.value * spend
        return self.value * self.goal.measure(tallies, "orders") - spend

    def holds(self, tallies: Tallies) -> np.ndarray:
        """bool by plan, to the last digit; a plan that spends nothing holds every target."""
        found = self.goal.measure(tallies)
        if self.metric != "cpa":
            kept = found >= self.value
        else:
            kept = (found <= self.value) & (self.goal.measure(tallies, "orders") > 0)
        return np.asarray(kept | (spend_of(tallies) <= 0))

    def percent(self, spend: float, orders: float) -> float:
        """The slack that a target one percent looser gives, in money."""
        return 0.01 * self.value * (orders if self.metric == "cpa" else spend)

    @property
    def spend_worth(self) -> float:
        """What a unit of money spent takes from the slack."""
        return 1.0 if self.metric == "cpa" else self.value

    def order_worth(self, money: np.ndarray) -> Floats:
        """What an order of ORDER[P, S] adds to the slack."""
        worth = self.goal.order_worth(money)
        return self.value * worth if self.metric == "cpa" else worth

    def organic_worth(self, money: np.ndarray) -> Floats:
        """What an organic order that a click takes the place of takes from the slack."""
        return self.goal.organic_worth(money)


@dataclass(frozen=True)
class Aim:
    """A goal with what a plan must hold.

    Attributes:
        goal: What clicks are worth; the metric that is best where nothing has to be reached.
        target: A return to be held.
        reach: Amount of the goal to be reached with the least spend.
        floor: Money to be spent at least in the window.
        risk: What plans are ranked by under luck, or must hold there, beside the mean.
    """

    goal: Goal
    target: Target | None = None
    reach: float | None = None
    floor: float = 0.0
    risk: Risk | None = None

    @property
    def measured(self) -> Goal:
        """The metric that plans are ranked by."""
        return self.goal if self.reach is None else GOALS["spend"]

    def holds(self, tallies: Tallies) -> np.ndarray:
        """bool by plan: whether target, reach and floor hold."""
        held = spend_of(tallies) >= self.floor * (1 - ROUNDING)
        if self.target is not None:
            held &= self.target.holds(tallies)
        if self.reach is not None:
            held &= self.goal.measure(tallies) >= self.reach
        if self.goal.name == "cpa":
            held &= self.goal.measure(tallies, "orders") > 0
        return np.asarray(held)

    @property
    def has_conditions(self) -> bool:
        """Whether a plan may be out of the question, whatever it brings."""
        return self.target is not None or self.reach is not None or self.floor > 0

    def violation(self, tallies: Tallies) -> Floats:
        """What plans lack to hold all, as parts of what is wanted, summed up; 0 where all holds."""
        spend = spend_of(tallies)
        lacks = np.zeros(len(spend))
        if self.floor:
            lacks += np.maximum(0.0, 1 - spend / self.floor)
        if self.target is not None:
            lacks += np.maximum(0.0, -self.target.slack(tallies) / np.maximum(spend, ROUNDING))
        if self.reach is not None:
            lacks += np.maximum(0.0, 1 - self.goal.measure(tallies) / self.reach)
        return np.where(self.holds(tallies), 0.0, np.maximum(lacks, ROUNDING))

    def score(self, tallies: Tallies) -> Floats:
        """What is maximized, by plan: the metric or minus it; -inf where something is not held."""
        found = self.measured.measure(tallies)
        return np.where(self.holds(tallies), found if self.measured.rises else -found, -np.inf)
