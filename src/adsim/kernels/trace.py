"""Single auctions in order of time: what `events` does, one search after the other.

Slow and plain on purpose: it shows what happened in each search, and checks the blocks, the pieces
of hours and the billing of `events`, which must add up to the same numbers.
"""

from __future__ import annotations

import math

import numpy as np

from . import tally
from .auction import ALMOST, charge_above
from .budget import hour_block
from .charges import draw_charges
from .demand import draw_shocks, mean_searches
from .events import open_all_budgets, set_chances, stop_payer
from .exposure import count_impression, is_capped, open_periods, pick_person, tiredness
from .jit import kernel
from .landscape import field_of, rank_with_above, rivals_above
from .lanes import slot_of
from .model import HOURS_A_DAY, NO_BUDGET
from .moving import gather, live_persons, make_crowd, searchers_of
from .named import BIDDER, HALF, OWN, line_up, most_bidders
from .organic import organic_limit
from .people import CART as CARTED
from .people import CLICK, IMPRESSION, N_EVENTS, ORDER
from .random import (
    BLOCK,
    CART,
    COIN,
    CROWDING,
    PRESENCE,
    SEARCH,
    TIME,
    mixed_id,
    threshold,
    unit,
    unit32,
    words_at,
)
from .rotating import close_hour, make_deal, open_hour
from .searching import draw_searches, slot_thresholds
from .views import fill_page, may_be_promoted, odds_factor, terms_of

TRACE = np.dtype(
    [
        ("day", "i8"),
        ("hour", "i8"),
        ("time", "f8"),  # in hours from the full hour
        ("cell", "i8"),
        ("person", "i8"),  # who searches, -1 where there are no persons
        ("link", "i8"),  # of the keyword it counts for, -1 where none is eligible
        ("outcome", "i8"),  # SHOWN .. LOST_TO_CAP
        ("slot", "i8"),  # 0 = top, -1 where not shown
        ("clicked", "i8"),
        ("charge", "i8"),  # micros
        ("carted", "i8"),
        ("ordered", "i8"),
        ("organic", "i8"),  # ordered without a click
        ("offer", "i8"),  # -1 where none
    ]
)
SHOWN, LOST_TO_RANK, LOST_TO_BUDGET, UNMATCHED, LOST_TO_CAP = 0, 1, 2, 3, 4
OUT_OF_MONEY, CAPPED = -1, -2  # instead of an entry


@kernel
def standing_entry(book, chance, luck, identity, number, row, search, exposure, seen, person):
    """The entry that stands for the shop in a search; OUT_OF_MONEY or CAPPED where none does."""
    first = book.row_start[row]
    nobody = OUT_OF_MONEY
    for entry in range(first, book.row_start[row + 1]):
        campaign = book.offers.campaign[book.entry[entry]]
        share = chance[campaign]
        if share > 0.0 and is_capped(exposure, seen, campaign, person):
            nobody = CAPPED
            continue
        if share >= 1.0:
            return entry
        if share > 0.0:
            coin = mixed_id(identity, np.uint64(entry - first + 1))
            word = words_at(luck, coin, number, COIN, search)[0]
            if np.uint64(word) < threshold(share):
                return entry
    return nobody


@kernel
def pay_click(left, chance, payer, charge, n_campaigns):
    """Bill a click, at most what payer and account have left; returns the micros billed."""
    billed = min(charge, left[payer])
    if payer < n_campaigns:
        billed = min(billed, left[n_campaigns])
    for who in (payer, n_campaigns):
        if who == payer or payer < n_campaigns:
            if left[who] < NO_BUDGET:
                left[who] -= billed
            if left[who] <= 0:
                stop_payer(chance, left, who, n_campaigns)
    return billed


@kernel
def trace_alone(market, book, luck, identity, number, search, side, slots, tired, out, i, charges):
    """One search without named rivals, by a person with this CTR factor."""
    offer = out.offer[i]
    words = words_at(luck, identity, number, SEARCH, search)
    place = slot_of(words[0], slots[offer])
    if place == slots.shape[1]:
        return
    out.outcome[i] = SHOWN
    out.slot[i] = place
    ctr = min(1.0, book.offers.ctr[offer] * market.sides.ctr[side] * tired)
    if np.uint64(words[1]) >= threshold(ctr * book.views[book.offers.view_row[offer], place]):
        return
    out.clicked[i] = 1
    u = np.empty(1)
    u[0] = unit32(words[2])
    draw_charges(market, book, offer, u, 1, charges)
    out.charge[i] = charges[0]
    if place < market.rules.promoted_slots:
        out.charge[i] = max(charges[0], book.offers.least[offer])


@kernel
def presence_words(luck, identity, number, search):
    """Presence and click word of a named rival in a search."""
    block = search // BLOCK * BLOCK
    lane = search - block
    words = words_at(luck, identity, number, PRESENCE, block // 2 + lane % HALF)
    if lane < HALF:
        return words[0], words[1]
    return words[2], words[3]


@kernel
def trace_named(
    market, book, luck, identity, number, search, row, side, query, chance, left, who, out, i,
    standing, n_campaigns, tired,
):  # fmt: skip
    """One search among named rivals: everybody's slot and click; rivals pay here.

    `tired` is the CTR factor of the person for the own ad.
    """
    n = line_up(market, book, chance, n_campaigns, row, query, who)
    field = field_of(market.queries, query)
    n_slots = market.examination.size
    here = np.empty(n, np.bool_)
    click_word = np.empty(n, np.uint32)
    own_words = words_at(luck, identity, number, SEARCH, search)
    for j in range(n):
        if who.named[j] == OWN:
            here[j] = who.entry[j] == standing
            click_word[j] = own_words[1]
        else:
            rival = who.named[j]
            key = mixed_id(identity, market.named.identity[rival])
            word, click_word[j] = presence_words(luck, key, number, search)
            here[j] = np.uint64(word) < threshold(market.named.presence[rival])
    points = np.empty(n_slots)
    total = 0.0
    for k in range(n_slots):
        key = mixed_id(identity, np.uint64(k // 4))
        total -= math.log(unit32(words_at(luck, key, number, CROWDING, search)[k % 4]))
        points[k] = total if field.mean > 0.0 else np.inf
    page = promoted_ads(market, field, who, here, n, points)
    view = np.empty(n_slots)
    before = 0
    for j in range(n):
        if not here[j]:
            continue
        place = before
        for k in range(n_slots):
            place += points[k] < who.level[j]
        before += 1
        own = who.named[j] == OWN
        if place >= n_slots:
            continue
        base = ctr = market.queries.rival_ctr[query]
        if own:
            offer = book.entry[standing]
            base = market.queries.ctr[query] * market.keywords.ctr[book.offers.keyword[offer]]
            ctr = book.offers.ctr[offer]
        ctr = ctr * market.sides.ctr[side] * (tired if own else 1.0)
        factor = odds_factor(base, market.rules.promotion)
        fill_page(market, query, page, factor, view)
        limit = threshold(min(1.0, ctr) * view[place])
        if own:
            out.outcome[i] = SHOWN
            out.slot[i] = place
        if np.uint64(click_word[j]) >= limit:
            continue
        rank = 0.0
        for other in range(n - 1, j, -1):
            if here[other]:
                rank = who.rank[other]
        for k in range(n_slots):
            if who.level[j] <= points[k] < np.inf:
                rank = max(rank, rank_with_above(field, market.table, points[k]))
                break
        rules = terms_of(market.rules, place, who.rank[j])
        charge = charge_above(rules, who.weight[j], who.bid[j], rank)
        if own:
            out.clicked[i] = 1
            out.charge[i] = charge
        else:
            pay_click(left, chance, who.payer[j], charge, n_campaigns)


@kernel
def promoted_ads(market, field, who, here, n, points):
    """How many ads of a page are promoted."""
    rules = market.rules
    count = 0
    for j in range(n):
        count += here[j] and may_be_promoted(rules, who.rank[j])
    level = rivals_above(field, market.table, rules.promoted_reserve * ALMOST)
    for k in range(points.size):
        count += points[k] < level
    return min(count, rules.promoted_slots)


@kernel
def trace_search(
    market, book, luck, number, first_row, cell, search, slots, chance, left, who, out, i, charges,
    n_campaigns, exposure, seen, person,
):  # fmt: skip
    """One search of a person: fill row i of `out` and bill its clicks."""
    n_sides = market.sides.size
    query = cell // n_sides
    side = cell % n_sides
    identity = market.cell_identity[query, side]
    row = first_row + cell
    first = book.row_start[row]
    out.cell[i] = cell
    out.person[i] = person
    out.link[i] = -1
    out.offer[i] = -1
    out.slot[i] = -1
    out.outcome[i] = UNMATCHED
    out.clicked[i] = 0
    out.charge[i] = 0
    out.carted[i] = 0
    out.ordered[i] = 0
    last_word = np.uint64(words_at(luck, identity, number, SEARCH, search)[3])
    rate = market.queries.organic[query]
    out.organic[i] = last_word < organic_limit(rate, market.sides.organic[side])
    if first == book.row_start[row + 1]:
        return
    standing = standing_entry(
        book, chance, luck, identity, number, row, search, exposure, seen, person
    )
    entry = first if standing < 0 else standing
    offer = book.entry[entry]
    campaign = book.offers.campaign[offer]
    tired = 1.0 if standing < 0 else tiredness(exposure, seen, campaign, person)
    out.offer[i] = offer
    out.link[i] = book.offers.link[offer]
    out.outcome[i] = LOST_TO_RANK
    if standing < 0:
        out.outcome[i] = LOST_TO_CAP if standing == CAPPED else LOST_TO_BUDGET
    if market.queries.first_named[query] < market.queries.end_named[query]:
        trace_named(
            market, book, luck, identity, number, search, row, side, query, chance, left, who, out,
            i, standing, n_campaigns, tired,
        )  # fmt: skip
    elif standing >= 0 and book.offers.enters[offer]:
        trace_alone(
            market, book, luck, identity, number, search, side, slots, tired, out, i, charges
        )
    if out.outcome[i] == SHOWN:
        count_impression(exposure, seen, campaign, person)
    if out.clicked[i]:
        out.charge[i] = pay_click(left, chance, campaign, out.charge[i], n_campaigns)
        cvr = min(1.0, book.offers.cvr[offer] * market.sides.cvr[side])
        out.ordered[i] = last_word < threshold(cvr)
        out.organic[i] = 0
        word = words_at(luck, identity, number, CART, search)[0]
        out.carted[i] = np.uint64(word) < threshold(book.offers.cart_rate[offer])


@kernel
def searcher(exposure, luck, identity, number, side, search):
    """The person who makes a search, -1 where there are no persons."""
    if exposure.kinds.size == 0:
        return np.int64(-1)
    cell = exposure.cell[side]
    _, _, c, d = words_at(luck, identity, number, TIME, search)
    first, last = exposure.first_kind[cell], exposure.first_kind[cell + 1]
    return pick_person(exposure.kinds, first, last, unit(c, d))


@kernel
def note_traced(crowd, out, first, end):
    """Keep the highest event of each person who makes one of these searches."""
    highest = crowd.event
    for i in range(first, end):
        event = N_EVENTS
        if out.outcome[i] == SHOWN:
            event = IMPRESSION
        if out.clicked[i]:
            event = CARTED if out.carted[i] else CLICK
        if out.ordered[i] or out.organic[i]:
            event = ORDER
        highest[out.person[i]] = min(highest[out.person[i]], event)


@kernel
def sum_traced(market, book, out, first, end, deal):
    """Add what these searches brought to the sums by ad group."""
    sums, row = deal.sums, deal.groups.link
    n_sides = market.sides.size
    for i in range(first, end):
        if out.outcome[i] != SHOWN:
            continue
        own = row[out.link[i]]
        sums[own, tally.IMPRESSIONS] += 1
        sums[own, tally.CLICKS] += out.clicked[i]
        sums[own, tally.SPEND] += out.charge[i]
        if out.ordered[i]:
            money = market.order_money
            product = book.offers.product[out.offer[i]]
            sums[own, tally.ORDERS] += 1
            sums[own, tally.REVENUE] += money.price[product, out.cell[i] % n_sides]
            sums[own, tally.GOODS_COST] += money.unit_cost[product, out.cell[i] % n_sides]


@kernel
def trace_history(market, people, plan, book, rates, luck, window, seen, at, trials, out):
    """Fill TRACE `out` with the first searches of `window` in order of time; returns how many.

    `seen` is uint16[persons, n, 2]: see `exposure.py`; `at` is int32[N]: see `moving.py`; `trials`
    is int64[m, N_TRIED]: see `rotating.py`.
    """
    exposure = plan.exposure
    n_cells = market.cell_identity.size
    n_sides = market.sides.size
    n_campaigns = plan.standard.size
    shocks = np.empty(market.group_identity.size)
    means = np.empty(market.queries.size)
    left = np.empty(plan.budget.size + plan.rival_budget.size, np.int64)
    chance = np.empty(left.size)
    searches = np.empty(n_cells, np.int64)
    charges = np.empty(1, np.int64)
    slots = slot_thresholds(book, market.examination.size)
    who = np.empty(most_bidders(market, book), BIDDER)
    crowd = make_crowd(people, at)
    searchers = searchers_of(exposure, crowd)
    rotates = trials.size > 0
    deal = make_deal(market, plan.rotation, window, trials)
    i = 0
    for day in range(window.first, window.last):
        draw_shocks(market, luck, day, shocks)
        open_all_budgets(plan, left)
        open_periods(exposure, day, seen)
        for clock in range(HOURS_A_DAY):
            number = day * HOURS_A_DAY + clock
            if at.size > 0:
                gather(market, people, at, crowd)
            mean_searches(market, day, clock, shocks, means)
            draw_searches(market, luck, number, means, searches)
            set_chances(market, plan, rates, day, clock, left, chance)
            first_row = hour_block(market, plan, day, clock) * n_cells
            if rotates:
                open_hour(market, plan.rotation, book, luck, number, trials, deal)
            n = searches.sum()
            times = np.empty(n)
            cells = np.empty(n, np.int64)
            indices = np.empty(n, np.int64)
            k = 0
            for cell in range(n_cells):
                identity = market.cell_identity[cell // n_sides, cell % n_sides]
                for search in range(searches[cell]):
                    a, b, _, _ = words_at(luck, identity, number, TIME, search)
                    times[k] = unit(a, b)
                    cells[k] = cell
                    indices[k] = search
                    k += 1
            begun = i
            for k in np.argsort(times):
                if i == out.size:
                    return i
                out.day[i] = day
                out.hour[i] = clock
                out.time[i] = times[k]
                side = cells[k] % n_sides
                identity = market.cell_identity[cells[k] // n_sides, side]
                if at.size > 0:
                    member = searcher(searchers, luck, identity, number, side, indices[k])
                    person = np.int64(crowd.members[member])
                else:
                    person = searcher(exposure, luck, identity, number, side, indices[k])
                trace_search(
                    market, book, luck, number, first_row, cells[k], indices[k], slots, chance,
                    left, who, out, i, charges, n_campaigns, exposure, seen, person,
                )  # fmt: skip
                i += 1
            if rotates:
                sum_traced(market, book, out, begun, i, deal)
                close_hour(plan.rotation, luck, number, deal, trials)
            if at.size > 0:
                note_traced(crowd, out, begun, i)
                live_persons(people, luck, number, crowd, at)
    return i
