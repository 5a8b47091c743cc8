"""What a plan brings to every auction, worked out once: the book of entries and offers.

An *offer* is a link (query, keyword) at one effective bid: its ad rank, slot chances and charges.
A *row* is (hour block, query, side); its *entries* are the offers that may stand for the shop in
that row's searches, best first, one a campaign: when the first one's campaign is out, the next
takes its place.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .auction import (
    MICRO,
    charge_above,
    charge_of,
    expected_charge,
    is_smooth,
    may_enter,
    poisson_slots,
    slot_chances,
    smooth_expected_charge,
    step_threshold,
)
from .jit import kernel
from .landscape import field_of, smooth_above
from .model import NO_BUDGET

MOST_PRICES = 8_000_000  # entries of all charge tables; above, every charge is inverted directly
GUIDE = 128  # buckets of a guide table (Chen and Asau 1974)


class Offers(NamedTuple):
    """O offers in the order of their links."""

    link: np.ndarray  # int32[O]
    query: np.ndarray  # int32[O]
    bid: np.ndarray  # int64[O], effective bid, micros
    enters: np.ndarray  # bool[O], meets reserve and floor
    rank: np.ndarray  # float64[O]
    level: np.ndarray  # float64[O], L(rank)
    chance: np.ndarray  # float64[O, M], P(slot)
    shown: np.ndarray  # float64[O], sum of chance
    examined: np.ndarray  # float64[O], sum of chance x examination
    charge: np.ndarray  # float64[O], mean charge in money; nan where not asked for


class Prices(NamedTuple):
    """Charges of every link on the grid of steps, as chances; empty where there is no grid."""

    start: np.ndarray  # int64[N + 1]
    below: np.ndarray  # float64[..], P(highest rival is charged less than lowest + j steps), j >= 1
    lowest: np.ndarray  # int64[N], micros; -1 where a charge is inverted directly
    guide: np.ndarray  # int32[N, GUIDE + 1], rows of `below` up to the multiples of 1 / GUIDE


class Book(NamedTuple):
    """A plan in a market."""

    row_start: np.ndarray  # int64[B * Q * S + 1]
    entry: np.ndarray  # int32[..], offers of a row, best first
    offers: Offers
    prices: Prices


@kernel
def list_offers(market, plan, most):
    """The distinct offers of every link, and which one stands in (link, side, block).

    `most` bounds the number of offers. Returns link, query, bid (of the offers) and
    offer_at int32[N, S, B], -1 where the keyword is not in the auction.
    """
    account = market.account
    n_sides, n_blocks = plan.coefficient.shape[1:]
    link_of = np.empty(most, np.int32)
    query_of = np.empty(most, np.int32)
    bid_of = np.empty(most, np.int64)
    offer_at = np.full((account.link_keyword.size, n_sides, n_blocks), -1, np.int32)
    count = 0
    for query in range(account.link_start.size - 1):
        for link in range(account.link_start[query], account.link_start[query + 1]):
            keyword = account.link_keyword[link]
            first = count
            for side in range(n_sides):
                for block in range(n_blocks):
                    bid = plan.bid[keyword]
                    factor = plan.coefficient[account.campaign[keyword], side, block]
                    bid = np.int64(math.floor(bid * factor + 0.5))
                    if bid <= 0:
                        continue
                    found = first
                    while found < count and bid_of[found] != bid:
                        found += 1
                    if found == count:
                        link_of[count] = link
                        query_of[count] = query
                        bid_of[count] = bid
                        count += 1
                    offer_at[link, side, block] = found
    return link_of[:count].copy(), query_of[:count].copy(), bid_of[:count].copy(), offer_at


@kernel
def value_offers(market, offers, first, last, with_charge):
    """Fill the outcomes of offers first .. last - 1 from the closed forms."""
    auction = market.auction
    account = market.account
    rules = auction.rules
    n_slots = auction.examination.size
    for i in range(first, last):
        query = offers.query[i]
        bid = offers.bid[i]
        weight = account.weight[account.link_keyword[offers.link[i]]]
        x = bid * MICRO * weight
        offers.rank[i] = x
        offers.enters[i] = may_enter(rules, weight, bid)
        if not offers.enters[i]:
            continue
        if is_smooth(market, query):
            field = field_of(market.landscape, query)
            offers.level[i] = smooth_above(field, x)
            poisson_slots(offers.level[i], offers.chance[i])
            if with_charge:
                offers.charge[i] = smooth_expected_charge(rules, field, weight, bid)
        else:
            offers.level[i] = slot_chances(market, query, x, offers.chance[i])
            if with_charge:
                offers.charge[i] = expected_charge(market, query, weight, bid)
        for k in range(n_slots):
            offers.shown[i] += offers.chance[i, k]
            offers.examined[i] += offers.chance[i, k] * auction.examination[k]
        offers.shown[i] = min(1.0, offers.shown[i])


@kernel
def _stands_before(offers, account, i, j):
    """Whether offer i stands before offer j of the same shop: the better ad rank that may enter.

    Equal ad ranks are ordered by the keywords' stable ids, so that no list order matters.
    """
    if offers.enters[i] != offers.enters[j]:
        return offers.enters[i]
    if offers.rank[i] != offers.rank[j]:
        return offers.rank[i] > offers.rank[j]
    first = account.identity[account.link_keyword[offers.link[i]]]
    return first < account.identity[account.link_keyword[offers.link[j]]]


@kernel
def rank_entries(market, offers, offer_at):
    """The rows and their entries: (row_start, entry)."""
    account = market.account
    n_links, n_sides, n_blocks = offer_at.shape
    n_queries = account.link_start.size - 1
    row_start = np.zeros(n_blocks * n_queries * n_sides + 1, np.int64)
    entry = np.empty(offer_at.size, np.int32)
    end = 0
    row = 0
    for block in range(n_blocks):
        for query in range(n_queries):
            for side in range(n_sides):
                first = end
                for link in range(account.link_start[query], account.link_start[query + 1]):
                    offer = offer_at[link, side, block]
                    if offer >= 0:
                        end = _insert(offers, account, entry, first, end, offer)
                row += 1
                row_start[row] = end
    return row_start, entry[:end].copy()


@kernel
def _insert(offers, account, entry, first, end, offer):
    """Insert into the sorted entry[first:end], one offer a campaign; returns the new end."""
    campaign = account.campaign[account.link_keyword[offers.link[offer]]]
    for i in range(first, end):
        other = account.campaign[account.link_keyword[offers.link[entry[i]]]]
        if other == campaign:
            if not _stands_before(offers, account, offer, entry[i]):
                return end
            for j in range(i, end - 1):
                entry[j] = entry[j + 1]
            end -= 1
            break
    i = end
    while i > first and _stands_before(offers, account, offer, entry[i - 1]):
        entry[i] = entry[i - 1]
        i -= 1
    entry[i] = offer
    return end + 1


@kernel
def list_prices(market, offers):
    """Charge tables of all links up to their highest bid; none where they do not serve."""
    account = market.account
    rules = market.auction.rules
    n_links = account.link_keyword.size
    start = np.zeros(n_links + 1, np.int64)
    lowest = np.full(n_links, -1, np.int64)
    for i in range(offers.link.size):
        if rules.step > 0 and offers.enters[i] and is_smooth(market, offers.query[i]):
            link = offers.link[i]
            weight = account.weight[account.link_keyword[link]]
            lowest[link] = charge_above(rules, weight, NO_BUDGET, 0.0)
            highest = charge_of(offers.bid[i] * MICRO, offers.bid[i], rules.step)
            steps = max(np.int64(0), (highest - lowest[link]) // rules.step)
            start[link + 1] = max(start[link + 1], steps)
    start[:] = np.cumsum(start)
    if start[n_links] + n_links * GUIDE > MOST_PRICES:
        start[:] = 0
        lowest[:] = -1
        n_links = 0
    below = np.empty(start[n_links])
    guide = np.zeros((n_links, GUIDE + 1), np.int32)
    for i in range(offers.link.size):
        link = offers.link[i]
        if n_links > 0 and lowest[link] >= 0 and guide[link, GUIDE] == 0:
            weight = account.weight[account.link_keyword[link]]
            table = below[start[link] : start[link + 1]]
            field = field_of(market.landscape, offers.query[i])
            for j in range(table.size):
                price = step_threshold(lowest[link] + (j + 1) * rules.step, rules.step)
                table[j] = math.exp(-smooth_above(field, (price - rules.increment) * weight))
            guide[link] = np.searchsorted(table, np.arange(GUIDE + 1) / GUIDE, side="right")
    return Prices(start, below, lowest, guide)
