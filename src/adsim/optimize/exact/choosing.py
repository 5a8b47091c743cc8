"""What may be chosen: the bids of every keyword, and what they are worth."""

from __future__ import annotations

import numpy as np

from adsim.kernels.choices import Choice
from adsim.kernels.model import Market, PlanArrays
from adsim.optimize.aims.goals import Goal
from adsim.optimize.aims.ranges import BidRanges
from adsim.results.tables import Floats


def list_choices(ranges: BidRanges, market: Market, plan: PlanArrays, goal: Goal) -> Choice:
    """The bids that may be chosen, for every keyword that is not paused today.

    Paused keywords stay paused: why they are is not known here.
    """
    factors, n_factors, rung = _factors(plan.coefficient)
    first, reached = _reached(market)
    active = np.flatnonzero(plan.bid[market.links] > 0)
    standing = np.bincount(_link_query(market)[active], minlength=market.queries.size)
    return Choice(
        **goal.worths(market.order_money),
        least=ranges.least,
        most=ranges.most,
        may_pause=ranges.may_pause,
        step=ranges.step,
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
