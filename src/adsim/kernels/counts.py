"""Fidelity `counts`: exact samples of the counts of every cell and hour.

Parts (see `parts.py`) can be cut at the moment when their campaign's budget ends: clicks have
uniform times, those up to the moment stay, the other searches before it are binomial, and the rest
goes to the next entries.
"""

from __future__ import annotations

import numpy as np

from . import tally
from .acts import add_acts, set_acts
from .budget import crossing, hour_block, open_budgets, set_participation
from .capping import (
    advance,
    count_room,
    count_shown,
    keep,
    lower_shares,
    make_audience,
    make_walk,
    open_levels,
    set_rates,
    settle_levels,
)
from .charges import draw_charges, promote_clicks
from .demand import draw_shocks, mean_searches
from .draws import binomial_quantile
from .jit import kernel
from .lives import (
    begin_hour,
    gather_kinds,
    live_levels,
    make_lives,
    searching_kinds,
)
from .model import HOURS_A_DAY, NO_BUDGET
from .organic import add_organic, draw_organic, has_organic
from .parts import (
    CAPPED_OUT,
    LOST,
    MOST_SEGMENTS,
    SEGMENT_SHIFT,
    SERVED,
    UNMATCHED,
    charge_parts,
    clear_part,
    draw_clicks,
    draw_outcomes,
    draw_searches,
    fill_times,
    fill_uniforms,
    make_clicks,
    make_hour,
    most_parts,
    part_identity,
    split_by_mask,
    split_requests,
)
from .people import live_hour, set_shares
from .random import BLOCK, KEPT, unit, words_at
from .rotating import close_hour, make_deal, open_hour


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
def count_searches(requests, count, searches):
    """Fill float64 searches[Q, S] with those of an hour."""
    searches.fill(0.0)
    n_sides = searches.shape[1]
    for i in range(count):
        cell = requests.cell[i]
        searches[cell // n_sides, cell % n_sides] = requests.waiting[i]


@kernel
def _pays(book, parts, i, payer, n_campaigns):
    """Whether part i's clicks are paid by `payer`, a campaign or (n_campaigns) the account."""
    if parts.kind[i] != SERVED:
        return False
    return payer == n_campaigns or payer == book.offers.campaign[parts.offer[i]]


@kernel
def _ends(book, exposure, parts, i, payer, n_campaigns):
    """Whether part i ends where `payer` is out of money: then caps keep nobody from it, either."""
    if parts.kind[i] != CAPPED_OUT or payer == n_campaigns:
        return parts.kind[i] == CAPPED_OUT or _pays(book, parts, i, payer, n_campaigns)
    counter = exposure.counter[payer]
    return counter >= 0 and parts.mask[i] >> counter & 1 == 1


@kernel
def draw_timed_clicks(market, book, luck, number, parts, i, first, room):
    """Times and charges of part i's clicks from `first` on, a block of them; returns how many."""
    n_sides = market.sides.size
    cell = parts.cell[i]
    identity = part_identity(market.cell_identity[cell // n_sides, cell % n_sides], parts.code[i])
    n = min(BLOCK, parts.drawn[i] - first)
    fill_times(luck, identity, number, parts.start[i], first, n, room)
    fill_uniforms(luck, identity, number, first, n, room.words, room.u)
    draw_charges(market, book, parts.offer[i], room.u, n, room.charge)
    share = book.offers.promoted[parts.offer[i]]
    if share > 0.0:
        least = book.offers.least[parts.offer[i]]
        promote_clicks(luck, identity, number, first, n, share, least, room)
    return n


@kernel
def log_clicks(market, book, luck, number, parts, count, payer, n_campaigns):
    """Number, times, charges and parts of all clicks that `payer` has paid in the parts so far."""
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
        for block in range(0, parts.drawn[i], BLOCK):
            size = draw_timed_clicks(market, book, luck, number, parts, i, block, room)
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
def cut_parts(market, book, exposure, luck, number, hour, count, payer, moment, n_campaigns):
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
        if parts.end[i] <= moment or not _ends(book, exposure, parts, i, payer, n_campaigns):
            continue
        identity = part_identity(identities[parts.cell[i]], parts.code[i])
        clicks = 0
        promoted = 0
        spent = 0
        may_promote = book.offers.promoted[parts.offer[i]] > 0.0
        for block in range(0, parts.drawn[i], BLOCK):
            size = draw_timed_clicks(market, book, luck, number, parts, i, block, room)
            for j in range(size):
                if room.time[j] <= moment:
                    spent += room.charge[j]
                    clicks += 1
                    promoted += may_promote and room.promoted[j]
        share = (moment - parts.start[i]) / (1.0 - parts.start[i])
        a, b, _, _ = words_at(luck, identity, number, KEPT, 0)
        others = parts.searches[i] - parts.clicks[i]
        kept = clicks + binomial_quantile(unit(a, b), others, min(1.0, max(0.0, share)))
        if kept < parts.searches[i]:
            requests.cell[left] = parts.cell[i]
            requests.waiting[left] = parts.searches[i] - kept
            requests.place[left] = parts.place[i] + 1
            requests.segment[left] = (parts.code[i] >> SEGMENT_SHIFT & MOST_SEGMENTS) + 1
            requests.mask[left] = parts.mask[i]
            requests.start[left] = moment
            left += 1
        clear_part(parts, i)
        parts.searches[i] = kept
        parts.clicks[i] = clicks
        parts.promoted[i] = promoted
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
def settle_budgets(
    market, book, exposure, luck, number, first_row, hour, count, left, chance, tired
):
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
            market, book, exposure, luck, number, hour, count, payer, moment, chance.size
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
            market, book, exposure, luck, number, first_row, chance, tired, hour, requests, count
        )
        draw_clicks(market, book, luck, number, hour.parts, first, count)
        charge_parts(market, book, luck, number, hour.parts, first, count)
        draw_outcomes(market, book, luck, number, hour.parts, np.int64(0), count)
    for payer in range(left.size):
        if left[payer] < NO_BUDGET:
            left[payer] -= spend[payer]
    return count


@kernel
def add_to_tallies(market, book, groups, row, parts, count, tallies):
    """Add the parts to tallies[group, field]; `row` is the one of their day and hour."""
    n_sides = market.sides.size
    offers = book.offers
    prices, unit_costs = market.order_money.price, market.order_money.unit_cost
    for i in range(count):
        searches = parts.searches[i]
        query = parts.cell[i] // n_sides
        side = parts.cell[i] % n_sides
        offer = parts.offer[i]
        is_matched = parts.kind[i] != UNMATCHED
        own = groups.link[offers.link[offer]] if is_matched else groups.none[query]
        target = row + groups.side[side] + own
        if parts.organic[i] > 0:
            add_organic(market, query, side, parts.organic[i], tallies, target)
        if not is_matched:
            tallies[target, tally.SEARCHES] += searches
            continue
        tallies[target, tally.SEARCHES] += searches
        tallies[target, tally.ELIGIBLE] += searches
        if parts.kind[i] == LOST:
            tallies[target, tally.LOST_TO_BUDGET] += searches
            continue
        if parts.kind[i] == CAPPED_OUT:
            tallies[target, tally.LOST_TO_CAP] += searches
            continue
        tallies[target, tally.IMPRESSIONS] += parts.shown[i]
        tallies[target, tally.LOST_TO_RANK] += searches - parts.shown[i]
        tallies[target, tally.CLICKS] += parts.clicks[i]
        tallies[target, tally.CARTS] += parts.carts[i]
        tallies[target, tally.ORDERS] += parts.orders[i]
        tallies[target, tally.SPEND] += parts.spent[i]
        product = offers.product[offer]
        tallies[target, tally.REVENUE] += parts.orders[i] * prices[product, side]
        tallies[target, tally.GOODS_COST] += parts.orders[i] * unit_costs[product, side]
        tallies[target, tally.POSITION_SUM] += parts.positions[i]


@kernel
def draw_hour(
    market, book, exposure, luck, number, first_row, chance, left, hour, requests, share, tired,
    persons,
):  # fmt: skip
    """Draw the parts of an hour from its requests; returns their number.

    `share` float64[A, masks] and `tired` float64[A, masks, n] tell who searches, unless `persons`
    is None. `chance` and `left` change where budgets run out.
    """
    parts = hour.parts
    if persons is not None:
        requests = split_by_mask(
            market, book, exposure, luck, number, first_row, share, hour, requests
        )
    count = split_requests(
        market, book, exposure, luck, number, first_row, chance, tired, hour, requests, np.int64(0)
    )
    draw_clicks(market, book, luck, number, parts, np.int64(0), count)
    charge_parts(market, book, luck, number, parts, np.int64(0), count)
    draw_outcomes(market, book, luck, number, parts, np.int64(0), count)
    return settle_budgets(
        market, book, exposure, luck, number, first_row, hour, count, left, chance, tired
    )


@kernel
def count_history(
    market, people, plan, book, rates, groups, luck, window, levels, persons, tallies, stocks,
    trials,
):  # fmt: skip
    """One (plan, replication): the days of `window`, added to int64 tallies[group, field].

    `rates` float64[C, B]: mean spend by block, of use to campaigns with standard delivery.
    Where persons live, int64 stocks[K * P] holds them, from the window's first morning to the one
    after its last day, and `market.share` is the history's own.
    Where campaigns count impressions, float64 persons[K, J] are those at each of the `levels` (see
    `capping.py`), of every stock where they live (see `lives.py`). Elsewhere both are None: numba
    then leaves out what asks for them, and compiles so much the sooner.
    Where ad groups have creatives, int64 trials[m, N_TRIED] hold what they have brought so far (see
    `rotating.py`), and `book.offers` are the history's own.
    """
    exposure = plan.exposure
    if persons is not None:
        exposure = searching_kinds(exposure, people, stocks.size)
        lives = make_lives(exposure, levels, people, stocks.size)
        walk = make_walk(levels)
        searching = lives.searching if stocks.size > 0 else persons
        after = np.empty(searching.shape)
        searches = np.empty(market.cell_identity.shape)
    audience = make_audience(exposure)
    share, tired = audience.share, audience.tired
    n_cells = market.cell_identity.size
    shocks = np.empty(market.group_identity.size)
    means = np.empty(market.queries.size)
    chance = np.empty(plan.standard.size)
    left = np.empty(plan.budget.size, np.int64)
    is_organic = has_organic(market)
    hour = make_hour(most_parts(market, plan, book), n_cells if is_organic else 0)
    rotates = trials.size > 0
    deal = make_deal(market, plan.rotation, window, trials)
    if stocks.size > 0:
        set_shares(people, stocks, market.share)
    for day in range(window.first, window.last):
        draw_shocks(market, luck, day, shocks)
        open_budgets(plan, left)
        if persons is not None:
            open_levels(exposure, levels, day, persons)
        for clock in range(HOURS_A_DAY):
            number = day * HOURS_A_DAY + clock
            mean_searches(market, day, clock, shocks, means)
            set_participation(market, plan, rates, day, clock, left, chance)
            first_row = hour_block(market, plan, day, clock) * n_cells
            if rotates:
                open_hour(market, plan.rotation, book, luck, number, trials, deal)
            requests = draw_searches(market, luck, number, means, hour)
            if persons is not None:
                count_searches(hour.requests, requests, searches)
                if stocks.size > 0:
                    begin_hour(persons, lives)
                    gather_kinds(people, stocks, exposure.kinds, lives)
                    set_acts(market, book, exposure, searches, first_row, chance, lives.acts)
                    add_acts(lives.acts, audience.rate)
                else:
                    set_rates(book, exposure, searches, first_row, chance, audience.rate)
                count_room(exposure, levels, searching, audience)
                advance(exposure, levels, searching, audience, after, walk)
                share, tired = audience.share.copy(), audience.tired.copy()
                money, part = left.copy(), chance.copy()
            count = draw_hour(
                market, book, exposure, luck, number, first_row, chance, left, hour, requests,
                share, tired, persons,
            )  # fmt: skip
            if persons is not None:
                attempt = 0
                count_shown(exposure, book, market.sides.size, hour.parts, count, audience.shown)
                while lower_shares(audience, share, tired, attempt):
                    attempt += 1
                    left[:], chance[:] = money, part
                    requests = draw_searches(market, luck, number, means, hour)
                    count = draw_hour(
                        market, book, exposure, luck, number, first_row, chance, left, hour,
                        requests, share, tired, persons,
                    )  # fmt: skip
                    count_shown(
                        exposure, book, market.sides.size, hour.parts, count, audience.shown
                    )
            if is_organic:
                draw_organic(market, luck, number, hour.parts, count, hour.cells)
            if persons is not None:
                settle_levels(exposure, levels, searching, audience, after, walk)
            row = groups.day[day] + groups.hour[clock]
            add_to_tallies(market, book, groups, row, hour.parts, count, tallies)
            if rotates:
                add_to_tallies(market, book, deal.groups, 0, hour.parts, count, deal.sums)
                close_hour(plan.rotation, luck, number, deal, trials)
            if persons is None:
                live_hour(market, people, luck, number, hour.parts, count, stocks)
            elif stocks.size > 0:
                live_levels(
                    market, people, exposure, luck, number, hour.parts, count, levels, audience,
                    lives, persons, stocks, walk,
                )  # fmt: skip
            else:
                keep(persons, after)
