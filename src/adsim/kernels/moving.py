"""Persons who live one by one (fidelity `events`): who searches now, and where the hour sends them.

The law is that of `people.py`, whose stocks count the same persons. `at` int32[N] says where each
person is, as a number of a stock. A draw of luck is one of a person instead of a stock.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .exposure import pick_person
from .jit import kernel
from .model import HOURS_A_DAY, KIND, Exposure
from .organic import organic_limit
from .people import DAILY, N_EVENTS, ORDER, count_cells, set_shares
from .random import BURN_IN, MIDNIGHT, MOVES, SEARCH, TIME, unit, words_at


class Crowd(NamedTuple):
    """Who is where in an hour."""

    stocks: np.ndarray  # int64[K * P], persons by kind and place
    order: np.ndarray  # int64[K * P], the stocks cell by cell
    start: np.ndarray  # int64[K * P], where in `members` the next person of a stock goes
    members: np.ndarray  # int32[N], persons stock by stock, in that order
    first_kind: np.ndarray  # int64[A + 1], as in Exposure; kinds are the stocks that search
    kinds: np.ndarray  # KIND[K * P]; the first one of a kind is a place in `members`
    event: np.ndarray  # uint8[N], a person's highest event of the hour, N_EVENTS = none


@kernel
def make_crowd(people, at):
    """Room for the persons at[N]."""
    n_cells = count_cells(people)
    size = people.stocks.size
    order = np.empty(size, np.int64)
    place = 0
    for cell in range(n_cells):
        for stock in range(size):
            if people.stocks.cell[stock] == cell:
                order[place] = stock
                place += 1
    return Crowd(
        np.zeros(size, np.int64),
        order,
        np.zeros(size, np.int64),
        np.empty(at.size, np.int32),
        np.zeros(n_cells + 1, np.int64),
        np.empty(size, KIND),
        np.full(at.size, np.uint8(N_EVENTS)),
    )


@kernel
def searchers_of(exposure, crowd):
    """An Exposure whose kinds are those of the crowd, whoever they are later."""
    return Exposure(
        exposure.cell,
        crowd.first_kind,
        crowd.kinds,
        exposure.counter,
        exposure.cap,
        exposure.days,
        exposure.tired,
    )


@kernel
def gather(market, people, at, crowd):
    """Find who is where, who searches and with which chances, and set the shares of the sides."""
    stocks, start = crowd.stocks, crowd.start
    for stock in range(stocks.size):
        stocks[stock] = 0
    for person in range(at.size):
        stocks[at[person]] += 1
    set_shares(people, stocks, market.share)
    list_kinds(people, crowd)
    for person in range(at.size):
        stock = at[person]
        crowd.members[start[stock]] = person
        start[stock] += 1


@kernel
def list_kinds(people, crowd):
    """Fill the kinds of the crowd, and where each stock's members begin."""
    cells, factors = people.stocks.cell, people.stocks.searches
    kinds, order, stocks = crowd.kinds, crowd.order, crowd.stocks
    n_cells = crowd.first_kind.size - 1
    weight = np.zeros(n_cells)
    for stock in range(stocks.size):
        weight[cells[stock]] += stocks[stock] * factors[stock]
    begun = 0
    member = 0
    row = 0
    before = 0.0
    for place in range(order.size):
        stock = order[place]
        cell = cells[stock]
        while begun <= cell:
            crowd.first_kind[begun] = row
            begun += 1
            before = 0.0
        crowd.start[stock] = member
        own = stocks[stock] * factors[stock]
        chance = factors[stock] / weight[cell] if own > 0.0 else 0.0
        last = row - 1
        if (
            own > 0.0
            and row > crowd.first_kind[cell]
            and kinds.chance[last] == chance
            and (kinds.first[last] + kinds.persons[last] == member)
        ):  # alike, and one behind the other: one kind, so that a search looks at fewer
            kinds.persons[last] += stocks[stock]
            before = kinds.before[last] + kinds.persons[last] * chance
        elif own > 0.0:
            kinds.cell[row] = cell
            kinds.first[row] = member
            kinds.persons[row] = stocks[stock]
            kinds.chance[row] = chance
            kinds.before[row] = before
            before += stocks[stock] * kinds.chance[row]
            row += 1
        member += stocks[stock]
    crowd.first_kind[n_cells] = row


@kernel
def name_persons(crowd, persons, n):
    """Turn the first n places in `members` into persons."""
    for i in range(n):
        persons[i] = crowd.members[persons[i]]


@kernel
def note_events(crowd, persons, events, n):
    """Keep the highest event of each person, of n searches."""
    highest = crowd.event
    for i in range(n):
        highest[persons[i]] = min(highest[persons[i]], events[i])


@kernel
def note_organic(market, book, searchers, luck, number, first_row, searches, crowd):
    """Keep the organic orders of searches without an own keyword."""
    n_sides = market.sides.size
    for cell in range(searches.size):
        query, side = cell // n_sides, cell % n_sides
        limit = organic_limit(market.queries.organic[query], market.sides.organic[side])
        if limit == 0 or book.row_start[first_row + cell] < book.row_start[first_row + cell + 1]:
            continue
        identity = market.cell_identity[query, side]
        first = searchers.first_kind[searchers.cell[side]]
        last = searchers.first_kind[searchers.cell[side] + 1]
        for search in range(searches[cell]):
            word = words_at(luck, identity, number, SEARCH, search)[3]
            if np.uint64(word) < limit:
                _, _, c, d = words_at(luck, identity, number, TIME, search)
                member = pick_person(searchers.kinds, first, last, unit(c, d))
                crowd.event[crowd.members[member]] = ORDER


@kernel
def live_persons(people, luck, number, crowd, at):
    """Move the persons at[N] by their highest events of hour `number`, which are forgotten."""
    n_places = people.places.size
    highest = crowd.event
    sends = causes_of_moves(people)
    for person in range(at.size):
        if highest[person] == N_EVENTS:
            continue
        place = at[person] % n_places
        cause, state = highest[person], people.places.state[place]
        highest[person] = N_EVENTS
        if not sends[cause, state]:  # as an impression, mostly: most of a crowd's events
            continue
        a, b, _, _ = words_at(luck, np.uint64(person), number, MOVES, 0)
        target = pick_state(people, unit(a, b), cause, state)
        if target >= 0:
            at[person] += people.first[target] - place
    if number % HOURS_A_DAY == HOURS_A_DAY - 1:
        wake_persons(people, luck, number, MIDNIGHT, at)


@kernel
def causes_of_moves(people):
    """Whether a cause sends anybody on: bool[causes, states]."""
    moves = people.moves
    sends = np.zeros((moves.shape[0], moves.shape[1]), np.bool_)
    for cause in range(moves.shape[0]):
        for state in range(moves.shape[1]):
            for target in range(moves.shape[2]):
                sends[cause, state] |= moves[cause, state, target] > 0.0
    return sends


@kernel
def pick_state(people, u, cause, state):
    """Where the row of a cause sends a person with this uniform; -1 where it stays."""
    for target in range(people.first.size):
        u -= people.moves[cause, state, target]
        if u < 0.0:
            return target
    return -1


@kernel
def wake_persons(people, luck, number, decision, at):
    """The midnight after hour `number`: daily moves, and a day more for those who stay."""
    n_places = people.places.size
    sends = causes_of_moves(people)
    for person in range(at.size):
        place = at[person] % n_places
        state = people.places.state[place]
        after = people.places.next[place]
        if sends[DAILY, state]:
            a, b, _, _ = words_at(luck, np.uint64(person), number, decision, 0)
            target = pick_state(people, unit(a, b), DAILY, state)
            after = people.first[target] if target >= 0 else after
        at[person] += after - place


@kernel
def open_persons(people, luck, at):
    """Fill int32 at[N] with the persons of the first morning, burn-in passed."""
    for person in range(at.size):
        at[person] = people.at[person]
    for day in range(people.burn_in):
        wake_persons(people, luck, day * HOURS_A_DAY, BURN_IN, at)
