"""Luck: the counter-based generator Philox4x32-10 and the keys it is called with.

A random word is a pure function of what it is for. The counter is (index, hour word, id low, id
high) and the key is (seed, replication); the hour word packs the hour of the run and the decision.
So no draw depends on the order of work, on the plan or on the number of threads.

Source of the generator: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3",
SC 2011; the tests hold its published known answers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .jit import inlined, kernel
from .model import HOURS_A_DAY

# Decisions: the named uses of luck. Numbers are part of the recipe: never reuse or renumber one.
# They are typed: numba would compile a copy of each function for each literal integer.
SHOCK = np.int64(1)  # demand shock of a query group on a day
SEARCHES = np.int64(2)  # number of searches of a cell in an hour
SEARCH = np.int64(3)  # events: slot, click, charge and order of one search
CART = np.int64(4)  # events: cart of one clicked search
TIME = np.int64(5)  # when in the hour a search (events; by whom) or a click (counts) happens
COIN = np.int64(6)  # throttling of one campaign
CLICKS = np.int64(7)  # counts: clicks of a cell
SHOWN = np.int64(8)  # counts: impressions that are not clicked
SLOTS = np.int64(9)  # counts: slots of impressions
ORDERS = np.int64(10)  # counts: orders and carts
CHARGE = np.int64(11)  # counts: charges of clicks
KEPT = np.int64(12)  # counts: searches before a budget ran out
PRESENCE = np.int64(13)  # events: which named rivals are in a search
CROWDING = np.int64(14)  # events: ad ranks of the landscape rivals beside named ones
ORGANIC = np.int64(15)  # counts: orders without a click
CARTED_ORDERS = np.int64(32)  # counts: clicks with both a cart and an order
SEEN_ORDERS = np.int64(33)  # counts: searches with both an impression and an organic order
FALLS = np.int64(34)  # counts: events of a cell that fall on one kind and place
PERSONS_HIT = np.int64(35)  # counts: how many persons they fall on
MOVES = np.int64(36)  # where events send persons: stocks of them, in events each one
MIDNIGHT = np.int64(37)  # where a midnight sends them
BURN_IN = np.int64(38)  # the same before the first day; hours are days that have passed
PROMOTED = np.int64(16)  # counts: which clicks come from promoted slots
CAPPED = np.int64(24)  # counts: searches of persons who have seen enough
THOMPSON = np.int64(48)  # beliefs on creatives
DEALT = np.int64(49)  # which creatives the impressions, clicks and orders of an hour fall on
SYNTHETIC = np.int64(64)  # drawing of synthetic scenarios
FITTING = np.int64(65)  # held-out keywords and the numbers of fitted markets
PERSON = np.int64(66)  # traits of the persons of a population
MEDIA = np.int64(72)  # persons of a category under many media

DECISION_SHIFT = 24  # hours below 2**24: 1,900 years
WIDE = 16  # lanes of the widest vectors
BLOCK = 256  # searches drawn at a time: four arrays of it stay in the first cache

_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_W0 = np.uint32(0x9E3779B9)
_W1 = np.uint32(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_BELOW_ONE = np.nextafter(1.0, 0.0)


class Luck(NamedTuple):
    """The key of one history: `seed` and `replication`, both uint32."""

    seed: np.uint32
    replication: np.uint32


def make_luck(seed: int, replication: int) -> Luck:
    return Luck(np.uint32(seed), np.uint32(replication))


@kernel
def hour_word(hour, decision):
    """The second counter word: `hour` of the run (day * 24 + hour of day) under a decision."""
    return np.uint32(np.uint32(hour) | np.uint32(decision << DECISION_SHIFT))


@inlined
def _round(c0, c1, c2, c3, k0, k1):
    p0 = _M0 * np.uint64(c0)
    p1 = _M1 * np.uint64(c2)
    high0 = np.uint32(p0 >> _HALF)
    high1 = np.uint32(p1 >> _HALF)
    return np.uint32(high1 ^ c1 ^ k0), np.uint32(p1), np.uint32(high0 ^ c3 ^ k1), np.uint32(p0)


@inlined
def philox(c0, c1, c2, c3, k0, k1):
    """Philox4x32-10: four uint32 words of the counter (c0..c3) under the key (k0, k1)."""
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    for _ in range(9):
        k0 = np.uint32(k0 + _W0)
        k1 = np.uint32(k1 + _W1)
        c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    return c0, c1, c2, c3


@kernel
def words_at(luck, identity, hour, decision, index):
    """The four words of one thing: `identity` uint64, `hour` of the run, `index` within it."""
    return philox(
        np.uint32(index),
        hour_word(hour, decision),
        np.uint32(identity & _LOW),
        np.uint32(identity >> _HALF),
        luck.seed,
        luck.replication,
    )


@kernel
def fill_words(luck, identity, hour, decision, first, count, out):
    """Fill out[0:4, 0:count] with the words of the indices first .. first + count - 1.

    Fills up to the next multiple of `WIDE`, at most to the end: a few words more in one vector cost
    less than a few words one by one.
    """
    count = min(out.shape[1], (count + WIDE - 1) // WIDE * WIDE)
    c1 = hour_word(hour, decision)
    c2 = np.uint32(identity & _LOW)
    c3 = np.uint32(identity >> _HALF)
    k0 = luck.seed
    k1 = luck.replication
    start = np.int64(first)
    for i in range(count):  # one 2-d array: four row views would have to be checked for overlap
        a, b, c, d = philox(np.uint32(start + i), c1, c2, c3, k0, k1)
        out[0, i] = a
        out[1, i] = b
        out[2, i] = c
        out[3, i] = d


@kernel
def unit(high, low):
    """A uniform number in the open interval (0, 1) with 53 bits, from two words."""
    top = np.uint64(high) >> np.uint64(5)
    bottom = np.uint64(low) >> np.uint64(6)
    u = (np.float64((top << np.uint64(26)) | bottom) + 0.5) * (1.0 / 9007199254740992.0)
    return min(u, _BELOW_ONE)  # the last of the 2**53 numbers would round up to 1


@kernel
def unit32(word):
    """A uniform number in the open interval (0, 1) with 32 bits, from one word."""
    return (np.float64(word) + 0.5) * (1.0 / 4294967296.0)


@kernel
def threshold(probability):
    """The uint64 `t` for which `word < t` (word uint32) has this probability, within 2**-33."""
    if probability <= 0.0:
        return np.uint64(0)
    if probability >= 1.0:
        return np.uint64(4294967296)
    return np.uint64(probability * 4294967296.0 + 0.5)


@kernel
def mixed_id(first, second):
    """One uint64 id of a pair of ids (the finalizer of MurmurHash3 over their sum of products)."""
    h = np.uint64(first) ^ (np.uint64(second) * np.uint64(0x9E3779B97F4A7C15))
    h = (h ^ (h >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    h = (h ^ (h >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return np.uint64(h ^ (h >> np.uint64(33)))


@kernel
def draw_uniforms(luck, identity, hour, decision, indices):
    """Uniforms in (0, 1), 53 bits, one for every entry of `indices`."""
    out = np.empty(indices.size)
    for i in range(indices.size):
        a, b, _, _ = words_at(luck, identity, hour, decision, indices[i])
        out[i] = unit(a, b)
    return out


@kernel
def fill_uniforms(luck, identities, hour, decision, out):
    """out[i] = a uniform in (0, 1), 53 bits, for each of the uint64 identities."""
    for i in range(out.size):
        a, b, _, _ = words_at(luck, identities[i], hour, decision, 0)
        out[i] = unit(a, b)


@kernel
def fill_series(luck, identity, decision, first, out):
    """Fill `out` with the uniforms, 53 bits, of the indices first, first + 1, ... in hour 0."""
    c1 = hour_word(0, decision)
    c2 = np.uint32(identity & _LOW)
    c3 = np.uint32(identity >> _HALF)
    k0 = luck.seed
    k1 = luck.replication
    start = np.int64(first)
    for i in range(out.size):
        a, b, _, _ = philox(np.uint32(start + i), c1, c2, c3, k0, k1)
        out[i] = unit(a, b)


def uniforms(
    seed: int,
    replication: int,
    decision: int | np.int64,
    stable_id: int,
    day: int,
    hour: int,
    indices: np.ndarray,
) -> np.ndarray:
    """Keyed uniforms in (0, 1) for code outside the kernels: float64, shape of `indices`."""
    luck = make_luck(seed, replication)
    flat = np.ascontiguousarray(indices, dtype=np.int64).ravel()
    drawn = draw_uniforms(luck, np.uint64(stable_id), day * HOURS_A_DAY + hour, decision, flat)
    return drawn.reshape(np.shape(indices))
