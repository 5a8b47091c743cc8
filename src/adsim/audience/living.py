"""Audience cells of persons who live: who is alike in crowds and responses, wherever they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from adsim.audience.cells import check_count, crowd_names, same_persons
from adsim.audience.kinds import Kinds, find_kinds
from adsim.audience.membership import TINY, gather_audience
from adsim.errors import MarketError, Problem
from adsim.scenario import Scenario
from adsim.scenario.conditions import people_in

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LivingCells:
    """C audience cells of the K kinds of persons in their P places.

    Attributes:
        kinds: The kinds.
        cell: int64[K, P], the cell of a kind at a place.
        members: Crowds of each cell, in the order of their declaration.
        told_by: What else tells the cell from others, as a text.
        wishes: int64[C], number of the states' `queries` that holds for a cell: states with equal
            ones have one number, 0 .. the number of distinct ones.
        state_wishes: int64[n], the same of each state.
        searches: float64[C], mean persons x searches factor on the first morning.
        factors: float64[C, 4], of CTR, CVR, organic orders (CVR included) and order value, as in
            kernels.model.SIDE; relative to the whole market on the first morning.
    """

    kinds: Kinds
    cell: NDArray[np.int64]
    members: tuple[tuple[str, ...], ...]
    told_by: tuple[str, ...]
    wishes: NDArray[np.int64]
    state_wishes: NDArray[np.int64]
    searches: Floats
    factors: Floats

    @property
    def rows(self) -> Iterator[tuple[float, ...]]:
        """Share and factors of each cell; all of its searches are its own, however many."""
        for factors in self.factors.tolist():
            yield (1.0, *factors)

    def kind_identity(self) -> NDArray[np.uint64]:
        """Stable ids of the kinds: digests of all that tells them apart."""
        kinds = self.kinds
        ids = [
            blake2b(b"".join(part.tobytes() for part in parts), digest_size=8).digest()
            for parts in zip(kinds.held_out, kinds.inside, kinds.factors, strict=True)
        ]
        return np.frombuffer(b"".join(ids), "<u8").astype(np.uint64)


_latest: list[tuple[Scenario, LivingCells]] = []
"""The cells made last, as those of persons who do not live."""


def living_cells(scenario: Scenario) -> LivingCells:
    """The cells of a scenario with a journey; raises MarketError where they are too many."""
    for known, cells in _latest:
        if same_persons(known, scenario):
            return cells
    _latest[:] = [(scenario, _living_cells(scenario))]
    return _latest[0][1]


def _living_cells(scenario: Scenario) -> LivingCells:
    kinds = find_kinds(gather_audience(scenario))
    _check(kinds)
    wishes = _wishes(scenario)
    crowds = [crowd.name for crowd in scenario.crowds if people_in(crowd)]
    pattern = np.repeat(kinds.held_out[:, None], len(kinds.places.state), axis=1).astype(np.int64)
    for place in range(len(crowds)):
        pattern = 2 * pattern + kinds.inside[:, :, place]
    patterns, code = np.unique(pattern, return_inverse=True)
    of_place = np.broadcast_to(wishes[kinds.places.state], pattern.shape)
    columns = [code.reshape(pattern.shape), of_place, *np.moveaxis(kinds.factors, -1, 0)[1:]]
    told = np.stack([column.ravel().astype(np.float64) for column in columns], axis=1)
    told, cell = np.unique(told, axis=0, return_inverse=True)
    check_count(len(told))
    return LivingCells(
        kinds,
        cell.reshape(pattern.shape),
        tuple(crowd_names(crowds, int(patterns[int(row[0])])) for row in told),
        tuple("/".join(["", *(f"{number:.17g}" for number in row[1:])]) for row in told),
        told[:, 1].astype(np.int64),
        wishes,
        _searches(kinds, cell.ravel(), len(told)),
        _relative(kinds, told[:, 2:]),
    )


def _searches(kinds: Kinds, cell: NDArray[np.int64], size: int) -> Floats:
    return np.bincount(cell, (kinds.mean * kinds.searches).ravel(), size).astype(np.float64)


def _relative(kinds: Kinds, factors: Floats) -> Floats:
    """Factors [cells, 4] as in FACTORS, after the searches, as those of SIDE.

    They are divided by their means on the first morning: those of CTR and organic orders over
    searches, that of CVR over clicks, that of the value over orders (as `Weights.factors`).
    """
    searches, ctr, cvr, organic, value = np.moveaxis(kinds.factors, -1, 0)
    searches = kinds.mean * searches
    clicks, by_itself = searches * ctr, searches * cvr * organic
    orders = clicks * cvr
    means = [
        clicks.sum() / searches.sum(),
        orders.sum() / clicks.sum(),
        by_itself.sum() / searches.sum(),
        (orders * value).sum() / orders.sum(),
    ]
    found = factors.copy()
    found[:, 2] *= factors[:, 1]  # organic orders: CVR included
    return found / np.maximum(means, TINY)


def _check(kinds: Kinds) -> None:
    if not (kinds.mean * kinds.factors[:, :, :3].prod(axis=-1)).any():
        rule = "effects and states must leave somebody on the first morning"
        found, cure = "leave nobody who searches, clicks and orders", "give some a factor above 0"
        raise MarketError(Problem("scenario.toml", rule, found, cure))


def _wishes(scenario: Scenario) -> NDArray[np.int64]:
    """int64[n]: states whose `queries` are equal have one number, from 0."""
    assert scenario.journey is not None
    distinct: list[dict[str, float]] = []
    numbers = []
    for state in scenario.journey.states:
        if state.queries not in distinct:
            distinct.append(state.queries)
        numbers.append(distinct.index(state.queries))
    return np.array(numbers, np.int64)
