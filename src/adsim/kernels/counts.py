"""Fidelity `counts`: exact samples of the counts of every cell and hour.

The searches of a cell in an hour are split into *parts*: those in which one entry of the book
stands for the shop, those lost to budgets, those without an own keyword. A part's clicks are
binomial in its searches; impressions, slots, orders and carts are drawn given the clicks. So a part
can be cut at the moment when its campaign's budget ends: clicks have uniform times, those up to the
moment stay, the other searches before it are binomial, and the rest goes to the next entries.

Each stage is one loop over all parts: a call per part would count references to every array.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .auction import MICRO, charge_above, charge_of, draw_next_rank
from .budget import crossing, hour_block, set_participation
from .demand import draw_shocks
from .draws import binomial_quantile, poisson_quantile
from .jit import kernel
from .model import NO_BUDGET
from .random import (
    BLOCK,
    CHARGE,
    CLICKS,
    COIN,
    HOURS_A_DAY,
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

# Columns of a request: searches of a cell that wait for an entry
CELL, WAITING, NEXT_PLACE, SEGMENT = range(4)
# Columns of a part
ENTRY, N_SEARCHES, N_CLICKS, N_SHOWN, POSITIONS, N_ORDERS, N_CARTS, SPENT = range(1, 9)
DRAWN_CLICKS, TRIM, PLACE, CODE, KIND = range(9, 14)
N_COLUMNS = 14
SERVED, LOST, UNMATCHED = range(3)  # kinds of parts
SEGMENT_SHIFT = 8  # places in a row: at most the campaigns whose keywords match one query


class Hour(NamedTuple):
    """Room for one hour's work, reused."""

    request: np.ndarray  # int64[.., 4]
    request_start: np.ndarray  # float64[..], share of the hour that is over
    part: np.ndarray  # int64[.., N_COLUMNS]
    start: np.ndarray  # float64[..], when the part begins, in hours
    end: np.ndarray  # float64[..], when it ends


@kernel
def make_hour(size):
    return Hour(
        np.zeros((size, 4), np.int64),
        np.zeros(size),
        np.zeros((size, N_COLUMNS), np.int64),
        np.zeros(size),
        np.ones(size),
    )


@kernel
def grown(hour, size):
    """The same hour with room for at least `size` requests and parts."""
    if size <= hour.start.size:
        return hour
    new = make_hour(2 * size)
    old = hour.start.size
    new.request[:old] = hour.request
    new.request_start[:old] = hour.request_start
    new.part[:old] = hour.part
    new.start[:old] = hour.start
    new.end[:old] = hour.end
    return new


@kernel
def part_identity(cell_identity, code):
    """The stable id of a part's luck; code 0 is a cell's best entry from the start of the hour."""
    return cell_identity if code == 0 else mixed_id(cell_identity, np.uint64(code))


@kernel
def draw_searches(demand, luck, number, means, hour):
    """Draw every cell's searches of hour `number` of the run; returns the number of requests.

    `means` float64[Q] holds the queries' mean searches in this hour, shock included.
    """
    n_sides = demand.side_share.size
    count = 0
    for query in range(means.size):
        if means[query] <= 0.0:
            continue
        for side in range(n_sides):
            mean = means[query] * demand.side_share[side]
            a, b, _, _ = words_at(luck, demand.cell_identity[query, side], number, SEARCHES, 0)
            u = unit(a, b)
            if u <= 1.0 - mean:  # below exp(-mean): most cells of a long tail
                continue
            searches = poisson_quantile(u, mean)
            if searches > 0:
                hour.request[count, CELL] = query * n_sides + side
                hour.request[count, WAITING] = searches
                hour.request[count, NEXT_PLACE] = 0
                hour.request[count, SEGMENT] = 0
                hour.request_start[count] = 0.0
                count += 1
    return count


@kernel
def split_requests(market, book, luck, number, first_row, chance, hour, n_requests, count):
    """Hand requests to the entries whose campaigns take part; returns (hour, number of parts).

    `chance` float64[C] is each campaign's participation; the coin is one a search and campaign,
    and a row has one entry a campaign, so each entry tosses for what the better ones left.
    """
    identities = market.demand.cell_identity.ravel()
    account = market.account
    for i in range(n_requests):
        cell = hour.request[i, CELL]
        waiting = hour.request[i, WAITING]
        segment = hour.request[i, SEGMENT]
        row = first_row + cell
        first = book.row_start[row]
        n_entries = book.row_start[row + 1] - first
        hour = grown(hour, count + n_entries + 1)
        for place in range(hour.request[i, NEXT_PLACE], n_entries):
            link = book.offers.link[book.entry[first + place]]
            share = chance[account.campaign[account.link_keyword[link]]]
            if share <= 0.0:
                continue
            code = place + (segment << SEGMENT_SHIFT)
            taken = waiting
            if share < 1.0:
                identity = part_identity(identities[cell], code)
                a, b, _, _ = words_at(luck, identity, number, COIN, 0)
                taken = binomial_quantile(unit(a, b), waiting, share)
            if taken > 0:
                _new_part(hour, count, cell, first + place, taken, hour.request_start[i])
                hour.part[count, PLACE] = place
                hour.part[count, CODE] = code
                hour.part[count, KIND] = SERVED
                count += 1
                waiting -= taken
            if waiting == 0:
                break
        if waiting > 0:
            _new_part(hour, count, cell, first, waiting, hour.request_start[i])
            hour.part[count, KIND] = LOST if n_entries > 0 else UNMATCHED
            count += 1
    return hour, count


@kernel
def _new_part(hour, i, cell, entry, searches, start):
    hour.part[i, :] = 0
    hour.part[i, CELL] = cell
    hour.part[i, ENTRY] = entry
    hour.part[i, N_SEARCHES] = searches
    hour.start[i] = start
    hour.end[i] = 1.0


@kernel
def draw_clicks(market, book, luck, number, hour, first, last):
    """Draw the clicks of the parts first .. last - 1."""
    response = market.response
    account = market.account
    offers = book.offers
    identities = market.demand.cell_identity.ravel()
    n_sides = market.demand.side_share.size
    part = hour.part
    for i in range(first, last):
        if part[i, KIND] != SERVED:
            continue
        offer = book.entry[part[i, ENTRY]]
        if not offers.enters[offer]:
            continue
        keyword = account.link_keyword[offers.link[offer]]
        cell = part[i, CELL]
        ctr = response.ctr[offers.query[offer]] * account.ctr[keyword]
        ctr = min(1.0, ctr * response.side_ctr[cell % n_sides])
        identity = part_identity(identities[cell], part[i, CODE])
        a, b, _, _ = words_at(luck, identity, number, CLICKS, 0)
        clicks = binomial_quantile(unit(a, b), part[i, N_SEARCHES], ctr * offers.examined[offer])
        part[i, N_CLICKS] = clicks
        part[i, DRAWN_CLICKS] = clicks


@kernel
def draw_outcomes(market, book, luck, number, hour, first, last):
    """Draw impressions, positions, orders and carts given the searches and clicks of parts."""
    response = market.response
    account = market.account
    offers = book.offers
    examination = market.auction.examination
    identities = market.demand.cell_identity.ravel()
    n_sides = market.demand.side_share.size
    part = hour.part
    for i in range(first, last):
        if part[i, KIND] != SERVED:
            continue
        offer = book.entry[part[i, ENTRY]]
        if not offers.enters[offer]:
            continue
        keyword = account.link_keyword[offers.link[offer]]
        product = account.product[keyword]
        query = offers.query[offer]
        cell = part[i, CELL]
        side = cell % n_sides
        clicks = part[i, N_CLICKS]
        ctr = min(1.0, response.ctr[query] * account.ctr[keyword] * response.side_ctr[side])
        identity = part_identity(identities[cell], part[i, CODE])
        click_chance = ctr * offers.examined[offer]
        unclicked = part[i, N_SEARCHES] - clicks
        seen = 0
        if unclicked > 0 and click_chance < 1.0:
            a, b, _, _ = words_at(luck, identity, number, SHOWN, 0)
            share = (offers.shown[offer] - click_chance) / (1.0 - click_chance)
            seen = binomial_quantile(unit(a, b), unclicked, share)
        part[i, N_SHOWN] = clicks + seen
        part[i, POSITIONS] = clicks + seen
        left_seen = offers.shown[offer] - click_chance
        left_clicked = offers.examined[offer]
        for slot in range(examination.size - 1):
            if seen == 0 and clicks == 0:
                break
            chance = offers.chance[offer, slot]
            a, b, c, d = words_at(luck, identity, number, SLOTS, slot)
            weight = chance * (1.0 - ctr * examination[slot])
            seen -= binomial_quantile(unit(a, b), seen, weight / left_seen)
            left_seen -= weight
            weight = chance * examination[slot]
            clicks -= binomial_quantile(unit(c, d), clicks, weight / left_clicked)
            left_clicked -= weight
            part[i, POSITIONS] += seen + clicks  # those that stand in a lower slot
        clicks = part[i, N_CLICKS]
        if clicks > 0:
            cvr = response.cvr[query] * response.product_cvr[product] * response.side_cvr[side]
            a, b, c, d = words_at(luck, identity, number, ORDERS, 0)
            part[i, N_ORDERS] = binomial_quantile(unit(a, b), clicks, min(1.0, cvr))
            part[i, N_CARTS] = binomial_quantile(unit(c, d), clicks, response.cart_rate[product])


@kernel
def draw_charges(market, book, luck, number, hour, first, last):
    """Draw what the clicks of the parts first .. last - 1 cost together."""
    identities = market.demand.cell_identity.ravel()
    rules = market.auction.rules
    offers = book.offers
    prices = book.prices
    part = hour.part
    words = np.empty((4, BLOCK), np.uint32)
    for i in range(first, last):
        clicks = part[i, N_CLICKS]
        if clicks == 0:
            continue
        offer = book.entry[part[i, ENTRY]]
        link = offers.link[offer]
        identity = part_identity(identities[part[i, CELL]], part[i, CODE])
        cap = charge_of(offers.bid[offer] * MICRO, offers.bid[offer], rules.step)
        begin = prices.start[link]
        size = prices.start[link + 1] - begin
        decay = math.exp(-offers.level[offer])
        spent = 0
        for block in range(0, clicks, 4 * BLOCK):
            count = min(4 * BLOCK, clicks - block)
            fill_words(luck, identity, number, CHARGE, block // 4, (count + 3) // 4, words)
            if prices.lowest[link] >= 0:
                guide = prices.guide[link]
                for j in range(count):
                    v = unit32(words[j & 3, j >> 2]) * decay
                    steps = steps_below(prices.below, guide, begin, size, v)
                    spent += min(cap, prices.lowest[link] + steps * rules.step)
            else:
                for j in range(count):
                    spent += direct_charge(market, offers, offer, unit32(words[j & 3, j >> 2]))
        part[i, SPENT] = spent


@kernel
def steps_below(below, guide, begin, size, v):
    """How many of below[begin : begin + size] (rising) are at most v, 0 < v < 1."""
    bucket = int(v * (guide.size - 1))
    low = guide[bucket]
    high = guide[bucket + 1]
    while low < high:
        middle = (low + high) >> 1
        if below[begin + middle] <= v:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def direct_charge(market, offers, offer, u):
    """One charge (micros) by inversion of the next ad rank's distribution at u."""
    query = offers.query[offer]
    weight = market.account.weight[market.account.link_keyword[offers.link[offer]]]
    rank = draw_next_rank(market, query, offers.rank[offer], offers.level[offer], u)
    return charge_above(market.auction.rules, weight, offers.bid[offer], rank)


@kernel
def spend_by_payer(book, account, hour, count, out):
    """Fill out[C + 1] with the micros spent in the parts; the account's come last."""
    out[:] = 0
    part = hour.part
    for i in range(count):
        if part[i, SPENT] > 0:
            link = book.offers.link[book.entry[part[i, ENTRY]]]
            out[account.campaign[account.link_keyword[link]]] += part[i, SPENT]
            out[-1] += part[i, SPENT]


@kernel
def log_clicks(market, book, luck, number, hour, count, payer):
    """Times, charges and parts of all clicks that `payer` has paid in the parts so far."""
    account = market.account
    offers = book.offers
    identities = market.demand.cell_identity.ravel()
    n_campaigns = account.campaign_identity.size
    part = hour.part
    total = 0
    for i in range(count):
        total += part[i, N_CLICKS]
    times = np.empty(total)
    charges = np.empty(total, np.int64)
    owners = np.empty(total, np.int64)
    n = 0
    for i in range(count):
        if part[i, N_CLICKS] == 0:
            continue
        offer = book.entry[part[i, ENTRY]]
        campaign = account.campaign[account.link_keyword[offers.link[offer]]]
        if payer != campaign and payer != n_campaigns:
            continue
        identity = part_identity(identities[part[i, CELL]], part[i, CODE])
        for click in range(part[i, DRAWN_CLICKS]):
            time = click_time(luck, identity, number, click, hour.start[i])
            if time > hour.end[i]:
                continue
            word = words_at(luck, identity, number, CHARGE, click // 4)[click & 3]
            times[n] = time
            charges[n] = one_charge(market, book, offer, unit32(word))
            if time == hour.end[i]:
                charges[n] -= part[i, TRIM]
            owners[n] = i
            n += 1
    return times[:n], charges[:n], owners[:n]


@kernel
def click_time(luck, identity, number, click, start):
    a, b, _, _ = words_at(luck, identity, number, TIME, click)
    return start + (1.0 - start) * unit(a, b)


@kernel
def one_charge(market, book, offer, u):
    """One charge, the same as `draw_charges` makes of the same uniform."""
    offers = book.offers
    prices = book.prices
    link = offers.link[offer]
    if prices.lowest[link] < 0:
        return direct_charge(market, offers, offer, u)
    step = market.auction.rules.step
    cap = charge_of(offers.bid[offer] * MICRO, offers.bid[offer], step)
    begin = prices.start[link]
    size = prices.start[link + 1] - begin
    v = u * math.exp(-offers.level[offer])
    steps = steps_below(prices.below, prices.guide[link], begin, size, v)
    return min(cap, prices.lowest[link] + steps * step)


@kernel
def cut_parts(market, book, luck, number, hour, count, payer, moment):
    """End the payer's parts at `moment`; returns the number of requests that this leaves.

    Clicks up to the moment stay with their charges; of the other searches a binomial number came
    before it; impressions, orders and carts of what stays are drawn afresh given both.
    """
    account = market.account
    identities = market.demand.cell_identity.ravel()
    n_campaigns = account.campaign_identity.size
    part = hour.part
    requests = 0
    for i in range(count):
        if part[i, KIND] != SERVED or hour.end[i] <= moment:
            continue
        offer = book.entry[part[i, ENTRY]]
        campaign = account.campaign[account.link_keyword[book.offers.link[offer]]]
        if payer != campaign and payer != n_campaigns:
            continue
        identity = part_identity(identities[part[i, CELL]], part[i, CODE])
        clicks = 0
        spent = 0
        for click in range(part[i, DRAWN_CLICKS]):
            if click_time(luck, identity, number, click, hour.start[i]) <= moment:
                word = words_at(luck, identity, number, CHARGE, click // 4)[click & 3]
                spent += one_charge(market, book, offer, unit32(word))
                clicks += 1
        others = part[i, N_SEARCHES] - part[i, N_CLICKS]
        share = (moment - hour.start[i]) / (1.0 - hour.start[i])
        a, b, _, _ = words_at(luck, identity, number, KEPT, 0)
        kept = clicks + binomial_quantile(unit(a, b), others, min(1.0, max(0.0, share)))
        rest = part[i, N_SEARCHES] - kept
        part[i, N_SEARCHES] = kept
        part[i, N_CLICKS] = clicks
        part[i, SPENT] = spent
        part[i, N_SHOWN : N_CARTS + 1] = 0
        hour.end[i] = moment
        if rest > 0:
            hour.request[requests, CELL] = part[i, CELL]
            hour.request[requests, WAITING] = rest
            hour.request[requests, NEXT_PLACE] = part[i, PLACE] + 1
            hour.request[requests, SEGMENT] = (part[i, CODE] >> SEGMENT_SHIFT) + 1
            hour.request_start[requests] = moment
            requests += 1
    return requests


@kernel
def first_to_run_out(market, book, luck, number, hour, count, left, spend, is_out):
    """The payer whose budget is reached first: (payer or -1, moment, part, overshoot)."""
    payer = -1
    moment = np.inf
    owner = np.int64(-1)
    over = np.int64(0)
    for candidate in range(left.size):
        if is_out[candidate] or spend[candidate] < left[candidate]:
            continue
        times, charges, owners = log_clicks(market, book, luck, number, hour, count, candidate)
        time, click, excess = crossing(times, charges, times.size, left[candidate])
        if time < moment:
            payer = candidate
            moment = time
            owner = owners[click]
            over = excess
    return payer, moment, owner, over


@kernel
def settle_budgets(market, book, luck, number, first_row, hour, count, left, chance):
    """Cut the hour where budgets run out, in order of time, until none does; (hour, parts).

    `left` int64[C + 1] holds what the campaigns and, last, the account may still spend today; it
    is lowered by what the hour costs. `chance` becomes 0 for campaigns that run out.
    """
    account = market.account
    spend = np.zeros(left.size, np.int64)
    is_out = left <= 0
    while True:
        spend_by_payer(book, account, hour, count, spend)
        payer, moment, owner, over = first_to_run_out(
            market, book, luck, number, hour, count, left, spend, is_out
        )
        if payer < 0:
            break
        requests = cut_parts(market, book, luck, number, hour, count, payer, moment)
        hour.part[owner, SPENT] -= over
        hour.part[owner, TRIM] += over
        if payer == left.size - 1:
            chance[:] = 0.0
            is_out[:] = True
        else:
            chance[payer] = 0.0
            is_out[payer] = True
        draw_outcomes(market, book, luck, number, hour, 0, count)
        first = count
        hour, count = split_requests(
            market, book, luck, number, first_row, chance, hour, requests, count
        )
        draw_clicks(market, book, luck, number, hour, first, count)
        draw_outcomes(market, book, luck, number, hour, first, count)
        draw_charges(market, book, luck, number, hour, first, count)
    for i in range(left.size):
        if left[i] < NO_BUDGET:
            left[i] -= spend[i]
    return hour, count


@kernel
def add_to_tallies(market, book, groups, day_row, hour, count, tallies):
    """Add the hour's parts to tallies[group, field]; `day_row` is the row of its day and hour."""
    account = market.account
    response = market.response
    offers = book.offers
    n_sides = market.demand.side_share.size
    part = hour.part
    for i in range(count):
        cell = part[i, CELL]
        searches = part[i, N_SEARCHES]
        row = day_row + groups.side[cell % n_sides]
        if part[i, KIND] == UNMATCHED:
            tallies[row + groups.none[cell // n_sides], SEARCHED] += searches
            continue
        link = offers.link[book.entry[part[i, ENTRY]]]
        row += groups.link[link]
        tally = tallies[row]
        tally[SEARCHED] += searches
        tally[ELIGIBLE] += searches
        if part[i, KIND] == LOST:
            tally[LOST_TO_BUDGET] += searches
            continue
        product = account.product[account.link_keyword[link]]
        orders = part[i, N_ORDERS]
        tally[IMPRESSIONS] += part[i, N_SHOWN]
        tally[LOST_TO_RANK] += searches - part[i, N_SHOWN]
        tally[CLICKED] += part[i, N_CLICKS]
        tally[CARTS] += part[i, N_CARTS]
        tally[ORDERED] += orders
        tally[SPEND] += part[i, SPENT]
        tally[REVENUE] += orders * response.price[product]
        tally[GOODS_COST] += orders * response.unit_cost[product]
        tally[POSITION_SUM] += part[i, POSITIONS]


@kernel
def count_history(market, plan, book, rates, groups, luck, window, tallies):
    """One (plan, replication): the days of `window`, added to int64 tallies[group, field].

    `rates` float64[C, B]: mean spend by block, of use to campaigns with standard delivery.
    """
    demand = market.demand
    n_campaigns = plan.budget.size
    n_cells = demand.cell_identity.size
    shocks = np.empty(demand.group_identity.size)
    means = np.empty(demand.searches.size)
    chance = np.empty(n_campaigns)
    left = np.empty(n_campaigns + 1, np.int64)
    hour = make_hour(2 * n_cells)
    for day in range(window.first, window.last):
        draw_shocks(demand, luck, day, shocks)
        left[:n_campaigns] = plan.budget
        left[n_campaigns] = plan.account_budget
        for clock in range(HOURS_A_DAY):
            number = day * HOURS_A_DAY + clock
            for query in range(means.size):
                factor = demand.hour_factor[day, clock] * shocks[demand.group[query]]
                means[query] = demand.searches[query] * factor
            set_participation(market, plan, rates, window.weekday, day, clock, left, chance)
            first_row = hour_block(plan, window.weekday, day, clock) * n_cells
            requests = draw_searches(demand, luck, number, means, hour)
            hour, count = split_requests(
                market, book, luck, number, first_row, chance, hour, requests, 0
            )
            draw_clicks(market, book, luck, number, hour, 0, count)
            draw_outcomes(market, book, luck, number, hour, 0, count)
            draw_charges(market, book, luck, number, hour, 0, count)
            hour, count = settle_budgets(
                market, book, luck, number, first_row, hour, count, left, chance
            )
            day_row = groups.day[day] + groups.hour[clock]
            add_to_tallies(market, book, groups, day_row, hour, count, tallies)
