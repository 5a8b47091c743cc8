"""Fidelity `expected`: means in closed form; budgets as a fluid that runs out at a moment.

The demand shock is held at its mean 1, so where a budget may bind the fluid overstates spend.
"""

from __future__ import annotations

import numpy as np

from .auction import MICRO
from .budget import hour_block, set_participation, spend_rates
from .jit import kernel
from .model import NO_BUDGET
from .random import HOURS_A_DAY
from .tally import (
    CARTS,
    CLICKS,
    ELIGIBLE,
    GOODS_COST,
    IMPRESSIONS,
    LOST_TO_BUDGET,
    LOST_TO_RANK,
    ORDERS,
    POSITION_SUM,
    REVENUE,
    SEARCHES,
    SPEND,
)


@kernel
def add_means(market, book, groups, day_row, weight, chance, tallies):
    """Add the means of weight[B] mean days of searches in every block under `chance` float64[C]."""
    demand = market.demand
    n_sides = demand.side_share.size
    row = 0
    for block in range(weight.size):
        for query in range(demand.searches.size):
            for side in range(n_sides):
                first = book.row_start[row]
                row += 1
                if weight[block] <= 0.0:
                    continue
                searches = demand.searches[query] * demand.side_share[side] * weight[block]
                base = day_row + groups.side[side]
                if first == book.row_start[row]:
                    tallies[base + groups.none[query], SEARCHES] += searches
                    continue
                free = searches
                for i in range(first, book.row_start[row]):
                    offer = book.entry[i]
                    link = book.offers.link[offer]
                    share = chance[market.account.campaign[market.account.link_keyword[link]]]
                    if share > 0.0:
                        tally = tallies[base + groups.link[link]]
                        _add_offer(market, book.offers, offer, side, free * share, tally)
                        free *= 1.0 - share
                    if free <= 0.0:
                        break
                tally = tallies[base + groups.link[book.offers.link[book.entry[first]]]]
                tally[SEARCHES] += free
                tally[ELIGIBLE] += free
                tally[LOST_TO_BUDGET] += free


@kernel
def _add_offer(market, offers, offer, side, searches, tally):
    """Add the means of an offer that stands for the shop in so many searches of a side."""
    response = market.response
    account = market.account
    tally[SEARCHES] += searches
    tally[ELIGIBLE] += searches
    if not offers.enters[offer]:
        tally[LOST_TO_RANK] += searches
        return
    query = offers.query[offer]
    keyword = account.link_keyword[offers.link[offer]]
    product = account.product[keyword]
    ctr = min(1.0, response.ctr[query] * account.ctr[keyword] * response.side_ctr[side])
    cvr = response.cvr[query] * response.product_cvr[product] * response.side_cvr[side]
    clicks = searches * ctr * offers.examined[offer]
    orders = clicks * min(1.0, cvr)
    positions = 0.0
    for slot in range(offers.chance.shape[1]):
        positions += (slot + 1) * offers.chance[offer, slot]
    tally[IMPRESSIONS] += searches * offers.shown[offer]
    tally[LOST_TO_RANK] += searches * (1.0 - offers.shown[offer])
    tally[CLICKS] += clicks
    tally[CARTS] += clicks * response.cart_rate[product]
    tally[ORDERS] += orders
    tally[SPEND] += clicks * offers.charge[offer] / MICRO
    tally[REVENUE] += orders * response.price[product]
    tally[GOODS_COST] += orders * response.unit_cost[product]
    tally[POSITION_SUM] += searches * positions


@kernel
def first_empty(rate, left, chance):
    """The payer whose money ends first at these spends per hour, and after which part of an hour.

    `left` float64[C + 1], the account last; (-1, inf) where nobody's does.
    """
    payer = -1
    after = np.inf
    total = 0.0
    for campaign in range(rate.size):
        total += rate[campaign]
        if chance[campaign] > 0.0 and left[campaign] < NO_BUDGET:
            if rate[campaign] * after > left[campaign]:
                payer = campaign
                after = left[campaign] / rate[campaign]
    if left[rate.size] < NO_BUDGET and total * after > left[rate.size]:
        payer = rate.size
        after = left[rate.size] / total
    return payer, after


@kernel
def expect_history(market, plan, book, rates, groups, window, tallies):
    """The days of `window`, added to float64 tallies[group, field].

    `rates` float64[C, B]: mean spend by block where every campaign takes part. Hours that differ
    in nothing but their number of searches are added together.
    """
    n_campaigns = plan.budget.size
    n_blocks = plan.coefficient.shape[2]
    left = np.empty(n_campaigns + 1)
    weight = np.zeros(n_blocks)
    chance = np.empty(n_campaigns)
    before = np.ones(n_campaigns)
    current = rates
    for day in range(window.first, window.last):
        left[:n_campaigns] = plan.budget
        left[n_campaigns] = plan.account_budget
        for clock in range(HOURS_A_DAY):
            day_row = groups.day[day] + groups.hour[clock]
            searches = market.demand.hour_factor[day, clock]
            block = hour_block(plan, window.weekday, day, clock)
            set_participation(market, plan, rates, window.weekday, day, clock, left, chance)
            time = 0.0
            while True:
                if not np.array_equal(chance, before):
                    current = spend_rates(market, book, n_blocks, chance)
                    before[:] = chance
                rate = current[:, block] * searches
                payer, after = first_empty(rate, left, chance)
                span = min(after, 1.0 - time)
                weight[block] += span * searches
                for campaign in range(n_campaigns):
                    left[campaign] -= rate[campaign] * span
                    left[n_campaigns] -= rate[campaign] * span
                time += span
                if time >= 1.0 or payer < 0:
                    break
                add_means(market, book, groups, day_row, weight, chance, tallies)
                weight[:] = 0.0
                left[payer] = 0.0
                if payer == n_campaigns:
                    chance[:] = 0.0
                else:
                    chance[payer] = 0.0
            next_row = groups.day[day] + groups.hour[min(clock + 1, HOURS_A_DAY - 1)]
            if clock == HOURS_A_DAY - 1 or next_row != day_row or plan.standard.any():
                add_means(market, book, groups, day_row, weight, chance, tallies)
                weight[:] = 0.0
