"""A category's persons under many media: exact counts by state, or their means, period by period.

Persons are alike within a state and move by tables of transitions. In a period: the market grows
or shrinks, needs come back, persons drift by themselves, each medium moves those whom it has
reached, and those at the point of purchase buy. Every move is a multinomial draw by keyed luck; the
mean puts n p in place of each draw. Counts are whole numbers in float64 (exact below 2**53), so
that one text serves both.

Each exposure falls on a uniform person of the medium's audience, their number being Poisson: so a
person's exposures are Poisson with mean x, those with at least one are Binomial(n, 1 - exp(-x)),
and their mean frequency is x / (1 - exp(-x)), whose Hill transform is the chance to be moved.

Source of the mechanism: Zhang and Vaver, "Introduction to the Aggregate Marketing System
Simulator", Google, 2017; the Hill function: Hill (1910).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .draws import binomial_quantile, poisson_quantile
from .jit import kernel
from .random import MEDIA, unit, words_at
from .special import normal_quantile

ENTERING, LEAVING, NATURAL, BOUGHT, BOUGHT_OTHER, FIRST_MEDIUM = 0, 1, 2, 3, 4, 5
"""Things that move persons: rows of `MediaWorld.first_pass`; media follow."""

BUYERS, UNITS, OTHER_BUYERS, N_SALES_FIELDS = 0, 1, 2, 3
SPEND, SHOWN, CLICKS, REACHED, MOVED, REPORTED, N_MEDIUM_FIELDS = 0, 1, 2, 3, 4, 5, 6
"""Columns of a period's series: the sales, then these for each medium. Money in micros."""

# Where the indices of luck begin, by what it decides for one thing and period.
AUDIENCE, CLICKERS, SEERS, PLAIN, CLICKER_MOVES, SEER_MOVES, PLAIN_MOVES, VIEWS_OF_CLICKERS = (
    np.int64(4096) * np.arange(1, 9)
)
CLICK_TIMES, VIEW_TIMES = np.int64(1 << 20), np.int64(2 << 20)
NOISE, MORE_UNITS, START, MARKET, BUYING, BUYING_OTHER = np.int64(1000) * np.arange(6)
A_STATE = np.int64(8)  # indices of one state in one table, at most
MOST_TIMES = 400  # clicks or views of one person in a period that are told apart

MEDIUM = np.dtype(
    [
        ("searched", "?"),  # a search medium
        ("half", "f8"),  # frequency at which half of the reached can be moved
        ("slope", "f8"),
        ("searches", "f8"),  # mean a person of the audience and period
        ("by_click", "f8"),  # share of those who click that the tables move
        ("by_view", "f8"),  # of those who see the ad and do not click
        ("by_search", "f8"),  # of those who search and see no ad
        ("identity", "u8"),
    ]
)


class MediaWorld(NamedTuple):
    """A compiled category. Axes: S states, V values, X tables, T periods, M media."""

    persons: float
    start: np.ndarray  # float64[S], chance given that no earlier state was it
    values: np.ndarray  # int64[S, 6], the values that a state counts for
    in_market: np.ndarray  # bool[S]
    rate: np.ndarray  # float64[T], share of persons in the market
    noise: np.ndarray  # float64[2], sd and memory of the rate's factor
    first_pass: np.ndarray  # int64[FIRST_MEDIUM + M + 1], where the tables of a thing begin
    chance: np.ndarray  # float64[X, S, 5], of a target given that no earlier one was it
    target: np.ndarray  # int64[X, S, 5]
    identity: np.ndarray  # uint64[X + 1] of every table; of all other luck
    demand: np.ndarray  # float64[4, S]: own at the reference price, its fall a unit, rival, held
    surcharge: np.ndarray  # float64[T], price - reference price, money
    units: np.ndarray  # float64[T], mean units of a buyer, at least 1
    media: np.ndarray  # MEDIUM[M]
    audience: np.ndarray  # float64[M, S]
    ctr: np.ndarray  # float64[M, S], P(click | ad examined)
    alike: np.ndarray  # int64[M, S], the first state with the same ctr


class MediaPlan(NamedTuple):
    """What is bought in each period, float64[M, T]."""

    spend: np.ndarray  # micros; of searches: the most that may be spent
    exposures: np.ndarray  # mean number bought
    shown: np.ndarray  # P(ad shown | search)
    examined: np.ndarray  # P(ad examined | search)
    charge: np.ndarray  # mean charge of a click, micros


class MediaLuck(NamedTuple):
    """The key of a history; `is_mean` takes the mean in place of every draw."""

    seed: np.uint32
    replication: np.uint32
    is_mean: bool


def make_media_luck(seed: int, replication: int, is_mean: bool) -> MediaLuck:
    return MediaLuck(np.uint32(seed), np.uint32(replication), is_mean)


@kernel
def uniform(luck, identity, period, index):
    a, b, _, _ = words_at(luck, identity, period, MEDIA, index)
    return unit(a, b)


@kernel
def part(luck, identity, period, index, n, p):
    """How many of n persons do what each does with chance p."""
    if luck.is_mean or n <= 0.0 or p >= 1.0:
        return n * min(1.0, p)
    if p <= 0.0:
        return 0.0
    return np.float64(binomial_quantile(uniform(luck, identity, period, index), np.int64(n), p))


@kernel
def several(luck, identity, period, index, n, mean):
    """How often n persons do in sum what each does Poisson(mean) times, all at least once.

    The n persons are split by how often: once, or more, and so on. P(k | at least k) is the inverse
    of 1 + mean / (k + 1) (1 + mean / (k + 2) (...)).
    """
    if n <= 0.0 or mean <= 0.0:
        return 0.0
    if luck.is_mean:
        return n * mean / -math.expm1(-mean)
    total = 0.0
    for times in range(1, MOST_TIMES):
        total += n  # everyone left does it once more
        n -= part(luck, identity, period, index + times, n, 1.0 / _tail_over_term(times, mean))
        if n <= 0.0:
            break
    return total


@kernel
def _tail_over_term(k, mean):
    """P(X >= k) / P(X = k) of a Poisson number X."""
    total = 1.0
    term = 1.0
    while term > 1e-17 * total:
        k += 1
        term *= mean / k
        total += term
    return total


@kernel
def flow(world, luck, thing, period, movers):
    """Send float64[S] persons through the tables of a thing; returns where they arrive."""
    for table in range(world.first_pass[thing], world.first_pass[thing + 1]):
        identity = world.identity[table]
        arrived = np.zeros(movers.size)
        for s in range(movers.size):
            left = movers[s]
            v = 0
            while left > 0.0:
                chance = world.chance[table, s, v]
                if chance > 0.0:
                    taken = part(luck, identity, period, s * A_STATE + v, left, chance)
                    arrived[world.target[table, s, v]] += taken
                    left -= taken
                    if chance >= 1.0:
                        break
                v += 1
        movers = arrived
    return movers


@kernel
def expect_after(world, thing, worth):
    """The mean of `worth` float64[S] over where the tables of a thing send one person."""
    for back in range(world.first_pass[thing + 1] - world.first_pass[thing]):
        table = world.first_pass[thing + 1] - 1 - back
        before = np.zeros(worth.size)
        for s in range(worth.size):
            rest = 1.0
            for v in range(world.chance.shape[2]):
                chance = rest * world.chance[table, s, v]
                before[s] += chance * worth[world.target[table, s, v]]
                rest -= chance
        worth = before
    return worth


@kernel
def begin(world, luck):
    """Persons by state before the first period."""
    counts = np.zeros(world.start.size)
    left = world.persons
    for s in range(counts.size):
        counts[s] = part(luck, world.identity[-1], 0, START + s, left, world.start[s])
        left -= counts[s]
    return counts


@kernel
def next_noise(world, luck, period, noise):
    """The rate's deviation from its mean, an autoregressive series of order 1."""
    sd, memory = world.noise[0], world.noise[1]
    if luck.is_mean or sd <= 0.0:
        return 0.0
    w = sd * normal_quantile(uniform(luck, world.identity[-1], period, NOISE))
    return w if period == 0 else memory * noise + math.sqrt(1.0 - memory * memory) * w


@kernel
def move_market(world, luck, period, rate, counts):
    """Bring as few persons as it takes into the market, or out of it, so that `rate` are in."""
    inside = 0.0
    for s in range(counts.size):
        if world.in_market[s]:
            inside += counts[s]
    outside = world.persons - inside
    wanted = rate * world.persons
    enters = wanted > inside
    thing = ENTERING if enters else LEAVING
    chance = 0.0
    if enters:
        chance = (wanted - inside) / outside
    elif inside > 0.0:
        chance = (inside - wanted) / inside
    movers = np.zeros(counts.size)
    for s in range(counts.size):
        if world.in_market[s] != enters:
            movers[s] = part(luck, world.identity[-1], period, MARKET + s, counts[s], chance)
            counts[s] -= movers[s]
    counts += flow(world, luck, thing, period, movers)


@kernel
def draw_audience(world, luck, m, period, counts):
    """Persons of every state whom a medium can reach."""
    audience = np.zeros(counts.size)
    identity = world.media.identity[m]
    for s in range(counts.size):
        chance = world.audience[m, s]
        audience[s] = part(luck, identity, period, AUDIENCE + s, counts[s], chance)
    return audience


@kernel
def expose(world, plan, luck, m, period, counts, line):
    """A medium whose exposures are bought: whom it reaches, and where they go."""
    media = world.media
    identity = media.identity[m]
    audience = draw_audience(world, luck, m, period, counts)
    total = audience.sum()
    if total <= 0.0 or plan.exposures[m, period] <= 0.0:
        return
    mean = plan.exposures[m, period] / total
    reached = -math.expm1(-mean)
    effect = 1.0 / (1.0 + (mean / reached / media.half[m]) ** -media.slope[m])
    movers = np.zeros(counts.size)
    for s in range(counts.size):
        there = part(luck, identity, period, CLICKERS + s, audience[s], reached)
        movers[s] = part(luck, identity, period, SEERS + s, there, effect)
        line[REACHED] += there
        line[MOVED] += movers[s]
    line[SPEND] = plan.spend[m, period]
    line[SHOWN] = plan.exposures[m, period]
    counts -= movers
    counts += flow(world, luck, FIRST_MEDIUM + m, period, movers)


@kernel
def search(world, plan, luck, m, period, counts, worth, line):
    """A search medium: who searches, sees the ad, clicks; and where that sends them.

    `worth` float64[S] are the units that a person buys in the sales to come: those of the persons
    who have clicked are what the medium would report, whatever it has caused.
    """
    media = world.media
    identity = media.identity[m]
    audience = draw_audience(world, luck, m, period, counts)
    running = media.searches[m] * _running_share(world, plan, m, period, audience)
    shown = running * plan.shown[m, period]
    examined = running * plan.examined[m, period]
    did = _draw_searchers(world, luck, m, period, audience, shown, examined)
    after = expect_after(world, FIRST_MEDIUM + m, worth)
    by_click, by_view, by_search = media.by_click[m], media.by_view[m], media.by_search[m]
    movers = np.zeros(counts.size)
    for s in range(counts.size):
        clickers, seers, plain = did[0, s], did[1, s], did[2, s]
        movers[s] = part(luck, identity, period, CLICKER_MOVES + s, clickers, by_click)
        movers[s] += part(luck, identity, period, SEER_MOVES + s, seers, by_view)
        movers[s] += part(luck, identity, period, PLAIN_MOVES + s, plain, by_search)
        line[REACHED] += clickers + seers
        line[MOVED] += movers[s]
        line[REPORTED] += clickers * (by_click * after[s] + (1.0 - by_click) * worth[s])
    _count_clicks(world, luck, m, period, did, shown, examined, line)
    billed = line[CLICKS] * plan.charge[m, period]
    if not luck.is_mean:
        billed = math.floor(billed + 0.5)
    line[SPEND] = min(billed, plan.spend[m, period])  # what passes the budget is not billed
    counts -= movers
    counts += flow(world, luck, FIRST_MEDIUM + m, period, movers)


@kernel
def _draw_searchers(world, luck, m, period, audience, shown, examined):
    """Persons who click, who see the ad and do not click, who search and see none: float64[3, S].

    `shown` and `examined` are means a person and period.
    """
    identity = world.media.identity[m]
    rate = world.media.searches[m]
    did = np.zeros((3, audience.size))
    for s in range(audience.size):
        people = audience[s]
        if people <= 0.0:
            continue
        clicks = _mean_clicks(world, m, s, shown, examined)
        p_click, p_view = -math.expm1(-clicks), -math.expm1(clicks - shown)
        p_plain = -math.expm1(shown - rate) if rate > shown else 0.0
        did[0, s] = part(luck, identity, period, CLICKERS + s, people, p_click)
        people -= did[0, s]
        did[1, s] = part(luck, identity, period, SEERS + s, people, p_view)
        people -= did[1, s]
        did[2, s] = part(luck, identity, period, PLAIN + s, people, p_plain)
    return did


@kernel
def _mean_clicks(world, m, s, shown, examined):
    """Mean clicks of a person: never more than what is shown, whatever the rounding."""
    return min(examined * world.ctr[m, s], shown)


@kernel
def _count_clicks(world, luck, m, period, did, shown, examined, line):
    """Add clicks and impressions: at once for all states whose persons click as often."""
    identity = world.media.identity[m]
    clickers = np.zeros(did.shape[1])
    seers = np.zeros(did.shape[1])
    for s in range(clickers.size):
        clickers[world.alike[m, s]] += did[0, s]
        seers[world.alike[m, s]] += did[1, s]
    for s in range(clickers.size):
        if clickers[s] + seers[s] <= 0.0:
            continue
        a_click = _mean_clicks(world, m, s, shown, examined)
        a_view = shown - a_click
        first = s * MOST_TIMES
        clicks = several(luck, identity, period, CLICK_TIMES + first, clickers[s], a_click)
        views = several(luck, identity, period, VIEW_TIMES + first, seers[s], a_view)
        besides = clickers[s] * a_view  # what those who click see besides
        views += _poisson(luck, identity, period, VIEWS_OF_CLICKERS + s, besides)
        line[CLICKS] += clicks
        line[SHOWN] += clicks + views


@kernel
def _running_share(world, plan, m, period, audience):
    """The part of a period after which the money is expected to be gone, 1 where it lasts."""
    shown, examined = plan.shown[m, period], plan.examined[m, period]
    clicks = 0.0
    for s in range(audience.size):
        clicks += audience[s] * _mean_clicks(world, m, s, shown, examined)
    cost = clicks * world.media.searches[m] * plan.charge[m, period]
    return 1.0 if cost <= plan.spend[m, period] else plan.spend[m, period] / cost


@kernel
def _poisson(luck, identity, period, index, mean):
    if luck.is_mean:
        return mean
    return np.float64(poisson_quantile(uniform(luck, identity, period, index), mean))


@kernel
def choose(world, s, surcharge):
    """P(buys ours), P(buys a rival's) of a person at state s; see `Sales` for the rule."""
    demand = world.demand
    want = min(1.0, max(0.0, demand[0, s] - demand[1, s] * surcharge))
    rival = max(0.0, demand[2, s] - (1.0 - demand[3, s]) * want)
    return max(0.0, max(want, demand[2, s]) - rival), rival


@kernel
def value_states(world, period):
    """Mean units that a person in every state buys of ours as the sales of a period begin."""
    worth = np.empty(world.start.size)
    for s in range(worth.size):
        own, _ = choose(world, s, world.surcharge[period])
        worth[s] = own * world.units[period]
    return worth


@kernel
def sell(world, luck, period, counts, line):
    """Purchases of a period, and what they do to those who bought."""
    identity = world.identity[-1]
    buyers = np.zeros(counts.size)
    others = np.zeros(counts.size)
    for s in range(counts.size):
        own, rival = choose(world, s, world.surcharge[period])
        buyers[s] = part(luck, identity, period, BUYING + s, counts[s], own)
        left = counts[s] - buyers[s]
        if own < 1.0:
            others[s] = part(luck, identity, period, BUYING_OTHER + s, left, rival / (1.0 - own))
    bought = buyers.sum()
    more = bought * (world.units[period] - 1.0)
    line[BUYERS] = bought
    line[UNITS] = bought + _poisson(luck, identity, period, MORE_UNITS, more)
    line[OTHER_BUYERS] = others.sum()
    counts -= buyers
    counts -= others
    counts += flow(world, luck, BOUGHT, period, buyers)
    counts += flow(world, luck, BOUGHT_OTHER, period, others)


@kernel
def media_history(world, plan, luck, series, persons):
    """One history; returns the persons by state at its end.

    Fills series float64[T, N_SALES_FIELDS + M * N_MEDIUM_FIELDS] and persons float64[T, V], those
    of every value as the sales of a period begin (to be 0 before).
    """
    line = np.zeros(max(N_SALES_FIELDS, N_MEDIUM_FIELDS))
    counts = begin(world, luck)
    noise = 0.0
    for t in range(series.shape[0]):
        noise = next_noise(world, luck, t, noise)
        rate = min(1.0, max(0.0, world.rate[t] * (1.0 + noise)))
        move_market(world, luck, t, rate, counts)
        counts = flow(world, luck, NATURAL, t, counts)
        worth = value_states(world, t)
        for m in range(world.media.size):
            line[:] = 0.0
            if world.media.searched[m]:
                search(world, plan, luck, m, t, counts, worth, line)
            else:
                expose(world, plan, luck, m, t, counts, line)
            for field in range(N_MEDIUM_FIELDS):
                series[t, N_SALES_FIELDS + m * N_MEDIUM_FIELDS + field] = line[field]
        for s in range(counts.size):
            for d in range(world.values.shape[1]):
                persons[t, world.values[s, d]] += counts[s]
        sell(world, luck, t, counts, line)
        for field in range(N_SALES_FIELDS):
            series[t, field] = line[field]
    return counts
