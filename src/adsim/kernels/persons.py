"""Fidelity `events` where it matters who searches: every search of an hour in order of time.

A search belongs to a person of its audience cell, so caps and fatigue are exact person by person,
and a budget ends at its click. Searches are drawn in blocks, cell by cell, then put in order.
Without caps, fatigue and lives the tallies are those of `events`. Persons who live stay in a cell
for an hour: its searches are theirs, and what these bring moves them when it ends (`moving.py`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .budget import hour_block
from .charges import draw_charges
from .demand import draw_shocks, mean_searches
from .events import (
    add_to_tallies,
    add_unmatched,
    clear_scene,
    make_scene,
    open_all_budgets,
    set_chances,
)
from .exposure import EVER, MOST_COUNTED, SEEN, open_periods, pick_person, tiredness
from .jit import kernel
from .lanes import (
    CARTS,
    CLICKS,
    ORDERS,
    ORGANIC,
    POSITIONS,
    SHOWN,
    SPENT,
    STOOD,
    make_lanes,
)
from .memory import AHEAD, prefetch
from .model import HOURS_A_DAY
from .moving import (
    gather,
    live_persons,
    make_crowd,
    name_persons,
    note_events,
    note_organic,
    searchers_of,
)
from .named import BIDDER, most_bidders
from .organic import has_organic, organic_limit
from .people import CART as CARTED
from .people import CLICK, IMPRESSION, N_EVENTS, ORDER
from .random import (
    BLOCK,
    CART,
    COIN,
    SEARCH,
    TIME,
    fill_words,
    mixed_id,
    threshold,
    unit,
    unit32,
    words_at,
)
from .rotating import close_hour, make_deal, open_hour
from .searching import draw_searches
from .trace import TRACE, pay_click, trace_named

SEARCHER = np.dtype(
    [
        ("cell", "i4"),
        ("search", "i4"),  # number of the search in its cell and hour
        ("person", "i4"),
        ("slot", "u4"),  # its words
        ("click", "u4"),
        ("event", "i4"),  # the highest that it brought: ORDER .. IMPRESSION, N_EVENTS = none
    ]
)


class Road(NamedTuple):
    """Room for the searches of an hour."""

    who: np.ndarray  # SEARCHER[..], cell by cell
    time: np.ndarray  # float64[..], when in the hour
    order: np.ndarray  # int32[..], places in `who` in order of time
    sorted: np.ndarray  # float64[..], the times in their order
    start: np.ndarray  # int64[..], where a bucket of times starts in `order`


@kernel
def make_road(size):
    return Road(
        np.empty(size, SEARCHER),
        np.empty(size),
        np.empty(size, np.int32),
        np.empty(size),
        np.empty(size + 2, np.int64),
    )


@kernel
def list_searchers(market, book, exposure, luck, number, first_row, searches, lanes, road):
    """Fill the road with the searches of cells that have an own keyword; returns how many."""
    n_sides = market.sides.size
    kinds = exposure.kinds
    words, more = lanes.words, lanes.more
    cells, numbers, persons = road.who.cell, road.who.search, road.who.person
    slots, clicks, times = road.who.slot, road.who.click, road.time
    n = 0
    for cell in range(searches.size):
        if book.row_start[first_row + cell] == book.row_start[first_row + cell + 1]:
            continue
        side = cell % n_sides
        identity = market.cell_identity[cell // n_sides, side]
        first = exposure.first_kind[exposure.cell[side]]
        last = exposure.first_kind[exposure.cell[side] + 1]
        for block in range(0, searches[cell], BLOCK):
            size = min(BLOCK, searches[cell] - block)
            fill_words(luck, identity, number, TIME, block, size, more)
            fill_words(luck, identity, number, SEARCH, block, size, words)
            for i in range(size):
                times[n] = unit(more[0, i], more[1, i])
                persons[n] = pick_person(kinds, first, last, unit(more[2, i], more[3, i]))
                cells[n] = cell
                numbers[n] = block + i
                slots[n] = words[0, i]
                clicks[n] = words[1, i]
                n += 1
    return n


@kernel
def sort_by_time(road, n):
    """Fill the road's order: buckets of equal width, each sorted by insertion."""
    time, times, order, start = road.time, road.sorted, road.order, road.start
    buckets = max(1, n)
    for bucket in range(buckets + 1):
        start[bucket] = 0
    for i in range(n):
        start[int(time[i] * buckets) + 1] += 1
    for bucket in range(buckets):
        start[bucket + 1] += start[bucket]
    for i in range(n):
        bucket = int(time[i] * buckets)
        order[start[bucket]] = i
        times[start[bucket]] = time[i]
        start[bucket] += 1
    for place in range(1, n):  # a bucket behind another never passes it
        moment = times[place]
        if times[place - 1] <= moment:
            continue
        moving = order[place]
        to = place
        while to > 0 and times[to - 1] > moment:
            times[to] = times[to - 1]
            order[to] = order[to - 1]
            to -= 1
        times[to] = moment
        order[to] = moving


@kernel
def play_in_time(
    market, book, exposure, luck, number, first_row, road, n, scene, left, seen, who, one
):
    """Play the road's searches one after the other; adds to the scene what they bring."""
    offers = book.offers
    campaigns, enters, ctrs = offers.campaign, offers.enters, offers.ctr
    row_start, entries = book.row_start, book.entry
    first_named, end_named = market.queries.first_named, market.queries.end_named
    side_ctr, identities = market.sides.ctr, market.cell_identity
    views, view_rows = book.views, offers.view_row
    counters, caps, tired = exposure.counter, exposure.cap, exposure.tired
    cells, numbers, persons = road.who.cell, road.who.search, road.who.person
    slot_words, click_words, order = road.who.slot, road.who.click, road.order
    events = road.who.event
    chance, done, slots = scene.chance, scene.done, scene.slots
    n_sides, n_slots = side_ctr.size, views.shape[1]
    base = row_start[first_row]
    is_organic = has_organic(market)
    for k in range(n):
        if k + 2 * AHEAD < n:
            prefetch(road.who, order[k + 2 * AHEAD])
            prefetch(seen, persons[order[k + AHEAD]])
        at = order[k]
        cell, person = cells[at], persons[at]
        query = cell // n_sides
        side = cell - query * n_sides
        first = row_start[first_row + cell]
        standing = np.int64(-1)
        is_capped = False
        for entry in range(first, row_start[first_row + cell + 1]):
            campaign = campaigns[entries[entry]]
            share = chance[campaign]
            if share <= 0.0:
                continue
            counter = counters[campaign]
            if counter >= 0 and seen[person, counter, SEEN] >= caps[counter]:
                is_capped = True
                continue
            if share < 1.0:
                coin = mixed_id(identities[query, side], np.uint64(entry - first + 1))
                word = words_at(luck, coin, number, COIN, numbers[at])[0]
                if np.uint64(word) >= threshold(share):
                    continue
            standing = entry
            break
        is_named = first_named[query] < end_named[query]
        events[at] = N_EVENTS
        if is_organic:
            words = words_at(luck, identities[query, side], number, SEARCH, numbers[at])
            limit = organic_limit(market.queries.organic[query], market.sides.organic[side])
            orders = np.int64(np.uint64(words[3]) < limit)
            if orders > 0:
                events[at] = ORDER
            if standing < 0:
                scene.lost_organic[cell] += orders
            else:
                done[standing - base, ORGANIC] += orders
        if standing < 0:
            scene.lost[cell] += not is_capped
            scene.capped[cell] += is_capped
            if not is_named:
                continue
        else:
            done[standing - base, STOOD] += 1
        place = n_slots
        if is_named:
            place = play_rivals(
                market, book, exposure, luck, number, first_row, cell, numbers[at], person, scene,
                left, seen, who, one, standing,
            )  # fmt: skip
        elif enters[entries[standing]]:
            place = 0
            offer = entries[standing]
            while place < n_slots and np.uint64(slot_words[at]) >= slots[offer, place]:
                place += 1
        if place >= n_slots:
            continue
        row = standing - base
        events[at] = min(events[at], IMPRESSION)
        done[row, SHOWN] += 1
        done[row, POSITIONS] += place + 1
        campaign = campaigns[entries[standing]]
        counter = counters[campaign]
        clicked = is_named and one.clicked[0] > 0
        if not is_named:
            ctr = ctrs[entries[standing]] * side_ctr[side]
            if counter >= 0:
                ctr *= tired[counter, min(seen[person, counter, EVER], tired.shape[1] - 1)]
            limit = threshold(min(1.0, ctr) * views[view_rows[entries[standing]], place])
            clicked = np.uint64(click_words[at]) < limit
        if counter >= 0:
            seen[person, counter, SEEN] = min(seen[person, counter, SEEN] + 1, MOST_COUNTED)
            seen[person, counter, EVER] = min(seen[person, counter, EVER] + 1, MOST_COUNTED)
        if clicked:
            events[at] = work_click(
                market, book, luck, number, cell, numbers[at], standing, row, scene, left,
                one.charge[0] if is_named else np.int64(-1), place,
            )  # fmt: skip


@kernel
def play_rivals(
    market, book, exposure, luck, number, first_row, cell, search, person, scene, left, seen, who,
    one, standing,
):  # fmt: skip
    """One search among named rivals, who pay here; the own slot, or their number where none."""
    n_sides = market.sides.size
    query = cell // n_sides
    side = cell % n_sides
    tired = 1.0
    if standing >= 0:
        campaign = book.offers.campaign[book.entry[standing]]
        tired = tiredness(exposure, seen, campaign, person)
    one.slot[0] = -1
    one.clicked[0] = 0
    trace_named(
        market, book, luck, market.cell_identity[query, side], number, search, first_row + cell,
        side, query, scene.chance, left, who, one, 0, standing, scene.n_campaigns, tired,
    )  # fmt: skip
    return one.slot[0] if one.slot[0] >= 0 else market.examination.size


@kernel
def work_click(market, book, luck, number, cell, search, entry, row, scene, left, charge, place):
    """Bill a click in a slot, of this charge or one to be drawn, and see its event."""
    offers = book.offers
    offer = book.entry[entry]
    query = cell // market.sides.size
    side = cell % market.sides.size
    identity = market.cell_identity[query, side]
    words = words_at(luck, identity, number, SEARCH, search)
    if charge < 0:
        u = np.empty(1)
        u[0] = unit32(words[2])
        charges = np.empty(1, np.int64)
        draw_charges(market, book, offer, u, 1, charges)
        charge = charges[0]
        if place < market.rules.promoted_slots:
            charge = max(charge, offers.least[offer])
    billed = pay_click(left, scene.chance, offers.campaign[offer], charge, scene.n_campaigns)
    scene.done[row, CLICKS] += 1
    scene.done[row, SPENT] += billed
    limit = threshold(min(1.0, offers.cvr[offer] * market.sides.cvr[side]))
    ordered = np.uint64(words[3]) < limit
    scene.done[row, ORDERS] += ordered
    limit = organic_limit(market.queries.organic[query], market.sides.organic[side])
    scene.done[row, ORGANIC] -= np.uint64(words[3]) < limit
    word = words_at(luck, identity, number, CART, search)[0]
    carted = np.uint64(word) < threshold(offers.cart_rate[offer])
    scene.done[row, CARTS] += carted
    if ordered:
        return ORDER
    return CARTED if carted else CLICK


@kernel
def person_history(
    market, people, plan, book, rates, groups, luck, window, seen, tallies, at, trials
):
    """One (plan, replication): the days of `window`, added to int64 tallies[group, field].

    `seen` is uint16[persons, n, 2]: see `exposure.py`. Where persons live, int32 at[N] says where:
    see `moving.py`; it moves on, and `market.share` with it. Where ad groups have creatives, int64
    trials[m, N_TRIED] are as in `count_history`.
    """
    exposure = plan.exposure
    n_cells = market.cell_identity.size
    shocks = np.empty(market.group_identity.size)
    means = np.empty(market.queries.size)
    left = np.empty(plan.budget.size + plan.rival_budget.size, np.int64)
    scene = make_scene(market, plan, book)
    lanes = make_lanes()
    road = make_road(1024)
    who = np.empty(most_bidders(market, book), BIDDER)
    one = np.empty(1, TRACE)
    crowd = make_crowd(people, at)
    searchers = searchers_of(exposure, crowd)
    rotates = trials.size > 0
    deal = make_deal(market, plan.rotation, window, trials)
    for day in range(window.first, window.last):
        draw_shocks(market, luck, day, shocks)
        open_all_budgets(plan, left)
        open_periods(exposure, day, seen)
        for clock in range(HOURS_A_DAY):
            number = day * HOURS_A_DAY + clock
            if at.size > 0:
                gather(market, people, at, crowd)
            mean_searches(market, day, clock, shocks, means)
            draw_searches(market, luck, number, means, scene.searches)
            set_chances(market, plan, rates, day, clock, left, scene.chance)
            first_row = hour_block(market, plan, day, clock) * n_cells
            row = groups.day[day] + groups.hour[clock]
            if rotates:
                open_hour(market, plan.rotation, book, luck, number, trials, deal)
            add_unmatched(market, book, luck, number, first_row, scene, lanes, row, groups, tallies)
            clear_scene(scene)
            size = scene.searches.sum()
            if size > road.time.size:
                road = make_road(size + size // 4)
            if at.size > 0:
                n = list_searchers(
                    market, book, searchers, luck, number, first_row, scene.searches, lanes, road
                )
                name_persons(crowd, road.who.person, n)
            else:
                n = list_searchers(
                    market, book, exposure, luck, number, first_row, scene.searches, lanes, road
                )
            sort_by_time(road, n)
            play_in_time(
                market, book, exposure, luck, number, first_row, road, n, scene, left, seen, who,
                one,
            )  # fmt: skip
            add_to_tallies(market, book, first_row, scene, row, groups, tallies)
            if rotates:
                add_to_tallies(market, book, first_row, scene, 0, deal.groups, deal.sums)
                close_hour(plan.rotation, luck, number, deal, trials)
            if at.size > 0:
                note_events(crowd, road.who.person, road.who.event, n)
                note_organic(
                    market, book, searchers, luck, number, first_row, scene.searches, crowd
                )
                live_persons(people, luck, number, crowd, at)
