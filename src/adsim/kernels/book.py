"""The book: what a plan brings to every auction, worked out once.

An *offer* is a link (query, keyword) at one effective bid: its ad rank, slot chances and charges.
A *row* is (hour block, query, side); its *entries* are the offers that may stand for the shop in
that row's searches, best first, one a campaign: when the first one's campaign is out, the next
takes its place.
"""

from __future__ import annotations

import math

import numpy as np

from .auction import (
    add_named_above,
    charge_above,
    charge_of,
    may_enter,
    money_of,
    poisson_slots,
)
from .jit import kernel
from .landscape import field_of, rivals_above
from .views import fill_view, may_be_promoted, mean_charge, promoted_rules, promoted_share


@kernel
def list_offers(market, plan, offers, offer_at):
    """List the distinct effective bids of every link as offers; returns their number.

    offer_at int64[N, S, B] is filled with the offer of a link on a side in an hour block, -1 where
    the keyword is not in the auction.
    """
    queries = market.queries
    campaigns = market.keywords.campaign
    links = market.links
    bids = offers.bid
    count = 0
    for query in range(queries.size):
        for link in range(queries.first_link[query], queries.end_link[query]):
            keyword = links[link]
            first = count
            for side in range(offer_at.shape[1]):
                for block in range(offer_at.shape[2]):
                    factor = plan.coefficient[campaigns[keyword], side, block]
                    bid = np.int64(math.floor(plan.bid[keyword] * factor + 0.5))
                    if bid <= 0:
                        offer_at[link, side, block] = -1
                        continue
                    found = first
                    while found < count and bids[found] != bid:
                        found += 1
                    offer_at[link, side, block] = found
                    if found == count:
                        offers.query[count] = query
                        offers.link[count] = link
                        offers.keyword[count] = keyword
                        offers.campaign[count] = campaigns[keyword]
                        bids[count] = bid
                        count += 1
    return count


@kernel
def value_offers(market, offers, chance, view, first, last, with_charge):
    """Fill the outcomes of offers first .. last - 1 from the closed forms.

    `view` has a row for each offer, or one that holds for all.
    """
    queries = market.queries
    rules = market.rules
    enters, ranks, levels = offers.enters, offers.rank, offers.level
    shown, examined = offers.shown, offers.examined
    weights, ctrs = market.keywords.weight, market.keywords.ctr
    has_own_view = view.shape[0] == offers.size
    for i in range(first, last):
        query = offers.query[i]
        bid = offers.bid[i]
        weight = weights[offers.keyword[i]]
        row = i if has_own_view else 0
        offers.view_row[i] = row
        offers.promoted[i] = 0.0
        offers.least[i] = 0
        ranks[i] = money_of(bid) * weight
        enters[i] = may_enter(rules, weight, bid)
        shown[i] = 0.0
        examined[i] = 0.0
        offers.charge[i] = math.nan
        offers.cap[i] = charge_of(money_of(bid), bid, rules.step)
        if not enters[i]:
            continue
        levels[i] = rivals_above(field_of(queries, query), market.table, ranks[i])
        poisson_slots(levels[i], chance[i])
        begin, end = queries.first_named[query], queries.end_named[query]
        if begin < end:
            add_named_above(market.named, begin, end, ranks[i], chance[i])
        if has_own_view:
            ctr = queries.ctr[query] * ctrs[offers.keyword[i]]
            fill_view(market, query, ctr, ranks[i], view[i])
        for k in range(chance.shape[1]):
            shown[i] += chance[i, k]
            examined[i] += chance[i, k] * view[row, k]
        shown[i] = min(1.0, shown[i])
        if may_be_promoted(rules, ranks[i]):
            offers.least[i] = charge_above(promoted_rules(rules), weight, bid, 0.0)
            offers.promoted[i] = promoted_share(
                chance[i], view[row], rules.promoted_slots, examined[i]
            )
        if with_charge:
            offers.charge[i] = mean_charge(market, query, weight, bid, offers.promoted[i])


@kernel
def describe_offers(market, offers):
    """Fill what a click on each offer's ad is worth."""
    queries, keywords, products = market.queries, market.keywords, market.products
    for i in range(offers.size):
        query = offers.query[i]
        keyword = offers.keyword[i]
        product = keywords.product[keyword]
        offers.ctr[i] = queries.ctr[query] * keywords.ctr[keyword]
        offers.cvr[i] = queries.cvr[query] * products.cvr[product] * keywords.cvr[keyword]
        offers.cart_rate[i] = products.cart_rate[product]
        offers.product[i] = product


@kernel
def stands_before(one, other):
    """Whether one ad of the shop stands before another, each as (enters, ad rank, stable id).

    Those that may enter come first, then the better ad rank; equal ones are ordered by the
    keywords' stable ids, so that no list order matters.
    """
    if one[0] != other[0]:
        return one[0]
    if one[1] != other[1]:
        return one[1] > other[1]
    return one[2] < other[2]


@kernel
def _offer_before(offers, identities, i, j):
    """Whether offer i stands before offer j."""
    one = (offers.enters[i], offers.rank[i], identities[offers.keyword[i]])
    other = (offers.enters[j], offers.rank[j], identities[offers.keyword[j]])
    return stands_before(one, other)


@kernel
def rank_entries(market, offers, offer_at, row_start, entry):
    """Fill the rows and their entries: row_start int64[B * Q * S + 1], entry int64[N * S * B]."""
    queries = market.queries
    identities = market.keywords.identity
    end = np.int64(0)  # a literal would compile what it is passed to once more
    row = 0
    row_start[0] = 0
    for block in range(offer_at.shape[2]):
        for query in range(queries.size):
            for side in range(offer_at.shape[1]):
                first = end
                for link in range(queries.first_link[query], queries.end_link[query]):
                    offer = offer_at[link, side, block]
                    if offer >= 0:
                        end = _insert(offers, identities, entry, first, end, offer)
                row += 1
                row_start[row] = end


@kernel
def _insert(offers, identities, entry, first, end, offer):
    """Insert into the sorted entry[first:end], one offer a campaign; returns the new end."""
    for i in range(first, end):
        if offers.campaign[entry[i]] == offers.campaign[offer]:
            if not _offer_before(offers, identities, offer, entry[i]):
                return end
            for j in range(i, end - 1):
                entry[j] = entry[j + 1]
            end -= 1
            break
    i = end
    while i > first and _offer_before(offers, identities, offer, entry[i - 1]):
        entry[i] = entry[i - 1]
        i -= 1
    entry[i] = offer
    return end + 1
