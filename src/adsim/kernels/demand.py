"""Demand: its curves, and one Gamma factor with mean 1 for every (query group, day)."""

from __future__ import annotations

from .jit import kernel
from .model import HOURS_A_DAY
from .random import SHOCK, unit, words_at
from .special import gamma_quantile


@kernel
def draw_shocks(market, luck, day, out):
    """Fill out[G] with the day's factors (1 where the scenario has no shock)."""
    for group in range(out.size):
        out[group] = 1.0
        if market.shock_shape > 0.0:
            identity = market.group_identity[group]
            a, b, _, _ = words_at(luck, identity, day * HOURS_A_DAY, SHOCK, 0)
            out[group] = gamma_quantile(unit(a, b), market.shock_shape) / market.shock_shape


@kernel
def mean_searches(market, day, hour, shocks, out):
    """Fill out[Q] with the mean searches of every query in an hour under the day's shocks."""
    queries = market.queries
    for query in range(out.size):
        factor = market.hour_factor[day, hour] * shocks[queries.group[query]]
        out[query] = queries.searches[query] * factor
