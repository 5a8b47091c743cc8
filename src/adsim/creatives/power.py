"""How many trials tell a better creative from the others, and the test that does it.

The claim is "this creative is better than every other one". It is made where its rate is ahead of
each other one's by the two-sided critical value of the two-proportion z-test with pooled variance.
Comparing the leader with the runner-up as if they had been chosen beforehand is right whatever the
number of creatives: the chance of naming one that is not better than all others is at most alpha,
reached where two are best alike (Gutmann and Maymin, Is the selected population the best?, Annals
of Statistics 15, 1987). For two creatives the number of trials is that of Fleiss, Levin and Paik
(Statistical Methods for Rates and Proportions, 3rd ed. 2003, section 4.2, no continuity
correction); for more, the chance to be ahead of all of them at once is an integral over the
leader's own luck, as in Dunnett's test.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri

from adsim.creatives.spread import Floats

MOST_TRIALS = 1e15
NODES, NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(64)


def power_of(
    trials: float, rate: float, lift: float, creatives: int, alpha: float, noise: float = 1.0
) -> float:
    """Chance that a creative `lift` better than all others, which are alike, is told from them all.

    Args:
        trials: Of each creative.
        rate: Rate of the others; `rate (1 + lift)` must be below 1.
        lift: Relative lead, > 0.
        creatives: How many there are, 2 or more.
        alpha: Greatest chance of naming one that is not better than all others.
        noise: Factor on the variance of a rate: 1 + c^2 where successes bring values of
            coefficient of variation c.
    """
    best = rate * (1.0 + lift)
    own, others = (noise * p * (1.0 - p) / trials for p in (best, rate))
    middle = (best + rate) / 2.0
    lead = ndtri(1.0 - alpha / 2.0) * np.sqrt(2.0 * noise * middle * (1.0 - middle) / trials)
    ahead = ndtr((best - rate - lead + np.sqrt(own) * NODES) / np.sqrt(others))
    return float(NODE_WEIGHTS @ ahead ** (creatives - 1) / NODE_WEIGHTS.sum())


def trials_needed(
    rate: float,
    lift: float,
    creatives: int,
    power: float,
    alpha: float,
    noise: float = 1.0,
) -> float:
    """Trials of each creative for a power; infinite where `MOST_TRIALS` are not enough."""

    def enough(trials: float) -> bool:
        return power_of(trials, rate, lift, creatives, alpha, noise) >= power

    if not enough(MOST_TRIALS):
        return float("inf")
    low, high = 0.0, np.log(MOST_TRIALS)
    while high - low > 1e-12:
        middle = (low + high) / 2.0
        low, high = (low, middle) if enough(np.exp(middle)) else (middle, high)
    return float(np.ceil(np.exp(high) * (1.0 - 1e-9)))


def lift_found(trials: float, rate: float, creatives: int, power: float, alpha: float) -> float:
    """The least lift that `trials` of each creative tell with a power; infinite where none is."""
    most = (1.0 - 1e-9) / rate - 1.0
    if power_of(trials, rate, most, creatives, alpha) < power:
        return float("inf")
    low, high = np.log(1e-12), np.log(most)
    while high - low > 1e-12:
        middle = (low + high) / 2.0
        found = power_of(trials, rate, float(np.exp(middle)), creatives, alpha) >= power
        low, high = (low, middle) if found else (middle, high)
    return float(np.exp(high))


def p_value(successes: Floats, trials: Floats, leader: int) -> float | None:
    """Two-sided p of the claim that `leader` is better than each other one; None if it cannot be.

    The largest p over the others; 1 where it is not ahead of one of them.
    """
    others = np.arange(trials.size) != leader
    if trials.size < 2 or (trials == 0).any():
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (successes + successes[leader]) / (trials + trials[leader])
        variance = pooled * (1.0 - pooled) * (1.0 / trials + 1.0 / trials[leader])
        lead = successes[leader] / trials[leader] - successes / trials
        z = np.where(lead > 0, lead / np.sqrt(variance), 0.0)
    return float(2.0 * ndtr(-z[others].min()))
