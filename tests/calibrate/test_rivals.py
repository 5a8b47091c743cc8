from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adsim.calibrate.rivals import (
    MOST_RIVALS,
    examination_curve,
    find_levels,
    find_rivals,
    find_slots,
)
from tests.kernels.naive import Auction, Rivals


def what_a_level_shows(level, slots):
    """Impression share and average position of an ad with so many rivals above, term by term."""
    chances = [math.exp(-level) * level**k / math.factorial(k) for k in range(slots)]
    shown = sum(chances)
    return shown, sum((k + 1) * chance for k, chance in enumerate(chances)) / shown


def levels_of(position, share, slots, impressions=1e9):
    return find_levels(np.array([position]), np.array([impressions]), np.array([share]), slots)


levels = st.floats(1e-3, 8)
slot_counts = st.integers(2, 20)


@given(levels, slot_counts)
def test_the_level_comes_back_from_the_position(level, slots):
    shown, position = what_a_level_shows(level, slots)
    if shown > 0.011:
        found = levels_of(position, 0.0, slots)
        assert found.level[0] == pytest.approx(level, rel=1e-5)
        assert found.shown[0] == pytest.approx(shown, rel=1e-5)
        assert found.position[0] == pytest.approx(position, rel=1e-9)
        assert not found.clipped[0]


@given(levels, slot_counts)
def test_the_level_comes_back_from_position_and_share(level, slots):
    shown, position = what_a_level_shows(level, slots)
    assert levels_of(position, shown, slots).level[0] == pytest.approx(level, rel=1e-5)


def test_a_share_that_the_position_does_not_explain_pulls_the_level():
    shown, position = what_a_level_shows(2.0, 4)
    assert levels_of(position, 0.7 * shown, 4).level[0] > 2.1
    assert levels_of(position, min(1.0, 1.1 * shown), 4).level[0] < 1.95


def test_examination_counts_searches_without_the_ad():
    found = levels_of(1.9, 0.0, 4)
    chances = [
        math.exp(-found.level[0]) * found.level[0] ** k / math.factorial(k) for k in range(4)
    ]
    assert found.examined[0] == pytest.approx(np.dot(chances, examination_curve(4)))


def test_the_examination_curve_is_the_sourced_one():
    assert examination_curve(10)[[1, 2, 9]] == pytest.approx([0.518, 0.352, 0.112], abs=6e-4)


def test_the_first_position_is_as_sure_as_its_impressions():
    assert levels_of(1.0, 0.0, 10, impressions=50).level[0] == pytest.approx(0.01)
    assert levels_of(0.9, 0.0, 10, impressions=5).level[0] == pytest.approx(0.1, rel=1e-3)


def test_positions_beyond_the_slots_are_clipped():
    found = levels_of(9.999, 0.0, 10)
    assert found.clipped[0] and found.shown[0] == pytest.approx(0.01)


@pytest.mark.parametrize("slots", [3, 4, 8, 15])
def test_shares_tell_the_number_of_slots(slots):
    pairs = [what_a_level_shows(level, slots) for level in (0.2, 1, 2.5, 4, 9)]
    share, position = (np.array(column) for column in zip(*pairs, strict=True))
    impressions = np.full(5, 1000.0)
    assert find_slots(position, impressions, share) == slots
    share[0] = 0.0  # a row without a share tells nothing and does no harm
    assert find_slots(position, impressions, share) == slots


def mean_charge(found, bid):
    rivals = Rivals(found.number[0], "lognormal", found.median[0], found.sigma[0])
    return Auction(rivals, increment=0.01, step=0.01).mean_charge(1.0, bid)


@given(
    st.integers(10, 3000).map(lambda cents: cents / 100),
    st.floats(0.03, 0.95),
    st.floats(0.01, 12),
    st.floats(0.3, 1.5),
)
def test_rivals_bring_about_the_cost_per_click(bid, ratio, level, sigma):
    cpc = max(0.02, ratio * bid)
    found = find_rivals(np.array([bid]), np.array([cpc]), np.array([level]), sigma)
    rivals = Rivals(found.number[0], "lognormal", found.median[0], found.sigma[0])
    assert rivals.above(bid) == pytest.approx(level, rel=1e-9)
    assert found.number[0] <= MOST_RIVALS * (1 + 1e-9)
    assert found.narrowed[0] == (found.sigma[0] < sigma * (1 - 1e-9))
    if found.met[0]:
        assert found.charge[0] == pytest.approx(cpc, rel=1e-3)
    else:
        assert cpc > 0.9 * bid or cpc < 0.05, "only the ends of what is possible are missed"
    assert found.charge[0] == pytest.approx(mean_charge(found, bid), rel=1e-6)


def test_a_cost_near_the_bid_takes_rivals_close_together():
    found = find_rivals(np.array([2.0]), np.array([1.9]), np.array([0.05]), 0.85)
    assert found.met[0] and found.narrowed[0]
    assert found.number[0] == pytest.approx(MOST_RIVALS)


@pytest.mark.parametrize("cpc", [0.001, 2.5])
def test_a_cost_out_of_reach_gets_the_nearest(cpc):
    found = find_rivals(np.array([2.0]), np.array([cpc]), np.array([0.5]), 0.85)
    assert not found.met[0]
    assert found.charge[0] == pytest.approx(0.01 if cpc < 1 else 2.0, abs=0.03)
