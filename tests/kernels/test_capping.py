"""Levels of persons who count impressions, against the exponential of a matrix of rates."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.linalg import expm

from adsim.kernels.capping import Levels, Walk, pass_hour

CAPS = (2, 1)  # a person's state: impressions of two campaigns, up to their caps
STATES = list(product(*(range(cap + 1) for cap in CAPS)))
TIRED = 0.7  # CTR factor of an impression seen
BEFORE = np.array([40.0, 0.0, 3.5, 0.25, 0.0, 1e-14])


def make_levels() -> Levels:
    mask, after, tired = [], [], []
    for seen in STATES:
        mask.append(sum(1 << k for k, cap in enumerate(CAPS) if seen[k] >= cap))
        more = [tuple(min(CAPS[j], s + (j == k)) for j, s in enumerate(seen)) for k in range(2)]
        after.append([STATES.index(state) for state in more])
        tired.append([TIRED**s for s in seen])
    left = np.array(CAPS) - np.array(STATES, float)
    return Levels(np.array(mask), np.array(after), np.array(after), np.array(tired), left)


def random_ways(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rates with some who are not counted any more; who has reached a cap takes no way there."""
    rng = np.random.default_rng(seed)
    open_ways = np.array([[mask >> k & 1 == 0 for k in range(2)] for mask in range(4)])
    moves, tiring = rng.uniform(0.0, 1.5, (2, 4, 2)) * open_ways
    return moves, tiring, (moves + tiring).sum(axis=1) + rng.uniform(0.0, 0.5, 4)


def generator(levels: Levels, moves: np.ndarray, tiring: np.ndarray, gone: np.ndarray):
    rates = np.zeros((len(STATES), len(STATES)))
    for i, mask in enumerate(levels.mask):
        rates[i, i] -= gone[mask]
        for k in range(2):
            way = moves[mask, k] + tiring[mask, k] * levels.tired[i, k]
            rates[i, levels.next[i, k]] += way
    return rates


@pytest.mark.parametrize("chance", [0.0, 0.03, 1.0, 40.0])
def test_an_hour_is_the_exponential_of_its_rates(chance):
    levels, ways = make_levels(), random_ways(5)
    size = len(STATES)
    walk = Walk(*np.zeros((3, size)), *np.zeros((2, size), np.int64))
    after = np.full(size, np.nan)
    for _ in range(2):  # the room is left as it was found
        pass_hour(levels, *ways, chance, BEFORE, after, walk)
        rates = chance * generator(levels, *ways)
        both = np.block([[rates, np.eye(size)], [np.zeros((size, 2 * size))]])
        moved = expm(both)[:size]
        assert after == pytest.approx(BEFORE @ moved[:, :size], rel=1e-9, abs=1e-9)
        assert walk.mean == pytest.approx(BEFORE @ moved[:, size:], rel=1e-9, abs=1e-9)


def test_nobody_is_lost_where_all_ways_are_counted():
    levels, (moves, _, _) = make_levels(), random_ways(6)
    after, size = np.empty(len(STATES)), len(STATES)
    walk = Walk(*np.zeros((3, size)), *np.zeros((2, size), np.int64))
    for chance in (0.2, 3.0, 5000.0):  # beyond LARGEST_RATE at last
        pass_hour(levels, moves, 0.0 * moves, moves.sum(axis=1), chance, BEFORE, after, walk)
        for found in (after, walk.mean):
            assert found.sum() == pytest.approx(BEFORE.sum(), rel=1e-12)
    assert after[-1] == pytest.approx(BEFORE.sum(), rel=1e-9)
