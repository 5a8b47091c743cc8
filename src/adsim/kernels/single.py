"""One auction among known ads: their places and charges, without any luck."""

from __future__ import annotations

from .auction import charge_above, may_enter, money_of
from .jit import kernel
from .views import terms_of


@kernel
def place_ads(rules, bids, weights, order, places, charges):
    """Fill places[n] (0 = top, -1 = may not enter) and charges[n] (micros per click).

    `bids` int64[n] are effective bids in micros, `weights` float64[n] are quality ** s, and `order`
    int64[n] lists the ads by ad rank, best first.
    """
    ahead = -1
    count = 0
    for i in order:
        places[i] = -1
        if not may_enter(rules, weights[i], bids[i]):
            continue
        if ahead >= 0:
            rank = money_of(bids[i]) * weights[i]
            charges[ahead] = _charge(rules, bids[ahead], weights[ahead], places[ahead], rank)
        places[i] = count
        count += 1
        ahead = i
    if ahead >= 0:
        charges[ahead] = _charge(rules, bids[ahead], weights[ahead], places[ahead], 0.0)


@kernel
def _charge(rules, bid, weight, place, next_rank):
    """Micros of a click on an ad in a place."""
    terms = terms_of(rules, place, money_of(bid) * weight)
    return charge_above(terms, weight, bid, next_rank)
