"""What one own keyword brings at many bids, in closed form, budgets aside."""

from __future__ import annotations

import math

import numpy as np

from .auction import (
    MICRO,
    charge_above,
    is_smooth,
    may_enter,
    money_of,
    step_threshold,
)
from .book import describe_offers, stands_before, value_offers
from .expected import add_offer
from .jit import kernel
from .landscape import field_of, rivals_above
from .model import NO_BUDGET, OFFER, Book
from .organic import add_mean_organic, has_organic
from .views import mean_charge

EVALUATIONS = 40  # of L(x) that the mean charge of one bid takes where the family is smooth
LARGEST_LEVEL = 700.0  # exp of more would overflow; an ad with so many rivals above is never shown


@kernel
def add_bid_curve(market, plan, keyword, reached, weight, bids, tallies):
    """Add the keyword's means at each of bids[J] (micros) to tallies[J, field].

    `reached` int64[..] are the queries that it matches, `weight` float64[B] the mean days of
    searches in every hour block. All other keywords stay at the plan's bids: the best own ad rank
    enters.
    """
    queries, sides, share = market.queries, market.sides, market.share
    prices, unit_costs = market.order_money.price, market.order_money.unit_cost
    is_organic = has_organic(market)
    campaign = market.keywords.campaign[keyword]
    identity = market.keywords.identity[keyword]
    rung = np.empty(plan.coefficient.shape[1:], np.int64)
    factors = _distinct_factors(plan.coefficient[campaign], rung)
    offers = np.empty(factors.size * bids.size, OFFER)
    book = _book_of(offers, market.examination.size)
    for query in reached:
        _list_offers(query, keyword, campaign, factors, bids, offers)
        value_offers(market, offers, book.chance, book.views, 0, offers.size, False)
        _value_charges(market, query, keyword, offers)
        describe_offers(market, offers)
        for side in range(sides.size):
            for block in range(weight.size):
                searches = queries.searches[query] * share[queries.searchers[query], side]
                searches *= weight[block]
                if searches <= 0.0:
                    continue
                other = _best_other(market, plan, query, keyword, side, block)
                first = rung[side, block] * bids.size
                for j in range(bids.size):
                    i = first + j
                    standing = (offers.enters[i], offers.rank[i], identity)
                    if offers.bid[i] > 0 and stands_before(standing, other):
                        price = prices[offers.product[i], side]
                        unit_cost = unit_costs[offers.product[i], side]
                        clicks = add_offer(
                            book, i, sides.ctr[side], sides.cvr[side], price, unit_cost, searches,
                            tallies, j,
                        )  # fmt: skip
                        if is_organic:
                            add_mean_organic(market, query, side, searches - clicks, tallies, j)


@kernel
def _distinct_factors(coefficient, rung):
    """The distinct values of coefficient[S, B]; rung[S, B] is filled with the number of each."""
    found = np.empty(coefficient.size)
    count = 0
    for side in range(coefficient.shape[0]):
        for block in range(coefficient.shape[1]):
            number = 0
            while number < count and found[number] != coefficient[side, block]:
                number += 1
            if number == count:
                found[count] = coefficient[side, block]
                count += 1
            rung[side, block] = number
    return found[:count].copy()


@kernel
def _book_of(offers, n_slots):
    """A book with nothing but offers and room for their slot chances and views."""
    none = np.empty(0, np.int64)
    chance = np.empty((offers.size, n_slots))
    view = np.empty((offers.size, n_slots))
    return Book(none, none, offers, chance, view, np.empty(0), np.empty((0, 0), np.int64))


@kernel
def _list_offers(query, keyword, campaign, factors, bids, offers):
    """Fill offers[len(factors) x J] with the effective bids of a keyword on a query."""
    i = 0
    for factor in factors:
        for bid in bids:
            offers.query[i] = query
            offers.keyword[i] = keyword
            offers.campaign[i] = campaign
            offers.bid[i] = np.int64(math.floor(bid * factor + 0.5))
            i += 1


@kernel
def _value_charges(market, query, keyword, offers):
    """Fill the mean charges of one keyword's offers on one query.

    P(charge >= c) = 1 - exp(L(x) - L(y)), where the ad rank y is charged c, holds the bid in L(x)
    alone: one running sum of exp(-L(y)) over the grid of charges serves all bids.
    """
    rules = market.rules
    weight = market.keywords.weight[keyword]
    lowest = charge_above(rules, weight, NO_BUDGET, 0.0)
    queries = market.queries
    has_grid = rules.step > 0 and queries.first_named[query] == queries.end_named[query]
    steps = max(0, (offers.cap.max() - lowest) // rules.step) if has_grid else 0
    is_long = is_smooth(queries, query) and steps > EVALUATIONS * offers.size
    if is_long or not has_grid:
        for i in range(offers.size):
            if offers.enters[i]:
                share = offers.promoted[i]
                offers.charge[i] = mean_charge(market, query, weight, offers.bid[i], share)
        return
    below = _running_sum(market, query, weight, lowest, steps)
    for i in range(offers.size):
        if offers.enters[i]:
            n = max(0, (offers.cap[i] - lowest) // rules.step)
            more = n - math.exp(min(offers.level[i], LARGEST_LEVEL)) * below[n]
            if offers.promoted[i] > 0.0:  # the first steps up to the least promoted charge are sure
                sure = min(n, max(0, (offers.least[i] - lowest) // rules.step))
                passed = math.exp(min(offers.level[i], LARGEST_LEVEL)) * below[sure]
                more += offers.promoted[i] * passed
            offers.charge[i] = (min(lowest, offers.cap[i]) + rules.step * more) * MICRO


@kernel
def _running_sum(market, query, weight, lowest, steps):
    """Sums of exp(-L(y)) over the first 0 .. `steps` charges above the lowest."""
    rules = market.rules
    field = field_of(market.queries, query)
    total = np.zeros(steps + 1)
    for j in range(1, steps + 1):
        price = step_threshold(lowest + j * rules.step, rules.step)
        level = rivals_above(field, market.table, (price - rules.increment) * weight)
        total[j] = total[j - 1] + math.exp(-level)
    return total


@kernel
def _best_other(market, plan, query, keyword, side, block):
    """How the best other own keyword stands in these searches: (enters, ad rank, stable id).

    Where there is none, an ad that stands behind all others.
    """
    queries, keywords, links = market.queries, market.keywords, market.links
    best = (False, -1.0, np.uint64(0))
    for link in range(queries.first_link[query], queries.end_link[query]):
        other = links[link]
        factor = plan.coefficient[keywords.campaign[other], side, block]
        bid = np.int64(math.floor(plan.bid[other] * factor + 0.5))
        if other == keyword or bid <= 0:
            continue
        weight = keywords.weight[other]
        enters = may_enter(market.rules, weight, bid)
        standing = (enters, money_of(bid) * weight, keywords.identity[other])
        if stands_before(standing, best):
            best = standing
    return best
