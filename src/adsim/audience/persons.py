"""The persons of a population: drawn trait by trait, or taken from the user's table."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adsim.scenario import Scenario
from adsim.scenario.populations import Column, Population, Spread

Uniforms = NDArray[np.float64]
NOBODY = pl.DataFrame()
LARGEST_WHOLE = 2**53  # beyond it floats are no whole numbers any more


def make_people(scenario: Scenario) -> pl.DataFrame:
    """One row a person, one column a trait; no rows where the scenario has no population.

    A trait's luck is keyed by (seed of the population, name of the column, number of the person):
    it stays the same when persons, columns or crowds are added.
    """
    population = scenario.population
    if population is None:
        return NOBODY
    if population.table:
        return scenario.tables.people
    drawn: dict[str, pl.Series] = {}
    for name in population.order():
        drawn[name] = _draw_column(population, name, drawn)
    return pl.DataFrame([drawn[name] for name in population.columns])


def person_luck(seed: int, name: str, size: int) -> Uniforms:
    """Uniforms in (0, 1), one a person, for a thing of this name."""
    from adsim.kernels import doors  # late: this loads numba
    from adsim.kernels.random import PERSON, make_luck

    identity = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")
    uniforms = np.empty(size)
    doors.draw_series(make_luck(seed, 0), np.uint64(identity), PERSON, 0, uniforms)
    return uniforms


def _draw_column(population: Population, name: str, drawn: dict[str, pl.Series]) -> pl.Series:
    column = population.columns[name]
    uniforms = person_luck(population.seed, name, population.size)
    values = np.zeros(population.size, np.uint32 if column.values else np.float64)
    missing = np.zeros(population.size, bool)
    for spread, persons in _cases(population, column, drawn):
        u = uniforms[persons]
        if spread.missing:
            missing[persons] = u < spread.missing
            u = (u - spread.missing) / max(1.0 - spread.missing, 1e-300)
        values[persons] = _quantiles(column, spread, np.clip(u, 0.0, 1.0))
    return _series(column, name, values, missing)


def _cases(
    population: Population, column: Column, drawn: dict[str, pl.Series]
) -> Iterator[tuple[Spread, NDArray[np.uint32] | slice]]:
    """Each way in which the column spreads, with the persons for whom it does."""
    if column.given is None:
        yield column.spread(""), slice(None)
        return
    given, declared = drawn[column.given], population.columns[column.given]
    value_of = dict(zip(declared.case_names, declared.values, strict=True))
    rest = pl.repeat(True, len(given), eager=True)
    for case in column.cases:
        inside = (given == value_of[case]).fill_null(False)
        rest &= ~inside
        yield column.spread(case), inside.arg_true().to_numpy()
    yield column.spread(""), rest.arg_true().to_numpy()


def _quantiles(column: Column, spread: Spread, u: Uniforms) -> NDArray[np.float64 | np.intp]:
    """Numbers of a family, or places in the list of values, at the probabilities `u`."""
    if column.values:
        weights = np.array(spread.weights or (1.0,) * len(column.values))
        bounds = np.cumsum(weights)[:-1] / weights.sum()
        return np.searchsorted(bounds, u, side="right")
    scale, shape, low, high = spread.scale, spread.shape, spread.low, spread.high
    if low is not None and high is not None:
        return low + (high - low) * u
    assert scale is not None  # the declaration has been checked
    if shape is None:
        return -scale * np.log1p(-np.minimum(u, np.nextafter(1.0, 0.0)))
    from scipy.special import ndtri

    numbers: Uniforms = scale * np.exp(shape * ndtri(u))
    return numbers


def _series(
    column: Column, name: str, values: NDArray[np.generic], missing: NDArray[np.bool_]
) -> pl.Series:
    drawn = pl.Series(name, values)
    if missing.any():
        drawn = drawn.set(pl.Series(missing), None)
    if column.values:
        return pl.Series(name, column.values, column.dtype, strict=False).gather(drawn).rename(name)
    return drawn.floor().clip(upper_bound=LARGEST_WHOLE).cast(pl.Int64) if column.whole else drawn
