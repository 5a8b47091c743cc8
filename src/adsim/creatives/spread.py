"""How much the creatives of one test differ, and what a test tells of their common rate.

Rates of a test's creatives are Beta(alpha, alpha (1 - m) / m) distributed around the test's mean m,
and successes are binomial: the beta-binomial hierarchy (Gelman et al., Bayesian Data Analysis, 3rd
ed. 2013, section 5.3). alpha is what a creative is worth before it is shown: as much as `alpha`
successes. The standard deviation of the logarithm of a rate is then sqrt(trigamma(alpha)) for rates
well below 1.

Some tests compare pictures that are alike, others do not: the standard deviation itself is
log-normal over tests. The *spread* is its root mean square, so the pooled standard deviation within
tests; its logarithm varies by `VARIATION`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, logit, polygamma

Floats = NDArray[np.float64]

PUBLISHED_SPREAD = 0.236
"""sd of log CTR within a test: 4,873 randomized headline tests of the Upworthy Research Archive
(Matias et al., Scientific Data 2021)."""

VARIATION = 0.5
"""sd over tests of the logarithm of a test's own standard deviation: the value of highest
likelihood on the same tests; `python -m benchmarks.headlines` holds both against them again."""

LEAST_FREEDOM = 20
"""Creatives beyond the first of each test that a table needs to tell a spread of its own."""

LOG_SPREADS = (-6.9, 0.4)  # spreads from 0.001 to 1.5
NODES, NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(7)
SURVEY = 5.0, 25  # reach in standard deviations and nodes that find where a mean rate is
LOOK = 3.0, 8  # the same for those that are kept


def alpha_of(deviation: float) -> float:
    """The alpha with trigamma(alpha) = deviation^2, by Newton's method on 1 / trigamma.

    (Smyth, Linear Models and Empirical Bayes Methods, Statistical Applications in Genetics and
    Molecular Biology 3, 2004, appendix.)
    """
    target = deviation**2
    alpha = 0.5 + 1.0 / target
    for _ in range(30):
        found = float(polygamma(1, alpha))
        alpha += found * (1.0 - found / target) / float(polygamma(2, alpha))
    return alpha


def alphas_of(spread: float) -> tuple[Floats, Floats]:
    """Nodes of alpha over tests with a spread, and the logarithms of their weights."""
    deviations = spread * np.exp(VARIATION * NODES - VARIATION**2)
    return (
        np.array([alpha_of(float(deviation)) for deviation in deviations]),
        np.log(NODE_WEIGHTS / NODE_WEIGHTS.sum()),
    )


def mean_rates(successes: Floats, trials: Floats, alpha: float) -> tuple[Floats, Floats]:
    """The distribution of each test's mean rate given its counts, on a grid of its log odds.

    Args:
        successes, trials: (tests, creatives); 0 of 0 where a test has fewer creatives.
        alpha: Successes that a creative is worth beforehand.

    Returns:
        Log odds of the mean rate and the logarithm of likelihood x prior x step, both
        (tests, nodes). The prior is Jeffreys' Beta(1/2, 1/2).
    """
    total = successes.sum(axis=1)
    center = logit((total + 0.5) / (trials.sum(axis=1) + 1.0))
    deviation = np.sqrt(1.0 / alpha + 1.0 / (total + 0.5))
    odds, logs = _on_grid(successes, trials, alpha, center, deviation, *SURVEY)
    weights = np.exp(logs - logs.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    center = (weights * odds).sum(axis=1)
    found = np.sqrt((weights * (odds - center[:, None]) ** 2).sum(axis=1))
    deviation = np.maximum(found, deviation * SURVEY[0] / SURVEY[1])  # half a step of the survey
    return _on_grid(successes, trials, alpha, center, deviation, *LOOK)


def _on_grid(
    successes: Floats,
    trials: Floats,
    alpha: float,
    center: Floats,
    deviation: Floats,
    reach: float,
    nodes: int,
) -> tuple[Floats, Floats]:
    odds = center[:, None] + deviation[:, None] * np.linspace(-reach, reach, nodes)
    step = deviation * (2.0 * reach / (nodes - 1))
    beta = alpha * np.exp(-odds)[:, None, :]
    hits, misses = successes[:, :, None], (trials - successes)[:, :, None]
    likelihood = (betaln(alpha + hits, beta + misses) - betaln(alpha, beta)).sum(axis=1)
    prior = -0.5 * (np.logaddexp(0.0, odds) + np.logaddexp(0.0, -odds))
    return odds, likelihood + prior + np.log(step)[:, None]


def estimate_spread(successes: Floats, trials: Floats) -> float:
    """The spread of maximum likelihood over all tests.

    Each test's mean rate and own standard deviation are integrated out. Shapes as in `mean_rates`.
    """
    from scipy.optimize import minimize_scalar  # late: only tables with many creatives pay

    def loss(log_spread: float) -> float:
        nodes = zip(*alphas_of(float(np.exp(log_spread))), strict=True)
        logs = [
            log_weight + np.logaddexp.reduce(mean_rates(successes, trials, alpha)[1], axis=1)
            for alpha, log_weight in nodes
        ]
        return -float(np.logaddexp.reduce(logs, axis=0).sum())

    options = {"xatol": 1e-3}
    found = minimize_scalar(loss, bounds=LOG_SPREADS, method="bounded", options=options)
    return float(np.exp(found.x))


def freedom(trials: Floats) -> int:
    """Creatives with trials beyond the first of each test: what a spread can be told from."""
    return int(np.maximum((trials > 0).sum(axis=1) - 1, 0).sum())
