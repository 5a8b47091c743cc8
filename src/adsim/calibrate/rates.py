"""Rates of rows with few trials, drawn towards what rows of their kind have: the beta-binomial.

The rate of a row is Beta(alpha, beta) distributed over the rows of a group, its successes are
binomial. With (alpha, beta) of maximum likelihood the mean of a row's rate given its counts is
(alpha + successes) / (alpha + beta + trials) (Gelman et al., Bayesian Data Analysis, section 5.3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Groups = NDArray[np.int64]

LEAST_ROWS = 20  # of a group with a distribution of its own
LEAST_HITS = 5  # rows with a success in such a group
UNKNOWN_ALPHA = 1.0  # of a report too small to tell: rates that vary by their mean (see `assumed`)
HALF = 0.5  # success that a campaign without any is taken to have at most


@dataclass(frozen=True)
class Prior:
    """Beta distribution of a rate over the rows of a group."""

    alpha: float
    beta: float

    @property
    def mean(self) -> float:
        return self.alpha / (self.alpha + self.beta)


@dataclass(frozen=True)
class Shrunk:
    """Shrunk rates and where they come from.

    Attributes:
        rate: Rate of each row.
        priors: Prior of each group that has one of its own.
        common: Prior of the rows of all other groups.
        measured: Whether `common` was estimated; otherwise the report was too small.
    """

    rate: Floats
    priors: dict[int, Prior]
    common: Prior
    measured: bool


def beta_binomial(successes: Floats, trials: Floats) -> Prior:
    """The Beta(alpha, beta) of maximum likelihood; successes above the trials count as trials.

    The log-likelihood is sum of log B(alpha + s, beta + t - s) - log B(alpha, beta), without the
    binomial coefficients, which do not depend on alpha and beta.
    """
    from scipy.optimize import minimize  # late: scipy takes a while to load
    from scipy.special import betaln, digamma

    tried = trials > 0
    t = trials[tried]
    s = np.minimum(successes[tried], t)

    def loss(logs: Floats) -> tuple[float, Floats]:
        a, b = np.exp(logs)
        common = digamma(a + b) - digamma(a + b + t)
        by_a = np.sum(digamma(a + s) - digamma(a) + common)
        by_b = np.sum(digamma(b + t - s) - digamma(b) + common)
        likelihood = np.sum(betaln(a + s, b + t - s) - betaln(a, b))
        return -float(likelihood), -np.array([a * by_a, b * by_b])

    mean = (s.sum() + HALF) / (t.sum() + 1.0)
    start = np.log([1.0, (1.0 - mean) / mean])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(-7.0, 12.0), (-7.0, 16.0)])
    alpha, beta = np.exp(found.x)
    return Prior(float(alpha), float(beta))


def shrink(successes: Floats, trials: Floats, group: Groups, least_trials: float) -> Shrunk:
    """Rates shrunk within groups; small groups together with all rows.

    The distributions are estimated from the rows with `least_trials` or more, of which a group
    needs `LEAST_ROWS`, and among them `LEAST_HITS` with a success.
    """
    usable = trials >= max(least_trials, 1.0)
    measured = _enough(successes, usable)
    if measured:
        common = beta_binomial(successes[usable], trials[usable])
    else:
        mean = min(HALF, (successes.sum() + HALF) / (trials.sum() + 1.0))
        common = Prior(UNKNOWN_ALPHA, UNKNOWN_ALPHA * (1.0 - mean) / mean)
    alpha, beta = np.full(trials.size, common.alpha), np.full(trials.size, common.beta)
    priors = {}
    for number in np.unique(group).tolist():
        own = group == number
        if measured and _enough(successes, usable & own):
            priors[number] = beta_binomial(successes[usable & own], trials[usable & own])
            alpha[own], beta[own] = priors[number].alpha, priors[number].beta
    rate = (alpha + np.minimum(successes, trials)) / (alpha + beta + trials)
    return Shrunk(rate, priors, common, measured)


def _enough(successes: Floats, usable: NDArray[np.bool_]) -> bool:
    return int(usable.sum()) >= LEAST_ROWS and int((successes[usable] > 0).sum()) >= LEAST_HITS


def keep_totals(
    rate: Floats, trials: Floats, total: Floats, group: Groups, cap: Floats | float = 1.0
) -> Floats:
    """Rates times a factor for each group, so that sum(rate x trials) is the group's total again.

    Args:
        rate, trials: One value a row.
        total: The total of each group, at group's number. A group whose total is 0 keeps
            E / (2 E + 1) of the E that the rates give it: never more than half a success.
        group: Group of each row, 0 .. G - 1.
        cap: Highest rate of a row; what it cuts off is given to the other rows.
    """
    n = total.size
    expected = np.bincount(group, rate * trials, n)
    aim = np.where(total > 0, total, HALF * expected / (expected + HALF))
    scaled = np.minimum(rate, cap)
    for _ in range(50):
        given = np.bincount(group, scaled * trials, n)
        factor = np.divide(aim, given, out=np.ones(n), where=given > 0)
        if np.all(np.abs(factor - 1.0) < 1e-12):
            break
        scaled = np.minimum(scaled * factor[group], cap)
    return scaled
