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

from .auction import charge_above
from .jit import kernel
from .landscape import field_of, rank_with_above, rivals_above
from .lanes import (
    CARTS,
    CLICKS,
    ORDERS,
    POSITIONS,
    SHOWN,
    SPENT,
    STOOD,
    add_click,
    fill_times,
)
from .random import (
    BLOCK,
    CART,
    COIN,
    CROWDING,
    PRESENCE,
    SEARCH,
    fill_words,
    mixed_id,
    threshold,
    unit32,
    words_at,
)

OWN = -1  # what stands for the row of market.named of an own entry
HALF = BLOCK // 2  # searches that share a call of the generator: two words each


class Bidders(NamedTuple):
    """Those who may stand in a cell's auctions, best ad rank first; the own ad goes before ties."""

    rank: np.ndarray  # float64[..], ad rank
    level: np.ndarray  # float64[..], landscape rivals above
    bid: np.ndarray  # int64[..], micros
    weight: np.ndarray  # float64[..], quality ** s
    payer: np.ndarray  # int64[..]
    entry: np.ndarray  # int64[..], entry of the book of an own one
    named: np.ndarray  # int64[..], row of market.named, OWN for an own entry
    present: np.ndarray  # uint8[.., BLOCK]
    slot: np.ndarray  # uint8[.., BLOCK], of use where present
    word: np.ndarray  # uint32[.., BLOCK], decides the click
    points: np.ndarray  # float64[M, BLOCK], landscape rivals on the scale of L, rising
    waiting: np.ndarray  # uint8[BLOCK], searches in which no own entry stands yet


@kernel
def make_bidders(most, n_slots):
    return Bidders(
        np.empty(most),
        np.empty(most),
        np.empty(most, np.int64),
        np.empty(most),
        np.empty(most, np.int64),
        np.empty(most, np.int64),
        np.empty(most, np.int64),
        np.empty((most, BLOCK), np.uint8),
        np.empty((most, BLOCK), np.uint8),
        np.empty((most, BLOCK), np.uint32),
        np.empty((n_slots, BLOCK)),
        np.empty(BLOCK, np.uint8),
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
def line_up(market, book, chance, n_campaigns, row, query, bidders):
    """List those with money who may enter; returns their number."""
    named = market.named
    offers = book.offers
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
                _list_bidder(bidders, n, named.rank[i], named.bid[i], named.weight[i], payer)
                bidders.named[n] = i
                n += 1
            i += 1
        else:
            offer = book.entry[entry]
            weight = market.keywords.weight[offers.keyword[offer]]
            payer = offers.campaign[offer]
            _list_bidder(bidders, n, own_rank, offers.bid[offer], weight, payer)
            bidders.named[n] = OWN
            bidders.entry[n] = entry
            n += 1
            entry += 1
    field = field_of(market.queries, query)
    for j in range(n):
        bidders.level[j] = rivals_above(field, market.table, bidders.rank[j])
    return n


@kernel
def _list_bidder(bidders, n, rank, bid, weight, payer):
    bidders.rank[n] = rank
    bidders.bid[n] = bid
    bidders.weight[n] = weight
    bidders.payer[n] = payer


@kernel
def own_presence(market, book, luck, number, row, base, identity, block, n, scene, bidders, size):
    """Let own entries stand in the waiting searches; returns how many no entry stands in."""
    offers = book.offers
    first = book.row_start[row]
    for entry in range(first, book.row_start[row + 1]):
        offer = book.entry[entry]
        share = scene.chance[offers.campaign[offer]]
        if share <= 0.0:
            continue
        place = 0
        while place < size and not (bidders.named[place] == OWN and bidders.entry[place] == entry):
            place += 1
        limit = threshold(share)
        coin = mixed_id(identity, np.uint64(entry - first + 1))
        stood = 0
        for i in range(n):
            stands = bidders.waiting[i]
            if stands == 1 and share < 1.0:
                word = words_at(luck, coin, number, COIN, block + i)[0]
                stands = np.uint8(np.uint64(word) < limit)
            stood += stands
            bidders.waiting[i] -= stands
            if place < size:
                bidders.present[place, i] = stands
        scene.done[entry - base, STOOD] += stood
    lost = 0
    for i in range(n):
        lost += bidders.waiting[i]
    return lost


@kernel
def named_presence(market, luck, number, identity, block, n, active, bidders, size, words):
    """Decide which named rivals are present in the block's searches, and their click words."""
    named = market.named
    for j in range(size):
        if bidders.named[j] == OWN:
            continue
        key = mixed_id(identity, named.identity[bidders.named[j]])
        fill_words(luck, key, number, PRESENCE, block // 2, min(n, HALF), words)
        limit = threshold(named.presence[bidders.named[j]])
        for i in range(min(n, HALF)):
            bidders.present[j, i] = active[i] & np.uint8(np.uint64(words[0, i]) < limit)
            bidders.word[j, i] = words[1, i]
        for i in range(HALF, n):
            bidders.present[j, i] = active[i] & np.uint8(np.uint64(words[2, i - HALF]) < limit)
            bidders.word[j, i] = words[3, i - HALF]


@kernel
def place_landscape(market, luck, number, identity, query, block, n, bidders):
    """Draw the points of the landscape rivals; returns how many a search has (0 or M)."""
    if market.queries.rivals[query] <= 0.0:
        return 0
    n_points = bidders.points.shape[0]
    for i in range(n):
        total = 0.0
        for j in range(n_points):
            index = (block + i) * ((n_points + 3) // 4) + j // 4
            word = words_at(luck, identity, number, CROWDING, index)[j & 3]
            total -= math.log(unit32(word))
            bidders.points[j, i] = total
    return n_points


@kernel
def take_slots(bidders, size, n, n_points):
    """Fill the slots of all bidders in the block."""
    before = np.zeros(BLOCK, np.uint8)
    for j in range(size):
        level = bidders.level[j]
        for i in range(n):
            bidders.slot[j, i] = before[i]
            before[i] += bidders.present[j, i]
        for k in range(n_points):
            for i in range(n):
                bidders.slot[j, i] += np.uint8(bidders.points[k, i] < level)


@kernel
def next_rank(market, query, bidders, size, j, lane, n_points):
    """The next ad rank below bidder j in a lane; 0 = none."""
    rank = 0.0
    for other in range(j + 1, size):
        if bidders.present[other, lane]:
            rank = bidders.rank[other]
            break
    for k in range(n_points):
        if bidders.points[k, lane] >= bidders.level[j]:
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
    identity = market.cell_identity[query, cell % n_sides]
    base = book.row_start[first_row]
    row = first_row + cell
    size = line_up(market, book, scene.chance, scene.n_campaigns, row, query, bidders)
    timed = after > 0.0 or until < 1.0 or log.time.size > 0
    active = np.ones(BLOCK, np.uint8)
    for block in range(0, scene.searches[cell], BLOCK):
        n = min(BLOCK, scene.searches[cell] - block)
        if timed:
            fill_times(luck, identity, number, block, n, lanes)
            for i in range(n):
                active[i] = np.uint8(after < lanes.time[i] <= until)
        for i in range(n):
            bidders.waiting[i] = active[i]
        scene.lost[cell] += own_presence(
            market, book, luck, number, row, base, identity, block, n, scene, bidders, size
        )
        named_presence(market, luck, number, identity, block, n, active, bidders, size, lanes.more)
        fill_words(luck, identity, number, SEARCH, block, n, lanes.words)
        n_points = place_landscape(market, luck, number, identity, query, block, n, bidders)
        take_slots(bidders, size, n, n_points)
        for j in range(size):
            if bidders.named[j] == OWN:
                for i in range(n):
                    bidders.word[j, i] = lanes.words[1, i]
                count_own(bidders, j, n, scene.done, bidders.entry[j] - base, scene.slot.size)
            charge_clicks(
                market, book, luck, number, cell, base, block, n, scene, lanes, bidders, size,
                j, n_points, log,
            )  # fmt: skip


@kernel
def count_own(bidders, j, n, done, row, n_slots):
    """Count the impressions of the own bidder j."""
    for i in range(n):
        if bidders.present[j, i] and bidders.slot[j, i] < n_slots:
            done[row, SHOWN] += 1
            done[row, POSITIONS] += bidders.slot[j, i] + 1


@kernel
def charge_clicks(
    market, book, luck, number, cell, base, block, n, scene, lanes, bidders, size, j, n_points, log
):
    """Find bidder j's clicks in the block and charge them."""
    n_sides = market.sides.size
    query = cell // n_sides
    side = cell % n_sides
    own = bidders.named[j] == OWN
    ctr = market.queries.ctr[query]
    offer = 0
    if own:
        offer = book.entry[bidders.entry[j]]
        ctr = book.offers.ctr[offer]
    ctr = min(1.0, ctr * market.sides.ctr[side])
    n_slots = scene.click.size
    highest = np.uint64(0)
    for k in range(n_slots):
        scene.click[k] = threshold(ctr * market.examination[k])
        highest = max(highest, scene.click[k])
    if highest == 0:
        return
    may = np.uint32(highest - np.uint64(1))
    payer = bidders.payer[j]
    for i in range(n):
        if bidders.word[j, i] > may or bidders.present[j, i] == 0:
            continue
        slot = bidders.slot[j, i]
        if slot >= n_slots or np.uint64(bidders.word[j, i]) >= scene.click[slot]:
            continue
        rank = next_rank(market, query, bidders, size, j, i, n_points)
        charge = charge_above(market.rules, bidders.weight[j], bidders.bid[j], rank)
        scene.spend[payer] += charge
        entry = bidders.entry[j] if own else OWN
        add_click(log, lanes.time[i], charge, payer, entry)
        if own:
            done = scene.done[entry - base]
            done[CLICKS] += 1
            done[SPENT] += charge
            outcome(market, book, luck, number, cell, offer, lanes.words[3, i], block + i, done)


@kernel
def outcome(market, book, luck, number, cell, offer, word, search, done):
    """Whether a click becomes an order or goes to the cart."""
    side = cell % market.sides.size
    identity = market.cell_identity[cell // market.sides.size, side]
    order = threshold(min(1.0, book.offers.cvr[offer] * market.sides.cvr[side]))
    cart = threshold(book.offers.cart_rate[offer])
    if np.uint64(word) < order:
        done[ORDERS] += 1
    if cart > 0 and np.uint64(words_at(luck, identity, number, CART, search)[0]) < cart:
        done[CARTS] += 1
