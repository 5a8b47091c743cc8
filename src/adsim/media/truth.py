"""What each medium causes: the same histories without it, and with a little more of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from adsim.media.compile import VALUES
from adsim.media.histories import MEDIUM_FIELDS, SALES_FIELDS, SPEND, Histories
from adsim.results.compare import half_width
from adsim.scenario.media.models import MediaScenario

MORE = 1.01
"""What a medium is turned up to for its marginal return."""

UNITS, REVENUE = SALES_FIELDS.index("units"), SALES_FIELDS.index("revenue")
REPORTED, VALUE = MEDIUM_FIELDS.index("reported"), MEDIUM_FIELDS.index("reported_value")
MICROS = 1e6


def levels(scenario: MediaScenario) -> list[dict[str, float]]:
    """As declared; without each medium; with a little more of each."""
    alone = [{name: level} for level in (0.0, MORE) for name in scenario.names]
    return [{}, *alone]


def media_table(scenario: MediaScenario, done: Histories) -> pl.DataFrame:
    """A row a medium: what was bought, what it causes and what it reports."""
    rows = [_medium_row(name, m, done) for m, name in enumerate(scenario.names)]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").fill_nan(None)


_INTERVALS = ("sales_caused", "revenue_caused", "spend_caused", "roas", "marginal_roas")
SCHEMA = {
    "medium": pl.String,
    **dict.fromkeys(("spend", "impressions", "clicks", "reached", "moved"), pl.Float64),
    **{f"{name}{end}": pl.Float64 for name in _INTERVALS for end in ("", "_low", "_high")},
    "sales_reported": pl.Float64,
    "roas_reported": pl.Float64,
}


def _medium_row(name: str, m: int, done: Histories) -> tuple[Any, ...]:
    n_media = done.media.shape[2]
    as_declared, without, more = 0, 1 + m, 1 + n_media + m
    bought = done.media[as_declared, :, m].mean(axis=0)
    spend, value = bought[SPEND] / MICROS, bought[VALUE] / MICROS
    caused = done.sales[as_declared] - done.sales[without]
    row: list[Any] = [name, spend, *bought[SPEND + 1 : SPEND + 5]]
    row += with_interval(caused[:, UNITS])
    row += with_interval(caused[:, REVENUE] / MICROS)
    row += with_interval((done.spend[as_declared] - done.spend[without]) / MICROS)
    row += _return(done, without, as_declared)
    row += _return(done, as_declared, more)
    reported = bought[REPORTED]
    is_search = bought[MEDIUM_FIELDS.index("clicks")] > 0
    row += [reported, value / spend if spend else np.nan] if is_search else [np.nan, np.nan]
    return tuple(row)


def _return(done: Histories, less: int, more: int) -> list[float]:
    """Revenue more for each unit of money more, whichever medium it goes to: a ratio of sums.

    The interval is that of the linearized ratio over replications (Cochran, Sampling Techniques,
    1977, 6.4); all is null where the spend does not change.
    """
    revenue = done.sales[more, :, REVENUE] - done.sales[less, :, REVENUE]
    spend = done.spend[more] - done.spend[less]
    if spend.sum() == 0:
        return [np.nan] * 3
    ratio = float(revenue.sum() / spend.sum())
    half = half_width((revenue - ratio * spend) / spend.mean())
    return [ratio, ratio - half, ratio + half]


def with_interval(values: np.ndarray) -> list[float]:
    """A mean over replications and its 95 % interval."""
    mean, half = float(values.mean()), half_width(values)
    return [mean, mean - half, mean + half]


def moved_table(scenario: MediaScenario, done: Histories) -> pl.DataFrame:
    """A row a medium and value: share of persons with it and without it, and the difference."""
    persons = scenario.scenario.persons
    rows = []
    for m, name in enumerate(scenario.names):
        with_it, without = done.persons[0] / persons, done.persons[1 + m] / persons
        for v, (dimension, value) in enumerate(VALUES):
            difference = with_interval(with_it[:, v] - without[:, v])
            shares = with_it[:, v].mean(), without[:, v].mean()
            rows.append((name, dimension, value, *shares, *difference))
    names = ["medium", "dimension", "value", "share", "share_without"]
    names += ["share_moved", "share_moved_low", "share_moved_high"]
    texts = dict.fromkeys(names[:3], pl.String)
    return pl.DataFrame(
        rows, schema={**texts, **dict.fromkeys(names[3:], pl.Float64)}, orient="row"
    ).fill_nan(None)
