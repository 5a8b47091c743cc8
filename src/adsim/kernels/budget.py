"""Daily budgets: who still has money, how gently a campaign spends, when a budget runs out.

A *payer* is a campaign (0 .. C - 1) or, in `events`, a named rival (C .. C + R - 1).
"""

from __future__ import annotations

import numpy as np

from .auction import MICRO
from .jit import kernel
from .model import NO_BUDGET
from .random import HOURS_A_DAY


@kernel
def spend_rates(market, book, n_blocks, chance):
    """Mean spend in micros of every campaign per mean day of searches, by block: float64[C, B].

    `chance` float64[C] is each campaign's participation in a search.
    """
    demand = market.demand
    response = market.response
    account = market.account
    offers = book.offers
    n_sides = demand.side_share.size
    rate = np.zeros((chance.size, n_blocks))
    row = 0
    for block in range(n_blocks):
        for query in range(demand.searches.size):
            for side in range(n_sides):
                free = demand.searches[query] * demand.side_share[side]
                for i in range(book.row_start[row], book.row_start[row + 1]):
                    offer = book.entry[i]
                    if not offers.enters[offer]:
                        break  # entries are sorted: none of the rest may enter
                    keyword = account.link_keyword[offers.link[offer]]
                    campaign = account.campaign[keyword]
                    ctr = response.ctr[query] * account.ctr[keyword] * response.side_ctr[side]
                    clicks = free * chance[campaign] * min(1.0, ctr) * offers.examined[offer]
                    rate[campaign, block] += clicks * offers.charge[offer] / MICRO
                    free *= 1.0 - chance[campaign]
                    if free <= 0.0:
                        break
                row += 1
    return rate


@kernel
def hour_block(plan, weekday, day, hour):
    return plan.block[(weekday + day) % 7 * HOURS_A_DAY + hour]


@kernel
def set_participation(market, plan, rates, weekday, day, hour, left, chance):
    """Fill chance[C]: 0 out of money, 1 in every search, between for standard delivery.

    Standard delivery takes part with chance budget left / expected spend of the rest of the day.
    `left` int64[C + 1]: what may still be spent today; the account comes last.
    """
    account_left = left[plan.budget.size]
    for campaign in range(plan.budget.size):
        chance[campaign] = 1.0 if left[campaign] > 0 and account_left > 0 else 0.0
        if not plan.standard[campaign] or chance[campaign] == 0.0 or left[campaign] >= NO_BUDGET:
            continue
        rest = 0.0
        for later in range(hour, HOURS_A_DAY):
            block = hour_block(plan, weekday, day, later)
            rest += rates[campaign, block] * market.demand.hour_factor[day, later]
        if rest > left[campaign]:
            chance[campaign] = left[campaign] / rest


@kernel
def crossing(times, charges, count, left):
    """When the running sum of charges in order of time reaches `left` micros.

    Returns (time of that click, its index, amount by which the sum passes `left`).
    """
    order = np.argsort(times[:count])
    total = np.int64(0)
    for i in order:
        total += charges[i]
        if total >= left:
            return times[i], i, total - left
    return np.inf, np.int64(-1), np.int64(0)
