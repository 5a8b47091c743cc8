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
    order_worth: np.ndarray  # float64[P, S], what an order adds to the goal
    organic_worth: np.ndarray  # float64[P, S], what an organic order that a click takes away takes
    spend_worth: float  # what spending one unit of money takes from the goal
    least: np.ndarray  # int64[K], bids that are allowed, micros
    most: np.ndarray  # int64[K]
    may_pause: np.ndarray  # bool[K], whether 0 is allowed, too
    step: int  # bids are multiples of this, micros
    today: np.ndarray  # int64[K], today's bid in micros, a choice where allowed; 0 = paused
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
    cvr = market.queries.cvr[query] * market.products.cvr[product] * market.keywords.cvr[keyword]
    searches = market.queries.searches[query]
    searchers = market.queries.searchers[query]
    organic = market.queries.organic[query]
    by_itself = market.queries.organic_product[query]
    for side in range(sides.size):
        out[side, 0] = searches * market.share[searchers, side] * min(1.0, ctr * sides.ctr[side])
        orders = min(1.0, cvr * sides.cvr[side])
        out[side, 1] = choice.click_worth + choice.order_worth[product, side] * orders
        if organic > 0.0:  # what the search would have brought without the click
            orders = min(1.0, organic * sides.organic[side])
            out[side, 1] -= choice.organic_worth[by_itself, side] * orders


@kernel
def list_bids(market, choice, keyword):
    """The bids to try in micros, rising, at least one: 0 (paused) first where that is allowed.

    Multiples of the step and today's, as far as allowed. They start where the ad may enter at its
    highest coefficient. Full resolution up to 2 x `STEPS_APART` steps, above that one percent
    apart; the highest is always among them.
    """
    today = choice.today[keyword]
    if today <= 0:
        return np.zeros(1, np.int64)
    low, high = _bid_range(market, choice, keyword)
    found = np.empty(_count_bids(low, high) + 3, np.int64)
    count = 0
    if choice.may_pause[keyword]:
        found[0] = 0
        count = 1
    waits = choice.least[keyword] <= today <= choice.most[keyword]
    steps = low
    while steps <= high:
        bid = steps * choice.step
        if waits and today <= bid:
            waits = False
            if today < bid:
                found[count] = today
                count += 1
        found[count] = bid
        count += 1
        steps = min(steps + max(1, steps // STEPS_APART), max(high, steps + 1))
    if waits:
        found[count] = today
        count += 1
    return found[:count]


@kernel
def _count_bids(low, high):
    count = 0
    steps = low
    while steps <= high:
        count += 1
        steps = min(steps + max(1, steps // STEPS_APART), max(high, steps + 1))
    return count


@kernel
def _bid_range(market, choice, keyword):
    """The lowest and highest bid worth trying, in steps; none where low > high.

    Where the keyword may not be paused, at least one is left, if any is allowed. So is the least
    allowed where clicks have a worth: its dearest clicks may lose money and all together earn it.
    """
    least = max(np.int64(1), -(-choice.least[keyword] // choice.step))
    most = choice.most[keyword] // choice.step
    campaign = market.keywords.campaign[keyword]
    smallest = math.inf
    largest = 0.0
    for i in range(choice.n_factors[campaign]):
        smallest = min(smallest, choice.factors[campaign, i])
        largest = max(largest, choice.factors[campaign, i])
    low, high, top = least, least - 1, 0.0
    if largest > 0.0:
        weight = market.keywords.weight[keyword]
        enter = max(market.rules.reserve / weight, market.rules.floor) / largest
        low = max(least, min(most, np.int64(math.floor(enter / MICRO / choice.step))))
        top = _top_bid(market, choice, keyword, smallest)
        top = min(top / MICRO, np.float64(choice.most[keyword]))
        high = min(most, np.int64(math.ceil(top / choice.step)))
    if not choice.may_pause[keyword] or (top > 0.0 and high < least):
        high = max(high, min(low, most))
    return low, high


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
    if rules.promoted_slots > 0:
        seen = max(seen, rules.promoted_reserve / weight)
    top = seen + choice.step * MICRO if worth > 0.0 else 0.0
    if choice.spend_worth > 0.0:
        top = min(top, worth / choice.spend_worth + rules.step * MICRO) if worth > 0.0 else 0.0
    return top / smallest
