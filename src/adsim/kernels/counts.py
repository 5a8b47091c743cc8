"""Fidelity `counts`: exact samples of the counts of every cell and hour.

The searches of a cell in an hour are split into *parts*: those in which one entry of the book
stands for the shop, those lost to budgets, those without an own keyword. A part's clicks are
binomial in its searches; impressions, slots, orders and carts are drawn given the clicks. So a part
can be cut at the moment when its campaign's budget ends: clicks have uniform times, those up to the
moment stay, the other searches before it are binomial, and the rest goes to the next entries.

Each stage is one loop over all parts: a call per part would count references to every array.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .budget import crossing, hour_block, open_budgets, set_participation
from .charges import draw_charges, look_up, price_table
from .demand import draw_shocks
from .draws import binomial_quantile, poisson_quantile
from .jit import kernel
from .model import HOURS_A_DAY, NO_BUDGET
from .random import (
    BLOCK,
    CHARGE,
    CLICKS,
    COIN,
    KEPT,
    ORDERS,
    SEARCHES,
    SHOWN,
    SLOTS,
    TIME,
    fill_words,
    mixed_id,
    unit,
    unit32,
    words_at,
)
from .tally import (
    CARTS,
    ELIGIBLE,
    GOODS_COST,
    IMPRESSIONS,
    LOST_TO_BUDGET,
    LOST_TO_RANK,
    POSITION_SUM,
    REVENUE,
    SPEND,
)
from .tally import CLICKS as CLICKED
from .tally import ORDERS as ORDERED
from .tally import SEARCHES as SEARCHED

REQUEST = np.dtype(
    [
        ("cell", "i8"),
        ("waiting", "i8"),  # searches without an entry yet
        ("place", "i8"),  # first entry of the row to ask
        ("segment", "i8"),  # how many budgets have run out in this hour before
        ("start", "f8"),  # share of the hour that is over
    ]
)
PART = np.dtype(
    [
        ("kind", "i8"),
        ("cell", "i8"),
        ("place", "i8"),  # which entry of its row
        ("offer", "i8"),
        ("code", "i8"),  # distinguishes the luck of a cell's parts
        ("searches", "i8"),
        ("drawn", "i8"),  # clicks as drawn
        ("clicks", "i8"),  # clicks that happened
        ("shown", "i8"),
        ("positions", "i8"),  # sum over impressions
        ("orders", "i8"),
        ("carts", "i8"),
        ("spent", "i8"),  # micros
        ("trim", "i8"),  # micros by which the last click passed a budget
        ("start", "f8"),  # in hours
        ("end", "f8"),
    ]
)
SERVED, LOST, UNMATCHED = 0, 1, 2  # kinds of parts
SEGMENT_SHIFT = 12  # more places in a row than campaigns anybody has


class Hour(NamedTuple):
    """Room for one hour's work, reused."""

    requests: np.ndarray  # REQUEST[..]
    parts: np.ndarray  # PART[..]


class Clicks(NamedTuple):
    """Room for some of a part's clicks."""

    words: np.ndarray  # uint32[4, BLOCK]
    u: np.ndarray  # float64[4 * BLOCK]
    charge: np.ndarray  # int64[4 * BLOCK], micros
    time: np.ndarray  # float64[BLOCK], in hours


@kernel
def make_clicks():
    return Clicks(
        np.empty((4, BLOCK), np.uint32),
        np.empty(4 * BLOCK),
        np.empty(4 * BLOCK, np.int64),
        np.empty(BLOCK),
    )


@kernel
def make_hour(size):
    return Hour(np.empty(size, REQUEST), np.empty(size, PART))


@kernel
def most_parts(market, plan, book):
    """How many parts an hour can have at most, budgets that run out included.

    A request makes one part, with paced delivery one for each entry of its row; a part that is cut
    makes a request for the entries after it.
    """
    n_cells = market.cell_identity.size
    paced = False
    for campaign in range(plan.standard.size):
        paced = paced or plan.standard[campaign]
    most = 0
    for first in range(0, book.row_start.size - 1, n_cells):
        total = 0
        for row in range(first, first + n_cells):
            entries = book.row_start[row + 1] - book.row_start[row]
            total += (entries + 1) * (entries + 2) if paced else 2 * (entries + 1)
        most = max(most, total)
    return most


@kernel
def part_identity(cell_identity, code):
    """The stable id of a part's luck; code 0 is a cell's best entry from the start of the hour."""
    return cell_identity if code == 0 else mixed_id(cell_identity, np.uint64(code))


@kernel
def draw_searches(market, luck, number, means, hour):
    """Draw every cell's searches of hour `number` of the run; returns the number of requests.

    `means` float64[Q] holds the queries' mean searches in this hour, shock included.
    """
    shares = market.sides.share
    requests = hour.requests
    count = 0
    for query in range(means.size):
        if means[query] <= 0.0:
            continue
        for side in range(shares.size):
            mean = means[query] * shares[side]
            a, b, _, _ = words_at(luck, market.cell_identity[query, side], number, SEARCHES, 0)
            u = unit(a, b)
            if u <= 1.0 - mean:  # below exp(-mean): most cells of a long tail
                continue
            searches = poisson_quantile(u, mean)
            if searches > 0:
                requests.cell[count] = query * shares.size + side
                requests.waiting[count] = searches
                requests.place[count] = 0
                requests.segment[count] = 0
                requests.start[count] = 0.0
                count += 1
    return count


@kernel
def split_requests(market, book, luck, number, first_row, chance, hour, n_requests, count):
    """Hand requests to the entries whose campaigns take part; returns the number of parts.

    `chance` float64[C] is each campaign's participation; the coin is one a search and campaign,
    and a row has one entry a campaign, so each entry tosses for what the better ones left.
    """
    identities = market.cell_identity.ravel()
    campaigns = book.offers.campaign
    parts = hour.parts
    for i in range(n_requests):
        cell = hour.requests.cell[i]
        waiting = hour.requests.waiting[i]
        segment = hour.requests.segment[i]
        first = book.row_start[first_row + cell]
        n_entries = book.row_start[first_row + cell + 1] - first
        for place in range(hour.requests.place[i], n_entries):
            offer = book.entry[first + place]
            share = chance[campaigns[offer]]
            if share <= 0.0:
                continue
            code = place + (segment << SEGMENT_SHIFT)
            taken = waiting
            if share < 1.0:
                identity = part_identity(identities[cell], code)
                a, b, _, _ = words_at(luck, identity, number, COIN, 0)
                taken = binomial_quantile(unit(a, b), waiting, share)
            if taken > 0:
                _new_part(parts, count, SERVED, cell, taken, hour.requests.start[i])
                parts.place[count] = place
                parts.offer[count] = offer
                parts.code[count] = code
                count += 1
                waiting -= taken
            if waiting == 0:
                break
        if waiting > 0:
            kind = LOST if n_entries > 0 else UNMATCHED
            _new_part(parts, count, kind, cell, waiting, hour.requests.start[i])
            if n_entries > 0:
                parts.offer[count] = book.entry[first]
            count += 1
    return count


@kernel
def _new_part(parts, i, kind, cell, searches, start):
    parts.kind[i] = kind
    parts.cell[i] = cell
    parts.searches[i] = searches
    parts.start[i] = start
    parts.end[i] = 1.0
    parts.drawn[i] = 0
    parts.trim[i] = 0
    _clear_part(parts, i)


@kernel
def _clear_part(parts, i):
    parts.clicks[i] = 0
    parts.shown[i] = 0
    parts.positions[i] = 0
    parts.orders[i] = 0
    parts.carts[i] = 0
    parts.spent[i] = 0


@kernel
def draw_clicks(market, book, luck, number, parts, first, last):
    """Draw the clicks of the parts first .. last - 1."""
    identities = market.cell_identity.ravel()
    side_ctr = market.sides.ctr
    kinds, cells, codes, at = parts.kind, parts.cell, parts.code, parts.offer
    searches, clicks, drawn = parts.searches, parts.clicks, parts.drawn
    enters, ctrs, examined = book.offers.enters, book.offers.ctr, book.offers.examined
    for i in range(first, last):
        if kinds[i] != SERVED or not enters[at[i]]:
            continue
        ctr = min(1.0, ctrs[at[i]] * side_ctr[cells[i] % side_ctr.size])
        identity = part_identity(identities[cells[i]], codes[i])
        a, b, _, _ = words_at(luck, identity, number, CLICKS, 0)
        drawn[i] = binomial_quantile(unit(a, b), searches[i], ctr * examined[at[i]])
        clicks[i] = drawn[i]


@kernel
def draw_outcomes(market, book, luck, number, parts, first, last):
    """Draw impressions, positions, orders and carts given the searches and clicks of parts."""
    identities = market.cell_identity.ravel()
    sides = market.sides
    examination = market.examination
    offers = book.offers
    side_ctr, side_cvr = sides.ctr, sides.cvr
    kinds, cells, codes, at = parts.kind, parts.cell, parts.code, parts.offer
    all_searches, all_clicks = parts.searches, parts.clicks
    shown, positions, orders, carts = parts.shown, parts.positions, parts.orders, parts.carts
    for i in range(first, last):
        offer = at[i]
        if kinds[i] != SERVED or not offers.enters[offer]:
            continue
        side = cells[i] % side_ctr.size
        clicks = all_clicks[i]
        ctr = min(1.0, offers.ctr[offer] * side_ctr[side])
        identity = part_identity(identities[cells[i]], codes[i])
        click_chance = ctr * offers.examined[offer]
        unclicked = all_searches[i] - clicks
        seen = 0
        if unclicked > 0 and click_chance < 1.0:
            a, b, _, _ = words_at(luck, identity, number, SHOWN, 0)
            share = (offers.shown[offer] - click_chance) / (1.0 - click_chance)
            seen = binomial_quantile(unit(a, b), unclicked, share)
        shown[i] = clicks + seen
        positions[i] = clicks + seen
        left_seen = offers.shown[offer] - click_chance
        left_clicked = offers.examined[offer]
        for slot in range(examination.size - 1):
            if seen == 0 and clicks == 0:
                break
            slot_chance = book.chance[offer, slot]
            a, b, c, d = words_at(luck, identity, number, SLOTS, slot)
            if seen > 0:
                weight = slot_chance * (1.0 - ctr * examination[slot])
                seen -= binomial_quantile(unit(a, b), seen, weight / left_seen)
                left_seen -= weight
            if clicks > 0:
                weight = slot_chance * examination[slot]
                clicks -= binomial_quantile(unit(c, d), clicks, weight / left_clicked)
                left_clicked -= weight
            positions[i] += seen + clicks  # those that stand in a lower slot
        if all_clicks[i] > 0:
            cvr = min(1.0, offers.cvr[offer] * side_cvr[side])
            a, b, c, d = words_at(luck, identity, number, ORDERS, 0)
            orders[i] = binomial_quantile(unit(a, b), all_clicks[i], cvr)
            carts[i] = binomial_quantile(unit(c, d), all_clicks[i], offers.cart_rate[offer])


@kernel
def charge_parts(market, book, luck, number, parts, first, last):
    """Draw what the clicks of the parts first .. last - 1 cost together."""
    identities = market.cell_identity.ravel()
    offers = book.offers
    below, guide = book.below, book.guide
    step = market.rules.step
    cells, codes, at, all_clicks = parts.cell, parts.code, parts.offer, parts.clicks
    spent = parts.spent
    room = make_clicks()
    words, u, charge = room.words, room.u, room.charge
    for i in range(first, last):
        clicks = all_clicks[i]
        if clicks == 0:
            continue
        identity = part_identity(identities[cells[i]], codes[i])
        total = 0
        for block in range(0, clicks, charge.size):
            n = min(charge.size, clicks - block)
            fill_uniforms(luck, identity, number, block, n, words, u)
            if offers.lowest[at[i]] >= 0:  # `draw_charges`, but for the arrays that it takes
                look_up(below, guide, price_table(offers, at[i], step), u, n, charge)
            else:
                draw_charges(market, book, at[i], u, n, charge)
            for j in range(n):
                total += charge[j]
        spent[i] = total


@kernel
def fill_uniforms(luck, identity, number, first, n, words, u):
    """What draws the charges of a part's clicks first .. first + n - 1; `first` is a multiple of 4.

    Click j takes word (j % 4, j // 4) of the decision.
    """
    fill_words(luck, identity, number, CHARGE, first >> 2, (n + 3) >> 2, words)
    for i in range((n + 3) >> 2):
        for k in range(4):
            u[4 * i + k] = unit32(words[k, i])


@kernel
def fill_times(luck, identity, number, start, first, count, room):
    """Times of a part's clicks first .. first + count - 1: uniform from its start in the hour."""
    words, time = room.words, room.time
    fill_words(luck, identity, number, TIME, first, count, words)
    for j in range(count):
        time[j] = start + (1.0 - start) * unit(words[0, j], words[1, j])


@kernel
def spend_by_payer(book, parts, count, out):
    """Fill out[C + 1] with the micros spent in the parts; the account's come last."""
    for payer in range(out.size):
        out[payer] = 0
    for i in range(count):
        if parts.spent[i] > 0:
            out[book.offers.campaign[parts.offer[i]]] += parts.spent[i]
            out[out.size - 1] += parts.spent[i]


@kernel
def _pays(book, parts, i, payer, n_campaigns):
    """Whether part i's clicks are paid by `payer`, a campaign or (n_campaigns) the account."""
    if parts.kind[i] != SERVED:
        return False
    return payer == n_campaigns or payer == book.offers.campaign[parts.offer[i]]


@kernel
def log_clicks(market, book, luck, number, parts, count, payer, n_campaigns):
    """Number, times, charges and parts of all clicks that `payer` has paid in the parts so far."""
    identities = market.cell_identity.ravel()
    total = 0
    for i in range(count):
        if _pays(book, parts, i, payer, n_campaigns):
            total += parts.clicks[i]
    times = np.empty(total)
    charges = np.empty(total, np.int64)
    owners = np.empty(total, np.int64)
    room = make_clicks()
    n = 0
    for i in range(count):
        if parts.clicks[i] == 0 or not _pays(book, parts, i, payer, n_campaigns):
            continue
        end = parts.end[i]
        identity = part_identity(identities[parts.cell[i]], parts.code[i])
        for block in range(0, parts.drawn[i], BLOCK):
            size = min(BLOCK, parts.drawn[i] - block)
            fill_times(luck, identity, number, parts.start[i], block, size, room)
            fill_uniforms(luck, identity, number, block, size, room.words, room.u)
            draw_charges(market, book, parts.offer[i], room.u, size, room.charge)
            for j in range(size):
                if room.time[j] <= end:
                    times[n] = room.time[j]
                    charges[n] = room.charge[j]
                    if room.time[j] == end:
                        charges[n] -= parts.trim[i]
                    owners[n] = i
                    n += 1
    return n, times, charges, owners


@kernel
def cut_parts(market, book, luck, number, hour, count, payer, moment, n_campaigns):
    """End the payer's parts at `moment`; returns the number of requests that this leaves.

    Clicks up to the moment stay with their charges; of the other searches a binomial number came
    before it; impressions, orders and carts of what stays are to be drawn given both.
    """
    identities = market.cell_identity.ravel()
    parts = hour.parts
    requests = hour.requests
    room = make_clicks()
    left = 0
    for i in range(count):
        if parts.end[i] <= moment or not _pays(book, parts, i, payer, n_campaigns):
            continue
        identity = part_identity(identities[parts.cell[i]], parts.code[i])
        clicks = 0
        spent = 0
        for block in range(0, parts.drawn[i], BLOCK):
            size = min(BLOCK, parts.drawn[i] - block)
            fill_times(luck, identity, number, parts.start[i], block, size, room)
            fill_uniforms(luck, identity, number, block, size, room.words, room.u)
            draw_charges(market, book, parts.offer[i], room.u, size, room.charge)
            for j in range(size):
                if room.time[j] <= moment:
                    spent += room.charge[j]
                    clicks += 1
        share = (moment - parts.start[i]) / (1.0 - parts.start[i])
        a, b, _, _ = words_at(luck, identity, number, KEPT, 0)
        others = parts.searches[i] - parts.clicks[i]
        kept = clicks + binomial_quantile(unit(a, b), others, min(1.0, max(0.0, share)))
        if kept < parts.searches[i]:
            requests.cell[left] = parts.cell[i]
            requests.waiting[left] = parts.searches[i] - kept
            requests.place[left] = parts.place[i] + 1
            requests.segment[left] = (parts.code[i] >> SEGMENT_SHIFT) + 1
            requests.start[left] = moment
            left += 1
        _clear_part(parts, i)
        parts.searches[i] = kept
        parts.clicks[i] = clicks
        parts.spent[i] = spent
        parts.end[i] = moment
    return left


@kernel
def first_to_run_out(market, book, luck, number, parts, count, left, spend, is_out):
    """The payer whose budget is reached first: (payer or -1, moment, part, overshoot)."""
    payer = -1
    moment = np.inf
    owner = np.int64(-1)
    over = np.int64(0)
    for candidate in range(left.size):
        if is_out[candidate] or spend[candidate] < left[candidate]:
            continue
        n, times, charges, owners = log_clicks(
            market, book, luck, number, parts, count, candidate, left.size - 1
        )
        time, click, excess = crossing(times, charges, n, left[candidate])
        if time < moment:
            payer = candidate
            moment = time
            owner = owners[click]
            over = excess
    return payer, moment, owner, over


@kernel
def settle_budgets(market, book, luck, number, first_row, hour, count, left, chance):
    """Cut the hour where budgets run out, in order of time, until none does; number of parts.

    `left` int64[C + 1] holds what the campaigns and, last, the account may still spend today; it
    is lowered by what the hour costs. `chance` becomes 0 for campaigns that run out.
    """
    spend = np.zeros(left.size, np.int64)
    is_out = np.empty(left.size, np.bool_)
    for payer in range(left.size):
        is_out[payer] = left[payer] <= 0
    while True:
        spend_by_payer(book, hour.parts, count, spend)
        payer, moment, owner, over = first_to_run_out(
            market, book, luck, number, hour.parts, count, left, spend, is_out
        )
        if payer < 0:
            break
        requests = cut_parts(
            market, book, luck, number, hour, count, payer, moment, chance.size
        )
        hour.parts.spent[owner] -= over
        hour.parts.trim[owner] += over
        for campaign in range(left.size):
            if payer == campaign or payer == chance.size:
                is_out[campaign] = True
                if campaign < chance.size:
                    chance[campaign] = 0.0
        first = count
        count = split_requests(
            market, book, luck, number, first_row, chance, hour, requests, count
        )
        draw_clicks(market, book, luck, number, hour.parts, first, count)
        draw_outcomes(market, book, luck, number, hour.parts, 0, count)
        charge_parts(market, book, luck, number, hour.parts, first, count)
    for payer in range(left.size):
        if left[payer] < NO_BUDGET:
            left[payer] -= spend[payer]
    return count


@kernel
def add_to_tallies(market, book, groups, row, parts, count, tallies):
    """Add the parts to tallies[group, field]; `row` is the one of their day and hour."""
    n_sides = market.sides.size
    offers = book.offers
    for i in range(count):
        searches = parts.searches[i]
        base = row + groups.side[parts.cell[i] % n_sides]
        if parts.kind[i] == UNMATCHED:
            tallies[base + groups.none[parts.cell[i] // n_sides], SEARCHED] += searches
            continue
        offer = parts.offer[i]
        target = base + groups.link[offers.link[offer]]
        tallies[target, SEARCHED] += searches
        tallies[target, ELIGIBLE] += searches
        if parts.kind[i] == LOST:
            tallies[target, LOST_TO_BUDGET] += searches
            continue
        tallies[target, IMPRESSIONS] += parts.shown[i]
        tallies[target, LOST_TO_RANK] += searches - parts.shown[i]
        tallies[target, CLICKED] += parts.clicks[i]
        tallies[target, CARTS] += parts.carts[i]
        tallies[target, ORDERED] += parts.orders[i]
        tallies[target, SPEND] += parts.spent[i]
        tallies[target, REVENUE] += parts.orders[i] * offers.price[offer]
        tallies[target, GOODS_COST] += parts.orders[i] * offers.unit_cost[offer]
        tallies[target, POSITION_SUM] += parts.positions[i]


@kernel
def count_history(market, plan, book, rates, groups, luck, window, tallies):
    """One (plan, replication): the days of `window`, added to int64 tallies[group, field].

    `rates` float64[C, B]: mean spend by block, of use to campaigns with standard delivery.
    """
    queries = market.queries
    n_cells = market.cell_identity.size
    shocks = np.empty(market.group_identity.size)
    means = np.empty(queries.size)
    chance = np.empty(plan.standard.size)
    left = np.empty(plan.budget.size, np.int64)
    hour = make_hour(most_parts(market, plan, book))
    for day in range(window.first, window.last):
        draw_shocks(market, luck, day, shocks)
        open_budgets(plan, left)
        for clock in range(HOURS_A_DAY):
            number = day * HOURS_A_DAY + clock
            for query in range(means.size):
                factor = market.hour_factor[day, clock] * shocks[queries.group[query]]
                means[query] = queries.searches[query] * factor
            set_participation(market, plan, rates, day, clock, left, chance)
            first_row = hour_block(market, plan, day, clock) * n_cells
            requests = draw_searches(market, luck, number, means, hour)
            count = split_requests(
                market, book, luck, number, first_row, chance, hour, requests, 0
            )
            draw_clicks(market, book, luck, number, hour.parts, 0, count)
            draw_outcomes(market, book, luck, number, hour.parts, 0, count)
            charge_parts(market, book, luck, number, hour.parts, 0, count)
            count = settle_budgets(
                market, book, luck, number, first_row, hour, count, left, chance
            )
            row = groups.day[day] + groups.hour[clock]
            add_to_tallies(market, book, groups, row, hour.parts, count, tallies)
