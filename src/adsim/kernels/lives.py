"""Persons who live and count impressions, without single persons (`expected` and `counts`).

What joins `people.py` and `capping.py`: persons[K * P, J] are the mean persons of each stock at
each level. Within an hour they also have a *flag*, the highest event so far (NONE at first), which
never changes how they go on; so impressions and events are one pure birth process over flag and
level, exact where persons move independently. In `counts` stocks stay whole numbers: who moves is
drawn as for all persons who live, and has seen what those have whom the event hits.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .capping import (
    clear_audience,
    divide_tired,
    note_mean,
    pass_hour,
)
from .jit import kernel
from .model import HOURS_A_DAY, KIND, Exposure
from .organic import organic_chance
from .people import (
    CART,
    CLICK,
    DAILY,
    IMPRESSION,
    N_EVENTS,
    ORDER,
    cell_weights,
    count_cells,
    count_events,
    move_counts,
    pass_midnight,
    set_shares,
)
from .random import MIDNIGHT

FLAGS = N_EVENTS + 1  # the last is NONE


class Lives(NamedTuple):
    """An hour of S stocks at J levels of n counters; the last "counter" is that nobody counts."""

    acts: np.ndarray  # float64[2, A, masks, n + 1, N_EVENTS], see `set_acts`
    hops: np.ndarray  # int64[FLAGS * J, (n + 1) * N_EVENTS], flag and level after an event
    work: np.ndarray  # float64[S, FLAGS * J], persons now
    after: np.ndarray  # float64[S, FLAGS * J], and later
    events: np.ndarray  # float64[S, N_EVENTS], mean events, of use in `counts`
    size: np.ndarray  # float64[S, N_EVENTS], equal persons among whom they would fall as here


@kernel
def make_lives(exposure, levels, n_stocks):
    """Room for an hour; of no size without stocks."""
    n = exposure.cap.size
    n_levels = levels.mask.size if n_stocks > 0 else 0
    hops = np.empty((FLAGS * n_levels, (n + 1) * N_EVENTS), np.int64)
    for flag in range(FLAGS):
        for level in range(n_levels):
            for counter in range(n + 1):
                to = levels.next[level, counter] if counter < n else level
                for event in range(N_EVENTS):
                    place = min(flag, event) * n_levels + to
                    hops[flag * n_levels + level, counter * N_EVENTS + event] = place
    return Lives(
        np.zeros((2, exposure.first_kind.size - 1, 1 << n, n + 1, N_EVENTS)),
        hops,
        np.zeros((n_stocks, FLAGS * n_levels)),
        np.zeros((n_stocks, FLAGS * n_levels)),
        np.zeros((n_stocks, N_EVENTS)),
        np.zeros((n_stocks, N_EVENTS)),
    )


@kernel
def searching_kinds(exposure, people, n_stocks):
    """The Exposure with kinds of its own: where persons live, they are the stocks."""
    kinds = np.empty(exposure.kinds.size + n_stocks, KIND)
    first_kind = exposure.first_kind.copy()
    for kind in range(exposure.kinds.size):
        kinds.cell[kind] = exposure.kinds.cell[kind]
        kinds.chance[kind] = exposure.kinds.chance[kind]
    for stock in range(n_stocks):
        kinds.cell[stock] = people.stocks.cell[stock]
    if n_stocks > 0:
        first_kind = np.zeros(count_cells(people) + 1, np.int64)
    return Exposure(
        exposure.cell,
        first_kind,
        kinds,
        exposure.counter,
        exposure.cap,
        exposure.days,
        exposure.tired,
    )


@kernel
def weigh_stocks(people, stocks, kinds):
    """Set the chances with which a search of a cell is made by a person of each stock."""
    weight = cell_weights(people, stocks)
    for stock in range(stocks.size):
        kinds.chance[stock] = 0.0
        if stocks[stock] > 0:
            kinds.chance[stock] = people.stocks.searches[stock] / weight[kinds.cell[stock]]


@kernel
def set_acts(market, book, exposure, means, first_row, chance, acts):
    """Fill acts[2, A, masks, n + 1, N_EVENTS] for an hour with `means` float64[Q] searches.

    Events an hour if all persons of a cell had the mask, by the counter that counts the impression
    that comes with them: the sum of acts[0] and acts[1] times the CTR factor.
    """
    queries, sides, offers = market.queries, market.sides, book.offers
    shares, nobody = market.share, exposure.cap.size
    acts.fill(0.0)
    for query in range(means.size):
        for side in range(shares.shape[1]):
            row = first_row + query * shares.shape[1] + side
            searches = means[query] * shares[queries.searchers[query], side]
            organic = organic_chance(market, query, side)
            cell = exposure.cell[side]
            if searches <= 0.0:
                continue
            for mask in range(acts.shape[2]):
                free = searches
                for i in range(book.row_start[row], book.row_start[row + 1]):
                    offer = book.entry[i]
                    to = exposure.counter[offers.campaign[offer]]
                    if to >= 0 and mask >> to & 1:
                        continue
                    taken = free * chance[offers.campaign[offer]]
                    free -= taken
                    shown = taken * offers.shown[offer] if offers.enters[offer] else 0.0
                    acts[0, cell, mask, nobody, ORDER] += (taken - shown) * organic
                    if shown <= 0.0:
                        continue
                    to = to if to >= 0 else nobody
                    ctr = min(1.0, offers.ctr[offer] * sides.ctr[side])
                    cvr = min(1.0, offers.cvr[offer] * sides.cvr[side])
                    clicks = taken * ctr * offers.examined[offer]
                    unbought = clicks * (1.0 - cvr)
                    acts[0, cell, mask, to, ORDER] += shown * organic
                    acts[0, cell, mask, to, IMPRESSION] += shown * (1.0 - organic)
                    acts[1, cell, mask, to, ORDER] += clicks * (cvr - organic)
                    acts[1, cell, mask, to, CART] += unbought * offers.cart_rate[offer]
                    acts[1, cell, mask, to, CLICK] += unbought * (1.0 - offers.cart_rate[offer])
                    acts[1, cell, mask, to, IMPRESSION] -= clicks * (1.0 - organic)
                acts[0, cell, mask, nobody, ORDER] += free * organic


@kernel
def fill_acts(levels, acts, cell, chance, step):
    """Fill step[J, (n + 1) * N_EVENTS] with the events an hour of a person of a cell."""
    n = levels.tired.shape[1]
    for level in range(step.shape[0]):
        mask = levels.mask[level]
        for counter in range(n + 1):
            tired = levels.tired[level, counter] if counter < n else 1.0
            for event in range(N_EVENTS):
                rate = acts[0, cell, mask, counter, event]
                rate += tired * acts[1, cell, mask, counter, event]
                step[level, counter * N_EVENTS + event] = chance * max(0.0, rate)


@kernel
def advance_lives(exposure, levels, lives, audience):
    """A stretch of time: `lives.after` from `lives.work`, as `capping.advance`, and its events."""
    cells, chances = exposure.kinds.cell, exposure.kinds.chance
    events = lives.events
    n_levels = levels.mask.size
    step = np.empty((levels.mask.size, lives.hops.shape[1]))
    mean = np.empty(lives.work.shape[1])
    clear_audience(audience)
    for stock in range(lives.work.shape[0]):
        events[stock] = 0.0
        if chances[stock] <= 0.0:
            lives.after[stock] = lives.work[stock]
            continue
        before = max(0, stock - 1)
        known = stock > 0 and cells[before] == cells[stock] and chances[before] == chances[stock]
        if not known:  # places of one state that are alike stand together
            fill_acts(levels, lives.acts, cells[stock], chances[stock], step)
        pass_hour(step, lives.hops, lives.work[stock], mean, lives.after[stock])
        note_mean(exposure, levels, stock, mean, audience)
        for place in range(mean.size):
            for act in range(step.shape[1]):
                events[stock, act % N_EVENTS] += mean[place] * step[place % n_levels, act]
    divide_tired(audience)


@kernel
def begin_hour(persons, work):
    """Fill work[S, FLAGS * J] with persons[S, J] whom nothing has happened to."""
    n_levels = persons.shape[1]
    work.fill(0.0)
    for stock in range(persons.shape[0]):
        for level in range(n_levels):
            work[stock, N_EVENTS * n_levels + level] = persons[stock, level]


@kernel
def live_mean_levels(market, people, clock, lives, persons, stocks):
    """Move mean persons[S, J], and stocks[S] with them, by the flags of `lives.work`."""
    n_levels = persons.shape[1]
    n_places = people.places.size
    persons.fill(0.0)
    for stock in range(stocks.size):
        state = people.places.state[stock % n_places]
        kind = stock - stock % n_places
        for level in range(n_levels):
            for flag in range(FLAGS):
                rest = lives.work[stock, flag * n_levels + level]
                if rest > 0.0 and flag < N_EVENTS:
                    hit = rest
                    for target in range(people.first.size):
                        gone = hit * people.moves[flag, state, target]
                        persons[kind + people.first[target], level] += gone
                        rest -= gone
                persons[stock, level] += rest
    if clock == HOURS_A_DAY - 1:
        wake_mean_levels(people, persons)
    for stock in range(stocks.size):
        stocks[stock] = 0.0
        for level in range(n_levels):
            stocks[stock] += persons[stock, level]
    set_shares(people, stocks, market.share)


@kernel
def wake_mean_levels(people, persons):
    """A midnight of mean persons[S, J]."""
    n_places = people.places.size
    before = persons.copy()
    persons.fill(0.0)
    for stock in range(before.shape[0]):
        place = stock % n_places
        state = people.places.state[place]
        for level in range(before.shape[1]):
            rest = before[stock, level]
            for target in range(people.first.size):
                gone = before[stock, level] * people.moves[DAILY, state, target]
                persons[stock - place + people.first[target], level] += gone
                rest -= gone
            persons[stock - place + people.places.next[place], level] += rest


@kernel
def live_levels(
    market, people, exposure, luck, number, parts, count, levels, audience, lives, persons, stocks
):
    """`people.live_hour` for persons[S, J] who count impressions, once the hour is settled."""
    events = np.zeros((count_cells(people), N_EVENTS), np.int64)
    count_events(market, people, luck, number, parts, count, events)
    scale_acts(audience.rate, lives.acts)
    begin_hour(persons, lives.work)
    advance_lives(exposure, levels, lives, audience)
    size_hits(people, stocks, lives)
    before = stocks.copy()
    flows = np.zeros((stocks.size, DAILY + 1, people.first.size), np.int64)
    move_counts(people, luck, number, events, stocks, lives.events, lives.size, flows)
    move_levels(people, flows, before, lives.after, persons)
    if number % HOURS_A_DAY == HOURS_A_DAY - 1:
        pass_midnight(people, luck, number, MIDNIGHT, stocks, flows)
        wake_levels(people, flows, persons)
    set_shares(people, stocks, market.share)


@kernel
def scale_acts(rate, acts):
    """Scale the acts to the rates of impressions, which an hour has corrected."""
    for cell in range(rate.shape[0]):
        for mask in range(rate.shape[1]):
            for counter in range(rate.shape[2]):
                shown = 0.0
                for event in range(N_EVENTS):
                    shown += acts[0, cell, mask, counter, event]
                if shown <= 0.0:  # a campaign whose turn came only within the hour
                    acts[0, cell, mask, counter, IMPRESSION] = rate[cell, mask, counter]
                    continue
                for event in range(N_EVENTS):
                    acts[0, cell, mask, counter, event] *= rate[cell, mask, counter] / shown
                    acts[1, cell, mask, counter, event] *= rate[cell, mask, counter] / shown


@kernel
def size_hits(people, stocks, lives):
    """Fill `lives.size`: among so many equal persons, events would hit as many as they do here.

    Where nothing was to happen in a cell, what happens falls on its persons as they search.
    """
    cells, searches = people.stocks.cell, people.stocks.searches
    n_levels = lives.after.shape[1] // FLAGS
    in_cell = np.zeros((count_cells(people), N_EVENTS))
    for stock in range(stocks.size):
        rest = float(stocks[stock])
        for event in range(N_EVENTS):
            in_cell[cells[stock], event] += lives.events[stock, event]
            hit = 0.0
            for level in range(n_levels):
                hit += lives.after[stock, event * n_levels + level]
            lives.size[stock, event] = stocks[stock]
            if 0.0 < hit < rest:
                lives.size[stock, event] = lives.events[stock, event] / -math.log1p(-hit / rest)
            rest -= hit
    for stock in range(stocks.size):
        for event in range(N_EVENTS):
            if in_cell[cells[stock], event] <= 0.0:
                lives.events[stock, event] = stocks[stock] * searches[stock]


@kernel
def move_levels(people, flows, before, after, persons):
    """Let persons[S, J] follow the whole persons who moved, of `before` int64[S].

    Movers have seen what those of after[S, FLAGS * J] have whose flag is the cause.
    """
    n_levels = persons.shape[1]
    rest, everybody = np.empty(n_levels), np.empty(n_levels)
    persons.fill(0.0)
    for stock in range(before.size):
        kind = stock - stock % people.places.size
        staying = before[stock]
        for level in range(n_levels):
            rest[level] = 0.0
            for flag in range(FLAGS):
                rest[level] += after[stock, flag * n_levels + level]
            everybody[level] = rest[level]
        for cause in range(N_EVENTS):
            leaving = 0
            for target in range(people.first.size):
                leaving += flows[stock, cause, target]
            if leaving == 0:
                continue
            staying -= leaving
            hit = after[stock, cause * n_levels : (cause + 1) * n_levels]
            if hit.sum() <= 0.0:
                hit = everybody
            total = hit.sum()
            for level in range(n_levels):
                share = hit[level] / total
                rest[level] = max(0.0, rest[level] - leaving * share)
                for target in range(people.first.size):
                    gone = flows[stock, cause, target] * share
                    persons[kind + people.first[target], level] += gone
        left = rest if rest.sum() > 0.0 else everybody
        if staying > 0:
            total = left.sum()
            for level in range(n_levels):
                persons[stock, level] += staying * left[level] / total


@kernel
def wake_levels(people, flows, persons):
    """A midnight of persons[S, J], whose whole numbers have moved."""
    n_places = people.places.size
    before = persons.copy()
    persons.fill(0.0)
    for stock in range(before.shape[0]):
        total = before[stock].sum()
        if total <= 0.0:
            continue
        place = stock % n_places
        left = 1.0
        for target in range(people.first.size):
            gone = flows[stock, DAILY, target] / total
            left -= gone
            for level in range(before.shape[1]):
                to = stock - place + people.first[target]
                persons[to, level] += gone * before[stock, level]
        for level in range(before.shape[1]):
            to = stock - place + people.places.next[place]
            persons[to, level] += max(0.0, left) * before[stock, level]
