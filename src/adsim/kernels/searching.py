"""Plays the searches of an hour (fidelity `events`): all of them, or those of a piece of it."""

from __future__ import annotations

import numpy as np

from .charges import draw_charges
from .draws import poisson_quantile
from .jit import inlined, kernel
from .lanes import (
    CARTS,
    CLICKS,
    ORDERS,
    ORGANIC,
    POSITIONS,
    SHOWN,
    SPENT,
    STOOD,
    add_click,
    count_below,
    count_slots,
    fill_times,
    keep_between,
    make_lanes,
    pick_clicks,
    slot_of,
)
from .named import play_named
from .organic import organic_limit
from .random import (
    BLOCK,
    CART,
    COIN,
    SEARCH,
    SEARCHES,
    fill_words,
    mixed_id,
    threshold,
    unit,
    unit32,
    words_at,
)


@kernel
def draw_searches(market, luck, number, means, out):
    """Draw every cell's searches of hour `number` of the run; the same as in `counts`."""
    share = market.share
    searchers = market.queries.searchers
    cell = 0
    for query in range(means.size):
        for side in range(share.shape[1]):
            out[cell] = 0
            mean = means[query] * share[searchers[query], side]
            if mean > 0.0:
                identity = market.cell_identity[query, side]
                a, b, _, _ = words_at(luck, identity, number, SEARCHES, 0)
                u = unit(a, b)
                if u > 1.0 - mean:
                    out[cell] = poisson_quantile(u, mean)
            cell += 1


@kernel
def slot_thresholds(book, n_slots):
    """uint64[O, M]: a search whose first word is below [o, k] stands in slot k or above."""
    out = np.empty((book.offers.size, n_slots), np.uint64)
    for offer in range(book.offers.size):
        total = 0.0
        for k in range(n_slots):
            total += book.chance[offer, k]
            out[offer, k] = threshold(total)
    return out


@kernel
def play_hour(market, book, luck, number, first_row, scene, lanes, bidders, log, after, until):
    """Add what the searches with after < time <= until bring to the scene.

    The whole hour (after 0, until 1) needs no times. Clicks are logged only where times are.
    """
    queries = market.queries
    organics, factors = queries.organic, market.sides.organic
    side_ctr = market.sides.ctr
    offers = book.offers
    enters, ctrs, campaigns = offers.enters, offers.ctr, offers.campaign
    views, view_rows = book.views, offers.view_row
    n_sides = side_ctr.size
    timed = after > 0.0 or until < 1.0 or log.clicks.size > 0
    row_start, entries, chances = book.row_start, book.entry, scene.chance
    slots, slot, click = scene.slots, scene.slot, scene.click
    words, picks = lanes.words, lanes.picked
    done, lost, lost_organic = scene.done, scene.lost, scene.lost_organic
    counts, identities = scene.searches, market.cell_identity
    first_named, end_named = queries.first_named, queries.end_named
    base = row_start[first_row]
    for cell in range(counts.size):
        searches = counts[cell]
        first = row_start[first_row + cell]
        end = row_start[first_row + cell + 1]
        if searches == 0 or first == end:
            continue
        query = cell // n_sides
        side = cell % n_sides
        identity = identities[query, side]
        if first_named[query] < end_named[query]:
            play_named(
                market, book, luck, number, first_row, cell, scene, lanes, bidders, log,
                after, until,
            )  # fmt: skip
            continue
        organic = organic_limit(organics[query], factors[side])
        entry = first
        while entry < end and chances[campaigns[entries[entry]]] <= 0.0:
            entry += 1
        if entry < end and chances[campaigns[entries[entry]]] < 1.0:
            play_paced(market, book, luck, number, first_row, cell, scene, lanes, log, after, until)
            continue
        if entry < end:
            offer = entries[entry]
            ctr = min(1.0, ctrs[offer] * side_ctr[side])
            for k in range(views.shape[1]):
                slot[k] = slots[offer, k]
                click[k] = threshold(ctr * views[view_rows[offer], k])
        for block in range(0, searches, BLOCK):
            n = min(BLOCK, searches - block)
            fill_words(luck, identity, number, SEARCH, block, n, words)
            if timed:
                fill_times(luck, identity, number, block, n, lanes)
                n = keep_between(lanes, n, after, until)
            if entry == end:
                lost[cell] += n
                lost_organic[cell] += count_below(words, n, organic)
                continue
            row = entry - base
            done[row, STOOD] += n
            done[row, ORGANIC] += count_below(words, n, organic)
            if not enters[offer]:
                continue
            shown, positions = count_slots(words, n, slot)
            done[row, SHOWN] += shown
            done[row, POSITIONS] += positions
            picked = pick_clicks(words, n, slot, click, picks)
            if picked > 0:
                first_search = -1 if timed else block
                work_clicks(
                    market, book, luck, number, cell, entry, row, scene, lanes, log,
                    picked, first_search,
                )  # fmt: skip


@inlined
def work_clicks(
    market, book, luck, number, cell, entry, row, scene, lanes, log, picked, first_search
):
    """Charge the picked lanes' clicks to the entry's campaign, and see what they bring.

    Organic orders that the clicked searches would have had are taken back.
    Lane i is search `first_search + i` of its cell, or lanes.number[i] where that is negative.
    """
    offers = book.offers
    offer = book.entry[entry]
    side = cell % market.sides.size
    identity = market.cell_identity[cell // market.sides.size, side]
    order = threshold(min(1.0, offers.cvr[offer] * market.sides.cvr[side]))
    cart = threshold(offers.cart_rate[offer])
    rate = market.queries.organic[cell // market.sides.size]
    organic = organic_limit(rate, market.sides.organic[side])
    words, lane_of, charges, times = lanes.words, lanes.picked, lanes.charge, lanes.time
    for j in range(picked):
        lanes.uniform[j] = unit32(words[2, lane_of[j]])
    draw_charges(market, book, offer, lanes.uniform, picked, charges)
    least = offers.least[offer]
    if least > 0:
        for j in range(picked):
            if slot_of(words[0, lane_of[j]], scene.slot) < market.rules.promoted_slots:
                charges[j] = max(charges[j], least)
    spent = np.int64(0)
    orders = 0
    carts = 0
    instead = 0
    for j in range(picked):
        lane = lane_of[j]
        spent += charges[j]
        orders += np.uint64(words[3, lane]) < order
        instead += np.uint64(words[3, lane]) < organic
        if cart > 0:
            search = first_search + lane if first_search >= 0 else lanes.number[lane]
            carts += np.uint64(words_at(luck, identity, number, CART, search)[0]) < cart
    done = scene.done
    done[row, CLICKS] += picked
    done[row, SPENT] += spent
    done[row, ORDERS] += orders
    done[row, CARTS] += carts
    done[row, ORGANIC] -= instead
    campaign = offers.campaign[offer]
    scene.spend[campaign] += spent
    if log.clicks.size > 0:
        for j in range(picked):
            add_click(log, times[lane_of[j]], charges[j], campaign, entry)


@kernel
def play_paced(market, book, luck, number, first_row, cell, scene, lanes, log, after, until):
    """`play_hour` for one cell whose entries toss coins: standard delivery."""
    offers = book.offers
    base = book.row_start[first_row]
    first = book.row_start[first_row + cell]
    end = book.row_start[first_row + cell + 1]
    side = cell % market.sides.size
    query = cell // market.sides.size
    identity = market.cell_identity[query, side]
    organic = organic_limit(market.queries.organic[query], market.sides.organic[side])
    waiting = make_lanes()
    for block in range(0, scene.searches[cell], BLOCK):
        n = min(BLOCK, scene.searches[cell] - block)
        fill_words(luck, identity, number, SEARCH, block, n, waiting.words)
        fill_times(luck, identity, number, block, n, waiting)
        n = keep_between(waiting, n, after, until)
        for entry in range(first, end):
            offer = book.entry[entry]
            share = scene.chance[offers.campaign[offer]]
            if share <= 0.0 or n == 0:
                continue
            coin = mixed_id(identity, np.uint64(entry - first + 1))
            taken, n = toss(luck, coin, number, threshold(share), waiting, n, lanes)
            row = entry - base
            scene.done[row, STOOD] += taken
            scene.done[row, ORGANIC] += count_below(lanes.words, taken, organic)
            if not offers.enters[offer]:
                continue
            ctr = min(1.0, offers.ctr[offer] * market.sides.ctr[side])
            for k in range(scene.slot.size):
                scene.slot[k] = scene.slots[offer, k]
                scene.click[k] = threshold(ctr * book.views[offers.view_row[offer], k])
            shown, positions = count_slots(lanes.words, taken, scene.slot)
            scene.done[row, SHOWN] += shown
            scene.done[row, POSITIONS] += positions
            picked = pick_clicks(lanes.words, taken, scene.slot, scene.click, lanes.picked)
            work_clicks(
                market, book, luck, number, cell, entry, row, scene, lanes, log,
                picked, np.int64(-1),
            )  # fmt: skip
        scene.lost[cell] += n
        scene.lost_organic[cell] += count_below(waiting.words, n, organic)


@kernel
def toss(luck, coin, number, share, waiting, n, taken):
    """Move the waiting lanes whose coin falls below `share` to `taken`: (moved, still waiting)."""
    moved = 0
    kept = 0
    for i in range(n):
        word = words_at(luck, coin, number, COIN, waiting.number[i])[0]
        target = taken if np.uint64(word) < share else waiting
        place = moved if np.uint64(word) < share else kept
        target.time[place] = waiting.time[i]
        target.number[place] = waiting.number[i]
        for k in range(4):
            target.words[k, place] = waiting.words[k, i]
        if np.uint64(word) < share:
            moved += 1
        else:
            kept += 1
    return moved, kept
