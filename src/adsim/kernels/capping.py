"""Caps and fatigue without single persons (fidelities `expected` and `counts`).

A *level* says how often a person has seen each campaign that counts it; persons[K, J] are the mean
persons of each kind at each level. Within an hour a person meets impressions at constant rates,
those of the level's *mask*, the set of campaigns whose caps are reached: a pure birth process,
summed up by uniformization (Jensen, "Markoff chains as an aid in the study of Markoff processes",
Skandinavisk Aktuarietidskrift 36, 1953) over those levels only at which there is somebody. Its mean
over the hour says which share of the searches comes from whom. In `counts` an hour that is drawn by
these shares may show more than the caps of a tiny crowd still allow: it is drawn again, at lower
shares. Then its rates are scaled to the impressions that it had, so that none is lost.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .jit import kernel

SMALLEST_TAIL = 1e-14  # of a Poisson distribution: what lies beyond is added to the last term
FEWEST = 1e-10  # persons: fewer stay where they are
LARGEST_RATE = 600.0  # events a person and hour: as many as a process is followed at
CORRECTIONS = 16  # at most, of an hour's rates by the impressions that it had
SETTLED = 1e-7  # of them


class Levels(NamedTuple):
    """J levels of n counters; a mask has a bit for each counter."""

    mask: np.ndarray  # int64[J], the counters whose caps are reached
    next: np.ndarray  # int64[J, n], the level after an impression
    fresh: np.ndarray  # int64[J, n], the level at which a new period of a counter finds one
    tired: np.ndarray  # float64[J, n], CTR factor
    left: np.ndarray  # float64[J, n], impressions that the cap still allows; inf without one


class Audience(NamedTuple):
    """Who searches in an hour, by audience cell and mask."""

    rate: np.ndarray  # float64[A, masks, n], impressions an hour if all had this mask
    share: np.ndarray  # float64[A, masks], of the cell's searches
    tired: np.ndarray  # float64[A, masks, n], mean CTR factor
    shown: np.ndarray  # float64[A, n], impressions of the hour
    room: np.ndarray  # float64[A, n], impressions that caps allow when it begins; inf without one
    gone: np.ndarray  # float64[A, masks], impressions an hour of all counters
    steady: np.ndarray  # float64[masks, n], zeros: no rate of impressions depends on fatigue


class Walk(NamedTuple):
    """Room for an hour of persons at J levels."""

    mean: np.ndarray  # float64[J], mean persons over the hour
    term: np.ndarray  # float64[J], persons after so many events; zeros between two calls
    following: np.ndarray  # float64[J], and after one more
    here: np.ndarray  # int64[J], the levels of `term` with anybody
    there: np.ndarray  # int64[J], those of `following`


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
        np.zeros((n_cells, n)),
        np.zeros((n_cells, masks)),
        np.zeros((masks, n)),
    )


@kernel
def make_walk(levels):
    size = levels.mask.size
    return Walk(
        np.zeros(size),
        np.zeros(size),
        np.zeros(size),
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
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
def set_rates(book, exposure, searches, first_row, chance, rate):
    """Fill rate[A, masks, n] for an hour of float64 searches[Q, S]."""
    offers = book.offers
    rate.fill(0.0)
    for query in range(searches.shape[0]):
        for side in range(searches.shape[1]):
            row = first_row + query * searches.shape[1] + side
            if searches[query, side] <= 0.0 or counters_in(book, exposure, row) == 0:
                continue
            for mask in range(rate.shape[1]):
                free = searches[query, side]
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
def advance(exposure, levels, persons, audience, after, walk):
    """One hour at the audience's rates: fills its shares and CTR factors, and after[K, J]."""
    cells, chances = exposure.kinds.cell, exposure.kinds.chance
    clear_audience(audience)
    for kind in range(persons.shape[0]):
        cell = cells[kind]
        pass_hour(
            levels, audience.rate[cell], audience.steady, audience.gone[cell], chances[kind],
            persons[kind], after[kind], walk,
        )  # fmt: skip
        note_mean(levels, cell, chances[kind], walk.mean, audience)
    divide_tired(audience)


@kernel
def clear_audience(audience):
    """Begin the sums over kinds, and add the rates up."""
    audience.share.fill(0.0)
    audience.tired.fill(0.0)
    audience.gone.fill(0.0)
    for cell in range(audience.gone.shape[0]):
        for mask in range(audience.gone.shape[1]):
            for counter in range(audience.rate.shape[2]):
                audience.gone[cell, mask] += audience.rate[cell, mask, counter]


@kernel
def note_mean(levels, cell, chance, mean, audience):
    """Add the searches of a kind, whose persons have these mean levels, to its cell."""
    for level in range(mean.size):
        weight = chance * mean[level]
        if weight <= 0.0:
            continue
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
def pass_hour(levels, moves, tiring, gone, chance, before, after, walk):
    """Persons of one kind after an hour, and in `walk.mean` over it: float64[J] each.

    A person with a mask takes the way of counter k at a rate of chance x (moves[mask, k] +
    tiring[mask, k] x CTR factor); something happens to it at chance x gone[mask], and whom that
    leads along no way is not counted any more.
    """
    masks, hops, tired = levels.mask, levels.next, levels.tired
    mean, term, following, here, there = walk
    mean.fill(0.0)
    after.fill(0.0)
    fastest = 0.0
    for mask in range(gone.size):
        fastest = max(fastest, gone[mask])
    rate = min(chance * fastest, LARGEST_RATE)
    count = 0
    for level in range(before.size):
        if rate > 0.0 and before[level] > FEWEST:
            term[level] = before[level]
            here[count] = level
            count += 1
        else:
            mean[level] = after[level] = before[level]
    weight = math.exp(-rate)
    tail = 1.0
    k = 0
    while count > 0:
        tail = max(0.0, tail - weight)
        is_last = tail < SMALLEST_TAIL
        arrived = weight + tail if is_last else weight
        found = 0
        for i in range(count):
            level = here[i]
            persons = term[level]
            term[level] = 0.0
            after[level] += arrived * persons
            mean[level] += tail / rate * persons
            if is_last:
                continue
            rest = persons
            if persons * tail > FEWEST:
                mask = masks[level]
                rest -= persons * gone[mask] / fastest
                scale = persons / fastest
                for counter in range(hops.shape[1]):
                    way = moves[mask, counter] + tiring[mask, counter] * tired[level, counter]
                    part = scale * way
                    if part <= 0.0:
                        continue
                    to = hops[level, counter]
                    if following[to] == 0.0:
                        there[found] = to
                        found += 1
                    following[to] += part
            if rest > 0.0:
                if following[level] == 0.0:
                    there[found] = level
                    found += 1
                following[level] += rest
        term, following = following, term
        here, there = there, here
        count = found
        k += 1
        weight *= rate / k


@kernel
def split_share(share, cell, asked, part):
    """Fill part[masks] with the shares of a cell's searches, by the counters `asked` for alone."""
    part.fill(0.0)
    for mask in range(part.size):
        part[mask & asked] += share[cell, mask]


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
def count_room(exposure, levels, persons, audience):
    """Fill `audience.room` for an hour that begins with persons[K, J]."""
    cells, left, room = exposure.kinds.cell, levels.left, audience.room
    room.fill(0.0)
    for kind in range(persons.shape[0]):
        cell = cells[kind]
        for level in range(persons.shape[1]):
            if persons[kind, level] > 0.0:
                for counter in range(left.shape[1]):
                    room[cell, counter] += persons[kind, level] * left[level, counter]


@kernel
def lower_shares(audience, share, tired, attempt):
    """Lower the shares of those who see more than caps allow; whether there are any.

    As if they had reached the cap sooner: share[A, masks] and tired[A, masks, n], by which the hour
    was drawn, go to the mask with the cap reached. A further attempt aims lower by half a spread.
    """
    lowered = False
    for cell in range(share.shape[0]):
        for counter in range(tired.shape[2]):
            room = np.floor(audience.room[cell, counter] + 0.5)
            shown = audience.shown[cell, counter]
            if shown <= room:
                continue
            lowered = True
            kept = room / shown * max(0.0, 1.0 - 0.5 * attempt / math.sqrt(max(1.0, room)))
            for mask in range(share.shape[1]):
                if mask >> counter & 1:
                    continue
                to = mask | 1 << counter
                gone = share[cell, mask] * (1.0 - kept)
                share[cell, mask] -= gone
                share[cell, to] += gone
                for other in range(tired.shape[2]):
                    if gone > 0.0:
                        change = tired[cell, mask, other] - tired[cell, to, other]
                        tired[cell, to, other] += change * gone / share[cell, to]
    return lowered


@kernel
def spread_excess(audience):
    """Count what a cell was shown beyond its room, a part of an impression, for other cells.

    Rooms are no whole numbers where persons move between cells, their sum is.
    """
    shown, room = audience.shown, audience.room
    for counter in range(shown.shape[1]):
        excess, free = 0.0, 0.0
        for cell in range(shown.shape[0]):
            over = shown[cell, counter] - room[cell, counter]
            if over > 0.0:
                excess += over
                shown[cell, counter] = room[cell, counter]
            else:
                free -= over
        if excess <= 0.0 or free <= 0.0:
            continue
        part = min(1.0, excess / free)
        for cell in range(shown.shape[0]):
            shown[cell, counter] += part * (room[cell, counter] - shown[cell, counter])


@kernel
def settle_levels(exposure, levels, persons, audience, after, walk):
    """Fill `after` for an hour that had `audience.shown`, not what its rates say."""
    spread_excess(audience)
    for attempt in range(CORRECTIONS):
        if not correct_rates(audience, attempt == CORRECTIONS // 2):
            break
        advance(exposure, levels, persons, audience, after, walk)


@kernel
def keep(persons, after):
    """Let the hour be over."""
    for kind in range(persons.shape[0]):
        for level in range(persons.shape[1]):
            persons[kind, level] = after[kind, level]


@kernel
def correct_rates(audience, widen):
    """Scale each cell's rates of a counter to the impressions shown; whether any had to be.

    Persons in a cell who are alike and one impression below the cap reach it at an exponential
    rate, which tells how many times as fast it was. Where so many impressions cannot be those of
    persons whose turn it was, `widen` counts them for all who might have seen them.
    """
    rate, share = audience.rate, audience.share
    is_far = False
    for cell in range(share.shape[0]):
        for counter in range(rate.shape[2]):
            flow = 0.0
            open_share = 0.0
            for mask in range(share.shape[1]):
                flow += share[cell, mask] * rate[cell, mask, counter]
                if not mask >> counter & 1:
                    open_share += share[cell, mask]
            shown, room = audience.shown[cell, counter], audience.room[cell, counter]
            if abs(flow - shown) <= SETTLED * max(1.0, shown):
                continue
            if flow <= 0.0 and open_share <= 0.0:
                continue
            is_far = True
            scale = shown / flow if flow > 0.0 else 0.0
            if scale > 0.0 and room < np.inf:
                most = 1.0 - SETTLED / max(1.0, room)
                scale = math.log1p(-min(most, shown / room)) / math.log1p(-min(most, flow / room))
            for mask in range(share.shape[1]):
                if flow > 0.0:
                    rate[cell, mask, counter] *= scale
                is_open = not mask >> counter & 1
                if is_open and open_share > 0.0 and (flow <= 0.0 or (widen and flow < shown)):
                    # such as of a campaign whose turn came only within the hour
                    least = shown / open_share
                    rate[cell, mask, counter] = max(least, rate[cell, mask, counter])
    return is_far
