"""What may be chosen: the bids of every keyword, and on which days and hours they count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adsim.kernels.choices import Choice
from adsim.kernels.model import HOURS_A_DAY, Market, PlanArrays
from adsim.money import to_micros
from adsim.optimize.goals import Goal
from adsim.results.tables import Floats
from adsim.scenario.models import Auction

LARGEST_BID = 10**12  # micros; where the platform sets no highest bid
USUAL_STEP = 10_000  # micros; where neither bids nor charges have a step


@dataclass(frozen=True)
class Days:
    """The days of a scenario by what tells them apart.

    Attributes:
        weight: float64[D, B], mean days of searches in every hour block on one day of a kind.
        count: int64[D], number of days of a kind.
    """

    weight: Floats
    count: np.ndarray

    @property
    def mean(self) -> Floats:
        """Weight of the mean day, float64[B]."""
        return np.asarray(self.count @ self.weight / self.count.sum())

    @property
    def demand(self) -> Floats:
        """Searches of a day of each kind, over those of the mean day."""
        mean = self.mean.sum()
        return np.asarray(self.weight.sum(axis=1) / mean if mean > 0 else np.ones(len(self.count)))


def list_days(market: Market, plan: PlanArrays) -> Days:
    """The kinds of days of the market's window under the plan's hour blocks."""
    n_blocks = plan.coefficient.shape[2]
    rows = np.zeros((len(market.hour_factor), n_blocks))
    for day, factors in enumerate(market.hour_factor):
        first = (market.weekday + day) % 7 * HOURS_A_DAY
        np.add.at(rows[day], plan.block[first : first + HOURS_A_DAY], factors)
    weight, count = np.unique(rows, axis=0, return_counts=True)
    return Days(weight, count)


def list_choices(auction: Auction, market: Market, plan: PlanArrays, goal: Goal) -> Choice:
    """The bids that the platform accepts, for every keyword that is not paused today.

    Without `bid_step` bids are multiples of the charge step (0.01 where there is none). Paused
    keywords stay paused: why they are is not known here.
    """
    factors, n_factors, rung = _factors(plan.coefficient)
    first, reached = _reached(market)
    step = to_micros(auction.bid_step or 0) or to_micros(auction.charge_step) or USUAL_STEP
    active = np.flatnonzero(plan.bid[market.links] > 0)
    standing = np.bincount(_link_query(market)[active], minlength=market.queries.size)
    return Choice(
        click_worth=goal.click,
        order_worth=goal.order_worth(market.products),
        spend_worth=goal.spend,
        least=to_micros(auction.bid_min or 0),
        most=LARGEST_BID if auction.bid_max is None else to_micros(auction.bid_max),
        step=step,
        today=plan.bid,
        factors=factors,
        n_factors=n_factors,
        rung=rung,
        first_reached=first,
        reached=_link_query(market)[reached],
        shared=standing > 1,
    )


def link_order(market: Market) -> np.ndarray:
    """The links int64[N] sorted by keyword, as `Choice.reached` holds their queries."""
    return _reached(market)[1]


def _link_query(market: Market) -> np.ndarray:
    counts = market.queries["end_link"] - market.queries["first_link"]
    return np.repeat(np.arange(market.queries.size), counts)


def _reached(market: Market) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(market.links, kind="stable")
    counts = np.bincount(market.links, minlength=market.keywords.size)
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int64), order


def _factors(coefficient: Floats) -> tuple[Floats, np.ndarray, np.ndarray]:
    """Distinct coefficients above 0 by campaign, how many, and which one holds where."""
    distinct = [np.unique(campaign[campaign > 0]) for campaign in coefficient]
    factors = np.zeros((len(distinct), max(1, *map(len, distinct))))
    rung = np.full(coefficient.shape, -1, np.int64)
    for i, values in enumerate(distinct):
        factors[i, : len(values)] = values
        at = np.searchsorted(values, coefficient[i])
        rung[i] = np.where(coefficient[i] > 0, at, -1)
    return factors, np.array([len(values) for values in distinct], np.int64), rung
