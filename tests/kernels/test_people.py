"""The moves of persons in an hour against persons moved one by one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import hypergeom

from adsim.kernels import people
from adsim.kernels.model import PLACE, STOCK, People
from adsim.kernels.random import CARTED_ORDERS, make_luck
from tests.kernels.worlds import records

HISTORIES = 800
FALSE_ALARM = 1e-4  # of one test's comparisons together
PERSONS = [4, 3, 5, 0, 2, 6]  # two kinds in three states
SEARCHES = [1.0, 2.0, 0.5, 1.0, 3.0, 0.0]
CELL = [0, 1, 0, 0, 1, 0]
ROWS = {  # chances by cause and state
    people.ORDER: [[0, 0, 1], [0, 0, 1], [0, 0, 0]],
    people.CART: [[0, 0.5, 0], [0, 1, 0], [0.2, 0.3, 0]],
    people.CLICK: [[0, 0.7, 0.1], [0, 0, 0], [0.5, 0, 0.5]],
    people.IMPRESSION: [[0, 0.4, 0], [0.3, 0, 0], [0, 0, 0]],
    people.DAILY: [[0, 0.1, 0], [0, 0, 0], [0, 0, 0]],
}
EVENTS = np.array([[2, 1, 4, 6], [1, 3, 2, 5]])
ALIKE = (np.empty((0, 0)), np.empty((0, 0)), np.empty((0, 0, 0), np.int64))  # persons of a stock


def world() -> People:
    table = list(zip(PERSONS, SEARCHES, CELL, range(100, 106), strict=True))
    return People(
        stocks=records(table, STOCK),
        at=np.repeat(np.arange(6, dtype=np.int32), PERSONS),
        places=records([(0, 0), (1, 1), (2, 2)], PLACE),
        first=np.arange(3),
        moves=np.array([ROWS[cause] for cause in range(5)], float),
        cell=np.array([0, 1]),
        reach=np.ones((1, 2)),
        burn_in=0,
    )


def moved_one_by_one(rng: np.random.Generator) -> list[int]:
    """Each event falls on a person of its cell; the first cause that a person had counts."""
    persons = [i for i, count in enumerate(PERSONS) for _ in range(count)]
    cause_of: dict[int, int] = {}
    for cell in (0, 1):
        here = [p for p, i in enumerate(persons) if CELL[i] == cell]
        chance = np.cumsum([SEARCHES[persons[p]] for p in here])
        for cause in range(4):
            for _ in range(EVENTS[cell, cause]):
                hit = here[int(np.searchsorted(chance, rng.random() * chance[-1], side="right"))]
                cause_of.setdefault(hit, cause)
    stocks = [0] * len(PERSONS)
    for person, place in enumerate(persons):
        row = ROWS[cause_of[person]][place % 3] if person in cause_of else [0, 0, 0]
        target = int(np.searchsorted(np.cumsum(row), rng.random(), side="right"))
        stocks[place if target == 3 else place - place % 3 + target] += 1
    return stocks


def test_moves_are_those_of_persons_one_by_one():
    """Means, variances and covariances of all stocks: z tests."""
    made, start = world(), np.array(PERSONS)
    drawn = np.empty((HISTORIES, len(PERSONS)), np.int64)
    for replication in range(HISTORIES):
        events, stocks = EVENTS.copy(), start.copy()
        people.move_counts(made, make_luck(3, replication), 7, events, stocks, *ALIKE)
        assert not events.any() and stocks.sum() == start.sum() and (stocks >= 0).all()
        drawn[replication] = stocks
    rng = np.random.default_rng(5)
    naive = np.array([moved_one_by_one(rng) for _ in range(HISTORIES)])
    compared = [(drawn, naive)]
    pairs = [(i, j) for i in range(len(PERSONS)) for j in range(i + 1)]
    compared.append(tuple(_products(both, naive.mean(axis=0), pairs) for both in (drawn, naive)))
    limit = -ndtri(FALSE_ALARM / (len(PERSONS) + len(pairs)) / 2)
    for a, b in compared:
        error = np.sqrt((a.var(axis=0) + b.var(axis=0)) / HISTORIES)
        assert (np.abs(a.mean(axis=0) - b.mean(axis=0)) <= limit * error + 1e-12).all()


def _products(stocks: np.ndarray, center: np.ndarray, pairs: list[tuple[int, int]]) -> np.ndarray:
    away = stocks - center
    return np.stack([away[:, i] * away[:, j] for i, j in pairs], axis=1)


def test_common_things_are_hypergeometric():
    """Frequencies of clicks with both a cart and an order, seven z tests."""
    drawn = [
        people.draw_common(make_luck(1, r), np.uint64(9), 0, CARTED_ORDERS, 4, 5, 9)
        for r in range(4_000)
    ]
    for common in range(5):
        p = hypergeom(9, 5, 4).pmf(common)
        error = np.sqrt(p * (1 - p) / len(drawn))
        assert abs(np.mean(np.array(drawn) == common) - p) < 4.5 * error + 1e-12


def test_events_without_persons_move_nobody():
    made = world()
    stocks = np.zeros(6, np.int64)
    people.move_counts(made, make_luck(1, 0), 0, EVENTS.copy(), stocks, *ALIKE)
    assert not stocks.any()
    means = np.zeros(6)
    people.move_means(made, EVENTS.astype(float), means)
    assert not means.any()


def test_means_of_an_hour_are_kept():
    made, means = world(), np.array(PERSONS, float)
    people.move_means(made, EVENTS.astype(float), means)
    assert means.sum() == pytest.approx(sum(PERSONS), rel=1e-12) and (means >= 0).all()
