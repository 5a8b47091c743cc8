"""Lookalikes: the persons outside a seed crowd who are most like it, by logistic regression."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adsim.audience.persons import person_luck
from adsim.errors import MarketError, Problem
from adsim.scenario import Scenario
from adsim.scenario.conditions import crowds_behind
from adsim.scenario.models import Crowd
from adsim.scenario.populations import Population

Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]

BINS = 10  # of a number with more than MOST_LEVELS values
MOST_LEVELS = 32
MOST_PATTERNS = 2**62  # that one number can tell apart
ITERATIONS, SETTLED = 25, 1e-9
DIGITS = 9  # of a score: what is less is rounding, and falls to luck


@dataclass(frozen=True)
class Lookalike:
    """Persons ranked by likeness.

    Attributes:
        ranked: int64[persons outside the seed], numbers of persons, the likest first.
        members: bool[persons], those of the crowd: the first `size` x population of `ranked`.
    """

    ranked: Codes
    members: Mask

    def largest(self, count: int) -> Codes:
        """The `count` likest persons, as far as there are so many."""
        return self.ranked[:count]


def expand(
    scenario: Scenario, crowd: Crowd, people: pl.DataFrame, members: Mapping[str, Mask]
) -> Lookalike:
    """The lookalike crowd of a seed whose members are known.

    Raises MarketError where nobody is in the seed or no column is left to compare.
    """
    assert scenario.population is not None and crowd.lookalike is not None
    assert crowd.size is not None
    seed = members[crowd.lookalike]
    names = crowd.traits or compared_traits(scenario, crowd, people)
    _check(crowd, seed, names)
    codes = [levels_of(people[name]) for name in names]
    score = np.round(score_likeness(codes, seed), DIGITS)
    luck = person_luck(scenario.population.seed, f"lookalike {crowd.name}", people.height)
    outside = np.flatnonzero(~seed)
    ranked = outside[np.lexsort((luck[outside], -score[outside]))]
    inside = np.zeros(people.height, bool)
    inside[ranked[: round(crowd.size * people.height)]] = True
    return Lookalike(ranked, inside)


def _check(crowd: Crowd, seed: Mask, names: Iterable[str]) -> None:
    if not seed.any():
        rule = f"crowds.{crowd.name}.lookalike must be a crowd with somebody in it"
        found, cure = f"{crowd.lookalike} is empty", "widen its condition"
        raise MarketError(Problem("scenario.toml", rule, found, cure))
    if not names:
        rule = f"crowds.{crowd.name}.traits must leave a column to compare"
        cure = f"name traits that do not make {crowd.lookalike} up"
        raise MarketError(Problem("scenario.toml", rule, "all follow from the seed", cure))


def compared_traits(scenario: Scenario, crowd: Crowd, people: pl.DataFrame) -> list[str]:
    """Columns that say something of a person beside that they are in the seed.

    Left out are the columns that the seed's condition names, through other crowds too, those that
    are drawn given one of these, and texts with too many values.
    """
    crowds = {c.name: c for c in scenario.crowds}
    behind: set[str] = set()
    waiting = crowds_behind(crowd)
    while waiting:
        name = waiting.pop()
        if name in crowds:
            waiting += crowds_behind(crowds[name])
        behind.add(name)
    assert scenario.population is not None
    behind |= _drawn_given(scenario.population, behind)
    return [n for n, t in people.schema.items() if n not in behind and t != pl.String]


def _drawn_given(population: Population, names: set[str]) -> set[str]:
    """Columns that depend on one of `names`, directly or not."""
    found: set[str] = set()
    for name in population.order():
        if population.columns[name].given in names | found:
            found.add(name)
    return found


def levels_of(trait: pl.Series) -> Codes:
    """int64[persons]: the level of a trait; a number with many values is cut at its deciles.

    Level 0 is no value.
    """
    if trait.dtype.is_numeric() and trait.n_unique() > MOST_LEVELS:
        numbers = trait.cast(pl.Float64).to_numpy()
        bounds = np.quantile(numbers[~np.isnan(numbers)], np.arange(1, BINS) / BINS)
        return np.where(np.isnan(numbers), 0, 1 + np.searchsorted(bounds, numbers, side="right"))
    values = trait.drop_nulls().unique().sort()
    place = trait.replace_strict(values, range(1, len(values) + 1), default=0)
    return place.fill_null(0).cast(pl.Int64).to_numpy()


def score_likeness(traits: list[Codes], seed: Mask) -> NDArray[np.float64]:
    """float64[persons]: log odds of being in the seed, by a logistic regression on the levels.

    Newton steps on the likelihood with a ridge of 1 on every level, none on the constant (Hastie,
    Tibshirani, Friedman, The Elements of Statistical Learning, 4.4.1). Persons with the same levels
    count together, and are added up in a fixed order, so that no number of threads changes a digit.
    """
    first, pattern = distinct_patterns(traits)
    levels = [codes[first] for codes in traits]
    persons = np.bincount(pattern).astype(np.float64)
    seeds = np.bincount(pattern, seed)
    sizes = [int(codes.max()) + 1 for codes in traits]
    starts = np.cumsum([1, *sizes])
    ridge = np.r_[0.0, np.ones(starts[-1] - 1)]
    weights = np.zeros(starts[-1])
    weights[0] = np.log(seed.mean() / max(1.0 - seed.mean(), 1.0 / len(seed)))
    for _ in range(ITERATIONS):
        chance = 1.0 / (1.0 + np.exp(-_scores(levels, starts, weights)))
        slope = _sums(levels, sizes, seeds - persons * chance) - ridge * weights
        bend = _products(levels, sizes, starts, persons * chance * (1.0 - chance)) + np.diag(ridge)
        step = np.linalg.solve(bend, slope)
        weights += step
        if np.abs(step).max() < SETTLED:
            break
    return _scores(levels, starts, weights)[pattern]


def distinct_patterns(traits: Sequence[NDArray[Any]]) -> tuple[Codes, Codes]:
    """A person of each pattern of levels that there is, and the pattern of each person."""
    pattern = np.zeros(len(traits[0]), np.int64)
    n_patterns = 1
    for codes in traits:
        n_levels = int(codes.max()) + 1
        if n_patterns * n_levels > MOST_PATTERNS:
            _, pattern = np.unique(pattern, return_inverse=True)
            n_patterns = int(pattern.max()) + 1
        pattern = pattern * n_levels + codes
        n_patterns *= n_levels
    _, first, pattern = np.unique(pattern, return_index=True, return_inverse=True)
    return first, pattern


def _scores(
    traits: list[Codes], starts: NDArray[np.int64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    score = np.full(len(traits[0]), weights[0])
    for codes, start in zip(traits, starts, strict=False):
        score += weights[start + codes]
    return score


def _sums(
    traits: list[Codes], sizes: list[int], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Sum of `values` over all persons, then over those of each level of each trait."""
    parts = [np.bincount(codes, values, n) for codes, n in zip(traits, sizes, strict=True)]
    return np.concatenate([[values.sum()], *parts])


def _products(
    traits: list[Codes], sizes: list[int], starts: NDArray[np.int64], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Sum of `values` over the persons that two levels have in common, for all pairs of levels."""
    out = np.zeros((starts[-1], starts[-1]))
    out[0] = out[:, 0] = _sums(traits, sizes, values)
    for i, first in enumerate(traits):
        rows = slice(starts[i], starts[i + 1])
        for j in range(i + 1):
            pairs = np.bincount(first * sizes[j] + traits[j], values, sizes[i] * sizes[j])
            columns = slice(starts[j], starts[j + 1])
            out[rows, columns] = pairs.reshape(sizes[i], sizes[j])
            out[columns, rows] = out[rows, columns].T
    return out
