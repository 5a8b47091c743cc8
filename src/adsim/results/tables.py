"""From tallies to tidy tables: one row a group, the columns of the registry, their quantiles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adsim.results.registry import FIELDS, VALUE_COLUMNS, Column

Floats = NDArray[np.float64]
Tallies = NDArray[Any]  # int64, or float64 for fidelity expected

QUANTILES = {"low": 0.1, "high": 0.9}
"""The suffix of a quantile column and its probability."""

CHUNK_BYTES = 16 * 2**20
"""Tallies are read in chunks of groups of about this size; tables of 10^6 groups stay small."""


def report_table(
    tallies: Tallies,
    groups: pl.DataFrame,
    fidelity: str,
    more: tuple[Column, ...] = (),
) -> pl.DataFrame:
    """A tidy table of a run: the group columns, every value column, `more`, then the quantiles.

    `tallies` has the shape (replications, groups, fields), counts and micros, as int64 (sums are
    exact) or, for fidelity `expected`, float64; it may be a `np.memmap`. `groups` has one row a
    group, or no columns where there is only one group.

    Counts and money are means over replications; rates are ratios of sums over replications, null
    where the denominator is 0. `X_low` and `X_high` are the 10 % and 90 % quantiles over
    replications (linear interpolation; a rate's null replications do not count); they are left out
    where one replication, or fidelity `expected`, has nothing to vary. Money is in currency units.
    """
    n_replications, n_groups, _ = tallies.shape
    _check_shapes(tallies, groups)
    suffixes = tuple(QUANTILES) if n_replications > 1 and fidelity != "expected" else ()
    columns = VALUE_COLUMNS + more
    names = [column.name for column in columns]
    names += [f"{column.name}_{suffix}" for column in columns for suffix in suffixes]
    values = {name: np.empty(n_groups) for name in names}
    for rows in _chunks(tallies):
        block = np.ascontiguousarray(tallies[:, rows].transpose(2, 1, 0))
        for column in columns:
            values[column.name][rows] = mean_value(column, block)
            if suffixes:
                per_replication = value(column, block)
                for suffix, found in zip(suffixes, _quantiles(per_replication), strict=True):
                    values[f"{column.name}_{suffix}"][rows] = found
    # pop: each numpy column is freed as soon as polars has its copy
    series = [pl.Series(name, values.pop(name), nan_to_null=True) for name in names]
    return groups.hstack(series) if groups.width else pl.DataFrame(series)


def value(column: Column, block: Tallies) -> Floats:
    """The column for every element of `block`, whose first axis is the field; NaN for x / 0."""
    bottom = block[FIELDS.index(column.per)] if column.per else 1
    return _ratio(numerator(column, block), bottom, column.divisor)


def mean_value(column: Column, block: Tallies) -> Floats:
    """The column over all replications, the last axis of `block`; NaN for x / 0."""
    top = numerator(column, block).sum(axis=-1)
    bottom = block[FIELDS.index(column.per)].sum(axis=-1) if column.per else block.shape[-1]
    return _ratio(top, bottom, column.divisor)


def numerator(column: Column, block: Tallies) -> Tallies:
    """`plus` less `minus`, in the dtype of the tallies, so that integers stay exact."""
    top = np.zeros(block.shape[1:], block.dtype)
    for field in column.plus:
        top += block[FIELDS.index(field)]
    for field in column.minus:
        top -= block[FIELDS.index(field)]
    return top


def _ratio(top: Tallies, bottom: Tallies | int, divisor: int) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.equal(bottom, 0), np.nan, top / (np.asarray(bottom) * divisor))


def _quantiles(values: Floats) -> Iterator[Floats]:
    """Quantiles along the last axis, NaN ignored; `np.nanquantile` loops over rows in Python."""
    ordered = np.sort(values, axis=-1)  # NaN goes last
    last = np.maximum(np.count_nonzero(~np.isnan(values), axis=-1) - 1, 0)
    for probability in QUANTILES.values():
        place = probability * last
        below = np.floor(place).astype(np.int64)
        above = np.minimum(below + 1, last)
        low = np.take_along_axis(ordered, below[..., None], axis=-1)[..., 0]
        high = np.take_along_axis(ordered, above[..., None], axis=-1)[..., 0]
        yield low + (high - low) * (place - below)


def _chunks(tallies: Tallies) -> Iterator[slice]:
    n_replications, n_groups, n_fields = tallies.shape
    size = max(1, CHUNK_BYTES // (8 * n_replications * n_fields))
    for start in range(0, n_groups, size):
        yield slice(start, min(start + size, n_groups))


def _check_shapes(tallies: Tallies, groups: pl.DataFrame) -> None:
    n_replications, n_groups, n_fields = tallies.shape
    described = groups.height if groups.width else 1
    if n_fields != len(FIELDS) or n_groups != described or n_replications < 1:
        raise ValueError(f"tallies {tallies.shape} do not fit {described} groups, {FIELDS}")
