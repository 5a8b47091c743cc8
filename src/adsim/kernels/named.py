"""Named rivals in the events of a cell: presence, slots and clicks of everybody, side by side.

Everybody who may stand in the cell's auctions is a *bidder*: the named rivals and the own entries,
best ad rank first. A bidder's slot in a search is the number of bidders present before it plus the
number of landscape rivals above it. The landscape rivals are a Poisson process: on the scale of L
their ad ranks are the points of a unit-rate process, so M points settle M slots, and the next ad
rank below a bidder is the better one of the next point and the next bidder present.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .auction import ALMOST, charge_above
from .jit import kernel
from .landscape import field_of, rank_with_above, rivals_above
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
    fill_times,
)
from .organic import organic_limit
from .random import (
    BLOCK,
    CART,
    COIN,
    CROWDING,
    PRESENCE,
    SEARCH,
    WIDE,
    fill_words,
    mixed_id,
    threshold,
    unit32,
    words_at,
)
from .views import fill_page, odds_factor, terms_of

OWN = -1  # what stands for the row of market.named of an own entry
HALF = BLOCK // 2  # searches that share a call of the generator: two words each


BIDDER = np.dtype(
    [
        ("rank", "f8"),  # ad rank
        ("level", "f8"),  # landscape rivals above
        ("bid", "i8"),  # effective, micros
        ("weight", "f8"),  # quality ** s
        ("payer", "i8"),
        ("entry", "i8"),  # of the book, where it is an own one
        ("named", "i8"),  # row of market.named, OWN for an own entry
    ]
)


class Bidders(NamedTuple):
    """Those who may stand in a cell's auctions, best ad rank first; the own ad goes before ties."""

    who: np.ndarray  # BIDDER[..]
    present: np.ndarray  # uint8[.., BLOCK]
    slot: np.ndarray  # uint8[.., BLOCK], of use where present
    word: np.ndarray  # uint32[.., BLOCK], decides the click
    click: np.ndarray  # uint64[.., (P + 1) M], a word below it is a click in that slot of a page
    pick: np.ndarray  # int64[.., 2], bidder and lane of the clicks found
    points: np.ndarray  # float64[M, BLOCK], landscape rivals on the scale of L, rising
    lane: np.ndarray  # uint8[4, BLOCK], scratch: ACTIVE, WAITING, BEFORE, PAGE
    views: np.ndarray  # float64[M], scratch, by slot


ACTIVE, WAITING, BEFORE = 0, 1, 2
PAGE = 3  # promoted ads on the page


@kernel
def make_bidders(most, n_slots, n_pages):
    return Bidders(
        np.empty(most, BIDDER),
        np.empty((most, BLOCK), np.uint8),
        np.empty((most, BLOCK), np.uint8),
        np.empty((most, BLOCK), np.uint32),
        np.empty((most, n_pages * n_slots), np.uint64),
        np.empty((most * BLOCK, 2), np.int64),
        np.empty((n_slots, BLOCK)),
        np.zeros((4, BLOCK), np.uint8),
        np.empty(n_slots),
    )


@kernel
def most_bidders(market, book):
    """The largest number of bidders that a cell can have."""
    named = 0
    for query in range(market.queries.size):
        n = market.queries.end_named[query] - market.queries.first_named[query]
        named = max(named, n)
    own = 0
    for row in range(book.row_start.size - 1):
        own = max(own, book.row_start[row + 1] - book.row_start[row])
    return named + own + 1


@kernel
def line_up(market, book, chance, n_campaigns, row, query, who):
    """List those with money who may enter; returns their number."""
    named = market.named
    offers = book.offers
    field = field_of(market.queries, query)
    i = market.queries.first_named[query]
    end = market.queries.end_named[query]
    entry = book.row_start[row]
    last = book.row_start[row + 1]
    n = 0
    while i < end or entry < last:
        own_rank = -1.0
        if entry < last:
            offer = book.entry[entry]
            if not offers.enters[offer] or chance[offers.campaign[offer]] <= 0.0:
                entry += 1
                continue
            own_rank = offers.rank[offer]
        if i < end and named.rank[i] > own_rank:
            payer = n_campaigns + 1 + named.rival[i]
            if chance[payer] > 0.0:
                who.rank[n] = named.rank[i]
                who.bid[n] = named.bid[i]
                who.weight[n] = named.weight[i]
                who.payer[n] = payer
                who.entry[n] = OWN
                who.named[n] = i
                n += 1
            i += 1
        else:
            offer = book.entry[entry]
            who.rank[n] = own_rank
            who.bid[n] = offers.bid[offer]
            who.weight[n] = market.keywords.weight[offers.keyword[offer]]
            who.payer[n] = offers.campaign[offer]
            who.entry[n] = entry
            who.named[n] = OWN
            n += 1
            entry += 1
    for j in range(n):
        who.level[j] = rivals_above(field, market.table, who.rank[j])
    return n


@kernel
def own_presence(
    book, luck, number, row, base, identity, block, n, chance, done, bidders, size, words, organic
):
    """Let own entries stand in the waiting searches.

    Returns how many no entry stands in, and how many of those bring an organic order.
    """
    offers = book.offers
    who = bidders.who
    lane = bidders.lane
    first = book.row_start[row]
    for entry in range(first, book.row_start[row + 1]):
        share = chance[offers.campaign[book.entry[entry]]]
        if share <= 0.0:
            continue
        place = 0
        while place < size and who.entry[place] != entry:
            place += 1
        limit = threshold(share)
        coin = mixed_id(identity, np.uint64(entry - first + 1))
        stood = 0
        orders = 0
        for i in range(n):
            stands = lane[WAITING, i]
            if stands == 1 and share < 1.0:
                word = words_at(luck, coin, number, COIN, block + i)[0]
                stands = np.uint8(np.uint64(word) < limit)
            stood += stands
            orders += stands * (np.uint64(words[3, i]) < organic)
            lane[WAITING, i] -= stands
            if place < size:
                bidders.present[place, i] = stands
        done[entry - base, STOOD] += stood
        done[entry - base, ORGANIC] += orders
    lost = 0
    orders = 0
    for i in range(n):
        lost += lane[WAITING, i]
        orders += lane[WAITING, i] * (np.uint64(words[3, i]) < organic)
    return lost, orders


@kernel
def named_presence(named, luck, number, identity, block, n, bidders, size, words):
    """Decide which named rivals are present in the block's searches, and their click words."""
    who = bidders.who
    lane = bidders.lane
    for j in range(size):
        rival = who.named[j]
        if rival == OWN:
            continue
        key = mixed_id(identity, named.identity[rival])
        fill_words(luck, key, number, PRESENCE, block // 2, min(n, HALF), words)
        limit = threshold(named.presence[rival])
        for i in range(min(n, HALF)):
            bidders.present[j, i] = lane[ACTIVE, i] & np.uint8(np.uint64(words[0, i]) < limit)
            bidders.word[j, i] = words[1, i]
        for i in range(HALF, n):
            here = np.uint8(np.uint64(words[2, i - HALF]) < limit)
            bidders.present[j, i] = lane[ACTIVE, i] & here
            bidders.word[j, i] = words[3, i - HALF]


@kernel
def place_landscape(luck, number, identity, block, n, points, words):
    """Draw the points of the landscape rivals on the scale of L, M for each search."""
    n_points = points.shape[0]
    for j in range(n_points):
        if j % 4 == 0:
            key = mixed_id(identity, np.uint64(j // 4))
            fill_words(luck, key, number, CROWDING, block, n, words)
        for i in range(n):
            points[j, i] = -math.log(unit32(words[j % 4, i]))
            if j > 0:
                points[j, i] += points[j - 1, i]


@kernel
def take_slots(bidders, size, n, n_points):
    """Fill the slots of all bidders in the block."""
    who = bidders.who
    lane = bidders.lane
    for i in range(n):
        lane[BEFORE, i] = 0
    for j in range(size):
        level = who.level[j]
        for i in range(n):
            bidders.slot[j, i] = lane[BEFORE, i]
            lane[BEFORE, i] += bidders.present[j, i]
        for k in range(n_points):
            for i in range(n):
                bidders.slot[j, i] += np.uint8(bidders.points[k, i] < level)


@kernel
def set_clicks(market, book, query, side, size, bidders):
    """Fill the click thresholds of all bidders, slot by slot, for pages with 0 .. P promoted ads.

    Rivals above an ad are the mean searcher's, whatever the side, and odds of promotion are those
    of the own keyword at the opening, whatever its creatives are now; see `views.py`.
    """
    who, click, views = bidders.who, bidders.click, bidders.views
    side_ctr = market.sides.ctr[side]
    for j in range(size):
        base = ctr = market.queries.rival_ctr[query]
        if who.named[j] == OWN:
            offer = book.entry[who.entry[j]]
            base = market.queries.ctr[query] * market.keywords.ctr[book.offers.keyword[offer]]
            ctr = book.offers.ctr[offer]
        factor = odds_factor(base, market.rules.promotion)
        ctr = min(1.0, ctr * side_ctr)
        for page in range(market.rules.promoted_slots + 1):
            fill_page(market, query, page, factor, views)
            for k in range(views.size):
                click[j, page * views.size + k] = threshold(ctr * views[k])


@kernel
def count_pages(bidders, size, n, n_points, promoted_slots, reserve, level):
    """Fill lane[PAGE] with the promoted ads of each page: ad ranks that meet the reserve.

    `level` is the mean number of landscape rivals that do.
    """
    who, lane = bidders.who, bidders.lane
    for i in range(n):
        lane[PAGE, i] = 0
    for j in range(size):
        if who.rank[j] >= reserve:
            for i in range(n):
                lane[PAGE, i] += bidders.present[j, i]
    for k in range(n_points):
        for i in range(n):
            lane[PAGE, i] += np.uint8(bidders.points[k, i] < level)
    for i in range(n):
        lane[PAGE, i] = min(lane[PAGE, i], np.uint8(promoted_slots))


@kernel
def pick_clicks(bidders, size, n):
    """Fill bidders.pick with (bidder, lane) of all clicks in the block; returns their number."""
    n_slots = bidders.views.size
    page = bidders.lane[PAGE]
    count = 0
    for j in range(size):
        click = bidders.click[j]
        highest = np.uint64(0)
        for k in range(click.size):
            highest = max(highest, click[k])
        if highest == 0:
            continue
        may = np.uint32(highest - np.uint64(1))
        for start in range(0, n, WIDE):
            end = min(n, start + WIDE)
            flags = np.uint32(0)
            for i in range(start, end):
                flags |= np.uint32((bidders.word[j, i] <= may) & (bidders.present[j, i] > 0))
            if flags == 0:
                continue
            for i in range(start, end):
                if bidders.present[j, i] == 0 or bidders.slot[j, i] >= n_slots:
                    continue
                if np.uint64(bidders.word[j, i]) < click[page[i] * n_slots + bidders.slot[j, i]]:
                    bidders.pick[count, 0] = j
                    bidders.pick[count, 1] = i
                    count += 1
    return count


@kernel
def next_rank(market, query, bidders, size, j, lane, n_points):
    """The next ad rank below bidder j in a lane; 0 = none."""
    who = bidders.who
    rank = 0.0
    for other in range(j + 1, size):
        if bidders.present[other, lane]:
            rank = who.rank[other]
            break
    for k in range(n_points):
        if bidders.points[k, lane] >= who.level[j]:
            field = field_of(market.queries, query)
            return max(rank, rank_with_above(field, market.table, bidders.points[k, lane]))
    return rank


@kernel
def play_named(
    market, book, luck, number, first_row, cell, scene, lanes, bidders, log, after, until
):
    """What the searches of one cell with after < time <= until bring where rivals have names."""
    n_sides = market.sides.size
    query = cell // n_sides
    side = cell % n_sides
    identity = market.cell_identity[query, side]
    base = book.row_start[first_row]
    row = first_row + cell
    who = bidders.who
    lane = bidders.lane
    size = line_up(market, book, scene.chance, scene.n_campaigns, row, query, who)
    n_points = scene.slot.size if market.queries.rivals[query] > 0.0 else 0
    timed = after > 0.0 or until < 1.0 or log.clicks.size > 0
    organic = organic_limit(market.queries.organic[query], market.sides.organic[side])
    set_clicks(market, book, query, side, size, bidders)
    promoted_slots = market.rules.promoted_slots
    reserve = market.rules.promoted_reserve * ALMOST
    level = rivals_above(field_of(market.queries, query), market.table, reserve)
    for block in range(0, scene.searches[cell], BLOCK):
        n = min(BLOCK, scene.searches[cell] - block)
        if timed:
            fill_times(luck, identity, number, block, n, lanes)
        for i in range(n):
            active = np.uint8(not timed or after < lanes.time[i] <= until)
            lane[ACTIVE, i] = active
            lane[WAITING, i] = active
        fill_words(luck, identity, number, SEARCH, block, n, lanes.words)
        lost, orders = own_presence(
            book, luck, number, row, base, identity, block, n, scene.chance, scene.done, bidders,
            size, lanes.words, organic,
        )  # fmt: skip
        scene.lost[cell] += lost
        scene.lost_organic[cell] += orders
        named_presence(market.named, luck, number, identity, block, n, bidders, size, lanes.more)
        if n_points > 0:
            place_landscape(luck, number, identity, block, n, bidders.points, lanes.more)
        take_slots(bidders, size, n, n_points)
        if promoted_slots > 0:
            count_pages(bidders, size, n, n_points, promoted_slots, reserve, level)
        for j in range(size):
            if who.named[j] == OWN:
                count_own(bidders, j, n, scene.done, who.entry[j] - base, lanes.words)
        picked = pick_clicks(bidders, size, n)
        if picked > 0:
            charge_clicks(
                market, book, luck, number, cell, base, block, scene, lanes, bidders, size,
                n_points, log, picked,
            )  # fmt: skip


@kernel
def count_own(bidders, j, n, done, row, words):
    """Count the impressions of the own bidder j, and take its click words from its searches."""
    n_slots = bidders.points.shape[0]
    shown = 0
    positions = 0
    for i in range(n):
        bidders.word[j, i] = words[1, i]
        if bidders.present[j, i] and bidders.slot[j, i] < n_slots:
            shown += 1
            positions += bidders.slot[j, i] + 1
    done[row, SHOWN] += shown
    done[row, POSITIONS] += positions


@kernel
def charge_clicks(
    market, book, luck, number, cell, base, block, scene, lanes, bidders, size, n_points, log,
    picked,
):  # fmt: skip
    """Charge the clicks picked in the block, and see what own ones bring."""
    n_sides = market.sides.size
    query = cell // n_sides
    side = cell % n_sides
    identity = market.cell_identity[query, side]
    who = bidders.who
    offers = book.offers
    for p in range(picked):
        j = bidders.pick[p, 0]
        i = bidders.pick[p, 1]
        entry = who.entry[j]
        rank = next_rank(market, query, bidders, size, j, i, n_points)
        rules = terms_of(market.rules, bidders.slot[j, i], who.rank[j])
        charge = charge_above(rules, who.weight[j], who.bid[j], rank)
        scene.spend[who.payer[j]] += charge
        add_click(log, lanes.time[i], charge, who.payer[j], entry)
        if entry >= 0:
            offer = book.entry[entry]
            order = threshold(min(1.0, offers.cvr[offer] * market.sides.cvr[side]))
            cart = threshold(offers.cart_rate[offer])
            organic = organic_limit(market.queries.organic[query], market.sides.organic[side])
            word = words_at(luck, identity, number, CART, block + i)[0]
            scene.done[entry - base, CLICKS] += 1
            scene.done[entry - base, SPENT] += charge
            scene.done[entry - base, ORDERS] += np.uint64(lanes.words[3, i]) < order
            scene.done[entry - base, CARTS] += np.uint64(word) < cart
            scene.done[entry - base, ORGANIC] -= np.uint64(lanes.words[3, i]) < organic
