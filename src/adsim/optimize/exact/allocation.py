"""The separable problem, solved exactly: concave hulls, and money to the steepest segments."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from adsim.kernels import doors
from adsim.kernels.choices import Choice
from adsim.kernels.model import Market
from adsim.kernels.spending import WHOLE, Segments
from adsim.optimize.exact.chunks import over_keywords
from adsim.results.tables import Floats


@dataclass(frozen=True)
class Hulls:
    """The upper concave hull of value against cost of every keyword, each as if alone.

    Attributes:
        start: int64[K + 1], first point of every keyword.
        bid: int64[..], micros.
        value, cost: float64[..], in a mean day, in units of the goal and in money.
        campaign: int64[K].
        segments: The steps between the points, steepest first.
    """

    start: np.ndarray
    bid: np.ndarray
    value: Floats
    cost: Floats
    campaign: np.ndarray
    segments: Segments

    def bids(self, taken: np.ndarray) -> np.ndarray:
        """The bids after so many segments of every keyword, int64[K]."""
        return np.asarray(self.bid[self.start[:-1] + taken])


@dataclass(frozen=True)
class Allocation:
    """Money given to keywords.

    Attributes:
        bids: int64[K], micros.
        price: float64[C + 1], what one more unit of a campaign's money is worth, the account last.
        value: In a mean day, in units of the goal.
        left: float64[C + 1], money not spent.
        spend: Money spent in a mean day.
    """

    bids: np.ndarray
    price: Floats
    value: float
    left: Floats
    spend: float


def find_hulls(market: Market, choice: Choice, weight: Floats, pool: ThreadPoolExecutor) -> Hulls:
    """The hulls of all keywords with weight[B] days in every block."""
    known = (market, choice, weight)
    found = over_keywords(pool, doors.list_keyword_hulls, "curves", known, market.keywords.size)
    counts = np.concatenate([np.diff(start) for start, _, _ in found])
    start = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    points = np.concatenate([points for _, _, points in found])
    value, cost = np.ascontiguousarray(points.T)
    campaign = market.keywords["campaign"].astype(np.int64)
    segments = _segments(start, value, cost, campaign)
    bid = np.concatenate([bid for _, bid, _ in found])
    return Hulls(start, bid, value, cost, campaign, segments)


def _segments(start: np.ndarray, value: Floats, cost: Floats, campaign: np.ndarray) -> Segments:
    keyword = np.repeat(np.arange(len(campaign)), np.diff(start))
    inner = np.flatnonzero(keyword[1:] == keyword[:-1])
    rise = cost[inner + 1] - cost[inner]
    slope = (value[inner + 1] - value[inner]) / rise
    order = np.argsort(-slope, kind="stable")
    owner = keyword[inner][order]
    return Segments(owner, campaign[owner], rise[order], slope[order])


def allocate(hulls: Hulls, budgets: Floats, rule: int = WHOLE) -> Allocation:
    """The bids that bring most within budgets[C + 1] (money a mean day, inf = no limit).

    FRACTIONS solves the linear relaxation exactly: its value is the optimum, its prices are the
    multipliers; its bids leave the split segments out. WHOLE goes on with what still fits.
    """
    first = hulls.start[:-1]
    left = budgets.astype(np.float64)
    base = np.bincount(hulls.campaign, hulls.cost[first], len(budgets) - 1)
    left[:-1] -= base
    left[-1] -= base.sum()
    taken = np.zeros(len(first), np.int64)
    price, value = doors.spend_budgets(hulls.segments, left, taken, rule)
    spend = float(hulls.cost[first + taken].sum())
    return Allocation(hulls.bids(taken), price, value + hulls.value[first].sum(), left, spend)
