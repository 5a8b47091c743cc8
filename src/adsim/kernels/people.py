"""Persons who live: stocks of them by kind and place, moved after every hour and at midnight.

Persons of a kind in one place are exchangeable, so the events of their audience cell fall on any of
them with chances in proportion to their searches factors. What counts in an hour is the highest
event of a person. In `counts` stocks are integers and flows multinomial; in `expected` both are
means, exact where persons move independently: each meets events at constant rates in an hour.
"""

from __future__ import annotations

import math

import numpy as np

from .draws import binomial_quantile
from .jit import kernel
from .model import HOURS_A_DAY
from .organic import organic_chance
from .parts import SERVED, part_identity
from .random import (
    BURN_IN,
    CARTED_ORDERS,
    FALLS,
    MIDNIGHT,
    MOVES,
    PERSONS_HIT,
    SEEN_ORDERS,
    unit,
    unit32,
    words_at,
)

ORDER, CART, CLICK, IMPRESSION, DAILY = 0, 1, 2, 3, 4  # causes of moves
N_EVENTS = 4  # causes that are events; each is counted without those before it


@kernel
def set_shares(people, stocks, share):
    """Fill share[V, S] with each side's share of searches, for the persons stocks[K * P]."""
    weight = cell_weights(people, stocks)
    for searchers in range(share.shape[0]):
        for side in range(share.shape[1]):
            share[searchers, side] = weight[people.cell[side]] * people.reach[searchers, side]


@kernel
def count_cells(people):
    """Number of audience cells of persons."""
    count = 0
    for i in range(people.stocks.size):
        count = max(count, people.stocks.cell[i] + 1)
    return count


@kernel
def cell_weights(people, stocks):
    """Persons x searches factor of each audience cell: float64[cells]."""
    cells, factors = people.stocks.cell, people.stocks.searches
    weight = np.zeros(count_cells(people))
    for i in range(stocks.size):
        weight[cells[i]] += stocks[i] * factors[i]
    return weight


@kernel
def last_cause(people, state):
    """The last of the events that moves persons on from a state; -1 where none does."""
    last = -1
    for cause in range(N_EVENTS):
        for target in range(people.first.size):
            if people.moves[cause, state, target] > 0.0:
                last = cause
    return last


@kernel
def live_hour(market, people, luck, number, parts, count, stocks):
    """Move the persons stocks[K * P] by the parts of hour `number`, then set the shares anew."""
    if stocks.size == 0:
        return
    events = np.zeros((count_cells(people), N_EVENTS), np.int64)
    count_events(market, people, luck, number, parts, count, events)
    no_means, no_flows = np.empty((0, 0)), np.empty((0, 0, 0), np.int64)
    move_counts(people, luck, number, events, stocks, no_means, no_means, no_flows)
    if number % HOURS_A_DAY == HOURS_A_DAY - 1:
        pass_midnight(people, luck, number, MIDNIGHT, stocks, no_flows)
    set_shares(people, stocks, market.share)


@kernel
def count_events(market, people, luck, number, parts, count, events):
    """Add the events of the parts of an hour to int64 events[cells, N_EVENTS].

    Orders and carts of a part are independent given its clicks, so the clicks with both are
    hypergeometric; so are impressions and organic orders among searches without a click.
    """
    identities = market.cell_identity.ravel()
    n_sides = market.sides.size
    for i in range(count):
        orders, carts, clicks = parts.orders[i], parts.carts[i], parts.clicks[i]
        organic, seen = parts.organic[i], parts.shown[i] - clicks
        identity = identities[parts.cell[i]]
        if parts.kind[i] == SERVED:
            identity = part_identity(identity, parts.code[i])
        if orders > 0 and carts > 0:
            carts -= draw_common(luck, identity, number, CARTED_ORDERS, orders, carts, clicks)
        if organic > 0 and seen > 0:
            size = parts.searches[i] - clicks
            seen -= draw_common(luck, identity, number, SEEN_ORDERS, organic, seen, size)
        cell = people.cell[parts.cell[i] % n_sides]
        events[cell, ORDER] += orders + organic
        events[cell, CART] += carts
        events[cell, CLICK] += clicks - orders - carts
        events[cell, IMPRESSION] += seen


@kernel
def draw_common(luck, identity, number, decision, chosen, marked, size):
    """How many of `chosen` things are among the `marked` ones of `size`: hypergeometric."""
    common = 0
    for i in range(chosen):
        a, b, _, _ = words_at(luck, identity, number, decision, i)
        common += unit(a, b) * (size - i) < marked - common
    return common


@kernel
def move_counts(people, luck, number, events, stocks, means, sizes, flows):
    """Move the persons stocks[K * P] by an hour's events[cells, N_EVENTS], which are used up.

    Where persons are unlike, `means` float64[K * P, N_EVENTS] are the events that each stock was to
    have, and `sizes` the equal persons among whom they would fall as here; they are empty
    otherwise. So is int64 flows[K * P, DAILY + 1, n], which keeps who went where.
    """
    table = people.stocks
    n_places = people.places.size
    weight = np.zeros((count_cells(people), N_EVENTS))
    for i in range(stocks.size):
        for cause in range(N_EVENTS):
            own = means[i, cause] if means.size > 0 else stocks[i] * table.searches[i]
            weight[table.cell[i], cause] += own
    moved = np.zeros(stocks.size, np.int64)
    for i in range(stocks.size):
        cell = table.cell[i]
        if stocks[i] * table.searches[i] <= 0.0:
            continue
        place = i % n_places
        last = last_cause(people, people.places.state[place])
        hit = np.int64(0)
        for cause in range(N_EVENTS):
            own = means[i, cause] if means.size > 0 else stocks[i] * table.searches[i]
            if events[cell, cause] == 0 or own <= 0.0:
                continue
            a, b, _, _ = words_at(luck, table.identity[i], number, FALLS, cause)
            share = min(1.0, own / weight[cell, cause])
            weight[cell, cause] -= own
            balls = binomial_quantile(unit(a, b), events[cell, cause], share)
            events[cell, cause] -= balls
            if cause > last:
                continue
            size = sizes[i, cause] if means.size > 0 else float(stocks[i])
            new = hit_persons(luck, table.identity[i], number, cause, balls, size, stocks[i], hit)
            hit += new
            send(people, luck, table.identity[i], number, MOVES, cause, place, new, i, moved, flows)
    for i in range(stocks.size):
        stocks[i] += moved[i]


@kernel
def hit_persons(luck, identity, number, cause, balls, size, persons, hit):
    """How many of the persons whom `balls` events fall on are not among the first `hit`.

    A ball falls on each of the others with chance 1 / size; size is `persons` where all are alike.
    """
    new = 0
    for ball in range(balls):
        if hit + new == persons:
            break
        a, _, _, _ = words_at(luck, identity, number, PERSONS_HIT, ball * N_EVENTS + cause)
        new += unit32(a) * size >= size - persons + hit + new
    return new


@kernel
def send(people, luck, identity, number, decision, cause, place, count, origin, moved, flows):
    """Send `count` persons of a place on by the row of a cause; adds to moved[K * P].

    Returns how many stay. Keeps the flows unless there is no room for them.
    """
    state = people.places.state[place]
    kind = origin - place
    left = 1.0
    for target in range(people.first.size):
        chance = people.moves[cause, state, target]
        if chance <= 0.0 or count == 0:
            continue
        index = cause * people.first.size + target
        a, b, _, _ = words_at(luck, identity, number, decision, index)
        gone = binomial_quantile(unit(a, b), count, min(1.0, chance / left))
        moved[origin] -= gone
        moved[kind + people.first[target]] += gone
        if flows.size > 0:
            flows[origin, cause, target] = gone
        count -= gone
        left -= chance
    return count


@kernel
def pass_midnight(people, luck, number, decision, stocks, flows):
    """The midnight after hour `number`: daily moves, and a day more for those who stay."""
    n_places = people.places.size
    moved = np.zeros(stocks.size, np.int64)
    for i in range(stocks.size):
        if stocks[i] == 0:
            continue
        place = i % n_places
        identity = people.stocks.identity[i]
        staying = send(
            people, luck, identity, number, decision, DAILY, place, stocks[i], i, moved, flows
        )
        moved[i] -= staying
        moved[i - place + people.places.next[place]] += staying
    for i in range(stocks.size):
        stocks[i] += moved[i]


@kernel
def open_counts(people, luck, stocks):
    """Fill int64 stocks[K * P] with the persons of the first morning, burn-in passed."""
    for i in range(stocks.size):
        stocks[i] = people.stocks.start[i]
    no_flows = np.empty((0, 0, 0), np.int64)
    for day in range(people.burn_in):
        pass_midnight(people, luck, day * HOURS_A_DAY, BURN_IN, stocks, no_flows)


@kernel
def live_mean_hour(market, people, clock, events, stocks):
    """`live_hour` by mean events[cells, N_EVENTS], which are set back to 0."""
    move_means(people, events, stocks)
    if clock == HOURS_A_DAY - 1:
        pass_mean_midnight(people, stocks)
    set_shares(people, stocks, market.share)
    events[:] = 0.0


@kernel
def add_mean_events(market, people, book, block, searches, chance, events):
    """Add the mean events of `searches` mean days in an hour block to float64 events[cells, 4].

    `chance` float64[C] is each campaign's participation.
    """
    queries, sides, offers = market.queries, market.sides, book.offers
    row = block * market.cell_identity.size
    for query in range(queries.size):
        for side in range(sides.size):
            cell = people.cell[side]
            free = queries.searches[query] * market.share[queries.searchers[query], side] * searches
            organic = organic_chance(market, query, side)
            for i in range(book.row_start[row], book.row_start[row + 1]):
                offer = book.entry[i]
                taken = free * chance[offers.campaign[offer]]
                free -= taken
                if not offers.enters[offer]:
                    events[cell, ORDER] += taken * organic
                    continue
                ctr = min(1.0, offers.ctr[offer] * sides.ctr[side])
                cvr = min(1.0, offers.cvr[offer] * sides.cvr[side])
                clicks = taken * ctr * offers.examined[offer]
                unbought = clicks * (1.0 - cvr)
                events[cell, ORDER] += clicks * cvr + (taken - clicks) * organic
                events[cell, CART] += unbought * offers.cart_rate[offer]
                events[cell, CLICK] += unbought * (1.0 - offers.cart_rate[offer])
                events[cell, IMPRESSION] += (taken * offers.shown[offer] - clicks) * (1.0 - organic)
            events[cell, ORDER] += free * organic
            row += 1


@kernel
def move_means(people, events, stocks):
    """Move the mean persons float64 stocks[K * P] by an hour's mean events[cells, N_EVENTS].

    A person's events of an hour are Poisson, so none of a cause comes with chance exp(-rate).
    """
    table = people.stocks
    n_places = people.places.size
    weight = cell_weights(people, stocks)
    moved = np.zeros(stocks.size)
    for i in range(stocks.size):
        if stocks[i] * table.searches[i] <= 0.0:
            continue
        state = people.places.state[i % n_places]
        kind = i - i % n_places
        rest = stocks[i]
        for cause in range(N_EVENTS):
            rate = events[table.cell[i], cause] * table.searches[i] / weight[table.cell[i]]
            hit = -rest * math.expm1(-rate)
            rest -= hit
            for target in range(people.first.size):
                gone = hit * people.moves[cause, state, target]
                moved[i] -= gone
                moved[kind + people.first[target]] += gone
    for i in range(stocks.size):
        stocks[i] += moved[i]


@kernel
def pass_mean_midnight(people, stocks):
    """A midnight of mean persons float64 stocks[K * P]."""
    n_places = people.places.size
    after = np.zeros(stocks.size)
    for i in range(stocks.size):
        place = i % n_places
        state = people.places.state[place]
        rest = stocks[i]
        for target in range(people.first.size):
            gone = stocks[i] * people.moves[DAILY, state, target]
            after[i - place + people.first[target]] += gone
            rest -= gone
        after[i - place + people.places.next[place]] += rest
    for i in range(stocks.size):
        stocks[i] = after[i]


@kernel
def open_means(people, stocks):
    """Fill float64 stocks[K * P] with the mean persons of the first morning, burn-in passed."""
    for i in range(stocks.size):
        stocks[i] = people.stocks.start[i]
    for _ in range(people.burn_in):
        pass_mean_midnight(people, stocks)
