"""Caps and fatigue without single persons (fidelities `expected` and `counts`).

A *level* says how often a person has seen each campaign that counts it; persons[K, J] are the mean
persons of each kind at each level. Within an hour a person meets impressions at constant rates,
those of the level's *mask*, the set of campaigns whose caps are reached: a pure birth process,
summed up by uniformization (Jensen, "Markoff chains as an aid in the study of Markoff processes",
Skandinavisk Aktuarietidskrift 36, 1953). Its mean over the hour says which share of the searches
comes from whom; in `counts` the hour's rates are then scaled to the impressions that it had.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .jit import kernel

SMALLEST_TAIL = 1e-14  # of a Poisson distribution: what lies beyond is added to the last term
LARGEST_RATE = 60.0  # impressions a person and hour: beyond, everybody's cap is reached
CORRECTIONS = 2  # of an hour's rates by the impressions that it had


class Levels(NamedTuple):
    """J levels of n counters; a mask has a bit for each counter."""

    mask: np.ndarray  # int64[J], the counters whose caps are reached
    next: np.ndarray  # int64[J, n], the level after an impression
    fresh: np.ndarray  # int64[J, n], the level at which a new period of a counter finds one
    tired: np.ndarray  # float64[J, n], CTR factor


class Audience(NamedTuple):
    """Who searches in an hour, by audience cell and mask."""

    rate: np.ndarray  # float64[A, masks, n], impressions an hour if all had this mask
    share: np.ndarray  # float64[A, masks], of the cell's searches
    tired: np.ndarray  # float64[A, masks, n], mean CTR factor
    shown: np.ndarray  # float64[A, n], impressions of the hour


@kernel
def make_audience(exposure):
    n_cells = exposure.first_kind.size - 1
    n = exposure.cap.size
    masks = 1 << n
    return Audience(
        np.zeros((n_cells, masks, n)),
        np.zeros((n_cells, masks)),
        np.ones((n_cells, masks, n)),
        np.zeros((n_cells, n)),
    )


@kernel
def open_levels(exposure, levels, day, persons):
    """Begin the periods that begin on this day; on the first call everybody has seen nothing."""
    for counter in range(exposure.cap.size):
        if day % exposure.days[counter] == 0:
            for kind in range(persons.shape[0]):
                for level in range(persons.shape[1]):
                    fresh = levels.fresh[level, counter]
                    if fresh != level:
                        persons[kind, fresh] += persons[kind, level]
                        persons[kind, level] = 0.0


@kernel
def counters_in(book, exposure, row):
    """The mask of all counters of a row of the book."""
    found = 0
    for i in range(book.row_start[row], book.row_start[row + 1]):
        counter = exposure.counter[book.offers.campaign[book.entry[i]]]
        if counter >= 0:
            found |= 1 << counter
    return found


@kernel
def set_rates(market, book, exposure, means, first_row, chance, rate):
    """Fill rate[A, masks, n] for an hour in which queries have `means` float64[Q] searches."""
    offers = book.offers
    shares, searchers = market.share, market.queries.searchers
    rate.fill(0.0)
    for query in range(means.size):
        for side in range(shares.shape[1]):
            row = first_row + query * shares.shape[1] + side
            searches = means[query] * shares[searchers[query], side]
            if searches <= 0.0 or counters_in(book, exposure, row) == 0:
                continue
            for mask in range(rate.shape[1]):
                free = searches
                for i in range(book.row_start[row], book.row_start[row + 1]):
                    offer = book.entry[i]
                    counter = exposure.counter[offers.campaign[offer]]
                    if counter >= 0 and mask >> counter & 1:
                        continue
                    taken = free * chance[offers.campaign[offer]]
                    free -= taken
                    if counter >= 0 and offers.enters[offer]:
                        rate[exposure.cell[side], mask, counter] += taken * offers.shown[offer]


@kernel
def advance(exposure, levels, persons, audience, after):
    """One hour at the audience's rates: fills its shares and CTR factors, and after[K, J]."""
    mean = np.empty(persons.shape[1])
    step = np.empty(levels.next.shape)
    clear_audience(audience)
    for kind in range(persons.shape[0]):
        rate = audience.rate[exposure.kinds.cell[kind]]
        fill_steps(levels, rate, exposure.kinds.chance[kind], step)
        pass_hour(step, levels.next, persons[kind], mean, after[kind])
        note_mean(exposure, levels, kind, mean, audience)
    divide_tired(audience)


@kernel
def fill_steps(levels, rate, chance, step):
    """Fill step[J, n] with the impressions an hour of a person: chance x rate[mask, counter]."""
    for level in range(step.shape[0]):
        for counter in range(step.shape[1]):
            step[level, counter] = 0.0
            if not levels.mask[level] >> counter & 1:
                step[level, counter] = chance * rate[levels.mask[level], counter]


@kernel
def clear_audience(audience):
    audience.share.fill(0.0)
    audience.tired.fill(0.0)


@kernel
def note_mean(exposure, levels, kind, mean, audience):
    """Add the searches of a kind, whose persons have these mean levels, to its cell."""
    chance, cell = exposure.kinds.chance[kind], exposure.kinds.cell[kind]
    for place in range(mean.size):
        level = place % levels.mask.size
        weight = chance * mean[place]
        mask = levels.mask[level]
        audience.share[cell, mask] += weight
        for counter in range(levels.tired.shape[1]):
            audience.tired[cell, mask, counter] += weight * levels.tired[level, counter]


@kernel
def divide_tired(audience):
    """Make means of the sums of CTR factors."""
    for cell in range(audience.share.shape[0]):
        for mask in range(audience.share.shape[1]):
            for counter in range(audience.tired.shape[2]):
                if audience.share[cell, mask] > 0.0:
                    audience.tired[cell, mask, counter] /= audience.share[cell, mask]


@kernel
def pass_hour(step, hops, before, mean, after):
    """Persons of one kind after an hour, and their mean over it: float64[..] each.

    At place i a person meets step[i % J, k] things of sort k an hour; one takes it to hops[i, k].
    """
    size = before.size
    n_levels, n = step.shape
    highest = 0.0
    for level in range(n_levels):
        total = 0.0
        for sort in range(n):
            total += step[level, sort]
        highest = max(highest, total)
    if highest <= 0.0:
        for level in range(size):
            mean[level] = after[level] = before[level]
        return
    highest = min(highest, LARGEST_RATE)
    term = before.copy()
    weight = math.exp(-highest)
    tail = 1.0
    mean.fill(0.0)
    after.fill(0.0)
    k = 0
    while True:
        tail = max(0.0, tail - weight)
        is_last = tail < SMALLEST_TAIL
        for level in range(size):
            after[level] += (weight + tail if is_last else weight) * term[level]
            mean[level] += tail / highest * term[level]
        if is_last:
            return
        following = np.zeros(size)
        for level in range(size):
            if term[level] == 0.0:
                continue
            stays = 1.0
            for sort in range(n):
                part = min(stays, step[level % n_levels, sort] / highest)
                following[hops[level, sort]] += part * term[level]
                stays -= part
            following[level] += stays * term[level]
        term = following
        k += 1
        weight *= highest / k


@kernel
def share_of(share, cell, asked, mask):
    """Share of a cell's searches by persons with this mask among the counters `asked` for."""
    total = 0.0
    if mask & ~asked == 0:
        for other in range(share.shape[1]):
            if other & asked == mask:
                total += share[cell, other]
    return total


@kernel
def count_shown(exposure, book, n_sides, parts, count, shown):
    """Fill shown[A, n] with the impressions of the parts of an hour."""
    shown.fill(0.0)
    for i in range(count):
        if parts.shown[i] > 0:
            counter = exposure.counter[book.offers.campaign[parts.offer[i]]]
            if counter >= 0:
                shown[exposure.cell[parts.cell[i] % n_sides], counter] += parts.shown[i]


@kernel
def settle_levels(exposure, levels, persons, audience, after):
    """Fill `after` for an hour that had `audience.shown`, not what its rates say."""
    for _ in range(CORRECTIONS):
        correct_rates(audience)
        advance(exposure, levels, persons, audience, after)


@kernel
def keep(persons, after):
    """Let the hour be over."""
    for kind in range(persons.shape[0]):
        for level in range(persons.shape[1]):
            persons[kind, level] = after[kind, level]


@kernel
def correct_rates(audience):
    """Scale each cell's rates of a counter so that its shares had the impressions shown."""
    rate, share = audience.rate, audience.share
    for cell in range(share.shape[0]):
        for counter in range(rate.shape[2]):
            flow = 0.0
            open_share = 0.0
            for mask in range(share.shape[1]):
                flow += share[cell, mask] * rate[cell, mask, counter]
                if not mask >> counter & 1:
                    open_share += share[cell, mask]
            for mask in range(share.shape[1]):
                if flow > 0.0:
                    rate[cell, mask, counter] *= audience.shown[cell, counter] / flow
                elif open_share > 0.0:  # a campaign whose turn came only within the hour
                    rate[cell, mask, counter] = audience.shown[cell, counter] / open_share
