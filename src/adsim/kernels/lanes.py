"""Blocks of searches of one cell, drawn and judged side by side (fidelity `events`).

A *lane* is one search of a block of up to `BLOCK`. Searches are drawn and judged in vector loops;
only the few that may be clicked are looked at one by one, exactly.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .jit import inlined, kernel
from .random import BLOCK, TIME, fill_words, unit

MOST = np.uint64(4294967295)

# Columns of what an entry did in an hour
STOOD, SHOWN, POSITIONS, CLICKS, CARTS, ORDERS, SPENT, ORGANIC = 0, 1, 2, 3, 4, 5, 6, 7
N_COLUMNS = 8


class Lanes(NamedTuple):
    """One block of searches."""

    words: np.ndarray  # uint32[4, BLOCK]: slot, click, charge, order (organic without a click)
    number: np.ndarray  # int64[BLOCK], number of the search in its cell and hour
    time: np.ndarray  # float64[BLOCK], when in the hour; 0 where the hour has no end to find
    more: np.ndarray  # uint32[4, BLOCK], room for further words
    picked: np.ndarray  # int64[BLOCK], lanes picked out
    uniform: np.ndarray  # float64[BLOCK], of the picked lanes' charges
    charge: np.ndarray  # int64[BLOCK], micros, of the picked lanes' clicks


class Scene(NamedTuple):
    """Room for one hour's work, reused. A payer is a campaign (0 .. C - 1), the account (C) or a
    named rival (C + 1 + r)."""

    searches: np.ndarray  # int64[cells], drawn for the hour
    done: np.ndarray  # int64[entries of a block, N_COLUMNS]
    lost: np.ndarray  # int64[cells], searches lost to budgets
    lost_organic: np.ndarray  # int64[cells], their organic orders
    capped: np.ndarray  # int64[cells], searches lost to caps
    spend: np.ndarray  # int64[C + 1 + R], micros by payer
    chance: np.ndarray  # float64[C + 1 + R], participation
    slots: np.ndarray  # uint64[O, M], slot thresholds of all offers
    slot: np.ndarray  # uint64[M], thresholds of the entry at work
    click: np.ndarray  # uint64[M]
    n_campaigns: int


CLICK = np.dtype(
    [
        ("time", "f8"),
        ("charge", "i8"),  # micros
        ("payer", "i8"),
        ("entry", "i8"),  # of the book, -1 for a named rival
    ]
)


class ClickLog(NamedTuple):
    """Clicks that cost somebody money, in the order in which they were worked on."""

    clicks: np.ndarray  # CLICK[..]
    size: np.ndarray  # int64[1], number of clicks, those beyond the room included


@kernel
def make_log(size):
    return ClickLog(np.empty(size, CLICK), np.zeros(1, np.int64))


@kernel
def add_click(log, time, charge, payer, entry):
    """Log a click; a log that is full only counts it."""
    i = log.size[0]
    log.size[0] = i + 1
    if i < log.clicks.size:
        log.clicks.time[i] = time
        log.clicks.charge[i] = charge
        log.clicks.payer[i] = payer
        log.clicks.entry[i] = entry


@kernel
def make_lanes():
    return Lanes(
        np.empty((4, BLOCK), np.uint32),
        np.empty(BLOCK, np.int64),
        np.zeros(BLOCK),
        np.empty((4, BLOCK), np.uint32),
        np.empty(BLOCK, np.int64),
        np.empty(BLOCK),
        np.empty(BLOCK, np.int64),
    )


@inlined
def count_below(words, n, limit):
    """How many of the first n lanes have a last word below the limit."""
    if limit == 0:
        return 0
    last = np.uint32(min(limit - np.uint64(1), MOST))
    count = np.uint32(0)
    for i in range(n):
        count += np.uint32(words[3, i] <= last)
    return np.int64(count)


@inlined
def count_slots(words, n, slot):
    """Impressions and their sum of positions (top = 1) among the first n lanes."""
    slots = slot.size
    shown = 0
    above = 0
    for k in range(slots):
        if slot[k] == 0:
            continue
        last = np.uint32(min(slot[k] - np.uint64(1), MOST))
        count = np.uint32(0)
        for i in range(n):
            count += np.uint32(words[0, i] <= last)
        above += count
        shown = np.int64(count)
    return shown, (slots + 1) * shown - np.int64(above)


@inlined
def pick_clicks(words, n, slot, click, picked):
    """Pick the clicked lanes in rising order; returns their number.

    First a vector loop against the last slot and the highest click threshold, then the exact test
    of the few that pass.
    """
    highest = np.uint64(0)
    for k in range(slot.size):
        highest = max(highest, click[k])
    last_slot = slot[slot.size - 1]
    if highest == 0 or last_slot == 0:
        return 0
    may = np.uint32(highest - np.uint64(1))
    seen = np.uint32(last_slot - np.uint64(1))
    count = 0
    for start in range(0, n, 32):
        end = min(n, start + 32)
        flags = np.uint32(0)
        for i in range(start, end):
            flags |= np.uint32((words[0, i] <= seen) & (words[1, i] <= may))
        if flags == 0:
            continue
        for i in range(start, end):
            if words[1, i] <= may and words[0, i] <= seen:
                place = slot_of(words[0, i], slot)
                if np.uint64(words[1, i]) < click[place]:
                    picked[count] = i
                    count += 1
    return count


@inlined
def slot_of(word, slot):
    """The slot of a search with this first word; the number of slots where it is not shown."""
    place = 0
    while place < slot.size and np.uint64(word) >= slot[place]:
        place += 1
    return place


@kernel
def fill_times(luck, identity, number, first, n, lanes):
    """Set the lanes' times and numbers."""
    fill_words(luck, identity, number, TIME, first, n, lanes.more)
    for i in range(n):
        lanes.time[i] = unit(lanes.more[0, i], lanes.more[1, i])
        lanes.number[i] = first + i


@kernel
def keep_between(lanes, n, after, until):
    """Keep the lanes with after < time <= until in front; returns their number."""
    kept = 0
    for i in range(n):
        if after < lanes.time[i] <= until:
            lanes.time[kept] = lanes.time[i]
            lanes.number[kept] = lanes.number[i]
            for k in range(4):
                lanes.words[k, kept] = lanes.words[k, i]
            kept += 1
    return kept
