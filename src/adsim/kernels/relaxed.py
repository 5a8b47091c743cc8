"""The Lagrangian of all bids: what no plan can pass, given what money and places are worth.

See `optimize.bound` for why it bounds every plan.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .choices import UNSEEN_GAIN, list_bids, side_worths
from .curves import add_query_curve, fill_responses, new_responses
from .jit import kernel


class Prices(NamedTuple):
    """What money is worth, and what a place on a shared query costs; D kinds of days."""

    weight: np.ndarray  # float64[D, B], mean days in every hour block on all days of a kind
    price: np.ndarray  # float64[D, C], worth of a unit of a campaign's money on those days
    may_end: np.ndarray  # bool[C], its money may end, so that it can miss a block
    shared_row: np.ndarray  # int64[Q], row of a shared query in `place` and `rent`
    place: np.ndarray  # int64[shared queries, S, B], cells and hours with one order of own ads
    rent: np.ndarray  # float64[D, shared queries, places]


@kernel
def relax_keywords(market, choice, prices, first, last):
    """Keywords first .. last - 1, each for itself: (value, spend[D, C], bids[last - first]).

    The sum over keywords of the best bid's value - price x spend, on shared queries of what passes
    the rent; the spend of those bids; the bids in micros.
    """
    total = 0.0
    spend = np.zeros(prices.price.shape)
    chosen = np.zeros(last - first, np.int64)
    for keyword in range(first, last):
        bids = list_bids(market, choice, keyword)
        if bids[bids.size - 1] == 0:
            continue
        value = np.zeros(bids.size)
        cost = np.zeros((spend.shape[0], bids.size))
        _add_keyword(market, choice, prices, (keyword, bids, value, cost))
        best = 0
        for j in range(bids.size):
            if value[j] > value[best]:
                best = j
        chosen[keyword - first] = bids[best]
        total += value[best]
        for kind in range(spend.shape[0]):
            spend[kind, market.keywords.campaign[keyword]] += cost[kind, best]
    return total, spend, chosen


@kernel
def _add_keyword(market, choice, prices, turn):
    """Add to value[J] and cost[D, J] what a keyword brings at its bids."""
    keyword, bids, value, cost = turn
    campaign = market.keywords.campaign[keyword]
    curve = np.zeros((2, choice.rung.shape[2], bids.size))
    responses = new_responses(choice, campaign, bids.size)
    for i in range(choice.first_reached[keyword], choice.first_reached[keyword + 1]):
        query = choice.reached[i]
        fill_responses(market, choice, query, keyword, bids, responses)
        if choice.shared[query]:
            _add_shared(market, choice, prices, responses, (keyword, query, value, cost))
        else:
            add_query_curve(market, choice, query, keyword, responses, curve)
    for j in range(bids.size):
        gain = UNSEEN_GAIN if j == bids.size - 1 else 1.0
        for kind in range(cost.shape[0]):
            paid = choice.spend_worth + prices.price[kind, campaign]
            for block in range(curve.shape[1]):
                brings = gain * curve[0, block, j] - paid * curve[1, block, j]
                if brings > 0.0 or not prices.may_end[campaign]:
                    value[j] += prices.weight[kind, block] * brings
                    cost[kind, j] += prices.weight[kind, block] * curve[1, block, j]


@kernel
def _add_shared(market, choice, prices, responses, turn):
    """Add what passes the rent on one shared query."""
    keyword, query, value, cost = turn
    campaign = market.keywords.campaign[keyword]
    row = prices.shared_row[query]
    worths = np.empty((market.sides.size, 2))
    side_worths(market, choice, query, keyword, worths)
    clicks = np.empty((prices.rent.shape[2], responses.shape[1], 2))
    brings = np.empty((prices.rent.shape[2], value.size))
    costs = np.empty(brings.shape)
    for kind in range(cost.shape[0]):
        paid = choice.spend_worth + prices.price[kind, campaign]
        _gather_clicks(choice, prices, worths, (campaign, row, kind), clicks)
        brings[:] = 0.0
        costs[:] = 0.0
        for place in range(clicks.shape[0]):
            for e in range(clicks.shape[1]):
                if clicks[place, e, 0] <= 0.0:
                    continue
                for j in range(value.size):
                    spent = clicks[place, e, 0] * responses[0, e, j] * responses[1, e, j]
                    brings[place, j] += clicks[place, e, 1] * responses[0, e, j] - paid * spent
                    costs[place, j] += spent
                unseen = (UNSEEN_GAIN - 1.0) * clicks[place, e, 1]
                brings[place, value.size - 1] += unseen * responses[0, e, value.size - 1]
        for place in range(brings.shape[0]):
            rent = prices.rent[kind, row, place]
            for j in range(value.size):
                if brings[place, j] > rent:
                    value[j] += brings[place, j] - rent
                    cost[kind, j] += costs[place, j]


@kernel
def _gather_clicks(choice, prices, worths, where, out):
    """Fill out[places, E, 2]: clicks per examined search by place and coefficient, their worth."""
    campaign, row, kind = where
    out[:] = 0.0
    for side in range(worths.shape[0]):
        for block in range(prices.weight.shape[1]):
            e = choice.rung[campaign, side, block]
            if e >= 0:
                place = prices.place[row, side, block]
                seen = worths[side, 0] * prices.weight[kind, block]
                out[place, e, 0] += seen
                out[place, e, 1] += seen * worths[side, 1]


@kernel
def fill_second_best(market, choice, prices, bids, out):
    """Fill out (as `Prices.rent`) with what the second best own ad would bring, at least 0.

    bids int64[K], micros: what every keyword bids.
    """
    best = np.empty((out.shape[0], out.shape[2]))
    brings = np.empty(best.shape)
    for query in range(market.queries.size):
        if not choice.shared[query]:
            continue
        row = prices.shared_row[query]
        best[:] = 0.0
        out[:, row] = 0.0
        for link in range(market.queries.first_link[query], market.queries.end_link[query]):
            keyword = market.links[link]
            if bids[keyword] <= 0:
                continue
            _sum_places(market, choice, prices, (query, keyword, bids[keyword], brings))
            for kind in range(best.shape[0]):
                for place in range(best.shape[1]):
                    second = min(brings[kind, place], best[kind, place])
                    best[kind, place] = max(brings[kind, place], best[kind, place])
                    out[kind, row, place] = max(second, out[kind, row, place])


@kernel
def _sum_places(market, choice, prices, turn):
    """Fill brings[D, places] with a keyword's value - price x spend at one bid."""
    query, keyword, bid, brings = turn
    campaign = market.keywords.campaign[keyword]
    responses = new_responses(choice, campaign, 1)
    fill_responses(market, choice, query, keyword, np.full(1, bid), responses)
    worths = np.empty((market.sides.size, 2))
    side_worths(market, choice, query, keyword, worths)
    brings[:] = 0.0
    for kind in range(brings.shape[0]):
        paid = choice.spend_worth + prices.price[kind, campaign]
        for side in range(worths.shape[0]):
            for block in range(prices.weight.shape[1]):
                e = choice.rung[campaign, side, block]
                if e >= 0:
                    place = prices.place[prices.shared_row[query], side, block]
                    seen = worths[side, 0] * prices.weight[kind, block] * responses[0, e, 0]
                    brings[kind, place] += seen * (worths[side, 1] - paid * responses[1, e, 0])
