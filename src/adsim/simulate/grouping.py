"""Where each search is tallied: from group names to one row number per keyword, side, day, hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

import numpy as np
import polars as pl

from adsim.kernels.model import HOURS_A_DAY, Groups
from adsim.market.compile import Market
from adsim.results.registry import group_columns

REPLICATION = "replication"
KEYWORD_COLUMNS = ("campaign", "ad_group", "keyword", "match_type")


@dataclass(frozen=True)
class Grouping:
    """Rows of a tally.

    Attributes:
        groups: For the kernels.
        labels: One row a group with the group columns; no columns where there is one group.
        size: Number of groups.
        by: The group names asked for.
    """

    groups: Groups
    labels: pl.DataFrame
    size: int
    by: tuple[str, ...]


@dataclass(frozen=True)
class _Axis:
    """One independent axis of the rows: its distinct labels and which one each thing has."""

    labels: pl.DataFrame
    code: np.ndarray


def group_rows(market: Market, first_day: int, last_day: int, by: Sequence[str]) -> Grouping:
    """The rows for tallies grouped `by`; days outside first_day .. last_day - 1 get none.

    The rows are the product of four axes: what a search counts for (keyword, query), who searches
    (audience, device), the day, the hour. Searches without an own keyword have null keyword
    columns.
    """
    columns = group_columns(tuple(by))
    things = (_links(market), _sides(market), _days(market, first_day, last_day), _hours())
    axes = [_distinct(labels, [c for c in columns if c in labels.columns]) for labels in things]
    what, side, day, hour = axes
    sizes = [max(1, len(axis.labels)) for axis in axes]
    strides = [int(np.prod(sizes[i + 1 :])) for i in range(len(sizes))]
    n_links = market.arrays.links.size
    days = np.zeros(market.days, np.int64)
    days[first_day:last_day] = day.code * strides[2]
    groups = Groups(
        link=what.code[:n_links] * strides[0],
        none=what.code[n_links:] * strides[0],
        side=side.code * strides[1],
        day=days,
        hour=hour.code * strides[3],
    )
    size = int(np.prod(sizes))
    number = np.arange(size)
    labels = [
        axis.labels[(number // stride) % n]
        for axis, stride, n in zip(axes, strides, sizes, strict=True)
        if axis.labels.width
    ]
    table = pl.concat(labels, how="horizontal").select(columns) if labels else pl.DataFrame()
    return Grouping(groups, table, size, tuple(by))


def _distinct(things: pl.DataFrame, columns: Sequence[str]) -> _Axis:
    if not columns:
        return _Axis(pl.DataFrame(), np.zeros(things.height, np.int64))
    labels = things.select(columns)
    distinct = labels.unique(maintain_order=True)
    code = labels.join(
        distinct.with_row_index("_code"),
        on=labels.columns,
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )["_code"]
    return _Axis(distinct, code.to_numpy().astype(np.int64))


def _links(market: Market) -> pl.DataFrame:
    """A row for each link, then one with null keyword columns for each query."""
    queries = market.scenario.tables.queries["query"]
    arrays = market.arrays
    counts = arrays.queries["end_link"] - arrays.queries["first_link"]
    linked = market.keywords.select(KEYWORD_COLUMNS)[arrays.links]
    linked = linked.with_columns(query=queries[np.repeat(np.arange(len(queries)), counts)])
    return pl.concat([linked, pl.DataFrame({"query": queries})], how="diagonal")


def _sides(market: Market) -> pl.DataFrame:
    return pl.DataFrame({"audience": market.sides.audiences, "device": market.sides.devices})


def _days(market: Market, first_day: int, last_day: int) -> pl.DataFrame:
    start = market.scenario.scenario.start
    dates = [(start + timedelta(days=day)).isoformat() for day in range(first_day, last_day)]
    return pl.DataFrame({"day": dates}, {"day": pl.String})


def _hours() -> pl.DataFrame:
    return pl.DataFrame({"hour": range(HOURS_A_DAY)}, {"hour": pl.Int64})


def coarser(grouping: Grouping, by: Sequence[str]) -> tuple[np.ndarray, pl.DataFrame]:
    """How to add the rows of a grouping up to fewer groups: (row of each group, its labels)."""
    if not by:
        return np.zeros(grouping.size, np.int64), pl.DataFrame()
    axis = _distinct(grouping.labels, group_columns(tuple(by)))
    return axis.code, axis.labels


def by_replication(tallies: np.ndarray, labels: pl.DataFrame) -> tuple[np.ndarray, pl.DataFrame]:
    """Tallies as of one replication with a group a replication and group, and their labels."""
    n_replications, n_groups, n_fields = tallies.shape
    numbers = np.repeat(np.arange(n_replications), n_groups)
    table = pl.DataFrame({REPLICATION: numbers})
    if labels.width:
        repeated = labels[np.tile(np.arange(n_groups), n_replications)]
        table = pl.concat([table, repeated], how="horizontal")
    return tallies.reshape(1, -1, n_fields), table


def add_rows(tallies: np.ndarray, row: np.ndarray, size: int) -> np.ndarray:
    """Sum tallies[..., group, field] over the groups with the same `row` 0 .. size - 1."""
    order = np.argsort(row, kind="stable")
    starts = np.flatnonzero(np.diff(row[order], prepend=-1))
    added = np.zeros((*tallies.shape[:-2], size, tallies.shape[-1]), tallies.dtype)
    bounds = [*starts, len(row)]
    for first, last in pairwise(bounds):
        rows = order[first:last]
        added[..., row[rows[0]], :] = tallies[..., rows, :].sum(axis=-2)
    return added
