"""A day of an ad auctions game, user by user: search, a page read from its top, moves by state.

A user of a product is in one state. Who searches reads the page of one query as a cascade: click or
not, buy or not, then on to the next ad or away. After the day's searches, in random order,
everybody moves by a table of chances, buyers to their own state.

Luck is keyed by (use, product, user, day), so that no bid changes who searches when or what a user
would do at a slot. Money is in micros, scores in micros too: weight x bid.

Source of the mechanism: Jordan and Wellman, "Designing an Ad Auctions Game for the Trading Agent
Competition", 2010; the cascade: Das, Giotis, Karlin, Mathieu, 2008.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .jit import kernel
from .random import BLOCK, fill_words, unit32, words_at

# Decisions of a game, as in `random`: numbers are part of the recipe.
LOTS = np.int64(80)  # parameters of a game
BURST = np.int64(81)  # whether a product has a burst on a day
MOVE = np.int64(82)  # where a user goes after a day; four users share a block of words
SEARCH = np.int64(83)  # when a user searches, and what
READ = np.int64(84)  # click, purchase and reading on at one slot
TIE = np.int64(85)  # order of equal scores

FIRST_DAY = 2000  # of the luck: virtual days come before it
A_USER = 32  # indices of one user's slots, at most
NEVER = -(2**40)  # a day before all others

IMPRESSIONS, CLICKS, ORDERS, SPEND, REVENUE, POSITIONS, N_FIELDS = 0, 1, 2, 3, 4, 5, 6
"""Last axis of a day's tallies; POSITIONS is the sum of slots from 1 over impressions."""


class Game(NamedTuple):
    """A game whose lots are drawn. Axes: K states, L classes, P products, Q queries, A advertisers.

    Rows of moves are cumulative chances x 2**32, the state itself first. Row K is that of those who
    have bought, row K + 1 that of everybody before the first virtual day.
    """

    move: np.ndarray  # uint64[2, K + 2, K], by day without and with a burst
    target: np.ndarray  # int64[2, K + 2, K], the state of each entry
    searched: np.ndarray  # uint64[K, L], cumulative chance x 2**32 of a class; 0: no search
    buys: np.ndarray  # bool[K]
    burst: np.ndarray  # uint64[2], chance x 2**32 of a burst; soon after another
    burst_days: int  # how long that is
    identity: np.ndarray  # uint64[P]
    query_of: np.ndarray  # int64[L, P, 2], what a user of a product types, by a coin
    continuation: np.ndarray  # float64[Q]
    cvr: np.ndarray  # float64[Q]
    floor: np.ndarray  # float64[Q, 2], least score in a regular and in a promoted slot, micros
    effect: np.ndarray  # float64[A, Q], chance of a click on a generic ad
    weight: np.ndarray  # float64[A, Q], effect**chi
    odds: np.ndarray  # float64[2], factor of a promoted slot, of a right target
    sale_odds: np.ndarray  # float64[A, P], factor of the odds of a sale
    sale: np.ndarray  # int64[A, P], what a sale brings, micros
    capacity: np.ndarray  # int64[A]
    advertiser: np.ndarray  # uint64[A], identity
    discount: float
    slots: int
    promoted: int


class Bids(NamedTuple):
    """What all advertisers ask for on a day; money in micros."""

    bid: np.ndarray  # int64[A, Q], 0: none
    target: np.ndarray  # int64[A, Q], product of the ad, -1: generic
    limit: np.ndarray  # int64[A, Q]
    budget: np.ndarray  # int64[A]


class Pages(NamedTuple):
    """The page of every query, from its top: arrays of shape [Q, slots], shown and views [Q]."""

    ad: np.ndarray  # int64, advertiser
    price: np.ndarray  # int64, of a click, micros
    target: np.ndarray  # int64
    right: np.ndarray  # float64, chance of a click by a user of the target
    other: np.ndarray  # float64, by all others
    shown: np.ndarray  # int64, number of ads
    views: np.ndarray  # int64, since the page is as it is


@kernel
def with_odds(chance, factor):
    """The chance whose odds are `factor` times those of `chance`."""
    return chance * factor / (chance * factor + 1.0 - chance)


@kernel
def move_users(game, luck, p, time, table, users, persons, words):
    """Move the users of one product by the rows of a table; `persons` int64[K] follows."""
    n_states = persons.size
    n_users = users.shape[1]
    for first in range(0, (n_users + 3) // 4, BLOCK):
        fill_words(luck, game.identity[p], time, MOVE, first, BLOCK, words)
        for u in range(4 * first, min(4 * (first + BLOCK), n_users)):
            s = np.int64(users[p, u])
            word = np.uint64(words[u & 3, (u >> 2) - first])
            if word < game.move[table, s, 0] and s < n_states:
                continue
            j = 0
            while word >= game.move[table, s, j]:
                j += 1
            goes = game.target[table, s, j]
            if s < n_states:
                persons[s] -= 1
            persons[goes] += 1
            users[p, u] = np.uint8(goes)


@kernel
def has_burst(game, luck, p, day, last_burst):
    """Whether users of a product move by their burst rows after a day; notes it."""
    a, _, _, _ = words_at(luck, game.identity[p], day + FIRST_DAY, BURST, 0)
    soon = day - last_burst[p] <= game.burst_days
    if np.uint64(a) < game.burst[1 if soon else 0]:
        last_burst[p] = day
        return True
    return False


@kernel
def move_all(game, luck, day, users, persons, last_burst):
    """The moves after a day."""
    words = np.empty((4, BLOCK), np.uint32)
    for p in range(users.shape[0]):
        table = 1 if has_burst(game, luck, p, day, last_burst) else 0
        move_users(game, luck, p, day + FIRST_DAY, table, users, persons, words)


@kernel
def open_users(game, luck, virtual_days, users, persons, last_burst):
    """Users uint8[P, U] as the first day begins, and how many are in each state int64[K]."""
    words = np.empty((4, BLOCK), np.uint32)
    persons[:] = 0
    users[:] = np.uint8(persons.size + 1)
    last_burst[:] = NEVER
    for p in range(users.shape[0]):
        move_users(game, luck, p, FIRST_DAY - virtual_days - 1, 0, users, persons, words)
    for day in range(-virtual_days, 0):
        move_all(game, luck, day, users, persons, last_burst)


@kernel
def list_searches(game, luck, day, users, persons):
    """Who searches on a day (number of the user in all), what, and when in it."""
    n_users = users.shape[1]
    n_classes = game.searched.shape[1]
    total = 0
    for s in range(persons.size):
        if game.searched[s, n_classes - 1] > np.uint64(0):
            total += persons[s]
    who = np.empty(total, np.int64)
    query = np.empty(total, np.int64)
    when = np.empty(total, np.uint32)
    n = 0
    for p in range(users.shape[0]):
        for u in range(n_users):
            s = np.int64(users[p, u])
            if game.searched[s, n_classes - 1] == np.uint64(0):
                continue
            a, b, c, _ = words_at(luck, game.identity[p], day + FIRST_DAY, SEARCH, u)
            j = 0
            while np.uint64(b) >= game.searched[s, j]:
                j += 1
            who[n] = p * n_users + u
            query[n] = game.query_of[j, p, np.int64(c >> np.uint32(31))]
            when[n] = a
            n += 1
    return who, query, when


@kernel
def order_by_time(when):
    """Places by time, equal ones as they stand: a bucket for each, then neighbors change places."""
    n = when.size
    size = np.uint64(n)
    end = np.zeros(n + 1, np.int64)
    for i in range(n):
        end[np.int64((np.uint64(when[i]) * size) >> np.uint64(32)) + 1] += 1
    for i in range(n):
        end[i + 1] += end[i]
    order = np.empty(n, np.int64)
    for i in range(n):
        bucket = np.int64((np.uint64(when[i]) * size) >> np.uint64(32))
        order[end[bucket]] = i
        end[bucket] += 1
    for i in range(1, n):
        moved = order[i]
        j = i
        while j > 0 and when[order[j - 1]] > when[moved]:
            order[j] = order[j - 1]
            j -= 1
        order[j] = moved
    return order


@kernel
def draw_ties(game, luck, day):
    """uint32[A, Q]: who stands first among equal scores."""
    ties = np.empty(game.weight.shape, np.uint32)
    for a in range(ties.shape[0]):
        for q in range(ties.shape[1]):
            word, _, _, _ = words_at(luck, game.advertiser[a], day + FIRST_DAY, TIE, q)
            ties[a, q] = word
    return ties


@kernel
def next_best(game, bids, ties, out, q, above, above_tie):
    """The best advertiser below a place (score, tie), or -1; and its place."""
    best, best_score, best_tie = -1, 0.0, np.uint32(0)
    for a in range(ties.shape[0]):
        if out[a, q]:
            continue
        score, tie = game.weight[a, q] * bids.bid[a, q], ties[a, q]
        if score > above or (score == above and tie >= above_tie) or score <= 0.0:
            continue
        if best < 0 or score > best_score or (score == best_score and tie > best_tie):
            best, best_score, best_tie = a, score, tie
    return best, best_score, best_tie


@kernel
def set_page(game, bids, ties, out, q, pages):
    """Rank the advertisers that are in for a query; each pays what keeps its slot."""
    a, score, tie = next_best(game, bids, ties, out, q, math.inf, np.uint32(0))
    n = 0
    while n < game.slots and a >= 0 and score >= game.floor[q, 0]:
        promoted = n < game.promoted and score >= game.floor[q, 1]
        below, next_score, next_tie = next_best(game, bids, ties, out, q, score, tie)
        least = max(next_score, game.floor[q, 1 if promoted else 0])
        price = np.int64(math.floor(least / game.weight[a, q] + 0.5 + 1e-9))
        pages.ad[q, n] = a
        pages.price[q, n] = min(price, bids.bid[a, q])
        pages.target[q, n] = bids.target[a, q]
        odds = game.odds[0] if promoted else 1.0
        aimed = bids.target[a, q] >= 0
        pages.right[q, n] = with_odds(game.effect[a, q], odds * game.odds[1])
        other = odds / game.odds[1] if aimed else odds
        pages.other[q, n] = with_odds(game.effect[a, q], other)
        n += 1
        a, score, tie = below, next_score, next_tie
    pages.shown[q] = n
    pages.views[q] = 0


@kernel
def count_views(pages, ads, slots):
    """Add the impressions of all pages since they are as they are."""
    for q in range(pages.shown.size):
        for n in range(pages.shown[q]):
            a = pages.ad[q, n]
            ads[a, q, IMPRESSIONS] += pages.views[q]
            ads[a, q, POSITIONS] += pages.views[q] * (n + 1)
            slots[q, n, IMPRESSIONS] += pages.views[q]
        pages.views[q] = 0


@kernel
def open_pages(game, bids, ties, ads, spent, out, pages):
    """All pages without the advertisers who have reached a limit, which `out` bool[A, Q] notes."""
    for a in range(ties.shape[0]):
        for q in range(ties.shape[1]):
            if spent[a] >= bids.budget[a] or ads[a, q, SPEND] >= bids.limit[a, q]:
                out[a, q] = True
    for q in range(ties.shape[1]):
        set_page(game, bids, ties, out, q, pages)


@kernel
def make_pages(n_queries, n_slots):
    shape = (n_queries, n_slots)
    return Pages(
        np.zeros(shape, np.int64),
        np.zeros(shape, np.int64),
        np.zeros(shape, np.int64),
        np.zeros(shape),
        np.zeros(shape),
        np.zeros(n_queries, np.int64),
        np.zeros(n_queries, np.int64),
    )


@kernel
def sale_chance(cvr, discount, over, odds):
    """The CVR of an advertiser `over` sales above its capacity, its odds times a factor."""
    if over > 0:
        cvr *= math.pow(discount, np.float64(over))
    return with_odds(cvr, odds)


@kernel
def play_searches(game, bids, luck, day, users, persons, sold, ads, slots):
    """All searches of a day, one after the other; returns their queries.

    A limit is reached by the click that makes it full, which is billed whole. Reading a page stands
    within the loop: a call with so many arrays would count its references longer than it works.
    """
    n_users = users.shape[1]
    who, query, when = list_searches(game, luck, day, users, persons)
    ties = draw_ties(game, luck, day)
    out = np.zeros(ties.shape, np.bool_)
    spent = np.zeros(ties.shape[0], np.int64)
    pages = make_pages(ties.shape[1], game.slots)
    open_pages(game, bids, ties, ads, spent, out, pages)
    for i in order_by_time(when):
        p = who[i] // n_users
        u = who[i] - p * n_users
        s = np.int64(users[p, u])
        q = query[i]
        pages.views[q] += 1
        changed = False
        for n in range(pages.shown[q]):
            w0, w1, w2, _ = words_at(luck, game.identity[p], day + FIRST_DAY, READ, u * A_USER + n)
            chance = pages.right[q, n] if pages.target[q, n] == p else pages.other[q, n]
            if unit32(w0) < chance:
                a, price = pages.ad[q, n], pages.price[q, n]
                spent[a] += price
                ads[a, q, CLICKS] += 1
                ads[a, q, SPEND] += price
                slots[q, n, CLICKS] += 1
                slots[q, n, SPEND] += price
                if spent[a] >= bids.budget[a] or ads[a, q, SPEND] >= bids.limit[a, q]:
                    changed = True
                if game.buys[s] and unit32(w1) < sale_chance(
                    game.cvr[q], game.discount, sold[a] - game.capacity[a], game.sale_odds[a, p]
                ):
                    sold[a] += 1
                    ads[a, q, ORDERS] += 1
                    ads[a, q, REVENUE] += game.sale[a, p]
                    slots[q, n, ORDERS] += 1
                    slots[q, n, REVENUE] += game.sale[a, p]
                    persons[s] -= 1
                    users[p, u] = np.uint8(persons.size)
                    break
            if unit32(w2) >= game.continuation[q]:
                break
        if changed:
            count_views(pages, ads, slots)
            open_pages(game, bids, ties, ads, spent, out, pages)
    count_views(pages, ads, slots)
    return query


@kernel
def play_day(game, bids, luck, day, users, persons, last_burst, sold, ads, slots, searches):
    """Searches and moves of a day.

    Adds to ads int64[A, Q, N_FIELDS], slots int64[Q, slots, N_FIELDS], searches int64[Q] and sold
    int64[A] (sales of the window's days before, to which those of the day come).
    """
    query = play_searches(game, bids, luck, day, users, persons, sold, ads, slots)
    for q in query:
        searches[q] += 1
    move_all(game, luck, day, users, persons, last_burst)
