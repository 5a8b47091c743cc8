"""How bad a window may turn out: the mean of its worst replications, and how often money is lost.

The CVaR of a gain at `part` is the mean of its worst `part`: the largest q - mean(max(q - x, 0)) /
part over q (Rockafellar and Uryasev, Optimization of conditional value-at-risk, Journal of Risk 2,
2000, for losses; here in terms of gains). The largest is at the part-quantile q, also where
part x replications is no whole number.
"""

from __future__ import annotations

import math

import numpy as np

from adsim.results.registry import COLUMNS
from adsim.results.tables import Floats, Tallies, numerator

TAIL = 0.1
"""The part of replications whose mean `profit_cvar` is."""

RISKS = ("profit_cvar", "loss_probability")
"""What a comparison tells of the risk of profit."""

_NORMAL = 1.959963984540054  # its 97.5 % quantile


def tail_values(gains: Floats, part: float = TAIL) -> Floats:
    """Values, one a replication, whose mean is the CVaR of `gains`, float64[R].

    Each is q less the shortfall below it / part. Their standard error is that of the CVaR: the
    part-quantile q is where the mean is largest, so its own error does not count (the asymptotic
    variance in Hong and Liu, Simulating sensitivities of conditional value at risk, Management
    Science 55, 2009). Differences of two plans' values are paired in the same sense.
    """
    place = tail_size(len(gains), part) - 1
    quantile = np.partition(gains, place)[place]
    return np.asarray(quantile - np.maximum(quantile - gains, 0.0) / part)


def tail_size(n_replications: int, part: float = TAIL) -> int:
    """How many replications lie in the worst part; the last of them maybe in part only."""
    return max(1, math.ceil(round(part * n_replications, 9)))


def tail_half_width(values: Floats, part: float = TAIL) -> float:
    """Half the 95 % interval of the mean of `tail_values`, or of their paired differences.

    Only the replications of the worst part tell of it, so Student's t has as many degrees of
    freedom as they are, less one (at least one).
    """
    n = len(values)
    if n < 2:
        return float("nan")
    from scipy.special import stdtrit  # late: a third of a second that only comparisons pay

    quantile = float(stdtrit(max(1, tail_size(n, part) - 1), 0.975))
    return float(quantile * values.std(ddof=1) / n**0.5)


def risk_rows(totals_a: Tallies, totals_b: Tallies) -> list[tuple[str | float, ...]]:
    """The rows of a comparison that tell of risk; totals have the shape (fields, replications)."""
    profit = COLUMNS["profit"]
    gains = [numerator(profit, totals) / profit.divisor for totals in (totals_a, totals_b)]
    a, b = (tail_values(one) for one in gains)
    difference, half = float((b - a).mean()), tail_half_width(b - a)
    cvar = (float(a.mean()), float(b.mean()), difference, difference - half, difference + half)
    return [(RISKS[0], *cvar), (RISKS[1], *_compare_losses(*gains))]


def _compare_losses(a: Floats, b: Floats) -> tuple[float, ...]:
    """Shares of replications with a loss, their difference, and its 95 % interval.

    The interval adds half a replication to each of the four ways in which a pair may fall, so that
    it has a width even where nothing was lost (Agresti and Min, Simple improved confidence
    intervals for comparing matched proportions, Statistics in Medicine 24, 2005); plans with the
    same profits do not differ.
    """
    n, paired = len(a), (b < 0).astype(np.float64) - (a < 0)
    shares = float((a < 0).mean()), float((b < 0).mean()), float(paired.mean())
    if n < 2:
        return *shares, float("nan"), float("nan")
    if np.array_equal(a, b):
        return *shares, 0.0, 0.0
    middle = float(paired.sum() / (n + 2))
    spread = float(np.abs(paired).sum() + 1) / (n + 2) - middle**2
    half = _NORMAL * (spread / (n + 2)) ** 0.5
    return *shares, max(-1.0, middle - half), min(1.0, middle + half)
