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
from .jit import inlined, kernel
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
    keep_between,
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
    hour_word,
    mixed_id,
    philox,
    threshold,
    unit32,
    words_at,
)
from .views import odds_factor, page_view, terms_of

OWN = -1  # what stands for the row of market.named of an own entry
_LOW, _UP = np.uint64(0xFFFFFFFF), np.uint64(32)
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
    lane: np.ndarray  # uint8[4, BLOCK], scratch: UPPER, WAITING, BEFORE, PAGE


UPPER, WAITING, BEFORE = 0, 1, 2  # the first one: in the second half of its block
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


@inlined
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
        who.level[j] = 0.0
    if field.mean > 0.0:
        for j in range(n):
            who.level[j] = rivals_above(field, market.table, who.rank[j])
    return n


@inlined
def own_presence(
    book, luck, number, row, base, identity, n, chance, done, bidders, size, lanes, organic
):
    """Let own entries stand in the waiting searches.

    Returns how many no entry stands in, and how many of those bring an organic order.
    """
    offers = book.offers
    who = bidders.who
    lane = bidders.lane
    words, search = lanes.words, lanes.number
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
                word = words_at(luck, coin, number, COIN, search[i])[0]
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


@inlined
def fill_words_of(luck, identity, hour, decision, index, count, out):
    """As `fill_words`, of the things index[0] .. index[count - 1]."""
    count = min(out.shape[1], (count + WIDE - 1) // WIDE * WIDE)
    c1 = hour_word(hour, decision)
    c2 = np.uint32(identity & _LOW)
    c3 = np.uint32(identity >> _UP)
    for i in range(count):
        words = philox(np.uint32(index[i]), c1, c2, c3, luck.seed, luck.replication)
        out[0, i], out[1, i], out[2, i], out[3, i] = words


@inlined
def named_presence(named, luck, number, identity, block, n, bidders, size, lanes, timed):
    """Decide which named rivals are present in the block's searches, and their click words.

    The words of a search and of that half a block later are drawn together; where only some
    searches are left (`timed`), each draws its own.
    """
    who, lane, words, shared = bidders.who, bidders.lane, lanes.more, lanes.picked
    if timed:
        for i in range(n):
            at = lanes.number[i] - block
            lane[UPPER, i] = at >= HALF
            shared[i] = block // 2 + at % HALF
    for j in range(size):
        rival = who.named[j]
        if rival == OWN:
            continue
        key = mixed_id(identity, named.identity[rival])
        limit = threshold(named.presence[rival])
        if timed:
            fill_words_of(luck, key, number, PRESENCE, shared, n, words)
            for i in range(n):
                here, click = words[0, i], words[1, i]
                if lane[UPPER, i]:
                    here, click = words[2, i], words[3, i]
                bidders.present[j, i] = np.uint64(here) < limit
                bidders.word[j, i] = click
            continue
        fill_words(luck, key, number, PRESENCE, block // 2, min(n, HALF), words)
        for i in range(min(n, HALF)):
            bidders.present[j, i] = np.uint64(words[0, i]) < limit
            bidders.word[j, i] = words[1, i]
        for i in range(HALF, n):
            bidders.present[j, i] = np.uint64(words[2, i - HALF]) < limit
            bidders.word[j, i] = words[3, i - HALF]


@inlined
def place_landscape(luck, number, identity, n, points, lanes):
    """Draw the points of the landscape rivals on the scale of L, M for each search."""
    n_points, words = points.shape[0], lanes.more
    for j in range(n_points):
        if j % 4 == 0:
            key = mixed_id(identity, np.uint64(j // 4))
            fill_words_of(luck, key, number, CROWDING, lanes.number, n, words)
        for i in range(n):
            points[j, i] = -math.log(unit32(words[j % 4, i]))
            if j > 0:
                points[j, i] += points[j - 1, i]


@inlined
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


@inlined
def set_clicks(market, book, query, side, size, bidders):
    """Fill the click thresholds of all bidders, slot by slot, for pages with 0 .. P promoted ads.

    Rivals above an ad are the mean searcher's, whatever the side, and odds of promotion are those
    of the own keyword at the opening, whatever its creatives are now; see `views.py`.
    """
    who, click, examination = bidders.who, bidders.click, market.examination
    leaves = market.queries.leaves[query]
    leaves_promoted = market.queries.leaves_promoted[query]
    side_ctr = market.sides.ctr[side]
    rival = -1
    for j in range(size):
        if who.named[j] != OWN and rival >= 0:  # all are alike
            for k in range(click.shape[1]):
                click[j, k] = click[rival, k]
            continue
        rival = j if who.named[j] != OWN else rival
        base = ctr = market.queries.rival_ctr[query]
        if who.named[j] == OWN:
            offer = book.entry[who.entry[j]]
            base = market.queries.ctr[query] * market.keywords.ctr[book.offers.keyword[offer]]
            ctr = book.offers.ctr[offer]
        factor = odds_factor(base, market.rules.promotion)
        ctr = min(1.0, ctr * side_ctr)
        for page in range(market.rules.promoted_slots + 1):
            for k in range(examination.size):
                view = page_view(examination[k], leaves, leaves_promoted, page, factor, k)
                click[j, page * examination.size + k] = threshold(ctr * view)


@inlined
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


@inlined
def pick_clicks(bidders, size, n):
    """Fill bidders.pick with (bidder, lane) of all clicks in the block; returns their number."""
    n_slots = bidders.points.shape[0]
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


@inlined
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


@inlined
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
    size = -1
    n_points = scene.slot.size if market.queries.rivals[query] > 0.0 else 0
    timed = after > 0.0 or until < 1.0 or log.clicks.size > 0
    organic = organic_limit(market.queries.organic[query], market.sides.organic[side])
    promoted_slots = market.rules.promoted_slots
    reserve = market.rules.promoted_reserve * ALMOST
    level = 0.0
    if promoted_slots > 0:
        level = rivals_above(field_of(market.queries, query), market.table, reserve)
    for block in range(0, scene.searches[cell], BLOCK):
        n = min(BLOCK, scene.searches[cell] - block)
        fill_words(luck, identity, number, SEARCH, block, n, lanes.words)
        if timed:
            fill_times(luck, identity, number, block, n, lanes)
            n = keep_between(lanes, n, after, until)
            if n == 0:
                continue
        for i in range(n):
            lanes.number[i] = lanes.number[i] if timed else block + i
            lane[WAITING, i] = 1
        if size < 0:
            size = line_up(market, book, scene.chance, scene.n_campaigns, row, query, who)
            set_clicks(market, book, query, side, size, bidders)
        lost, orders = own_presence(
            book, luck, number, row, base, identity, n, scene.chance, scene.done, bidders, size,
            lanes, organic,
        )  # fmt: skip
        scene.lost[cell] += lost
        scene.lost_organic[cell] += orders
        named_presence(market.named, luck, number, identity, block, n, bidders, size, lanes, timed)
        if n_points > 0:
            place_landscape(luck, number, identity, n, bidders.points, lanes)
        take_slots(bidders, size, n, n_points)
        if promoted_slots > 0:
            count_pages(bidders, size, n, n_points, promoted_slots, reserve, level)
        for j in range(size):
            if who.named[j] == OWN:
                count_own(bidders, j, n, scene.done, who.entry[j] - base, lanes.words)
        picked = pick_clicks(bidders, size, n)
        if picked > 0:
            charge_clicks(
                market, book, luck, number, cell, base, scene, lanes, bidders, size, n_points, log,
                picked,
            )  # fmt: skip


@inlined
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


@inlined
def charge_clicks(
    market, book, luck, number, cell, base, scene, lanes, bidders, size, n_points, log, picked
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
            word = words_at(luck, identity, number, CART, lanes.number[i])[0]
            scene.done[entry - base, CLICKS] += 1
            scene.done[entry - base, SPENT] += charge
            scene.done[entry - base, ORDERS] += np.uint64(lanes.words[3, i]) < order
            scene.done[entry - base, CARTS] += np.uint64(word) < cart
            scene.done[entry - base, ORGANIC] -= np.uint64(lanes.words[3, i]) < organic
