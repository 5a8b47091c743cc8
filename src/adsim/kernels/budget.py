"""Daily budgets: who still has money, how gently a campaign spends, when a budget runs out.

A *payer* is a campaign (0 .. C - 1) or, in `events`, a named rival (C .. C + R - 1).
"""

from __future__ import annotations

import numpy as np

from .auction import MICRO
from .jit import kernel
from .model import HOURS_A_DAY, NO_BUDGET

BINS = 1024  # of an hour


@kernel
def spend_rates(market, book, n_blocks, chance):
    """Mean spend in micros of every campaign per mean day of searches, by block: float64[C, B].

    `chance` float64[C] is each campaign's participation in a search.
    """
    rate = np.zeros((chance.size, n_blocks))
    for block in range(n_blocks):
        fill_block_rates(market, book, block, chance, rate)
    return rate


@kernel
def fill_block_rates(market, book, block, chance, rate):
    """Fill rate[C, block] with the `spend_rates` of one block."""
    queries = market.queries
    sides, share = market.sides, market.share
    offers = book.offers
    for campaign in range(chance.size):
        rate[campaign, block] = 0.0
    row = block * market.cell_identity.size
    for query in range(queries.size):
        for side in range(sides.size):
            free = queries.searches[query] * share[queries.searchers[query], side]
            for i in range(book.row_start[row], book.row_start[row + 1]):
                offer = book.entry[i]
                if not offers.enters[offer] or free <= 0.0:
                    break  # entries are sorted: none of the rest may enter
                campaign = offers.campaign[offer]
                ctr = min(1.0, offers.ctr[offer] * sides.ctr[side])
                clicks = free * chance[campaign] * ctr * offers.examined[offer]
                rate[campaign, block] += clicks * offers.charge[offer] / MICRO
                free *= 1.0 - chance[campaign]
            row += 1


@kernel
def hour_block(market, plan, day, hour):
    """The plan's hour block of an hour of the run."""
    return plan.block[(market.weekday + day) % 7 * HOURS_A_DAY + hour]


@kernel
def open_budgets(plan, left):
    """Fill left[C + 1] with the money of a new day; the account's comes last."""
    for payer in range(left.size):
        left[payer] = plan.budget[payer]


@kernel
def set_participation(market, plan, rates, day, hour, left, chance):
    """Fill chance[C]: 0 out of money, 1 in every search, between for standard delivery.

    Standard delivery takes part with chance budget left / expected spend of the rest of the day.
    `left` int64[C + 1]: what may still be spent today; the account comes last.
    """
    account_left = left[chance.size]
    for campaign in range(chance.size):
        chance[campaign] = 1.0 if left[campaign] > 0 and account_left > 0 else 0.0
        if not plan.standard[campaign] or chance[campaign] == 0.0 or left[campaign] >= NO_BUDGET:
            continue
        rest = 0.0
        for later in range(hour, HOURS_A_DAY):
            block = hour_block(market, plan, day, later)
            rest += rates[campaign, block] * market.hour_factor[day, later]
        if rest > left[campaign]:
            chance[campaign] = left[campaign] / rest


@kernel
def crossing(times, charges, count, left):
    """When the running sum of charges in order of time reaches `left` micros.

    Returns (time of that click, its index, amount by which the sum passes `left`). The charges are
    summed in bins of time first, so that only the clicks of one bin are put in order, one after
    the other (a sort would take longer to compile than to need).
    """
    sums = np.zeros(BINS, np.int64)
    for i in range(count):
        sums[_bin_of(times[i])] += charges[i]
    total = np.int64(0)
    crossed = 0
    while crossed < BINS and total + sums[crossed] < left:
        total += sums[crossed]
        crossed += 1
    inside = np.empty(count, np.int64)
    n = 0
    for i in range(count):
        if _bin_of(times[i]) == crossed:
            inside[n] = i
            n += 1
    while n > 0:
        earliest = 0
        for j in range(1, n):
            if times[inside[j]] < times[inside[earliest]]:
                earliest = j
        i = inside[earliest]
        total += charges[i]
        if total >= left:
            return times[i], i, total - left
        n -= 1
        inside[earliest] = inside[n]
    return np.inf, np.int64(-1), np.int64(0)


@kernel
def _bin_of(time):
    return min(BINS - 1, int(time * BINS))
