"""How much the creatives of one test differ, and what a test tells of their common rate.

Rates of a test's creatives are Beta(alpha, alpha (1 - m) / m) distributed around the test's mean m,
and successes are binomial: the beta-binomial hierarchy (Gelman et al., Bayesian Data Analysis, 3rd
ed. 2013, section 5.3). alpha, the same for all tests, is what a creative is worth before it is
shown: as much as `alpha` successes. The standard deviation of the logarithm of a rate, the
*spread*, is then sqrt(trigamma(alpha)) for rates well below 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, logit, polygamma

Floats = NDArray[np.float64]

PUBLISHED_SPREAD = 0.236
"""sd of log CTR within a test: 4,873 randomized headline tests of the Upworthy Research Archive
(Matias et al., Scientific Data 2021); `python -m benchmarks.headlines` measures it again."""

LEAST_FREEDOM = 20
"""Creatives beyond the first of each test that a table needs to tell a spread of its own."""

N_MEANS = 25  # nodes of a test's mean rate
REACH = 5.0  # standard deviations that they span on either side
LOG_ALPHAS = (-1.2, 13.8)  # spreads from 3.6 to 0.001


def alpha_of(spread: float) -> float:
    """The alpha with trigamma(alpha) = spread^2, by Newton's method on 1 / trigamma.

    (Smyth, Linear Models and Empirical Bayes Methods, Statistical Applications in Genetics and
    Molecular Biology 3, 2004, appendix.)
    """
    target = spread**2
    alpha = 0.5 + 1.0 / target
    for _ in range(30):
        found = float(polygamma(1, alpha))
        alpha += found * (1.0 - found / target) / float(polygamma(2, alpha))
    return alpha


def spread_of(alpha: float) -> float:
    """Standard deviation of the logarithm of a rate well below 1."""
    return float(np.sqrt(polygamma(1, alpha)))


def mean_rates(successes: Floats, trials: Floats, alpha: float) -> tuple[Floats, Floats]:
    """The distribution of each test's mean rate given its counts, on a grid of its log odds.

    Args:
        successes, trials: (tests, creatives); 0 of 0 where a test has fewer creatives.
        alpha: Successes that a creative is worth beforehand.

    Returns:
        Log odds of the mean rate and the logarithm of likelihood x prior x step, both
        (tests, N_MEANS). The prior is Jeffreys' Beta(1/2, 1/2).
    """
    total = successes.sum(axis=1)
    center = logit((total + 0.5) / (trials.sum(axis=1) + 1.0))
    half = REACH * np.sqrt(1.0 / alpha + 1.0 / (total + 0.5))
    odds = center[:, None] + half[:, None] * np.linspace(-1.0, 1.0, N_MEANS)
    beta = alpha * np.exp(-odds)[:, None, :]
    hits, misses = successes[:, :, None], (trials - successes)[:, :, None]
    likelihood = (betaln(alpha + hits, beta + misses) - betaln(alpha, beta)).sum(axis=1)
    prior = -0.5 * (np.logaddexp(0.0, odds) + np.logaddexp(0.0, -odds))
    return odds, likelihood + prior + np.log(2.0 * half / (N_MEANS - 1))[:, None]


def estimate_spread(successes: Floats, trials: Floats) -> float:
    """The spread of maximum likelihood over all tests, each test's mean rate integrated out.

    Shapes as in `mean_rates`.
    """
    from scipy.optimize import minimize_scalar  # late: only tables with many creatives pay

    def loss(log_alpha: float) -> float:
        log_weights = mean_rates(successes, trials, float(np.exp(log_alpha)))[1]
        return -float(np.logaddexp.reduce(log_weights, axis=1).sum())

    found = minimize_scalar(loss, bounds=LOG_ALPHAS, method="bounded", options={"xatol": 1e-4})
    return spread_of(float(np.exp(found.x)))


def freedom(trials: Floats) -> int:
    """Creatives with trials beyond the first of each test: what a spread can be told from."""
    return int(np.maximum((trials > 0).sum(axis=1) - 1, 0).sum())
