"""Persons who live and count impressions, without single persons (`expected` and `counts`).

What joins `people.py` and `capping.py`: persons[S, J] are the mean persons of each stock at each
level. What moves a person after an hour is its highest event, which never changes how its levels go
on. So of the impressions of an hour, followed as in `capping.py`, it is enough to know who is left
after each of the events, highest first: those *spared* by an order, by an order and a cart, and so
on, one process each, from which those go whom the event hits. That is exact where persons move
independently. In `counts` stocks stay whole numbers: who moves is drawn as for all persons who
live, and has seen what those have whom the event hits.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .acts import add_events, scale_acts, set_ways
from .capping import pass_hour
from .jit import kernel
from .model import HOURS_A_DAY, KIND, Exposure
from .people import (
    DAILY,
    N_EVENTS,
    cell_weights,
    count_cells,
    count_events,
    last_cause,
    move_counts,
    pass_midnight,
    set_shares,
)
from .random import MIDNIGHT

SPARED = N_EVENTS + 1  # row e holds those whom no event higher than e has hit: row 0 everybody


class Lives(NamedTuple):
    """An hour of S stocks at J levels of n counters.

    Stocks in a row that are alike in cell and searches are one of G kinds of the Exposure.
    """

    acts: np.ndarray  # float64[2, A, masks, n + 1, N_EVENTS], see `acts.py`
    moves: np.ndarray  # float64[A, SPARED, masks, n], see `set_ways`
    tiring: np.ndarray  # float64[A, SPARED, masks, n]
    gone: np.ndarray  # float64[A, SPARED, masks]
    kind: np.ndarray  # int64[S], the kind of a stock
    rows: np.ndarray  # int64[S], those of SPARED that matter where a stock is
    searching: np.ndarray  # float64[G, J], persons of a kind
    work: np.ndarray  # float64[S, SPARED, J], persons now
    after: np.ndarray  # float64[S, SPARED, J], and later
    events: np.ndarray  # float64[S, N_EVENTS], mean events, of use in `counts`
    size: np.ndarray  # float64[S, N_EVENTS], equal persons among whom they would fall as here


@kernel
def make_lives(exposure, levels, people, n_stocks):
    """Room for an hour; of no size without stocks."""
    n = exposure.cap.size
    masks, n_levels = 1 << n, levels.mask.size
    n_cells = exposure.first_kind.size - 1 if n_stocks > 0 else 0
    kind, rows = np.zeros(n_stocks, np.int64), np.zeros(n_stocks, np.int64)
    number_kinds(people, n_stocks, kind)
    for stock in range(n_stocks):
        rows[stock] = last_cause(people, people.places.state[stock % people.places.size]) + 2
    return Lives(
        np.zeros((2, n_cells, masks, n + 1, N_EVENTS)),
        np.zeros((n_cells, SPARED, masks, n)),
        np.zeros((n_cells, SPARED, masks, n)),
        np.zeros((n_cells, SPARED, masks)),
        kind,
        rows,
        np.zeros((kind[-1] + 1 if n_stocks > 0 else 0, n_levels)),
        np.zeros((n_stocks, SPARED, n_levels)),
        np.zeros((n_stocks, SPARED, n_levels)),
        np.zeros((n_stocks, N_EVENTS)),
        np.zeros((n_stocks, N_EVENTS)),
    )


@kernel
def number_kinds(people, n_stocks, kind):
    """Fill kind[S]: places of one state that are alike stand together. Returns their number."""
    cells, searches = people.stocks.cell, people.stocks.searches
    count = 0
    for stock in range(n_stocks):
        before = max(0, stock - 1)
        if stock == 0 or cells[before] != cells[stock] or searches[before] != searches[stock]:
            count += 1
        kind[stock] = count - 1
    return count


@kernel
def searching_kinds(exposure, people, n_stocks):
    """The Exposure with kinds of its own: where persons live, they are stocks that are alike."""
    kind = np.zeros(n_stocks, np.int64)
    n_kinds = number_kinds(people, n_stocks, kind)
    kinds = np.empty(exposure.kinds.size + n_kinds, KIND)
    first_kind = exposure.first_kind.copy()
    for i in range(exposure.kinds.size):
        kinds.cell[i] = exposure.kinds.cell[i]
        kinds.chance[i] = exposure.kinds.chance[i]
    for stock in range(n_stocks):
        kinds.cell[kind[stock]] = people.stocks.cell[stock]
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
def gather_kinds(people, stocks, kinds, lives):
    """Add those of `lives.work` up by kind, and set with which chance one makes a search."""
    weight = cell_weights(people, stocks)
    work, searching, kind = lives.work, lives.searching, lives.kind
    searching.fill(0.0)
    for stock in range(stocks.size):
        own, total = people.stocks.searches[stock], weight[people.stocks.cell[stock]]
        kinds.chance[kind[stock]] = own / total if total > 0.0 else 0.0
        for level in range(searching.shape[1]):
            searching[kind[stock], level] += work[stock, 0, level]


@kernel
def advance_lives(exposure, levels, lives, walk):
    """A stretch of time by `lives.acts`: `lives.after` from `lives.work`, and its events."""
    cells, chances = exposure.kinds.cell, exposure.kinds.chance
    moves, tiring, gone = lives.moves, lives.tiring, lives.gone
    set_ways(lives.acts, moves, tiring, gone)
    for stock in range(lives.work.shape[0]):
        kind = lives.kind[stock]
        cell = cells[kind]
        for row in range(lives.rows[stock] - 1, -1, -1):
            pass_hour(
                levels, moves[cell, row], tiring[cell, row], gone[cell, row], chances[kind],
                lives.work[stock, row], lives.after[stock, row], walk,
            )  # fmt: skip
        add_events(levels, lives.acts, cell, chances[kind], walk.mean, lives.events[stock])


@kernel
def begin_hour(persons, lives):
    """Fill `lives.work` with persons[S, J] whom nothing has happened to."""
    for stock in range(lives.rows.size):
        for row in range(lives.rows[stock]):
            for level in range(persons.shape[1]):
                lives.work[stock, row, level] = persons[stock, level]


@kernel
def live_mean_levels(market, people, clock, lives, persons, stocks):
    """Move mean persons[S, J], and stocks[S] with them, by whom the hour has spared."""
    n_levels = persons.shape[1]
    n_places = people.places.size
    work = lives.work
    persons.fill(0.0)
    for stock in range(stocks.size):
        state = people.places.state[stock % n_places]
        kind = stock - stock % n_places
        for level in range(n_levels):
            rest = work[stock, 0, level]
            for event in range(lives.rows[stock] - 1):
                hit = max(0.0, work[stock, event, level] - work[stock, event + 1, level])
                for target in range(people.first.size):
                    gone = hit * people.moves[event, state, target]
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
    market, people, exposure, luck, number, parts, count, levels, audience, lives, persons, stocks,
    walk,
):  # fmt: skip
    """`people.live_hour` for persons[S, J] who count impressions, once the hour is settled."""
    events = np.zeros((count_cells(people), N_EVENTS), np.int64)
    count_events(market, people, luck, number, parts, count, events)
    scale_acts(audience.rate, lives.acts)
    advance_lives(exposure, levels, lives, walk)
    size_hits(people, stocks, lives)
    before = stocks.copy()
    flows = np.zeros((stocks.size, DAILY + 1, people.first.size), np.int64)
    move_counts(people, luck, number, events, stocks, lives.events, lives.size, flows)
    move_levels(people, flows, before, lives, persons)
    if number % HOURS_A_DAY == HOURS_A_DAY - 1:
        pass_midnight(people, luck, number, MIDNIGHT, stocks, flows)
        wake_levels(people, flows, persons)
    set_shares(people, stocks, market.share)


@kernel
def size_hits(people, stocks, lives):
    """Fill `lives.size`: among so many equal persons, events would hit as many as they do here.

    Where nothing was to happen in a cell, what happens falls on its persons as they search.
    """
    cells, searches = people.stocks.cell, people.stocks.searches
    in_cell = np.zeros((count_cells(people), N_EVENTS))
    for stock in range(stocks.size):
        for event in range(N_EVENTS):
            in_cell[cells[stock], event] += lives.events[stock, event]
            lives.size[stock, event] = stocks[stock]
        rest = float(stocks[stock])
        for event in range(lives.rows[stock] - 1):
            spared = lives.after[stock, event + 1].sum()
            if 0.0 < spared < rest:
                lives.size[stock, event] = lives.events[stock, event] / -math.log(spared / rest)
            rest = min(rest, spared)
    for stock in range(stocks.size):
        for event in range(N_EVENTS):
            if in_cell[cells[stock], event] <= 0.0:
                lives.events[stock, event] = stocks[stock] * searches[stock]


@kernel
def move_levels(people, flows, before, lives, persons):
    """Let persons[S, J] follow the whole persons who moved, of `before` int64[S].

    Movers have seen what those have whom their cause hits.
    """
    n_levels = persons.shape[1]
    hit, rest = np.empty(n_levels), np.empty(n_levels)
    persons.fill(0.0)
    for stock in range(before.size):
        if before[stock] == 0:
            continue
        everybody = lives.after[stock, 0]
        kind = stock - stock % people.places.size
        staying = before[stock]
        for level in range(n_levels):
            rest[level] = everybody[level]
        for cause in range(lives.rows[stock] - 1):
            leaving = 0
            for target in range(people.first.size):
                leaving += flows[stock, cause, target]
            if leaving == 0:
                continue
            staying -= leaving
            total = list_hits(lives.after[stock], cause, hit)
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
def list_hits(after, cause, hit):
    """Fill hit[J] with those whom a cause hits, or with everybody; returns their number."""
    total = 0.0
    for level in range(hit.size):
        hit[level] = max(0.0, after[cause, level] - after[cause + 1, level])
        total += hit[level]
    if total > 0.0:
        return total
    for level in range(hit.size):
        hit[level] = after[0, level]
        total += hit[level]
    return total


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
