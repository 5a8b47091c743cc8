"""Two plans under the same luck: differences with intervals."""

from __future__ import annotations

import numpy as np
import polars as pl

from adsim.results.registry import CAUSED, COLUMNS, FIELDS, Column
from adsim.results.risk import RISKS, risk_rows
from adsim.results.tables import Floats, Tallies, mean_value, numerator

MEANS = (
    "impressions",
    "clicks",
    "carts",
    "orders",
    "spend",
    "revenue",
    "profit",
    "ctr",
    "cpc",
    "cvr",
    "cpa",
    "roi",
    "profit_roi",
    "avg_position",
    "impression_share",
    "lost_to_rank",
    "lost_to_budget",
)
METRICS = (*MEANS, *RISKS)
"""The rows of a comparison: means and rates, then the risk of profit."""

CAUSES = tuple(column.name for column in CAUSED)
"""Its last rows where there are organic orders."""

CONFIDENCE = 0.95

_SCHEMA = {
    "metric": pl.String,
    "a": pl.Float64,
    "b": pl.Float64,
    "difference": pl.Float64,
    "difference_low": pl.Float64,
    "difference_high": pl.Float64,
}


def comparison_table(tallies_a: Tallies, tallies_b: Tallies, caused: bool = False) -> pl.DataFrame:
    """What plan b brings over plan a: metric, a, b, difference = b - a and its interval.

    Both arrays have the shape (replications, groups, fields) and share their replications' luck;
    their groups may differ, since groups are summed first. `difference_low` and `difference_high`
    are the 95 % interval of the mean difference, paired over replications (Student t). For rates,
    ratios of sums, the interval is that of the linearized ratio (delta method; Cochran,
    Sampling Techniques, 1977, 6.4), from each replication's (top - rate x bottom) / mean bottom.
    Both are null with one replication; all is null where a denominator is 0.

    The last rows tell of risk: `profit_cvar`, the mean profit of the worst tenth of replications,
    and `loss_probability`, the part of them with a profit below 0 (see `adsim.results.risk`); after
    them, where `caused`, what ads cause: organic orders of the tallies must then be those beyond
    the same history without ads.
    """
    if tallies_a.shape[0] != tallies_b.shape[0]:
        raise ValueError(f"not paired: {tallies_a.shape[0]} and {tallies_b.shape[0]} replications")
    totals_a, totals_b = tallies_a.sum(axis=1).T, tallies_b.sum(axis=1).T
    rows = [_compare(COLUMNS[metric], totals_a, totals_b) for metric in MEANS]
    rows += risk_rows(totals_a, totals_b)
    rows += [_compare(COLUMNS[metric], totals_a, totals_b) for metric in CAUSES if caused]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row").fill_nan(None)


def _compare(column: Column, totals_a: Tallies, totals_b: Tallies) -> tuple[str | float, ...]:
    """One row; totals have the shape (fields, replications)."""
    a, b = float(mean_value(column, totals_a)), float(mean_value(column, totals_b))
    if column.per:
        difference = b - a
        paired = residuals(column, totals_b) - residuals(column, totals_a)
    else:  # subtracted as integers, so that no large total hides a small difference
        paired = numerator(column, totals_b - totals_a) / column.divisor
        difference = float(paired.mean())
    half = half_width(paired)
    return column.name, a, b, difference, difference - half, difference + half


def residuals(column: Column, totals: Tallies) -> Floats:
    """Each replication's pull on a rate: what it adds to the top beyond the rate's due."""
    top = numerator(column, totals) / column.divisor
    bottom = totals[FIELDS.index(str(column.per))]
    if bottom.sum() == 0:
        return np.full(top.shape, np.nan)
    return np.asarray((top - mean_value(column, totals) * bottom) / bottom.mean())


def half_width(values: Floats) -> float:
    """Half the Student t interval of the mean of `values`; NaN where there is only one."""
    n = len(values)
    if n < 2:
        return float("nan")
    from scipy.special import stdtrit  # late: a third of a second that only comparisons pay

    quantile = float(stdtrit(n - 1, (1 + CONFIDENCE) / 2))
    return float(quantile * values.std(ddof=1) / n**0.5)
