"""What an hour brings persons who live and count impressions: events, by mask and counter.

acts[2, A, masks, n + 1, N_EVENTS] are events an hour if all persons of a cell had the mask, by the
counter that counts the impression that comes with them; the last "counter" is that nobody counts.
They are the sum of acts[0] and acts[1] times the CTR factor: over all events that of acts[1] is 0,
since fatigue only makes impressions of clicks, carts and orders.
"""

from __future__ import annotations

from .jit import kernel
from .organic import organic_chance
from .people import CART, CLICK, IMPRESSION, N_EVENTS, ORDER


@kernel
def set_acts(market, book, exposure, searches, first_row, chance, acts):
    """Fill acts[2, A, masks, n + 1, N_EVENTS] for an hour of float64 searches[Q, S].

    Events an hour if all persons of a cell had the mask, by the counter that counts the impression
    that comes with them: the sum of acts[0] and acts[1] times the CTR factor.
    """
    sides, offers = market.sides, book.offers
    nobody = exposure.cap.size
    acts.fill(0.0)
    for query in range(searches.shape[0]):
        for side in range(searches.shape[1]):
            row = first_row + query * searches.shape[1] + side
            if searches[query, side] <= 0.0:
                continue
            organic = organic_chance(market, query, side)
            cell = exposure.cell[side]
            for mask in range(acts.shape[2]):
                free = searches[query, side]
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
def add_acts(acts, rate):
    """Fill rate[A, masks, n] with the impressions of the acts, whatever they become."""
    for cell in range(rate.shape[0]):
        for mask in range(rate.shape[1]):
            for counter in range(rate.shape[2]):
                rate[cell, mask, counter] = 0.0
                for event in range(N_EVENTS):
                    rate[cell, mask, counter] += acts[0, cell, mask, counter, event]


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
def set_ways(acts, moves, tiring, gone):
    """Fill what `pass_hour` takes for those whom the hour's events have spared so far.

    Row e of moves and tiring[A, rows, masks, n] and gone[A, rows, masks] is about persons whom no
    event higher than e has hit; whom one hits is not among them any more.
    """
    nobody = moves.shape[3]
    moves.fill(0.0)
    tiring.fill(0.0)
    gone.fill(0.0)
    for cell in range(gone.shape[0]):
        for row in range(gone.shape[1]):
            for mask in range(gone.shape[2]):
                for event in range(N_EVENTS):
                    for to in range(nobody):
                        shown = acts[0, cell, mask, to, event]
                        gone[cell, row, mask] += shown
                        if event >= row:
                            moves[cell, row, mask, to] += shown
                        if event >= row > 0:  # in row 0 they add up to 0
                            tiring[cell, row, mask, to] += acts[1, cell, mask, to, event]
                    if event < row:
                        gone[cell, row, mask] += acts[0, cell, mask, nobody, event]
                        gone[cell, row, mask] += acts[1, cell, mask, nobody, event]


@kernel
def add_events(levels, acts, cell, chance, mean, events):
    """Fill events[N_EVENTS] with those of persons of a cell with these mean levels."""
    masks, tired = levels.mask, levels.tired
    nobody = tired.shape[1]
    events.fill(0.0)
    for level in range(mean.size):
        weight = chance * mean[level]
        if weight <= 0.0:
            continue
        mask = masks[level]
        for event in range(N_EVENTS):
            rate = acts[0, cell, mask, nobody, event] + acts[1, cell, mask, nobody, event]
            for counter in range(nobody):
                rate += acts[0, cell, mask, counter, event]
                rate += tired[level, counter] * acts[1, cell, mask, counter, event]
            events[event] += weight * max(0.0, rate)
