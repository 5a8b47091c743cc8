"""Parts: what fidelity `counts` splits the searches of a cell in an hour into.

A part is a number of searches in which one entry of the book stands for the shop, or which are lost
to budgets, or have no own keyword. A part's clicks are binomial in its searches; impressions,
slots, orders and carts are drawn given the clicks.

Each stage is one loop over all parts: a call per part would count references to every array.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .capping import counters_in, split_share
from .charges import draw_charges, look_up, price_table, promote_clicks
from .draws import binomial_quantile, poisson_quantile
from .jit import kernel
from .organic import CELL
from .random import (
    BLOCK,
    CAPPED,
    CHARGE,
    CLICKS,
    COIN,
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

REQUEST = np.dtype(
    [
        ("cell", "i8"),
        ("waiting", "i8"),  # searches without an entry yet
        ("place", "i8"),  # first entry of the row to ask
        ("segment", "i8"),  # how many budgets have run out in this hour before
        ("start", "f8"),  # share of the hour that is over
        ("mask", "i8"),  # counters whose caps the searchers have reached
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
        ("promoted", "i8"),  # those from promoted slots
        ("shown", "i8"),
        ("positions", "i8"),  # sum over impressions
        ("orders", "i8"),
        ("carts", "i8"),
        ("organic", "i8"),  # orders of searches without a click
        ("spent", "i8"),  # micros
        ("trim", "i8"),  # micros by which the last click passed a budget
        ("start", "f8"),  # in hours
        ("end", "f8"),
        ("mask", "i8"),  # of the request
        ("tired", "f8"),  # mean CTR factor of the searchers
    ]
)
SERVED, LOST, UNMATCHED, CAPPED_OUT = 0, 1, 2, 3  # kinds of parts
SEGMENT_SHIFT = 12  # more places in a row than campaigns anybody has
MASK_SHIFT = 24
MOST_SEGMENTS = (1 << MASK_SHIFT - SEGMENT_SHIFT) - 1


class Hour(NamedTuple):
    """Room for one hour's work, reused."""

    requests: np.ndarray  # REQUEST[..]
    parts: np.ndarray  # PART[..]
    cells: np.ndarray  # CELL[Q x S], none where nothing is organic


class Clicks(NamedTuple):
    """Room for some of a part's clicks."""

    words: np.ndarray  # uint32[4, BLOCK]
    u: np.ndarray  # float64[4 * BLOCK]
    charge: np.ndarray  # int64[4 * BLOCK], micros
    promoted: np.ndarray  # bool[4 * BLOCK], of use where some clicks are
    time: np.ndarray  # float64[BLOCK], in hours


@kernel
def make_clicks():
    return Clicks(
        np.empty((4, BLOCK), np.uint32),
        np.empty(4 * BLOCK),
        np.empty(4 * BLOCK, np.int64),
        np.empty(4 * BLOCK, np.bool_),
        np.empty(BLOCK),
    )


@kernel
def make_hour(size, n_cells):
    return Hour(np.empty(size, REQUEST), np.empty(size, PART), np.empty(n_cells, CELL))


@kernel
def most_parts(market, plan, book):
    """How many parts an hour can have at most, budgets that run out included.

    A request makes one part, with paced delivery one for each entry of its row; a part that is cut
    makes a request for the entries after it, or, where caps keep its searchers away, for nobody.
    Each mask of reached caps may ask for itself.
    """
    n_cells = market.cell_identity.size
    paced = plan.exposure.cap.size > 0
    for campaign in range(plan.standard.size):
        paced = paced or plan.standard[campaign]
    most = 0
    for first in range(0, book.row_start.size - 1, n_cells):
        total = 0
        for row in range(first, first + n_cells):
            entries = book.row_start[row + 1] - book.row_start[row]
            total += (entries + 1) * (entries + 2) if paced else 2 * (entries + 1)
        most = max(most, total)
    return most << plan.exposure.cap.size


@kernel
def part_identity(cell_identity, code):
    """The stable id of a part's luck; code 0 is a cell's best entry from the start of the hour."""
    return cell_identity if code == 0 else mixed_id(cell_identity, np.uint64(code))


@kernel
def draw_searches(market, luck, number, means, hour):
    """Draw every cell's searches of hour `number` of the run; returns the number of requests.

    `means` float64[Q] holds the queries' mean searches in this hour, shock included.
    """
    share = market.share
    searchers = market.queries.searchers
    requests = hour.requests
    count = 0
    for query in range(means.size):
        if means[query] <= 0.0:
            continue
        for side in range(share.shape[1]):
            mean = means[query] * share[searchers[query], side]
            a, b, _, _ = words_at(luck, market.cell_identity[query, side], number, SEARCHES, 0)
            u = unit(a, b)
            if u <= 1.0 - mean:  # below exp(-mean): most cells of a long tail
                continue
            searches = poisson_quantile(u, mean)
            if searches > 0:
                requests.cell[count] = query * share.shape[1] + side
                requests.waiting[count] = searches
                requests.place[count] = 0
                requests.segment[count] = 0
                requests.start[count] = 0.0
                requests.mask[count] = 0
                count += 1
    return count


@kernel
def split_by_mask(market, book, exposure, luck, number, first_row, share, hour, n_requests):
    """Divide requests by who makes them: returns their new number.

    `share` float64[A, masks] of a cell's searches come from persons with a mask. What a row does
    not ask for is left out of it, and those whom no cap keeps away stay in front, with their luck.
    """
    requests = hour.requests
    n_sides = market.sides.size
    identities = market.cell_identity.ravel()
    part = np.empty(share.shape[1])
    count = n_requests
    for i in range(n_requests):
        cell = requests.cell[i]
        asked = counters_in(book, exposure, first_row + cell)
        split_share(share, exposure.cell[cell % n_sides], asked, part)
        left = 1.0
        for mask in range(1, part.size):
            chance = part[mask]
            if chance <= 0.0 or requests.waiting[i] == 0:
                continue
            a, b, _, _ = words_at(luck, identities[cell], number, CAPPED, mask)
            taken = binomial_quantile(unit(a, b), requests.waiting[i], min(1.0, chance / left))
            left -= chance
            if taken > 0:
                requests.waiting[i] -= taken
                requests.cell[count] = cell
                requests.waiting[count] = taken
                requests.place[count] = 0
                requests.segment[count] = 0
                requests.start[count] = 0.0
                requests.mask[count] = mask
                count += 1
    return count


@kernel
def split_requests(
    market, book, exposure, luck, number, first_row, chance, tired, hour, n_requests, count
):
    """Hand requests to the entries whose campaigns take part; returns the number of parts.

    `chance` float64[C] is each campaign's participation; the coin is one a search and campaign,
    and a row has one entry a campaign, so each entry tosses for what the better ones left.
    `tired` float64[A, masks, n] holds mean CTR factors.
    """
    identities = market.cell_identity.ravel()
    campaigns = book.offers.campaign
    parts = hour.parts
    n_sides = market.sides.size
    for i in range(n_requests):
        cell = hour.requests.cell[i]
        waiting = hour.requests.waiting[i]
        segment = hour.requests.segment[i]
        mask = hour.requests.mask[i]
        is_capped = False
        first = book.row_start[first_row + cell]
        n_entries = book.row_start[first_row + cell + 1] - first
        for place in range(0 if mask else hour.requests.place[i], n_entries):
            offer = book.entry[first + place]
            share = chance[campaigns[offer]]
            if share <= 0.0:
                continue
            counter = exposure.counter[campaigns[offer]]
            if counter >= 0 and mask >> counter & 1:
                is_capped = True
                continue
            if place < hour.requests.place[i]:
                continue
            code = place + (segment << SEGMENT_SHIFT) + (mask << MASK_SHIFT)
            taken = waiting
            if share < 1.0:
                identity = part_identity(identities[cell], code)
                a, b, _, _ = words_at(luck, identity, number, COIN, 0)
                taken = binomial_quantile(unit(a, b), waiting, share)
            if taken > 0:
                _new_part(parts, count, SERVED, cell, taken, hour.requests.start[i], mask)
                if counter >= 0:
                    parts.tired[count] = tired[exposure.cell[cell % n_sides], mask, counter]
                parts.place[count] = place
                parts.offer[count] = offer
                parts.code[count] = code
                count += 1
                waiting -= taken
            if waiting == 0:
                break
        if waiting > 0:
            kind = LOST if n_entries > 0 else UNMATCHED
            kind = CAPPED_OUT if is_capped else kind
            _new_part(parts, count, kind, cell, waiting, hour.requests.start[i], mask)
            parts.place[count] = n_entries
            parts.code[count] = n_entries + (segment << SEGMENT_SHIFT) + (mask << MASK_SHIFT)
            if n_entries > 0:
                parts.offer[count] = book.entry[first]
            count += 1
    return count


@kernel
def _new_part(parts, i, kind, cell, searches, start, mask):
    parts.kind[i] = kind
    parts.cell[i] = cell
    parts.searches[i] = searches
    parts.start[i] = start
    parts.end[i] = 1.0
    parts.mask[i] = mask
    parts.tired[i] = 1.0
    parts.drawn[i] = 0
    parts.trim[i] = 0
    clear_part(parts, i)


@kernel
def clear_part(parts, i):
    parts.clicks[i] = 0
    parts.promoted[i] = 0
    parts.shown[i] = 0
    parts.positions[i] = 0
    parts.orders[i] = 0
    parts.carts[i] = 0
    parts.organic[i] = 0
    parts.spent[i] = 0


@kernel
def draw_clicks(market, book, luck, number, parts, first, last):
    """Draw the clicks of the parts first .. last - 1."""
    identities = market.cell_identity.ravel()
    side_ctr = market.sides.ctr
    kinds, cells, codes, at = parts.kind, parts.cell, parts.code, parts.offer
    searches, clicks, drawn, tired = parts.searches, parts.clicks, parts.drawn, parts.tired
    enters, ctrs, examined = book.offers.enters, book.offers.ctr, book.offers.examined
    for i in range(first, last):
        if kinds[i] != SERVED or not enters[at[i]]:
            continue
        ctr = min(1.0, ctrs[at[i]] * side_ctr[cells[i] % side_ctr.size] * tired[i])
        identity = part_identity(identities[cells[i]], codes[i])
        a, b, _, _ = words_at(luck, identity, number, CLICKS, 0)
        drawn[i] = binomial_quantile(unit(a, b), searches[i], ctr * examined[at[i]])
        clicks[i] = drawn[i]


@kernel
def draw_outcomes(market, book, luck, number, parts, first, last):
    """Draw impressions, positions, orders and carts given the searches and clicks of parts.

    Of the clicks, those from promoted slots fall on these, the others on those below.
    """
    identities = market.cell_identity.ravel()
    sides = market.sides
    views, view_rows = book.views, book.offers.view_row
    split = market.rules.promoted_slots - 1
    offers = book.offers
    side_ctr, side_cvr = sides.ctr, sides.cvr
    kinds, cells, codes, at = parts.kind, parts.cell, parts.code, parts.offer
    all_searches, all_clicks, tired = parts.searches, parts.clicks, parts.tired
    promoted, promoted_share = parts.promoted, book.offers.promoted
    shown, positions, orders, carts = parts.shown, parts.positions, parts.orders, parts.carts
    for i in range(first, last):
        offer = at[i]
        if kinds[i] != SERVED or not offers.enters[offer]:
            continue
        side = cells[i] % side_ctr.size
        clicks = all_clicks[i]
        ctr = min(1.0, offers.ctr[offer] * side_ctr[side] * tired[i])
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
        later = 0  # clicks below the promoted slots, where some are in these
        if promoted_share[offer] > 0.0:
            later = clicks - promoted[i]
            clicks = promoted[i]
            left_clicked *= promoted_share[offer]
        for slot in range(views.shape[1] - 1):
            if seen == 0 and clicks == 0 and later == 0:
                break
            slot_chance = book.chance[offer, slot]
            a, b, c, d = words_at(luck, identity, number, SLOTS, slot)
            if seen > 0:
                weight = slot_chance * (1.0 - ctr * views[view_rows[offer], slot])
                seen -= binomial_quantile(unit(a, b), seen, weight / left_seen)
                left_seen -= weight
            if slot == split and promoted_share[offer] > 0.0:
                clicks = later
                later = 0
                left_clicked = offers.examined[offer] * (1.0 - promoted_share[offer])
            elif clicks > 0:
                weight = slot_chance * views[view_rows[offer], slot]
                clicks -= binomial_quantile(unit(c, d), clicks, weight / left_clicked)
                left_clicked -= weight
            positions[i] += seen + clicks + later  # those that stand in a lower slot
        if all_clicks[i] > 0:
            cvr = min(1.0, offers.cvr[offer] * side_cvr[side])
            a, b, c, d = words_at(luck, identity, number, ORDERS, 0)
            orders[i] = binomial_quantile(unit(a, b), all_clicks[i], cvr)
            carts[i] = binomial_quantile(unit(c, d), all_clicks[i], offers.cart_rate[offer])


@kernel
def charge_parts(market, book, luck, number, parts, first, last):
    """Draw what the clicks of the parts first .. last - 1 cost, and which are promoted."""
    identities = market.cell_identity.ravel()
    offers = book.offers
    below, guide = book.below, book.guide
    step = market.rules.step
    cells, codes, at, all_clicks = parts.cell, parts.code, parts.offer, parts.clicks
    spent, promoted, promoted_share = parts.spent, parts.promoted, offers.promoted
    room = make_clicks()
    words, u, charge = room.words, room.u, room.charge
    for i in range(first, last):
        clicks = all_clicks[i]
        if clicks == 0:
            continue
        identity = part_identity(identities[cells[i]], codes[i])
        total = 0
        promoted[i] = 0
        for block in range(0, clicks, charge.size):
            n = min(charge.size, clicks - block)
            fill_uniforms(luck, identity, number, block, n, words, u)
            if offers.lowest[at[i]] >= 0:  # `draw_charges`, but for the arrays that it takes
                look_up(below, guide, price_table(offers, at[i], step), u, n, charge)
            else:
                draw_charges(market, book, at[i], u, n, charge)
            if promoted_share[at[i]] > 0.0:
                share, least = promoted_share[at[i]], offers.least[at[i]]
                promoted[i] += promote_clicks(luck, identity, number, block, n, share, least, room)
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
