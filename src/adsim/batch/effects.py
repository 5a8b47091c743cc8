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

RESAMPLES = 1000
LARGEST_BATCH = 2_000_000  # cells of resampled grids that are held at a time
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
    seeds = values.shape[-1]
    found = shares_under(values, np.full((seeds, 1), 1 / seeds))[0]
    found[-1] = found[-1] if seeds > 1 else np.nan
    low, high = _interval(values, shares_under, found.size)
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


def variance_shares(cells: Floats, luck: Floats) -> Floats:
    """Shares of the variance over a grid, for a batch of grids: float64[batch, shares].

    `cells` are means over seeds, the first axis the batch and the others factors; `luck` is the
    variance over seeds within the cells, float64[batch]. In order: the main effect of each factor,
    the total effect of each, the interaction of each pair as in `itertools.combinations`, the
    interactions of more than two, luck. NaN where nothing varies.
    """
    axes = range(1, cells.ndim)
    everything = _variance(cells)
    main = [_variance_kept(cells, (i,)) for i in axes]
    totals = [everything - _variance(cells.mean(axis=i)) for i in axes]
    pairs = [
        _variance_kept(cells, (i, j)) - main[i - 1] - main[j - 1] for i, j in combinations(axes, 2)
    ]
    rest = everything - sum(main) - sum(pairs)
    parts = np.stack([*main, *totals, *pairs, rest, luck], axis=1)
    whole = (everything + luck)[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.maximum(0.0, np.where(whole > 0, parts / whole, np.nan))


def _variance(values: Floats) -> Floats:
    """Variance over all axes but the first."""
    return np.asarray(values.reshape(values.shape[0], -1).var(axis=1))


def _variance_kept(cells: Floats, kept: tuple[int, ...]) -> Floats:
    """Variance of the means over all axes but the first and the kept ones."""
    others = tuple(axis for axis in range(1, cells.ndim) if axis not in kept)
    return _variance(cells.mean(axis=others))


def shares_under(values: Floats, weights: Floats) -> Floats:
    """`variance_shares` of a grid, its last axis the seeds, under weights float64[seeds, batch]."""
    cells = values @ weights
    luck = (values**2 @ weights - cells**2).reshape(-1, weights.shape[1]).mean(axis=0)
    return variance_shares(np.moveaxis(cells, -1, 0), np.maximum(0.0, luck))


def _ranks(totals: pl.DataFrame, factors: list[str], metric: str) -> pl.DataFrame:
    plans = sorted(totals["plan"].unique())
    others = [name for name in factors if name != "plan"]
    values = grid_of(totals, [*others, "plan"], metric)
    if values is None or len(plans) < 2:
        return pl.DataFrame(schema=_RANKS)
    flat = values.reshape(-1, len(plans), values.shape[-1])  # settings, plans, seeds
    best = first_places(flat)
    low, high = _interval(best.mean(axis=0), lambda mean, drawn: (mean @ drawn).T, len(plans))
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


def _resamples(n: int) -> Floats:
    """Weights of n seeds in each of `RESAMPLES` draws of n with replacement: float64[n, draws]."""
    uniforms = np.empty(RESAMPLES * n)
    doors.draw_series(make_luck(0, 0), np.uint64(n), RESAMPLING, np.int64(0), uniforms)
    chosen = (uniforms * n).astype(np.int64) + n * np.arange(RESAMPLES).repeat(n)
    counts = np.bincount(chosen, minlength=n * RESAMPLES)
    return np.asarray(counts.reshape(RESAMPLES, n).T / n)


def _interval(
    values: Floats, measure: Callable[[Floats, Floats], Floats], width: int
) -> tuple[Floats, Floats]:
    """95 % bootstrap interval of each of `width` measures over seeds; NaN with one seed."""
    n = values.shape[-1]
    if n < 2:
        return np.full(width, np.nan), np.full(width, np.nan)
    weights = _resamples(n)
    batch = max(1, LARGEST_BATCH * n // values.size)
    parts = [
        measure(values, weights[:, first : first + batch]) for first in range(0, RESAMPLES, batch)
    ]
    low, high = np.nanquantile(np.concatenate(parts), INTERVAL, axis=0)
    return low, high
