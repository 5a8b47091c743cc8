"""Fidelity `events`: every search, in order of time where a budget runs out.

In an ordinary hour order does not matter and searches need no time. Where a budget is reached, the
hour is cleared and done again with keyed times: up to the moment of the click that reaches the
budget, then on without that payer, and so on. A *payer* is a campaign (0 .. C - 1), the account (C)
or a named rival (C + 1 + r).
"""

from __future__ import annotations

import numpy as np

from . import tally
from .budget import crossing, hour_block, set_participation
from .demand import draw_shocks, mean_searches
from .jit import kernel
from .lanes import (
    CARTS,
    CLICKS,
    N_COLUMNS,
    ORDERS,
    ORGANIC,
    POSITIONS,
    SHOWN,
    SPENT,
    STOOD,
    Scene,
    make_lanes,
    make_log,
)
from .model import HOURS_A_DAY, NO_BUDGET
from .named import make_bidders, most_bidders
from .organic import add_organic, count_organic, organic_limit
from .rotating import close_hour, make_deal, open_hour
from .searching import draw_searches, play_hour, slot_thresholds


@kernel
def make_scene(market, plan, book):
    """Room for an hour: entries of a row are numbered within their hour block."""
    n_cells = market.cell_identity.size
    most = 0
    for first in range(0, book.row_start.size - 1, n_cells):
        most = max(most, book.row_start[first + n_cells] - book.row_start[first])
    n_payers = plan.budget.size + plan.rival_budget.size
    n_slots = market.examination.size
    return Scene(
        np.zeros(n_cells, np.int64),
        np.zeros((most, N_COLUMNS), np.int64),
        np.zeros(n_cells, np.int64),
        np.zeros(n_cells, np.int64),
        np.zeros(n_cells, np.int64),
        np.zeros(n_payers, np.int64),
        np.zeros(n_payers),
        slot_thresholds(book, n_slots),
        np.empty(n_slots, np.uint64),
        np.empty(n_slots, np.uint64),
        plan.standard.size,
    )


@kernel
def clear_scene(scene):
    """Forget what the hour has brought so far."""
    for row in range(scene.done.shape[0]):
        for column in range(N_COLUMNS):
            scene.done[row, column] = 0
    for cell in range(scene.lost.size):
        scene.lost[cell] = 0
        scene.lost_organic[cell] = 0
        scene.capped[cell] = 0
    for payer in range(scene.spend.size):
        scene.spend[payer] = 0


@kernel
def add_account_spend(spend, n_campaigns):
    """Set the account's spend, which is that of its campaigns."""
    total = np.int64(0)
    for campaign in range(n_campaigns):
        total += spend[campaign]
    spend[n_campaigns] = total


@kernel
def first_to_run_out(log, left, spend, n_campaigns):
    """The payer whose budget is reached first: (payer or -1, moment, entry, overshoot)."""
    payer = -1
    moment = np.inf
    entry = np.int64(-1)
    over = np.int64(0)
    times = np.empty(log.size[0])
    charges = np.empty(log.size[0], np.int64)
    entries = np.empty(log.size[0], np.int64)
    for candidate in range(left.size):
        if left[candidate] <= 0 or spend[candidate] < left[candidate]:
            continue
        n = np.int64(0)
        for i in range(log.size[0]):
            who = log.clicks.payer[i]
            if who == candidate or (candidate == n_campaigns and who < n_campaigns):
                times[n] = log.clicks.time[i]
                charges[n] = log.clicks.charge[i]
                entries[n] = log.clicks.entry[i]
                n += 1
        time, click, excess = crossing(times, charges, n, left[candidate])
        if time < moment:
            payer = candidate
            moment = time
            entry = entries[click]
            over = excess
    return payer, moment, entry, over


@kernel
def runs_out(left, spend):
    """Whether any payer's budget is reached."""
    reached = False
    for payer in range(left.size):
        reached = reached or (left[payer] > 0 and spend[payer] >= left[payer])
    return reached


@kernel
def replay_hour(
    market, book, luck, number, first_row, scene, lanes, bidders, left, row, groups, tallies, deal
):
    """An hour in which budgets end, piece by piece in order of time; adds it to the tallies."""
    n_campaigns = scene.n_campaigns
    base = book.row_start[first_row]
    after = 0.0
    log = make_log(np.int64(1024))
    while True:
        clear_scene(scene)
        log.size[0] = 0
        play_hour(market, book, luck, number, first_row, scene, lanes, bidders, log, after, 1.0)
        if log.size[0] > log.clicks.size:
            log = make_log(log.size[0] + log.size[0] // 4)
            continue
        add_account_spend(scene.spend, n_campaigns)
        payer, moment, entry, over = first_to_run_out(log, left, scene.spend, n_campaigns)
        if payer >= 0:
            clear_scene(scene)
            log.size[0] = 0
            play_hour(
                market, book, luck, number, first_row, scene, lanes, bidders, log, after, moment
            )
            bill_remainder(scene, base, payer, entry, over, n_campaigns, book)
        add_to_tallies(market, book, first_row, scene, row, groups, tallies)
        if deal.share.size > 0:
            add_to_tallies(market, book, first_row, scene, 0, deal.groups, deal.sums)
        pay(left, scene.spend)
        if payer < 0:
            return
        after = moment
        stop_payer(scene.chance, left, payer, n_campaigns)


@kernel
def bill_remainder(scene, base, payer, entry, over, n_campaigns, book):
    """Lower the charge of the click that reached a budget by what it is over."""
    scene.spend[payer] -= over
    if entry >= 0:
        scene.done[entry - base, SPENT] -= over
        if payer == n_campaigns:
            scene.spend[book.offers.campaign[book.entry[entry]]] -= over
    add_account_spend(scene.spend, n_campaigns)


@kernel
def stop_payer(chance, left, payer, n_campaigns):
    """Take a payer without money out until midnight; without the account's, all campaigns."""
    left[payer] = 0
    chance[payer] = 0.0
    if left[n_campaigns] <= 0:
        for campaign in range(n_campaigns):
            chance[campaign] = 0.0


@kernel
def pay(left, spend):
    """Lower what the payers may still spend."""
    for payer in range(left.size):
        if left[payer] < NO_BUDGET:
            left[payer] -= spend[payer]


@kernel
def add_to_tallies(market, book, first_row, scene, row, groups, tallies):
    """Add the scene to tallies[group, field]; `row` is the one of its day and hour.

    The searches of cells without an own keyword are added by `add_unmatched`, once an hour.
    """
    offers = book.offers
    prices, unit_costs = market.order_money.price, market.order_money.unit_cost
    row_start, entries = book.row_start, book.entry
    links, products = offers.link, offers.product
    by_side, by_link = groups.side, groups.link
    searches, done = scene.searches, scene.done
    lost, lost_organic, capped = scene.lost, scene.lost_organic, scene.capped
    n_sides = market.sides.size
    base = row_start[first_row]
    for cell in range(searches.size):
        first = row_start[first_row + cell]
        end = row_start[first_row + cell + 1]
        if searches[cell] == 0 or first == end:
            continue
        query = cell // n_sides
        side = cell % n_sides
        side_row = row + by_side[side]
        best = side_row + by_link[links[entries[first]]]
        if lost_organic[cell] > 0:
            add_organic(market, query, side, lost_organic[cell], tallies, best)
        tallies[best, tally.SEARCHES] += lost[cell] + capped[cell]
        tallies[best, tally.ELIGIBLE] += lost[cell] + capped[cell]
        tallies[best, tally.LOST_TO_BUDGET] += lost[cell]
        tallies[best, tally.LOST_TO_CAP] += capped[cell]
        for entry in range(first, end):
            at = entry - base
            if done[at, STOOD] == 0:
                continue
            offer = entries[entry]
            own = side_row + by_link[links[offer]]
            if done[at, ORGANIC] > 0:
                add_organic(market, query, side, done[at, ORGANIC], tallies, own)
            tallies[own, tally.SEARCHES] += done[at, STOOD]
            tallies[own, tally.ELIGIBLE] += done[at, STOOD]
            tallies[own, tally.IMPRESSIONS] += done[at, SHOWN]
            tallies[own, tally.LOST_TO_RANK] += done[at, STOOD] - done[at, SHOWN]
            tallies[own, tally.POSITION_SUM] += done[at, POSITIONS]
            if done[at, CLICKS] == 0:  # of most entries in an hour
                continue
            tallies[own, tally.CLICKS] += done[at, CLICKS]
            tallies[own, tally.CARTS] += done[at, CARTS]
            tallies[own, tally.ORDERS] += done[at, ORDERS]
            tallies[own, tally.SPEND] += done[at, SPENT]
            product = products[offer]
            tallies[own, tally.REVENUE] += done[at, ORDERS] * prices[product, side]
            tallies[own, tally.GOODS_COST] += done[at, ORDERS] * unit_costs[product, side]


@kernel
def add_unmatched(market, book, luck, number, first_row, scene, lanes, row, groups, tallies):
    """Add the hour's searches of cells without an own keyword."""
    organics, factors = market.queries.organic, market.sides.organic
    row_start, searches = book.row_start, scene.searches
    by_side, by_query = groups.side, groups.none
    n_sides = market.sides.size
    for cell in range(searches.size):
        if row_start[first_row + cell] == row_start[first_row + cell + 1]:
            query = cell // n_sides
            side = cell % n_sides
            target = row + by_side[side] + by_query[query]
            tallies[target, tally.SEARCHES] += searches[cell]
            limit = organic_limit(organics[query], factors[side])
            if limit > 0:
                identity = market.cell_identity[query, side]
                orders = count_organic(luck, identity, number, searches[cell], limit, lanes.words)
                add_organic(market, query, side, orders, tallies, target)


@kernel
def event_history(market, plan, book, rates, groups, luck, window, tallies, trials):
    """One (plan, replication): the days of `window`, added to int64 tallies[group, field].

    `rates` float64[C, B]: mean spend by block, of use to campaigns with standard delivery. Where ad
    groups have creatives, int64 trials[m, N_TRIED] are as in `count_history`.
    """
    n_cells = market.cell_identity.size
    n_campaigns = plan.standard.size
    shocks = np.empty(market.group_identity.size)
    means = np.empty(market.queries.size)
    left = np.empty(plan.budget.size + plan.rival_budget.size, np.int64)
    scene = make_scene(market, plan, book)
    lanes = make_lanes()
    most = most_bidders(market, book)
    bidders = make_bidders(most, market.examination.size, market.rules.promoted_slots + 1)
    no_log = make_log(np.int64(0))
    rotates = trials.size > 0
    deal = make_deal(market, plan.rotation, window, trials)
    for day in range(window.first, window.last):
        draw_shocks(market, luck, day, shocks)
        open_all_budgets(plan, left)
        for clock in range(HOURS_A_DAY):
            number = day * HOURS_A_DAY + clock
            mean_searches(market, day, clock, shocks, means)
            draw_searches(market, luck, number, means, scene.searches)
            set_chances(market, plan, rates, day, clock, left, scene.chance)
            first_row = hour_block(market, plan, day, clock) * n_cells
            row = groups.day[day] + groups.hour[clock]
            if rotates:
                open_hour(market, plan.rotation, book, luck, number, trials, deal)
            add_unmatched(market, book, luck, number, first_row, scene, lanes, row, groups, tallies)
            clear_scene(scene)
            play_hour(
                market, book, luck, number, first_row, scene, lanes, bidders, no_log, 0.0, 1.0
            )
            add_account_spend(scene.spend, n_campaigns)
            if runs_out(left, scene.spend):
                replay_hour(
                    market, book, luck, number, first_row, scene, lanes, bidders, left, row,
                    groups, tallies, deal,
                )  # fmt: skip
            else:
                add_to_tallies(market, book, first_row, scene, row, groups, tallies)
                if rotates:
                    add_to_tallies(market, book, first_row, scene, 0, deal.groups, deal.sums)
                pay(left, scene.spend)
            if rotates:
                close_hour(plan.rotation, luck, number, deal, trials)


@kernel
def open_all_budgets(plan, left):
    """Fill left[C + 1 + R] with the money of a new day."""
    own = plan.budget.size
    for payer in range(left.size):
        left[payer] = plan.budget[payer] if payer < own else plan.rival_budget[payer - own]


@kernel
def set_chances(market, plan, rates, day, hour, left, chance):
    """Fill chance[C + 1 + R], the payers' participation in this hour."""
    own = plan.budget.size
    set_participation(market, plan, rates, day, hour, left[:own], chance[: own - 1])
    for payer in range(own - 1, left.size):
        chance[payer] = 1.0 if left[payer] > 0 else 0.0
