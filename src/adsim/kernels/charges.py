"""What clicks cost: one uniform in, one charge out, by table where there is one.

A link's table holds, for each charge above the lowest, the chance that the best rival is charged
less: one table serves every bid, since below an own ad rank x the next ad rank is the best of all
rivals on condition that it is below x, so the uniform u becomes u exp(-L(x)). The last row is a
sentinel that no uniform reaches. Chances of interest lie at all scales, so the guide into a table
(Chen and Asau 1974) has buckets of equal width on the fourth root of the chance.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .auction import charge_above, draw_next_rank, step_threshold
from .jit import inlined, kernel
from .landscape import field_of, rank_with_above, rivals_above
from .model import NO_BUDGET
from .random import PROMOTED, fill_words, threshold

MOST_PRICES = 4_000_000  # rows of all tables; above, every charge is inverted directly
GUIDE = 2  # buckets a row
SENTINEL = 2.0


class PriceTable(NamedTuple):
    """One offer's way into its link's table; numbers only, so that passing it costs nothing."""

    begin: int  # first row
    first_bucket: int
    buckets: float
    decay: float  # exp(-L(own ad rank))
    lowest: int  # charge without a next ad, micros
    step: int  # micros
    cap: int  # highest charge, micros


@kernel
def bucket_of(chance, buckets):
    """The bucket of a chance in [0, 1); it never falls where the chance rises."""
    return np.int32(math.sqrt(math.sqrt(chance)) * buckets)


@kernel
def size_prices(market, offers):
    """Place a charge table a link, up to its highest bid; returns the number of rows, 0 where none.

    Without a charge step, among named rivals, and where the tables would be larger than
    `MOST_PRICES`, charges are inverted directly.
    """
    rules = market.rules
    queries = market.queries
    weights = market.keywords.weight
    rows = 0
    i = 0
    while i < offers.size:
        query = offers.query[i]
        has_grid = rules.step > 0 and queries.first_named[query] == queries.end_named[query]
        lowest = charge_above(rules, weights[offers.keyword[i]], NO_BUDGET, 0.0)
        steps = np.int64(-1)
        end = i
        while end < offers.size and offers.link[end] == offers.link[i]:
            if offers.enters[end] and has_grid:
                steps = max(steps, (offers.cap[end] - lowest) // rules.step, np.int64(0))
            end += 1
        for j in range(i, end):
            offers.lowest[j] = lowest if steps >= 0 else -1
            offers.first_price[j] = rows
            offers.prices[j] = steps + 1
        rows += steps + 1
        i = end
    if rows <= MOST_PRICES:
        return rows
    for j in range(offers.size):
        offers.lowest[j] = -1
    return 0


@kernel
def fill_prices(market, offers, below, guide):
    """Fill the tables that `size_prices` has placed."""
    rules = market.rules
    weights = market.keywords.weight
    filled = -1
    for i in range(offers.size):
        begin = offers.first_price[i]
        if offers.lowest[i] < 0 or begin == filled:
            continue
        filled = begin
        weight = weights[offers.keyword[i]]
        field = field_of(market.queries, offers.query[i])
        last = begin + offers.prices[i] - 1
        for j in range(begin, last):
            price = step_threshold(offers.lowest[i] + (j - begin + 1) * rules.step, rules.step)
            level = rivals_above(field, market.table, (price - rules.increment) * weight)
            below[j] = math.exp(-level)
        below[last] = SENTINEL
        buckets = GUIDE * offers.prices[i]
        row = begin  # guide: the first row that falls into the bucket or a later one
        for bucket in range(buckets):
            while row < last and bucket_of(below[row], buckets) < bucket:
                row += 1
            guide[GUIDE * begin + bucket] = row


@kernel
def price_table(offers, offer, step):
    """The way into the table of an offer that has one."""
    return PriceTable(
        offers.first_price[offer],
        GUIDE * offers.first_price[offer],
        np.float64(GUIDE * offers.prices[offer]),
        math.exp(-offers.level[offer]),
        offers.lowest[offer],
        step,
        offers.cap[offer],
    )


@inlined
def draw_charges(market, book, offer, u, n, out):
    """Fill out[:n] with the charges (micros) of clicks on an offer's ad at the uniforms u[:n]."""
    if book.offers.lowest[offer] >= 0:
        table = price_table(book.offers, offer, market.rules.step)
        look_up(book.below, book.guide, table, u, n, out)
    else:
        _invert(market, book.offers, offer, u, n, out)


@inlined
def look_up(below, guide, table, u, n, out):
    """`draw_charges` of an offer that has a table."""
    for i in range(n):
        out[i] = bucket_of(u[i] * table.decay, table.buckets)
    for i in range(n):
        chance = u[i] * table.decay
        row = guide[table.first_bucket + out[i]]
        row += below[row] <= chance  # mostly the last step, and without a branch
        while below[row] <= chance:
            row += 1
        out[i] = min(table.cap, table.lowest + (row - table.begin) * table.step)


@kernel
def _invert(market, offers, offer, u, n, out):
    """By inversion of the next ad rank's distribution."""
    rules = market.rules
    query = offers.query[offer]
    field = field_of(market.queries, query)
    alone = market.queries.first_named[query] == market.queries.end_named[query]
    weight = market.keywords.weight[offers.keyword[offer]]
    x, level, bid = offers.rank[offer], offers.level[offer], offers.bid[offer]
    for i in range(n):
        if alone:  # `draw_next_rank`, but for the arrays that it takes
            rank = min(x, rank_with_above(field, market.table, level - math.log(u[i])))
        else:
            rank = draw_next_rank(market, query, x, level, u[i])
        out[i] = charge_above(rules, weight, bid, rank)


@kernel
def promote_clicks(luck, identity, number, first, n, share, least, room):
    """Say which clicks first .. first + n - 1 are promoted, and charge them `least` or more.

    Click j takes word (j % 4, j // 4) of the decision. Returns how many are.
    """
    words, charge, promoted = room.words, room.charge, room.promoted
    fill_words(luck, identity, number, PROMOTED, first >> 2, (n + 3) >> 2, words)
    limit = threshold(share)
    count = 0
    for j in range(n):
        promoted[j] = np.uint64(words[j & 3, j >> 2]) < limit
        if promoted[j]:
            charge[j] = max(charge[j], least)
            count += 1
    return count
