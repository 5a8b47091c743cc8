"""What a search for better bids may choose, and what it is worth."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .auction import MICRO
from .jit import kernel
from .landscape import field_of, rank_with_above

STEPS_APART = 100  # bids n steps high are tried n // STEPS_APART steps apart, at least one
UNSEEN_RIVALS = 1e-4  # bids are tried until no more rivals than that stand above on average
UNSEEN_GAIN = 1.0 + 1.01 * UNSEEN_RIVALS  # what still higher bids can bring at most, as a factor


class Choice(NamedTuple):
    """The bids that may be chosen for every keyword, and the goal.

    The coefficients of hours, devices and crowds stay as the plan has them. Axes as in `model`;
    E: distinct coefficients of a campaign.
    """

    click_worth: float  # what a click adds to the goal
    order_worth: np.ndarray  # float64[P], what an order adds to the goal
    spend_worth: float  # what spending one unit of money takes from the goal
    least: int  # bids that are accepted, micros
    most: int
    step: int
    today: np.ndarray  # int64[K], today's bid in micros, always among the choices; 0 = paused
    factors: np.ndarray  # float64[C, E], the distinct coefficients above 0
    n_factors: np.ndarray  # int64[C]
    rung: np.ndarray  # int64[C, S, B], which of them holds; -1 where the coefficient is 0
    first_reached: np.ndarray  # int64[K + 1]
    reached: np.ndarray  # int64[..], queries of a keyword
    shared: np.ndarray  # bool[Q], several own keywords with a bid stand on the query


@kernel
def side_worths(market, choice, query, keyword, out):
    """Fill out[S, 2]: clicks per examined search (weighted by the side), worth of such a click."""
    sides = market.sides
    product = market.keywords.product[keyword]
    ctr = market.queries.ctr[query] * market.keywords.ctr[keyword]
    cvr = market.queries.cvr[query] * market.products.cvr[product]
    searches = market.queries.searches[query]
    for side in range(sides.size):
        out[side, 0] = searches * sides.share[side] * min(1.0, ctr * sides.ctr[side])
        orders = min(1.0, cvr * sides.cvr[side])
        out[side, 1] = choice.click_worth + choice.order_worth[product] * orders


@kernel
def list_bids(market, choice, keyword):
    """The bids to try in micros, rising: 0 (paused), multiples of the step, today's.

    They start where the ad may enter at its highest coefficient. Full resolution up to
    2 x `STEPS_APART` steps, above that one percent apart.
    """
    today = choice.today[keyword]
    if today <= 0:
        return np.zeros(1, np.int64)
    low, high = _bid_range(market, choice, keyword)
    found = np.empty(_count_bids(low, high) + 2, np.int64)
    found[0] = 0
    count = 1
    steps = low
    while steps <= high:
        bid = steps * choice.step
        if found[count - 1] < today < bid:
            found[count] = today
            count += 1
        found[count] = bid
        count += 1
        steps += max(1, steps // STEPS_APART)
    if found[count - 1] < today:
        found[count] = today
        count += 1
    return found[:count]


@kernel
def _count_bids(low, high):
    count = 0
    steps = low
    while steps <= high:
        count += 1
        steps += max(1, steps // STEPS_APART)
    return count


@kernel
def _bid_range(market, choice, keyword):
    """The lowest and highest bid worth trying, in steps; none where low > high."""
    campaign = market.keywords.campaign[keyword]
    weight = market.keywords.weight[keyword]
    smallest = math.inf
    largest = 0.0
    for i in range(choice.n_factors[campaign]):
        smallest = min(smallest, choice.factors[campaign, i])
        largest = max(largest, choice.factors[campaign, i])
    if largest == 0.0:
        return 1, 0
    enter = max(market.rules.reserve / weight, market.rules.floor) / largest
    low = max(np.int64(1), np.int64(math.ceil(choice.least / choice.step)))
    low = max(low, np.int64(math.floor(enter / MICRO / choice.step)))
    top = _top_bid(market, choice, keyword, smallest)
    high = np.int64(math.ceil(min(top / MICRO, np.float64(choice.most)) / choice.step))
    return low, min(high, choice.most // choice.step)


@kernel
def _top_bid(market, choice, keyword, smallest):
    """The highest bid (money) worth trying at the smallest coefficient.

    Above it hardly a rival is left, or, where spending counts against the goal, every further
    click costs more than the best is worth.
    """
    rules = market.rules
    weight = market.keywords.weight[keyword]
    worths = np.empty((market.sides.size, 2))
    worth = 0.0
    seen = max(rules.reserve / weight, rules.floor)
    for i in range(choice.first_reached[keyword], choice.first_reached[keyword + 1]):
        query = choice.reached[i]
        side_worths(market, choice, query, keyword, worths)
        for side in range(market.sides.size):
            if worths[side, 0] > 0.0:
                worth = max(worth, worths[side, 1])
        rank = rank_with_above(field_of(market.queries, query), market.table, UNSEEN_RIVALS)
        begin = market.queries.first_named[query]
        if begin < market.queries.end_named[query]:
            rank = max(rank, market.named.rank[begin])
        seen = max(seen, rank / weight)
    top = seen + choice.step * MICRO if worth > 0.0 else 0.0
    if choice.spend_worth > 0.0:
        top = min(top, worth / choice.spend_worth + rules.step * MICRO) if worth > 0.0 else 0.0
    return top / smallest
