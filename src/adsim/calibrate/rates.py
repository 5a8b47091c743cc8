"""Rates of rows with few trials, drawn towards what rows of their kind have: the beta-binomial.

The rate of a row is Beta(alpha, beta) distributed over the rows of a group, its successes are
binomial. With (alpha, beta) of maximum likelihood the mean of a row's rate given its counts is
(alpha + successes) / (alpha + beta + trials) (Gelman et al., Bayesian Data Analysis, section 5.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Groups = NDArray[np.int64]

LEAST_ROWS = 20  # of a group with a distribution of its own
LEAST_HITS = 5  # rows with a success in such a group
UNKNOWN_ALPHA = 1.0  # of a report too small to tell: rates that vary by their mean (see `assumed`)
MOST_ROWS = 20_000  # that a distribution is estimated from: it is then known to about 1 %
MOST_STEPS, FEW_STEPS = 100, 3
CLOSE = 1e-7  # of the logarithms of alpha and beta
LOWEST, HIGHEST = np.array([-7.0, -7.0, -3.0]), np.array([12.0, 16.0, 3.0])  # of both, of the slope
SLOPE_SPREAD = 0.3
HALF = 0.5  # success that a campaign without any is taken to have at most


@dataclass(frozen=True)
class Prior:
    """Beta distribution of a rate over the rows of a group.

    Attributes:
        alpha: First parameter.
        beta: Second parameter of a row of size 0; it is beta x exp(-slope x size) elsewhere, so
            that small rates go with the size to the power of the slope.
        slope: See beta.
    """

    alpha: float
    beta: float
    slope: float = 0.0

    @property
    def mean(self) -> float:
        """Mean rate of rows of size 0."""
        return self.alpha / (self.alpha + self.beta)

    def beta_of(self, size: Floats) -> Floats:
        """Second parameter of rows of these sizes."""
        return np.asarray(self.beta * np.exp(-self.slope * size))


@dataclass(frozen=True)
class Shrunk:
    """Shrunk rates and where they come from.

    Attributes:
        alpha, beta: Beta distribution of each row's rate given its counts.
        priors: Prior of each group that has one of its own.
        common: Prior of the rows of all other groups.
        measured: Whether `common` was estimated; otherwise the report was too small.
    """

    alpha: Floats
    beta: Floats
    priors: dict[int, Prior]
    common: Prior
    measured: bool

    @property
    def rate(self) -> Floats:
        """Mean rate of each row given its counts."""
        return self.alpha / (self.alpha + self.beta)


def beta_binomial(successes: Floats, trials: Floats) -> Prior:
    """The Beta(alpha, beta) of maximum likelihood; successes above the trials count as trials."""
    return learn_prior(Counts(successes, trials, np.zeros(trials.size), np.ones(trials.size)))


class Counts(NamedTuple):
    """Rows that a prior is learnt from: float64 each; size is a logarithm, centered."""

    successes: Floats
    trials: Floats
    size: Floats
    weight: Floats

    def of(self, rows: NDArray[np.bool_] | slice) -> Counts:
        return Counts(*(values[rows] for values in self))


def learn_prior(
    counts: Counts, aim: float = 0.0, near: Prior | None = None, steps: int = MOST_STEPS
) -> Prior:
    """The prior of largest likelihood, its slope drawn towards `aim`.

    `near`: where to start; from the prior of the same rows under other weights few steps do.

    The log-likelihood of a row is log B(alpha + s, beta + t - s) - log B(alpha, beta), without the
    binomial coefficients, which do not depend on alpha and beta, times its weight; the slope has a
    normal prior of standard deviation `SLOPE_SPREAD`. The top is found in (log alpha, log beta,
    slope) by steps of Levenberg and Marquardt.

    Of more than `MOST_ROWS` rows an even sample is taken: it tells the distribution well enough.
    """
    rows = counts.of(counts.trials > 0)
    rows = rows.of(slice(None, None, max(1, rows.trials.size // MOST_ROWS)))
    rows = rows._replace(successes=np.minimum(rows.successes, rows.trials))
    if near is None:
        mean = (rows.weight @ rows.successes + HALF) / (rows.weight @ rows.trials + 1.0)
        place = np.array([0.0, np.log((1.0 - mean) / mean), aim])
    else:
        place = np.array([np.log(near.alpha), np.log(near.beta), near.slope])
    value, fall, bend = _loss(place, rows, aim)
    damping = 1e-3
    for _ in range(steps):
        stiff = bend + damping * np.diag(1.0 + abs(np.diag(bend)))
        tried = np.clip(place - np.linalg.solve(stiff, fall), LOWEST, HIGHEST)
        found = _loss(tried, rows, aim)
        moved = float(abs(tried - place).max())
        better = found[0] <= value
        if better:
            place, (value, fall, bend) = tried, found
        damping = damping / 10 if better else damping * 10
        if moved < CLOSE:
            break
    return Prior(float(np.exp(place[0])), float(np.exp(place[1])), float(place[2]))


def _loss(place: Floats, rows: Counts, aim: float) -> tuple[float, Floats, Floats]:
    """Minus the logarithm of what is maximized, its slopes and its second derivatives."""
    from scipy.special import betaln, digamma, zeta  # late: scipy takes a while to load

    s, t, x, w = rows
    a = np.exp(place[0])
    b = np.exp(np.clip(place[1] - place[2] * x, -50.0, 50.0))
    value = (
        w @ (betaln(a + s, b + t - s) - betaln(a, b)) - ((place[2] - aim) / SLOPE_SPREAD) ** 2 / 2
    )
    both = digamma(a + b) - digamma(a + b + t)
    bent = zeta(2, a + b) - zeta(2, a + b + t)  # zeta(2, x) is the trigamma function
    of_a = a * (w @ (digamma(a + s) - digamma(a) + both))
    of_b = w * b * (digamma(b + t - s) - digamma(b) + both)
    of_aa = of_a + a * a * (w @ (zeta(2, a + s) - zeta(2, a) + bent))
    of_bb = of_b + w * b * b * (zeta(2, b + t - s) - zeta(2, b) + bent)
    of_ab = a * w * b * bent
    fall = np.array([of_a, of_b.sum(), -(of_b @ x) - (place[2] - aim) / SLOPE_SPREAD**2])
    bend = np.array(
        [
            [of_aa, of_ab.sum(), -(of_ab @ x)],
            [of_ab.sum(), of_bb.sum(), -(of_bb @ x)],
            [-(of_ab @ x), -(of_bb @ x), of_bb @ x**2 - SLOPE_SPREAD**-2],
        ]
    )
    return -float(value), -fall, -bend


def shrink(
    counts: Counts, group: Groups, least_trials: float, near: Shrunk | None = None
) -> Shrunk:
    """Rates shrunk within groups; small groups together with all rows.

    The distributions are estimated from the rows with `least_trials` or more, of which a group
    needs `LEAST_ROWS`, and among them `LEAST_HITS` with a success. `near`: a shrinkage of the same
    rows under other weights, to start from.
    """
    successes, trials, size, weight = counts
    usable = trials >= max(least_trials, 1.0)
    measured = _enough(successes, usable)
    steps = MOST_STEPS if near is None else FEW_STEPS
    if measured:
        common = learn_prior(counts.of(usable), 0.0, near.common if near else None, steps)
    else:
        mean = min(HALF, float((weight @ successes + HALF) / (weight @ trials + 1.0)))
        common = Prior(UNKNOWN_ALPHA, UNKNOWN_ALPHA * (1.0 - mean) / mean)
    alpha, beta = np.full(trials.size, common.alpha), common.beta_of(size)
    priors = {}
    for number in np.unique(group).tolist() if measured else ():
        own = group == number
        if _enough(successes, usable & own):
            start = near.priors.get(number, common) if near else common
            rows = counts.of(usable & own)
            alone = own.all()
            priors[number] = common if alone else learn_prior(rows, common.slope, start, steps)
            alpha[own], beta[own] = priors[number].alpha, priors[number].beta_of(size[own])
    hits = np.minimum(successes, trials)
    return Shrunk(alpha + hits, beta + trials - hits, priors, common, measured)


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
