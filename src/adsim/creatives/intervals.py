"""Measures of single creatives as they were counted, each with a 95 % interval of its own."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.special import betaincinv

from adsim.creatives.beliefs import JEFFREYS, rate_beliefs, return_beliefs
from adsim.creatives.counts import column
from adsim.creatives.goals import Goal
from adsim.creatives.judging import TAILS
from adsim.creatives.spread import Floats

MEASURES = ("ctr", "carts", "cvr", "roi")
"""Goals whose measures are shown whatever the goal."""


def measure_columns(rows: pl.DataFrame, goal: Goal, order_cv: float) -> list[pl.Series]:
    """The measure and its interval; null where it cannot be told."""
    successes, trials = column(rows, goal.successes), column(rows, goal.trials)
    if not goal.pays:
        value, known = _ratio(successes, trials), trials > 0
        low, high = jeffreys(successes, trials)
    else:
        revenue = column(rows, "revenue")
        bottom = column(rows, "spend") if goal.per_spend else trials
        value, known = _ratio(revenue, bottom), (bottom > 0) & (trials > 0)
        low, high = return_interval(successes, trials, revenue, bottom, order_cv)
    named = {goal.column: value, f"{goal.column}_low": low, f"{goal.column}_high": high}
    return [
        pl.Series(name, np.where(known, values, np.nan), nan_to_null=True)
        for name, values in named.items()
    ]


def jeffreys(successes: Floats, trials: Floats) -> tuple[Floats, Floats]:
    """Jeffreys' interval of proportions: 95 % quantiles of Beta(s + 1/2, t - s + 1/2).

    0 where there is no success, 1 where there is nothing else (Brown, Cai and DasGupta, Interval
    Estimation for a Binomial Proportion, Statistical Science 16, 2001).
    """
    a, b = successes + JEFFREYS, trials - successes + JEFFREYS
    low, high = (betaincinv(a, b, tail) for tail in TAILS)
    return np.where(successes == 0, 0.0, low), np.where(successes == trials, 1.0, high)


def return_interval(
    orders: Floats, trials: Floats, revenue: Floats, bottom: Floats, order_cv: float
) -> tuple[Floats, Floats]:
    """95 % quantiles of revenue / bottom: `return_beliefs` with Jeffreys' prior for the rates.

    0 at the low end where there is no order.
    """
    cost = np.where((bottom > 0) & (trials > 0), bottom, 1.0) / np.maximum(trials, 1.0)
    beliefs = return_beliefs(rate_beliefs(orders, trials, None), orders, revenue, cost, order_cv)
    low, high = np.exp(beliefs.quantile_places(TAILS)[0]).T
    return np.where(orders == 0, 0.0, low), high


def _ratio(top: Floats, bottom: Floats) -> Floats:
    return np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0)
