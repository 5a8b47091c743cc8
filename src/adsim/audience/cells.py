"""Audience cells: one for each pattern of memberships that exists, with its exact counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adsim.audience.membership import Audience, gather_audience
from adsim.errors import MarketError, Problem
from adsim.scenario import Scenario
from adsim.scenario.models import HELD_OUT

MOST_CELLS = 4096  # a cell is simulated beside every query: more would take minutes and gigabytes
KIND = np.dtype(
    [
        ("cell", "i8"),
        ("persons", "i8"),
        ("chance", "f8"),  # P(a search of the cell is made by this person), for each of them
    ]
)


@dataclass(frozen=True)
class Cells:
    """C audience cells of persons.

    Attributes:
        members: Crowds of each cell, in the order of their declaration.
        persons: int64[C], exact counts.
        share: float64[C], share of searches; they sum to 1.
        ctr, cvr, organic, value: float64[C], mean factors of the cell's persons relative to the
            whole market; as in kernels.model.SIDE.
        kinds: KIND[..], persons of a cell who search equally often, sorted by cell; none without a
            population.
    """

    members: tuple[tuple[str, ...], ...]
    persons: NDArray[np.int64]
    share: NDArray[np.float64]
    ctr: NDArray[np.float64]
    cvr: NDArray[np.float64]
    organic: NDArray[np.float64]
    value: NDArray[np.float64]
    kinds: NDArray[np.void]

    @property
    def rows(self) -> Iterator[tuple[float, ...]]:
        """Share and factors of each cell."""
        columns = (self.share, self.ctr, self.cvr, self.organic, self.value)
        return zip(*(column.tolist() for column in columns), strict=True)


_latest: list[tuple[Scenario, Cells]] = []
"""The cells made last: plans of one scenario are often compiled one after the other."""


def audience_cells(scenario: Scenario) -> Cells:
    """The cells of a scenario; raises MarketError where there are more than can be simulated."""
    if scenario.population is None:
        return _without_persons(scenario.scenario.holdout)
    for known, cells in _latest:
        if same_persons(known, scenario):
            return cells
    _latest[:] = [(scenario, cells_of(gather_audience(scenario)))]
    return _latest[0][1]


def _without_persons(holdout: float) -> Cells:
    """One cell, and that of the searches held out, if there are any."""
    members: list[tuple[str, ...]] = [()]
    share = [1.0]
    if holdout > 0.0:
        members, share = [(), (HELD_OUT,)], [1.0 - holdout, holdout]
    one = np.ones(len(share))
    persons = np.ones(len(share), np.int64)
    return Cells(tuple(members), persons, np.array(share), one, one, one, one, np.zeros(0, KIND))


def same_persons(a: Scenario, b: Scenario) -> bool:
    """Whether two scenarios have the same persons, crowds, holdout and journey."""
    if a.scenario.holdout != b.scenario.holdout:
        return False
    same_table = a.tables.people is b.tables.people or a.tables.people.equals(b.tables.people)
    return (a.population, a.crowds, a.journey) == (b.population, b.crowds, b.journey) and same_table


def cells_of(audience: Audience) -> Cells:
    """The cells of the persons of an audience, those in no crowd first."""
    names = list(audience.members)
    patterns, cell = np.unique(_patterns(audience), return_inverse=True)
    check_count(len(patterns))
    factors = audience.weights.factors(cell, len(patterns))
    members = tuple(crowd_names(names, int(p)) for p in patterns)
    kinds = _kinds(cell, audience.weights.searches)
    return Cells(members, np.bincount(cell), *factors, kinds)


def _kinds(cell: NDArray[np.int64], searches: NDArray[np.float64]) -> NDArray[np.void]:
    """KIND[..] of persons with these cells and mean searches; those who never search count, too."""
    frame = pl.DataFrame({"cell": cell, "searches": searches})
    found = frame.group_by("cell", "searches").len().sort("cell", "searches")
    kinds = np.zeros(found.height, KIND)
    kinds["cell"], kinds["persons"] = found["cell"], found["len"]
    weight = found["searches"].to_numpy()
    total = np.bincount(kinds["cell"], weight * kinds["persons"])[kinds["cell"]]
    kinds["chance"] = np.divide(weight, total, out=np.zeros(len(kinds)), where=total > 0)
    return kinds


def persons_by_kind(scenario: Scenario) -> NDArray[np.int64]:
    """int64[persons]: rows of the population, kind by kind in the order of `Cells.kinds`."""
    audience = gather_audience(scenario)
    _, cell = np.unique(_patterns(audience), return_inverse=True)
    return np.lexsort((audience.weights.searches, cell))


def check_count(count: int) -> None:
    """Raise MarketError where there are more audience cells than can be simulated."""
    if count > MOST_CELLS:
        rule = f"crowds must make at most {MOST_CELLS:,} audience cells"
        found = f"make {count:,} (patterns of memberships that somebody has)"
        raise MarketError(
            Problem("scenario.toml", rule, found, "leave out or join crowds that overlap")
        )


def _patterns(audience: Audience) -> NDArray[np.int64]:
    """Each person's memberships: a bit a crowd, the first crowd the highest; above, held out."""
    pattern = audience.held_out.astype(np.int64)
    for inside in audience.members.values():
        pattern = 2 * pattern + inside
    return pattern


def crowd_names(names: Sequence[str], pattern: int) -> tuple[str, ...]:
    """The crowds in a pattern: a bit a crowd, the first crowd the highest; above, held out."""
    inside = [*names, HELD_OUT]
    bits = [*range(len(names) - 1, -1, -1), len(names)]
    return tuple(name for name, bit in zip(inside, bits, strict=True) if pattern >> bit & 1)
