"""What mattered most in a sweep: variance shares of its factors, and how steady plans' ranks are.

Over a full grid a metric y splits exactly into a mean, main effects, interactions and luck (the
Hoeffding decomposition; on a grid the analysis of variance of a balanced design). The part of each
in the variance of y, every level weighing the same, is its Sobol' index (I. M. Sobol', Sensitivity
estimates for nonlinear mathematical models, 1993; Saltelli et al., Global Sensitivity Analysis: The
Primer, 2008, chapter 4). Luck is the variance over seeds within the cells. All cells meet the same
seeds, so intervals come from drawing seeds, for all cells together, with replacement.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adsim.kernels import doors
from adsim.kernels.random import make_luck

Floats = NDArray[np.float64]

METRICS = ("profit", "revenue", "orders", "clicks", "spend", "roi")
RANKED = ("profit", "revenue", "orders", "clicks", "roi")
"""Metrics of which more is better."""

RESAMPLES = 400
INTERVAL = (0.025, 0.975)
RESAMPLING = np.int64(80)  # the decision that these draws are keyed by

_EFFECTS = {
    "metric": pl.String,
    "kind": pl.String,
    "factor": pl.String,
    "with": pl.String,
    "share": pl.Float64,
    "share_low": pl.Float64,
    "share_high": pl.Float64,
    "total": pl.Float64,
    "total_low": pl.Float64,
    "total_high": pl.Float64,
}
_RANKS = {
    "metric": pl.String,
    "plan": pl.String,
    "best": pl.Float64,
    "best_low": pl.Float64,
    "best_high": pl.Float64,
    "mean_rank": pl.Float64,
    "order_kept": pl.Float64,
    "settings": pl.Int64,
}


def effects_table(totals: pl.DataFrame, factors: Sequence[str]) -> pl.DataFrame:
    """Variance shares by factor, over the seeds that every cell of the grid has.

    `totals` has a row a task: the factors, seed, and `METRICS`. The rows of a metric: `main`
    effects, largest first; `interaction` of two factors (factor, with); `rest`, interactions of
    more; `luck`. Their shares sum to 1. `total` is what would be left if all other factors were
    fixed: the main effect with all interactions. Intervals are 95 % bootstrap percentiles over
    seeds; shares are of the cells' means, which few seeds leave uncertain. With one seed luck and
    intervals are null. A metric without variance or with nulls has no rows, and a grid with a hole
    in every seed, or without a factor, gives an empty table.
    """
    frames = [_effects(totals, list(factors), metric) for metric in METRICS]
    return pl.concat(frames)


def ranks_table(totals: pl.DataFrame, factors: Sequence[str]) -> pl.DataFrame:
    """How often each plan is the best one, over all other settings and seeds.

    `best` is the share of (setting, seed) pairs in which the plan comes first (ties split it), with
    its 95 % bootstrap interval over seeds; `mean_rank` counts from 1; `order_kept` is the share of
    its comparisons with the other plans that come out as they do on average over everything (over
    all plans, 2 x order_kept - 1 is Kendall's tau with the average order); `settings` the number of
    pairs. Empty where plans do not vary.
    """
    if "plan" not in factors:
        return pl.DataFrame(schema=_RANKS)
    return pl.concat([_ranks(totals, list(factors), metric) for metric in RANKED])


def grid_of(totals: pl.DataFrame, factors: Sequence[str], metric: str) -> Floats | None:
    """The metric as an array, an axis a factor (levels sorted), the last one the seeds.

    Seeds that are not there in every cell are left out; None where none is left.
    """
    places = [*factors, "seed"]
    codes = [totals[name].rank("dense").to_numpy().astype(np.int64) - 1 for name in places]
    values = np.full([int(code.max(initial=-1)) + 1 for code in codes], np.nan)
    values[tuple(codes)] = totals[metric].cast(pl.Float64).fill_null(np.nan).to_numpy()
    everywhere = ~np.isnan(values).any(axis=tuple(range(len(factors))))
    return values[..., everywhere] if everywhere.any() else None


def _effects(totals: pl.DataFrame, factors: list[str], metric: str) -> pl.DataFrame:
    values = grid_of(totals, factors, metric) if factors else None
    if values is None or values.var() == 0:
        return pl.DataFrame(schema=_EFFECTS)
    found = variance_shares(values)
    low, high = _bootstrap(values, variance_shares)
    n = len(factors)
    order = np.argsort(-found[:n], kind="stable")
    pairs = [*combinations(range(n), 2)]

    def three(place: int) -> list[float]:
        return [float(measured[place]) for measured in (found, low, high)]

    rows: list[list[object]] = []
    rows += [[metric, "main", factors[i], None, *three(i), *three(n + i)] for i in order]
    rows += [
        [metric, "interaction", factors[i], factors[j], *three(2 * n + k), None, None, None]
        for k, (i, j) in enumerate(pairs)
    ]
    rows += [
        [metric, kind, None, None, *three(place), None, None, None]
        for kind, place in (("rest", -2), ("luck", -1))
    ]
    return pl.DataFrame(rows, schema=_EFFECTS, orient="row").fill_nan(None)


def variance_shares(values: Floats) -> Floats:
    """Shares of the variance of `values`, whose last axis is luck and whose others are factors.

    In order: the main effect of each factor, the total effect of each, the interaction of each pair
    as in `itertools.combinations`, the interactions of more than two, luck (NaN with one seed).
    """
    cells = values.mean(axis=-1)
    axes = range(cells.ndim)
    total = values.var()
    main = np.array([_variance_of(cells, (i,)) for i in axes])
    totals = np.array([cells.var() - cells.mean(axis=i).var() for i in axes])
    pairs = np.array(
        [_variance_of(cells, (i, j)) - main[i] - main[j] for i, j in combinations(axes, 2)]
    )
    rest = cells.var() - main.sum() - pairs.sum()
    luck = values.var(axis=-1).mean() if values.shape[-1] > 1 else np.nan
    parts = np.concatenate([main, totals, pairs, [rest, luck]])
    return np.maximum(0.0, parts / total) if total > 0 else np.full(parts.size, np.nan)


def _variance_of(cells: Floats, kept: tuple[int, ...]) -> float:
    """Variance of the means over all axes but the kept ones."""
    others = tuple(axis for axis in range(cells.ndim) if axis not in kept)
    return float(cells.mean(axis=others).var())


def _ranks(totals: pl.DataFrame, factors: list[str], metric: str) -> pl.DataFrame:
    plans = sorted(totals["plan"].unique())
    others = [name for name in factors if name != "plan"]
    values = grid_of(totals, [*others, "plan"], metric)
    if values is None or len(plans) < 2:
        return pl.DataFrame(schema=_RANKS)
    flat = values.reshape(-1, len(plans), values.shape[-1])  # settings, plans, seeds
    best = first_places(flat)
    low, high = _bootstrap(best, lambda drawn: drawn.mean(axis=(0, 2)))
    frame = pl.DataFrame(
        {
            "metric": [metric] * len(plans),
            "plan": plans,
            "best": best.mean(axis=(0, 2)),
            "best_low": low,
            "best_high": high,
            "mean_rank": mean_ranks(flat),
            "order_kept": order_kept(flat),
            "settings": [flat.shape[0] * flat.shape[2]] * len(plans),
        },
        schema=_RANKS,
    )
    return frame.fill_nan(None).sort("best", "plan", descending=[True, False])


def first_places(values: Floats) -> Floats:
    """1 where a plan (axis 1) is the best one of its setting and seed; ties share it."""
    is_best = values == values.max(axis=1, keepdims=True)
    return np.asarray(is_best / is_best.sum(axis=1, keepdims=True))


def mean_ranks(values: Floats) -> Floats:
    """Mean rank of each plan (axis 1), 1 = best, ties at their middle."""
    ranks = []
    for own in np.moveaxis(values, 1, 0):
        above = (values > own[:, None]).sum(axis=1)
        level = (values == own[:, None]).sum(axis=1)
        ranks.append((above + (level + 1) / 2).mean())
    return np.array(ranks)


def order_kept(values: Floats) -> Floats:
    """Share of each plan's comparisons that come out as those of the means do; ties are half."""
    means = values.mean(axis=(0, 2))
    kept = []
    for i, own in enumerate(np.moveaxis(values, 1, 0)):
        agree = np.sign(own[:, None] - values) * np.sign(means[i] - means)[:, None]
        kept.append((1 + np.delete(agree, i, axis=1).mean()) / 2)
    return np.array(kept)


def _bootstrap(values: Floats, measure: Callable[[Floats], Floats]) -> tuple[Floats, Floats]:
    """95 % percentile interval of a measure over seeds, the last axis; NaN with one seed."""
    n = values.shape[-1]
    if n < 2:
        nothing = np.full_like(measure(values), np.nan)
        return nothing, nothing
    uniforms = np.empty(RESAMPLES * n)
    doors.draw_series(make_luck(0, 0), np.uint64(n), RESAMPLING, np.int64(0), uniforms)
    chosen = (uniforms * n).astype(np.int64).reshape(RESAMPLES, n)
    drawn = np.array([measure(values[..., seeds]) for seeds in chosen])
    low, high = np.nanquantile(drawn, INTERVAL, axis=0)
    return low, high
