"""Organic orders: those of searches whose searcher did not click on our ad.

A search that was clicked has brought what its click brings, and nothing beside it. In `events` the
word that would decide the order of a click decides the organic order, too: whoever orders with and
without ads is the same person in both histories. In `counts` the luck is that of a whole cell and
hour, whatever parts a plan makes of it.
"""

from __future__ import annotations

import numpy as np

from .draws import binomial_quantile
from .jit import kernel
from .lanes import count_below
from .random import BLOCK, ORGANIC, SEARCH, fill_words, threshold, unit, words_at
from .tally import ORGANIC_GOODS_COST, ORGANIC_ORDERS, ORGANIC_REVENUE

CELL = np.dtype(
    [
        ("unclicked", "i8"),  # searches of the cell's parts that are still to be dealt with
        ("orders", "i8"),  # that are still to be dealt
        ("draws", "i8"),  # of luck so far
    ]
)


@kernel
def has_organic(market):
    """Whether any query has organic orders."""
    found = False
    for query in range(market.queries.size):
        found = found or market.queries.organic[query] > 0.0
    return found


@kernel
def organic_chance(market, query, side):
    """P(organic order | search without a click)."""
    return min(1.0, market.queries.organic[query] * market.sides.organic[side])


@kernel
def organic_limit(rate, factor):
    """A search without a click whose last word is below this brings an organic order.

    `rate` is the query's, `factor` the side's: numbers only, for this is asked in the hot loops.
    """
    return threshold(min(1.0, rate * factor)) if rate > 0.0 else np.uint64(0)


@kernel
def add_organic(market, query, side, orders, tallies, row):
    """Add organic orders of a cell, a number or a mean, to the row of a tally."""
    product = market.queries.organic_product[query]
    tallies[row, ORGANIC_ORDERS] += orders
    tallies[row, ORGANIC_REVENUE] += orders * market.order_money.price[product, side]
    tallies[row, ORGANIC_GOODS_COST] += orders * market.order_money.unit_cost[product, side]


@kernel
def add_mean_organic(market, query, side, unclicked, tallies, row):
    """Add the mean organic orders of so many searches without a click."""
    orders = unclicked * organic_chance(market, query, side)
    add_organic(market, query, side, orders, tallies, row)


@kernel
def count_organic(luck, identity, number, searches, limit, words):
    """Organic orders among all searches of a cell that has no ads (fidelity `events`)."""
    orders = 0
    for block in range(0, searches, BLOCK):
        n = min(BLOCK, searches - block)
        fill_words(luck, identity, number, SEARCH, block, n, words)
        orders += count_below(words, n, limit)
    return orders


@kernel
def draw_organic(market, luck, number, parts, count, cells):
    """Draw the organic orders of the hour's parts (fidelity `counts`); `cells` is CELL[Q x S].

    The orders of a cell are binomial in its searches without a click; its parts share them as
    searches drawn without replacement fall on them.
    """
    n_sides = market.sides.size
    of_part, searches, clicks, orders = parts.cell, parts.searches, parts.clicks, parts.organic
    unclicked, waiting, draws = cells.unclicked, cells.orders, cells.draws
    for i in range(count):
        unclicked[of_part[i]] = 0
    for i in range(count):
        unclicked[of_part[i]] += searches[i] - clicks[i]
        waiting[of_part[i]] = -1
    for i in range(count):
        cell = of_part[i]
        identity = market.cell_identity[cell // n_sides, cell % n_sides]
        if waiting[cell] < 0:
            a, b, _, _ = words_at(luck, identity, number, ORGANIC, 0)
            chance = organic_chance(market, cell // n_sides, cell % n_sides)
            waiting[cell] = binomial_quantile(unit(a, b), unclicked[cell], chance)
            draws[cell] = 0
        own = searches[i] - clicks[i]
        orders[i] = waiting[cell] if own == unclicked[cell] else 0
        if own < unclicked[cell]:
            for ball in range(waiting[cell]):
                draws[cell] += 1
                a, b, _, _ = words_at(luck, identity, number, ORGANIC, draws[cell])
                orders[i] += unit(a, b) * (unclicked[cell] - ball) < own - orders[i]
        unclicked[cell] -= own
        waiting[cell] -= orders[i]
