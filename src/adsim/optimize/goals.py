"""What a plan is measured by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from adsim.kernels.tally import SPEND
from adsim.money import MICROS
from adsim.results.registry import COLUMNS
from adsim.results.tables import Floats, Tallies, mean_value

GoalName = Literal["profit", "revenue", "orders", "clicks", "roi"]

ROI_SPENDS = 0.95
"""The part of the budget that a plan must spend at least where the goal is the ROI."""


@dataclass(frozen=True)
class Goal:
    """What clicks, orders and spending are worth, in units of the goal.

    `roi` is found as the most revenue within little more than the least spend that is allowed:
    revenue a unit of spend falls as spend grows along the best plans.

    Attributes:
        name: The metric that is maximized.
        value: The sum over clicks that is maximized to this end.
        click, spend: Worth of a click, and what a unit of money spent takes away.
    """

    name: GoalName
    value: str
    click: float
    spend: float

    def order_worth(self, products: np.ndarray) -> Floats:
        """What an order of each of PRODUCT[P] adds."""
        price = products["price"] / MICROS
        if self.value == "profit":
            return np.asarray(price - products["unit_cost"] / MICROS)
        worth = {"revenue": price, "orders": np.ones(price.size), "clicks": np.zeros(price.size)}
        return worth[self.value]

    def measure(self, tallies: Tallies, metric: str | None = None) -> Floats:
        """The goal (or another metric) of tallies[plan, replication, group, field], by plan."""
        totals = np.moveaxis(tallies.sum(axis=2), -1, 0)
        return np.nan_to_num(mean_value(COLUMNS[metric or self.name], totals))


GOALS: dict[str, Goal] = {
    "profit": Goal("profit", "profit", 0.0, 1.0),
    "revenue": Goal("revenue", "revenue", 0.0, 0.0),
    "orders": Goal("orders", "orders", 0.0, 0.0),
    "clicks": Goal("clicks", "clicks", 1.0, 0.0),
    "roi": Goal("roi", "revenue", 0.0, 0.0),
}


def spend_of(tallies: Tallies) -> Floats:
    """Money spent in tallies[plan, replication, group, field], by plan."""
    return np.asarray(tallies[..., SPEND].sum(axis=2).mean(axis=1) / MICROS)
