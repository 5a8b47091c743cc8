"""What an order brings, by campaign."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from adsim.calibrate.luck import VALUE, Luck
from adsim.calibrate.rates import Floats, Groups

LEAST_PRICE = 0.01
WORTH_OF_UNKNOWN = 1.0  # an order of a report without revenue


@dataclass(frozen=True)
class OrderValues:
    """Revenue of one order.

    Attributes:
        price: Of each campaign.
        full_orders: Orders at which half of a campaign's own mean counts; inf = all campaigns have
            the same mean, 0 = nothing is shared between campaigns.
        spread: Standard deviation of the value of one order within a campaign.
        orders: Of each campaign, as reported.
    """

    price: Floats
    full_orders: float
    spread: float
    orders: Floats

    def drawn(self, luck: Luck) -> OrderValues:
        """Means as the orders leave them open: Gamma, with the variance of credibility.

        A campaign's mean has the variance within / (n + k), and where k is infinite that of the
        mean of all.
        """
        known = self.orders + min(self.full_orders, float(self.orders.sum()))
        error = self.spread / np.sqrt(np.maximum(known, 1.0))
        shape = (self.price / np.maximum(error, 1e-6 * self.price)) ** 2
        price = self.price * luck.gamma(shape, VALUE) / shape
        return replace(self, price=np.maximum(price, LEAST_PRICE))


def order_values(revenue: Floats, orders: Floats, group: Groups, n_groups: int) -> OrderValues:
    """Mean order value of each campaign, drawn towards the mean of all the more the fewer orders.

    The empirical credibility estimator of Buehlmann and Straub (1970): a campaign's own mean has
    the weight n / (n + k) with its n orders and k = variance of one order within a campaign /
    variance of the means between campaigns; the mean of all is weighted by the same weights, which
    keeps the report's total revenue.
    """
    counted = orders > 0
    weight, campaign = orders[counted], group[counted]
    value = revenue[counted] / weight
    total = np.bincount(campaign, weight, n_groups).astype(np.float64)
    own = np.divide(
        np.bincount(campaign, weight * value, n_groups),
        total,
        out=np.zeros(n_groups),
        where=total > 0,
    )
    if not np.any(value > 0):
        return OrderValues(np.full(n_groups, WORTH_OF_UNKNOWN), 0.0, 0.0, total)
    within, k = _credibility(weight, value, campaign, total, own)
    credit = np.where(total > 0, total / np.maximum(total + k, 1e-12), 0.0)
    pooled = total if credit.sum() == 0 else credit
    price = credit * own + (1 - credit) * float(pooled @ own / pooled.sum())
    return OrderValues(np.maximum(price, LEAST_PRICE), k, within**0.5, total)


def _credibility(
    weight: Floats, value: Floats, campaign: Groups, total: Floats, own: Floats
) -> tuple[float, float]:
    """Variance of one order within a campaign, and k."""
    with_orders = int((total > 0).sum())
    free = value.size - with_orders
    if free < 1 or with_orders < 2:
        return 0.0, 0.0
    within = float(weight @ (value - own[campaign]) ** 2) / free
    mean = float(total @ own / total.sum())
    size = total.sum() - float(total @ total) / total.sum()
    between = (float(total @ (own - mean) ** 2) - (with_orders - 1) * within) / size
    return within, within / between if between > 0 else np.inf
