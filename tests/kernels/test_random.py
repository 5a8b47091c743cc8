"""Luck: published known answers, the naive twin, uniform and independent words."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from adsim.kernels import random
from adsim.market.ids import mixed_ids
from tests.kernels import naive
from tests.kernels.worlds import JIT

pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered")  # wanted; seen without jit

ONES = 0xFFFFFFFF
LEVEL = 1e-4  # of each statistical test here; the seeds are fixed
SIZE = 65_536 if JIT else 512

KNOWN = [  # counter, key, answer: Random123, kat_vectors
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((ONES,) * 4, (ONES,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


def words(*numbers):
    return tuple(np.uint32(number) for number in numbers)


def block(seed=1, replication=2, identity=3, hour=4, decision=5, first=0, count=SIZE):
    out = np.zeros((4, count), np.uint32)
    luck = random.make_luck(seed, replication)
    random.fill_words(luck, np.uint64(identity), hour, decision, first, count, out)
    return out


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_published_known_answers(counter, key, answer):
    assert random.philox(*words(*counter), *words(*key)) == answer
    assert naive.philox(counter, key) == answer


def test_naive_twin():
    some = np.random.default_rng(1).integers(0, 2**32, (200, 6))
    for *counter, k0, k1 in some.tolist():
        assert random.philox(*words(*counter, k0, k1)) == naive.philox(counter, (k0, k1))


def test_a_word_is_a_function_of_what_it_is_for():
    luck = random.make_luck(11, 22)
    identity = 0x0123456789ABCDEF
    counter = (7, (9 * 24 + 5) | int(random.CHARGE) << 24, 0x89ABCDEF, 0x01234567)
    found = random.words_at(luck, np.uint64(identity), 9 * 24 + 5, random.CHARGE, 7)
    assert found == naive.philox(counter, (11, 22))


@pytest.mark.parametrize(("first", "count"), [(0, 1), (5, 256), (2**32 - 2, 4)])
def test_blocks_are_single_words(first, count):
    out = block(first=first, count=count)
    luck = random.make_luck(1, 2)
    single = [random.words_at(luck, np.uint64(3), 4, 5, (first + i) % 2**32) for i in range(count)]
    assert [tuple(column) for column in out.T] == single


def test_words_are_uniform():
    out = block()
    for lane in out:
        for shift in (0, 12, 24):
            counts = np.bincount((lane >> shift) & 0xFF, minlength=256)
            assert stats.chisquare(counts).pvalue > LEVEL / 12


@pytest.mark.parametrize(
    "changed",
    [{"seed": 9}, {"replication": 3}, {"identity": 2**40 + 3}, {"hour": 5}, {"decision": 6}],
)
def test_every_part_of_a_key_gives_other_independent_words(changed):
    one, other = block(), block(**changed)
    assert np.mean(one == other) < 1e-3
    bits = np.unpackbits((one ^ other).view(np.uint8))
    z = (bits.sum() - bits.size / 2) / np.sqrt(bits.size / 4)
    assert abs(z) < stats.norm.isf(LEVEL / 2)


def test_the_words_of_one_thing_are_independent():
    out = block().astype(np.float64)
    correlation = np.corrcoef(np.vstack([out, np.roll(out, 1, axis=1)]))
    off = np.abs(correlation[np.triu_indices(8, 1)])
    assert off.max() * np.sqrt(SIZE) < stats.norm.isf(LEVEL / 2 / off.size)


def test_units_are_inside_the_open_interval():
    top = np.uint32(ONES)
    assert 0.0 < random.unit(np.uint32(0), np.uint32(0)) < 1e-15
    assert 1.0 - 1e-15 < random.unit(top, top) < 1.0
    assert 0.0 < random.unit32(np.uint32(0)) < 2e-10
    assert 1.0 - 2e-10 < random.unit32(top) < 1.0


def test_unit_holds_both_words_in_order():
    high, low = np.uint32(0x80000000), np.uint32(0x80000000)
    assert random.unit(high, np.uint32(0)) == pytest.approx(0.5, abs=1e-15)
    assert random.unit(np.uint32(0), low) == pytest.approx(2.0**-28, rel=1e-7)


def test_thresholds():
    assert random.threshold(0.0) == 0 and random.threshold(-0.1) == 0
    assert random.threshold(1.0) == 2**32 and random.threshold(1.5) == 2**32
    for chance in (1e-9, 0.3, 0.999999):
        assert random.threshold(chance) / 2**32 == pytest.approx(chance, abs=2.0**-33)


def test_mixed_ids_are_those_of_the_market():
    first, second = np.random.default_rng(2).integers(0, 2**63, (2, 50), dtype=np.uint64)
    mixed = [random.mixed_id(a, b) for a, b in zip(first, second, strict=True)]
    assert mixed == mixed_ids(first, second).tolist()
    assert len(set(mixed)) == 50


def test_uniforms_outside_the_kernels():
    drawn = random.uniforms(1, 2, random.SYNTHETIC, 3, 1, 5, np.arange(6).reshape(2, 3))
    assert drawn.shape == (2, 3)
    a, b, *_ = random.words_at(random.make_luck(1, 2), np.uint64(3), 29, random.SYNTHETIC, 4)
    assert drawn[1, 1] == random.unit(a, b)


def test_uniforms_of_many_things_are_those_of_each():
    identities = np.array([3, 2**40 + 3, 2**63 + 5], np.uint64)
    out = np.empty(3)
    random.fill_uniforms(random.make_luck(1, 2), identities, 29, random.FITTING, out)
    each = [random.uniforms(1, 2, random.FITTING, i, 1, 5, np.zeros(1))[0] for i in identities]
    assert out.tolist() == each


def test_a_column_of_uniforms_from_any_first_index():
    column = np.empty(5)
    random.fill_series(random.make_luck(1, 0), np.uint64(3), random.PERSON, 7, column)
    alone = random.uniforms(1, 0, random.PERSON, 3, 0, 0, np.arange(7, 12))
    assert column.tolist() == alone.tolist()


def test_decisions_are_distinct_and_fit_their_byte():
    named = {name: value for name, value in vars(random).items() if name.isupper()}
    sizes = ("DECISION_SHIFT", "BLOCK", "WIDE", "HOURS_A_DAY")
    decisions = [named[name] for name in named if name[0] != "_" and name not in sizes]
    assert len(set(decisions)) == len(decisions) > 10
    assert min(decisions) > 0 and max(decisions) < 256
