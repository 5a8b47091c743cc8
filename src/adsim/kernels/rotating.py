"""Creatives: how those of an ad group share its impressions, and what each of them brought.

Shares are fixed at every full hour, from what this history has seen of the creatives (*trials*). An
hour has one CTR factor and one CVR factor for each ad group, the means over its impressions and
over its clicks; the book's offers carry them, so that nothing else knows of creatives. At the
hour's end its impressions, clicks, orders and money are dealt to the creatives: that is the law of
impressions that each toss for a creative, but that an equal rotation deals them in turns.

Sources: Thompson sampling with Beta(1, 1) beliefs, Chapelle and Li, "An empirical evaluation of
Thompson sampling", NIPS 2011; Gamma draws, Marsaglia and Tsang, "A simple method for generating
gamma variables", ACM TOMS 26 (2000).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from . import tally
from .draws import binomial_quantile
from .jit import kernel
from .model import EQUAL, FOR_CLICKS, FOR_PROFIT, HOURS_A_DAY, ONLY, OPTIMIZED, TEST, TURNS, Groups
from .random import DEALT, THOMPSON, unit, words_at
from .special import normal_quantile

IMPRESSIONS, CLICKS, ORDERS, SPEND, REVENUE, GOODS_COST = 0, 1, 2, 3, 4, 5  # columns of trials
WON = 6  # 1 for the creative that has won its test
N_TRIED = 7

DRAWS = 64  # of every creative an hour: an optimized hour falls into as many equal slices
ATTEMPTS_SHIFT = 8  # a Gamma draw takes one attempt in twenty cases more, never 256
WEAR_UNIT = 1000.0  # impressions that wear is given for
ALL_BUT_ROUNDING = 1.0 - 1e-12


class Deal(NamedTuple):
    """An hour of n ad groups with m creatives; arrays are empty where there are none."""

    groups: Groups  # rows of `sums`
    sums: np.ndarray  # int64[n + 1, N_FIELDS], what the hour brought; the last row is all else
    share: np.ndarray  # float64[m], of the impressions of its ad group
    factor: np.ndarray  # float64[m], CTR factor, wear included
    ctr: np.ndarray  # float64[n], mean factor of the ad group over that at the opening
    cvr: np.ndarray  # float64[n], likewise of clicks
    fresh: np.ndarray  # int64[m, 3], what the hour brought: impressions, clicks, orders


@kernel
def make_deal(market, rotation, window, trials):
    """Room for hours in the days of `window`; sums are of the kind of numbers that trials are."""
    m = rotation.creatives.size
    n = rotation.groups.size
    n_links = market.links.size if m > 0 else 0
    link = np.empty(n_links, np.int64)
    for i in range(n_links):
        group = rotation.group[market.links[i]]
        link[i] = group if group >= 0 else n
    groups = Groups(
        link,
        np.full(market.queries.size if m > 0 else 0, n, np.int64),
        np.zeros(market.sides.size, np.int64),
        np.zeros(window.last, np.int64),
        np.zeros(HOURS_A_DAY, np.int64),
    )
    rows = n + 1 if m > 0 else 0
    sums = np.zeros((rows, tally.N_FIELDS), trials.dtype)
    return Deal(
        groups, sums, np.zeros(m), np.zeros(m), np.ones(n), np.ones(n), np.zeros((m, 3), np.int64)
    )


@kernel
def open_hour(market, rotation, book, luck, number, trials, deal):
    """Fix the shares of hour `number` of the run and set the offers' CTR and CVR to them."""
    if deal.share.size == 0:
        return
    hows, firsts, ends = rotation.groups.how, rotation.groups.first, rotation.groups.end
    for g in range(hows.size):
        if hows[g] == OPTIMIZED:
            share_by_draws(rotation, luck, number, g, firsts[g], ends[g], trials, deal.share)
        elif hows[g] == TEST:
            share_by_test(rotation, number, g, firsts[g], ends[g], trials, deal.share)
        else:
            share_as_declared(rotation, number, g, deal.share)
    set_offers(market, rotation, book, trials, deal)


@kernel
def open_mean_hour(market, rotation, book, number, trials, deal):
    """`open_hour` of mean trials, for rotations that follow no trials."""
    for g in range(rotation.groups.size):
        share_as_declared(rotation, number, g, deal.share)
    set_offers(market, rotation, book, trials, deal)


@kernel
def share_as_declared(rotation, number, g, share):
    """The shares of ad group g where they are equal or one creative's."""
    first, end = rotation.groups.first[g], rotation.groups.end[g]
    how = rotation.groups.how[g]
    chosen = first + rotation.groups.only[g]
    if how == TURNS:
        chosen = min(end - 1, first + number // HOURS_A_DAY // rotation.groups.days[g])
    for i in range(first, end):
        share[i] = 1.0 if i == chosen else 0.0
        if how != ONLY and how != TURNS:
            share[i] = 1.0 / (end - first)


@kernel
def share_by_test(rotation, number, g, first, end, trials, share):
    """Equal shares until the test is over, then all for the winner, who is noted in the trials."""
    enough = rotation.groups.impressions[g]
    days = rotation.groups.days[g]
    is_over = days > 0 and number >= days * HOURS_A_DAY
    least = trials[first, IMPRESSIONS]
    winner = -1
    for i in range(first, end):
        least = min(least, trials[i, IMPRESSIONS])
        if trials[i, WON] > 0:
            winner = i
    if winner < 0 and (is_over or (enough > 0 and least >= enough)):
        winner = best_so_far(rotation, g, first, end, trials)
        trials[winner, WON] = 1
    for i in range(first, end):
        share[i] = 1.0 / (end - first)
        if winner >= 0:
            share[i] = 1.0 if i == winner else 0.0


@kernel
def best_so_far(rotation, g, first, end, trials):
    """The creative with the best rate so far; the first of equal ones."""
    margin, price = worth_of(first, end, trials)
    best = first
    most = -np.inf
    for i in range(first, end):
        ctr = trials[i, CLICKS] / max(1, trials[i, IMPRESSIONS])
        cvr = trials[i, ORDERS] / max(1, trials[i, CLICKS])
        value = value_of(rotation.groups.goal[g], ctr, cvr, margin, price)
        if value > most:
            most = value
            best = i
    return best


@kernel
def worth_of(first, end, trials):
    """What an order leaves and what a click costs, micros, in creatives first .. end - 1."""
    clicks, orders = 0, 0
    spend, left = 0.0, 0.0
    for i in range(first, end):
        clicks += trials[i, CLICKS]
        orders += trials[i, ORDERS]
        spend += trials[i, SPEND]
        left += trials[i, REVENUE] - trials[i, GOODS_COST]
    if orders == 0:  # nothing is known of the money: orders count
        return 1.0, 0.0
    return left / orders, spend / clicks


@kernel
def value_of(goal, ctr, cvr, margin, price):
    """What an impression brings to the goal."""
    if goal == FOR_CLICKS:
        return ctr
    return ctr * (cvr * margin - price) if goal == FOR_PROFIT else ctr * cvr


@kernel
def share_by_draws(rotation, luck, number, g, first, end, trials, share):
    """Thompson sampling: how often each creative is the best in draws from the beliefs on it."""
    margin, price = worth_of(first, end, trials)
    identities = rotation.creatives.identity
    goal = rotation.groups.goal[g]
    for i in range(first, end):
        share[i] = 0.0
    for draw in range(DRAWS):
        best = first
        most = -np.inf
        for i in range(first, end):
            shown, clicks, orders = trials[i, IMPRESSIONS], trials[i, CLICKS], trials[i, ORDERS]
            ctr = draw_rate(luck, identities[i], number, 4 * draw, clicks, shown)
            cvr = 1.0
            if goal != FOR_CLICKS:
                cvr = draw_rate(luck, identities[i], number, 4 * draw + 2, orders, clicks)
            value = value_of(goal, ctr, cvr, margin, price)
            if value > most:
                most = value
                best = i
        share[best] += 1.0 / DRAWS


@kernel
def draw_rate(luck, identity, number, index, successes, trials):
    """A draw from Beta(1 + successes, 1 + failures)."""
    one = draw_gamma(luck, identity, number, index, 1.0 + successes)
    other = draw_gamma(luck, identity, number, index + 1, 1.0 + trials - successes)
    return one / (one + other)


@kernel
def draw_gamma(luck, identity, number, index, shape):
    """A draw from Gamma(shape, 1), shape >= 1."""
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    attempt = index << ATTEMPTS_SHIFT
    while True:
        words = words_at(luck, identity, number, THOMPSON, attempt)
        x = normal_quantile(unit(words[0], words[1]))
        root = 1.0 + c * x
        if root > 0.0:
            v = root * root * root
            if math.log(unit(words[2], words[3])) < 0.5 * x * x + d * (1.0 - v + math.log(v)):
                return d * v
        attempt += 1


@kernel
def set_offers(market, rotation, book, trials, deal):
    """Set the offers' CTR and CVR by the shares of the hour and by wear."""
    ctrs, cvrs = rotation.creatives.ctr, rotation.creatives.cvr
    wears, floors = rotation.creatives.wear, rotation.creatives.floor
    for g in range(deal.ctr.size):
        clicked, bought = 0.0, 0.0
        for i in range(rotation.groups.first[g], rotation.groups.end[g]):
            left = max(floors[i], (1.0 - wears[i]) ** (trials[i, IMPRESSIONS] / WEAR_UNIT))
            deal.factor[i] = ctrs[i] * left
            clicked += deal.share[i] * deal.factor[i]
            bought += deal.share[i] * deal.factor[i] * cvrs[i]
        deal.ctr[g] = clicked / rotation.groups.ctr[g]
        deal.cvr[g] = bought / clicked / rotation.groups.cvr[g]
    offers = book.offers
    query, keyword, product = offers.query, offers.keyword, offers.product
    for o in range(offers.size):
        g = rotation.group[keyword[o]]
        if g >= 0:
            own = market.keywords.ctr[keyword[o]] * deal.ctr[g]
            offers.ctr[o] = market.queries.ctr[query[o]] * own
            own = market.keywords.cvr[keyword[o]] * deal.cvr[g]
            offers.cvr[o] = market.queries.cvr[query[o]] * market.products.cvr[product[o]] * own


@kernel
def close_hour(rotation, luck, number, deal, trials):
    """Deal what the hour brought to the creatives: int64 trials[m, N_TRIED] grow by it."""
    sums = deal.sums
    for g in range(rotation.groups.size):
        first, end = rotation.groups.first[g], rotation.groups.end[g]
        if sums[g, tally.IMPRESSIONS] > 0:
            deal_counts(rotation, luck, number, g, first, end, trials, deal)
            deal_money(sums, g, first, end, deal.fresh, trials)
    for row in range(sums.shape[0]):
        for field in range(sums.shape[1]):
            sums[row, field] = 0


@kernel
def deal_counts(rotation, luck, number, g, first, end, trials, deal):
    """Fill the fresh counts of creatives first .. end - 1 and add them to the trials."""
    share, fresh = deal.share, deal.fresh
    identities, cvr = rotation.creatives.identity, rotation.creatives.cvr
    how = rotation.groups.how[g]
    in_turns = how == EQUAL or (how == TEST and share[first] > 0.0 and share[end - 1] > 0.0)
    impressions = deal.sums[g, tally.IMPRESSIONS]
    clicks, orders = deal.sums[g, tally.CLICKS], deal.sums[g, tally.ORDERS]
    weight = np.empty(end - first)
    room = np.empty(end - first, np.int64)
    for k in range(weight.size):
        weight[k] = share[first + k]
        room[k] = impressions
    if in_turns:
        deal_in_turns(impressions, first, end, trials, fresh)
    else:
        deal_by_weight(luck, identities, number, 0, impressions, first, end, weight, room, fresh)
    for k in range(weight.size):
        room[k] = fresh[first + k, 0]
        weight[k] = room[k] * deal.factor[first + k]
    deal_by_weight(luck, identities, number, 1, clicks, first, end, weight, room, fresh)
    for k in range(weight.size):
        room[k] = fresh[first + k, 1]
        weight[k] = room[k] * cvr[first + k]
    deal_by_weight(luck, identities, number, 2, orders, first, end, weight, room, fresh)
    for i in range(first, end):
        for column in range(3):
            trials[i, column] += fresh[i, column]


@kernel
def deal_in_turns(count, first, end, trials, fresh):
    """Deal impressions one by one to whoever has had the fewest, the first of equal ones."""
    m = end - first
    for i in range(first, end):
        fresh[i, 0] = count // m
    for _ in range(count % m):
        fewest = first
        for i in range(first + 1, end):
            mine = trials[i, IMPRESSIONS] + fresh[i, 0]
            if mine < trials[fewest, IMPRESSIONS] + fresh[fewest, 0]:
                fewest = i
        fresh[fewest, 0] += 1


@kernel
def deal_by_weight(luck, identities, number, column, count, first, end, weight, room, fresh):
    """Deal `count` things at random by weight, at most room[k] to creative first + k."""
    rest = 0.0
    free = np.int64(0)
    for k in range(weight.size):
        rest += weight[k]
        free += room[k]
    for k in range(weight.size):
        free -= room[k]
        dealt = np.int64(0)
        if count > 0 and weight[k] > 0.0:
            chance = 1.0 if weight[k] >= rest * ALL_BUT_ROUNDING else weight[k] / rest
            a, b, _, _ = words_at(luck, identities[first + k], number, DEALT, column)
            dealt = np.int64(binomial_quantile(unit(a, b), count, chance))
        dealt = min(room[k], max(dealt, count - free))
        fresh[first + k, column] = dealt
        count -= dealt
        rest -= weight[k]


@kernel
def deal_money(sums, g, first, end, fresh, trials):
    """Spend goes by clicks, revenue and goods by orders, to the micro."""
    clicks, orders = sums[g, tally.CLICKS], sums[g, tally.ORDERS]
    spend, revenue = sums[g, tally.SPEND], sums[g, tally.REVENUE]
    goods = sums[g, tally.GOODS_COST]
    for i in range(first, end):
        paid = part_of(spend, fresh[i, 1], clicks)
        brought = part_of(revenue, fresh[i, 2], orders)
        cost = part_of(goods, fresh[i, 2], orders)
        clicks -= fresh[i, 1]
        orders -= fresh[i, 2]
        spend -= paid
        revenue -= brought
        goods -= cost
        trials[i, SPEND] += paid
        trials[i, REVENUE] += brought
        trials[i, GOODS_COST] += cost


@kernel
def part_of(amount, part, whole):
    """amount x part / whole in whole micros, without a product that overflows."""
    if part == 0:
        return np.int64(0)
    each = amount // whole
    return each * part + (amount - each * whole) * part // whole


@kernel
def close_mean_hour(rotation, deal, trials):
    """`close_hour` by means: float64 trials[m, N_TRIED] grow by what the hour brought."""
    sums, share, cvr = deal.sums, deal.share, rotation.creatives.cvr
    for g in range(rotation.groups.size):
        first, end = rotation.groups.first[g], rotation.groups.end[g]
        clicked, bought = 0.0, 0.0
        for i in range(first, end):
            clicked += share[i] * deal.factor[i]
            bought += share[i] * deal.factor[i] * cvr[i]
        for i in range(first, end):
            of_clicks = share[i] * deal.factor[i] / clicked
            of_orders = share[i] * deal.factor[i] * cvr[i] / bought
            trials[i, IMPRESSIONS] += share[i] * sums[g, tally.IMPRESSIONS]
            trials[i, CLICKS] += of_clicks * sums[g, tally.CLICKS]
            trials[i, ORDERS] += of_orders * sums[g, tally.ORDERS]
            trials[i, SPEND] += of_clicks * sums[g, tally.SPEND]
            trials[i, REVENUE] += of_orders * sums[g, tally.REVENUE]
            trials[i, GOODS_COST] += of_orders * sums[g, tally.GOODS_COST]
    sums[:] = 0.0
