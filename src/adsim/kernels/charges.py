"""What clicks cost: the charge of an offer's click from one uniform, by table or by inversion."""

from __future__ import annotations

import math

from .auction import charge_above, draw_next_rank
from .jit import kernel


@kernel
def draw_charges(market, book, offer, u, n, out):
    """Fill out[:n] with the charges (micros) of clicks on an offer's ad at the uniforms u[:n]."""
    offers = book.offers
    if offers.lowest[offer] < 0:
        _direct_charges(market, offers, offer, u, n, out)
        return
    _table_charges(
        book.below,
        book.guide,
        offers.guide[offer],
        offers.first_price[offer],
        offers.prices[offer],
        u,
        n,
        out,
        math.exp(-offers.level[offer]),
    )
    lowest = offers.lowest[offer]
    step = market.rules.step
    cap = offers.cap[offer]
    for i in range(n):
        out[i] = min(cap, lowest + out[i] * step)


@kernel
def _table_charges(below, guide, table, begin, size, u, n, out, decay):
    """Fill out[:n] with the steps above the lowest charge.

    `below` rises with the charge: P(highest of all rivals is charged less). The own rank cuts that
    distribution at `decay`, so u * decay is a uniform below the cut.
    """
    for i in range(n):
        v = u[i] * decay
        bucket = int(v * (guide.shape[1] - 1))
        low = guide[table, bucket]
        high = guide[table, bucket + 1]
        while low < high:
            middle = (low + high) >> 1
            if below[begin + middle] <= v:
                low = middle + 1
            else:
                high = middle
        out[i] = low


@kernel
def _direct_charges(market, offers, offer, u, n, out):
    query = offers.query[offer]
    weight = market.keywords.weight[offers.keyword[offer]]
    for i in range(n):
        rank = draw_next_rank(market, query, offers.rank[offer], offers.level[offer], u[i])
        out[i] = charge_above(market.rules, weight, offers.bid[offer], rank)
