"""Fidelity `expected`: means in closed form; budgets as a fluid that runs out at a moment.

The demand shock is held at its mean 1, so where a budget may bind the fluid overstates spend.
"""

from __future__ import annotations

import numpy as np

from .auction import MICRO
from .budget import (
    fill_block_rates,
    hour_block,
    open_budgets,
    set_participation,
    spend_rates,
)
from .jit import kernel
from .model import HOURS_A_DAY, NO_BUDGET
from .organic import add_mean_organic, has_organic
from .people import N_EVENTS, add_mean_events, count_cells, live_mean_hour, set_shares
from .rotating import close_mean_hour, make_deal, open_mean_hour
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
    """Add the means of weight[B] mean days of searches in every block, and clear the weights.

    `chance` float64[C] is each campaign's participation.
    """
    queries, share = market.queries, market.share
    volumes, searchers = queries.searches, queries.searchers
    side_ctr, side_cvr = market.sides.ctr, market.sides.cvr
    prices, unit_costs = market.order_money.price, market.order_money.unit_cost
    campaigns, links, products = book.offers.campaign, book.offers.link, book.offers.product
    is_organic = has_organic(market)
    row = 0
    for block in range(weight.size):
        for query in range(volumes.size):
            for side in range(side_ctr.size):
                first = book.row_start[row]
                row += 1
                if weight[block] <= 0.0:
                    continue
                free = volumes[query] * share[searchers[query], side] * weight[block]
                base = day_row + groups.side[side]
                if first == book.row_start[row]:
                    target = base + groups.none[query]
                    tallies[target, SEARCHES] += free
                    if is_organic:
                        add_mean_organic(market, query, side, free, tallies, target)
                    continue
                for i in range(first, book.row_start[row]):
                    offer = book.entry[i]
                    taken = free * chance[campaigns[offer]]
                    if taken > 0.0:
                        target = base + groups.link[links[offer]]
                        price = prices[products[offer], side]
                        unit_cost = unit_costs[products[offer], side]
                        clicks = add_offer(
                            book, offer, side_ctr[side], side_cvr[side], price, unit_cost, taken,
                            tallies, target,
                        )  # fmt: skip
                        if is_organic:
                            add_mean_organic(market, query, side, taken - clicks, tallies, target)
                        free -= taken
                target = base + groups.link[links[book.entry[first]]]
                tallies[target, SEARCHES] += free
                tallies[target, ELIGIBLE] += free
                tallies[target, LOST_TO_BUDGET] += free
                if is_organic:
                    add_mean_organic(market, query, side, free, tallies, target)
    for block in range(weight.size):
        weight[block] = 0.0


@kernel
def add_offer(book, offer, ctr, cvr, price, unit_cost, searches, tallies, row):
    """Add the means of an offer that stands for the shop in so many searches; returns the clicks.

    `ctr` and `cvr` are the searchers' factors, price and unit cost in micros theirs, too. Kept off
    the market: a call counts references to every array that it is given.
    """
    offers = book.offers
    tallies[row, SEARCHES] += searches
    tallies[row, ELIGIBLE] += searches
    if not offers.enters[offer]:
        tallies[row, LOST_TO_RANK] += searches
        return 0.0
    clicks = searches * min(1.0, offers.ctr[offer] * ctr) * offers.examined[offer]
    orders = clicks * min(1.0, offers.cvr[offer] * cvr)
    for slot in range(book.chance.shape[1]):
        tallies[row, POSITION_SUM] += searches * (slot + 1) * book.chance[offer, slot]
    tallies[row, IMPRESSIONS] += searches * offers.shown[offer]
    tallies[row, LOST_TO_RANK] += searches * (1.0 - offers.shown[offer])
    tallies[row, CLICKS] += clicks
    tallies[row, CARTS] += clicks * offers.cart_rate[offer]
    tallies[row, ORDERS] += orders
    tallies[row, SPEND] += clicks * offers.charge[offer] / MICRO
    tallies[row, REVENUE] += orders * price
    tallies[row, GOODS_COST] += orders * unit_cost
    return clicks


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
        limited = chance[campaign] > 0.0 and left[campaign] < NO_BUDGET
        if limited and rate[campaign] * after > left[campaign]:
            payer = campaign
            after = left[campaign] / rate[campaign]
    if left[rate.size] < NO_BUDGET and total * after > left[rate.size]:
        payer = rate.size
        after = left[rate.size] / total
    return payer, after


@kernel
def _changed(chance, before):
    """Whether the two differ; makes them equal."""
    changed = False
    for campaign in range(chance.size):
        changed = changed or chance[campaign] != before[campaign]
        before[campaign] = chance[campaign]
    return changed


@kernel
def expect_history(market, people, plan, book, rates, groups, window, tallies, stocks, trials):
    """The days of `window`, added to float64 tallies[group, field].

    `rates` float64[C, B]: mean spend by block where every campaign takes part. Hours that differ
    in nothing but their number of searches are added together. Where persons live, float64
    stocks[K * P] holds their means, as in `count_history`. Where creatives wear or take turns,
    float64 trials[m, N_TRIED] hold their means, and `book.offers` are the history's own; elsewhere
    the book knows all that there is to know of them, and trials are empty.
    """
    n_campaigns = plan.standard.size
    n_blocks = plan.coefficient.shape[2]
    left = np.empty(n_campaigns + 1)
    weight = np.zeros(n_blocks)
    chance = np.empty(n_campaigns)
    before = np.ones(n_campaigns)
    current = rates.copy()
    alive = stocks.size > 0
    events = np.zeros((count_cells(people), N_EVENTS))
    if alive:
        set_shares(people, stocks, market.share)
    rotates = trials.size > 0
    deal = make_deal(market, plan.rotation, window, trials)
    paced = False
    for campaign in range(n_campaigns):
        paced = paced or plan.standard[campaign]
    for day in range(window.first, window.last):
        open_budgets(plan, left)
        for clock in range(HOURS_A_DAY):
            day_row = groups.day[day] + groups.hour[clock]
            searches = market.hour_factor[day, clock]
            block = hour_block(market, plan, day, clock)
            set_participation(market, plan, rates, day, clock, left, chance)
            if rotates:
                number = day * HOURS_A_DAY + clock
                open_mean_hour(market, plan.rotation, book, number, trials, deal)
            time = 0.0
            while True:
                if alive or rotates:
                    fill_block_rates(market, book, block, chance, current)
                elif _changed(chance, before):
                    current = spend_rates(market, book, n_blocks, chance)
                rate = current[:, block] * searches
                payer, after = first_empty(rate, left, chance)
                span = min(after, 1.0 - time)
                weight[block] += span * searches
                if alive:
                    add_mean_events(market, people, book, block, span * searches, chance, events)
                for campaign in range(n_campaigns):
                    left[campaign] -= rate[campaign] * span
                    left[n_campaigns] -= rate[campaign] * span
                time += span
                if time >= 1.0 or payer < 0:
                    break
                if rotates:
                    add_means(market, book, deal.groups, 0, weight.copy(), chance, deal.sums)
                add_means(market, book, groups, day_row, weight, chance, tallies)
                left[payer] = 0.0
                for campaign in range(n_campaigns):
                    if payer in (campaign, n_campaigns):
                        chance[campaign] = 0.0
            if rotates:
                add_means(market, book, deal.groups, 0, weight.copy(), chance, deal.sums)
                close_mean_hour(plan.rotation, deal, trials)
            next_row = groups.day[day] + groups.hour[min(clock + 1, HOURS_A_DAY - 1)]
            if clock == HOURS_A_DAY - 1 or next_row != day_row or paced or alive or rotates:
                add_means(market, book, groups, day_row, weight, chance, tallies)
            if alive:
                live_mean_hour(market, people, clock, events, stocks)
