"""Coordinate ascent: one keyword's bid after another, own keywords standing against each other.

Money has a price for every campaign instead of an end, so that every query counts for itself: the
best own ad rank enters and brings its value - price x spend.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .auction import MICRO, may_enter
from .choices import side_worths
from .curves import fill_responses, new_responses
from .jit import kernel

ABSENT = -1.0  # ad rank of a keyword that does not enter
LEAST_GAIN = 1e-12  # relative; a smaller one changes no bid


class Ladder(NamedTuple):
    """The bids that every keyword may take now, worked out once; J bids at most."""

    bids: np.ndarray  # int64[K, J], micros, rising
    n_bids: np.ndarray  # int64[K]
    rank: np.ndarray  # float64[N, E, J]
    response: np.ndarray  # float64[N, 2, E, J], view and charge
    reached_link: np.ndarray  # int64[..], the link of every entry of `Choice.reached`


@kernel
def fill_ladder(market, choice, ladder, first, last):
    """Fill ranks and responses of keywords first .. last - 1."""
    for keyword in range(first, last):
        campaign = market.keywords.campaign[keyword]
        weight = market.keywords.weight[keyword]
        bids = ladder.bids[keyword, : ladder.n_bids[keyword]]
        responses = new_responses(choice, campaign, bids.size)
        for i in range(choice.first_reached[keyword], choice.first_reached[keyword + 1]):
            link = ladder.reached_link[i]
            fill_responses(market, choice, choice.reached[i], keyword, bids, responses)
            for e in range(responses.shape[1]):
                for j in range(bids.size):
                    bid = np.int64(math.floor(bids[j] * choice.factors[campaign, e] + 0.5))
                    enters = may_enter(market.rules, weight, bid)
                    ladder.rank[link, e, j] = bid * MICRO * weight if enters else ABSENT
                    ladder.response[link, 0, e, j] = responses[0, e, j]
                    ladder.response[link, 1, e, j] = responses[1, e, j]


@kernel
def sweep_ladder(market, choice, ladder, chosen, money):
    """Give every keyword in turn the bid that is best beside the others; how many changed.

    chosen int64[K] is the place of each bid in the ladder; money is weight float64[B], the days in
    every block, and price float64[C], the worth of a unit of money.
    """
    changed = 0
    total = np.empty(ladder.bids.shape[1])
    for keyword in range(chosen.size):
        count = ladder.n_bids[keyword]
        if count == 1:
            continue
        total[:] = 0.0
        for i in range(choice.first_reached[keyword], choice.first_reached[keyword + 1]):
            _add_query(market, choice, ladder, chosen, money, (keyword, i, total))
        now = chosen[keyword]
        best = now
        for j in range(count):
            if total[j] > total[best] + LEAST_GAIN * abs(total[best]):
                best = j
        if best != now:
            chosen[keyword] = best
            changed += 1
    return changed


@kernel
def _add_query(market, choice, ladder, chosen, money, turn):
    """Add to total[J] what the shop gets from one query at each of the keyword's bids."""
    keyword, i, total = turn
    weight, price = money
    query = choice.reached[i]
    link = ladder.reached_link[i]
    campaign = market.keywords.campaign[keyword]
    others = np.zeros((3, market.sides.size, weight.size))
    others[1] = ABSENT
    if choice.shared[query]:
        _find_others(market, choice, ladder, chosen, price, (query, keyword, others))
    worths = np.empty((market.sides.size, 2))
    side_worths(market, choice, query, keyword, worths)
    paid = choice.spend_worth + price[campaign]
    for side in range(worths.shape[0]):
        for block in range(weight.size):
            e = choice.rung[campaign, side, block]
            value = others[0, side, block]
            rank = others[1, side, block]
            wins_ties = others[2, side, block] > 0.0
            for j in range(ladder.n_bids[keyword]):
                mine = ladder.rank[link, e, j] if e >= 0 else ABSENT
                if mine > rank or (mine == rank and wins_ties):
                    clicks = worths[side, 0] * ladder.response[link, 0, e, j]
                    gain = clicks * (worths[side, 1] - paid * ladder.response[link, 1, e, j])
                    total[j] += weight[block] * gain
                else:
                    total[j] += weight[block] * value


@kernel
def _find_others(market, choice, ladder, chosen, price, turn):
    """Fill others[3, S, B] with the best other own ad: its value, its rank, who wins a tie."""
    query, keyword, others = turn
    identities = market.keywords.identity
    worths = np.empty((market.sides.size, 2))
    best = np.full(others.shape[1:], keyword)
    for link in range(market.queries.first_link[query], market.queries.end_link[query]):
        other = market.links[link]
        j = chosen[other]
        if other == keyword or ladder.bids[other, j] <= 0:
            continue
        campaign = market.keywords.campaign[other]
        paid = choice.spend_worth + price[campaign]
        side_worths(market, choice, query, other, worths)
        for side in range(others.shape[1]):
            for block in range(others.shape[2]):
                e = choice.rung[campaign, side, block]
                rank = ladder.rank[link, e, j] if e >= 0 else ABSENT
                if rank == ABSENT or rank < others[1, side, block]:
                    continue
                held = identities[best[side, block]]
                if rank == others[1, side, block] and held < identities[other]:
                    continue
                best[side, block] = other
                clicks = worths[side, 0] * ladder.response[link, 0, e, j]
                value = clicks * (worths[side, 1] - paid * ladder.response[link, 1, e, j])
                others[0, side, block] = value
                others[1, side, block] = rank
                others[2, side, block] = 1.0 if identities[keyword] < identities[other] else 0.0
