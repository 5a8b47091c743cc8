"""What is known of the creatives of one test: a mixture of independent distributions.

Given a test's mean rate and standard deviation its creatives are independent; both are known only
so well, so beliefs are a weighted mixture over them. Each creative's value is

- a *rate* B ~ Beta(a, b) in (0, 1), or
- a *return* scale x B / (1 - B), a scaled beta prime: (orders a trial) x (value of an order).

For returns, orders are Poisson and the values of orders Gamma with coefficient of variation c (the
compound Poisson-Gamma, or Tweedie, model; Joergensen, The Theory of Dispersion Models, 1997): a
Gamma-distributed rate times an inverse-Gamma-distributed mean value makes the beta prime. With
c = 1, exponential values, it is the revenue model of Stucchio, Bayesian A/B Testing at VWO, 2015.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, digamma, expit, polygamma

from adsim.creatives.spread import Floats, alphas_of, mean_rates

LEAST_WEIGHT = 1e-4  # of a set that is kept
JEFFREYS = 0.5


@dataclass(frozen=True)
class Beliefs:
    """A mixture of M sets of distributions of K creatives.

    Attributes:
        weights: (M,), sum 1.
        a, b: (M, K), parameters of the Betas.
        scale: (M, K) of returns; None for rates.
    """

    weights: Floats
    a: Floats
    b: Floats
    scale: Floats | None = None

    @property
    def shift(self) -> Floats:
        """(M, K): log odds of B + shift = place on the axis of `value_at`, common to all."""
        return np.zeros_like(self.a) if self.scale is None else np.log(self.scale)

    def value_at(self, place: Floats) -> Floats:
        """Rates of log odds, or returns of logarithms."""
        return expit(place) if self.scale is None else np.exp(place)

    def place_of(self, log_value: Floats) -> Floats:
        """The place of a value, given its logarithm; infinite for a rate of 1 or more."""
        if self.scale is not None:
            return log_value
        with np.errstate(divide="ignore"):
            return np.where(
                log_value < 0, log_value - np.log(-np.expm1(np.minimum(log_value, 0.0))), np.inf
            )

    def slope_at(self, place: Floats) -> Floats:
        """Derivative of `value_at`."""
        value = self.value_at(place)
        return value * (1.0 - value) if self.scale is None else value

    def means(self) -> Floats:
        """(M, K) expected values."""
        if self.scale is None:
            return self.a / (self.a + self.b)
        return self.scale * self.a / (self.b - 1.0)

    def log_moments(self) -> tuple[Floats, Floats]:
        """(M, K) mean and standard deviation of the logarithm of the value."""
        if self.scale is None:
            mean = digamma(self.a) - digamma(self.a + self.b)
            variance = polygamma(1, self.a) - polygamma(1, self.a + self.b)
        else:
            mean = digamma(self.a) - digamma(self.b) + self.shift
            variance = polygamma(1, self.a) + polygamma(1, self.b)
        return mean, np.sqrt(variance)

    def quantile_places(self, probabilities: Floats) -> Floats:
        """(M, K, P) places of quantiles; both tails of B in full precision."""
        a, b = self.a[..., None], self.b[..., None]
        low, high = betaincinv(a, b, probabilities), betaincinv(b, a, 1.0 - probabilities)
        tiny = np.finfo(float).tiny
        odds: Floats = np.log(np.maximum(low, tiny)) - np.log(np.maximum(high, tiny))
        return odds + self.shift[..., None]


def rate_beliefs(successes: Floats, trials: Floats, spread: float | None) -> Beliefs:
    """Beliefs about rates, (K,) counts; without a spread Jeffreys' prior for each creative alone.

    With one, a mixture over the test's own standard deviation and its mean rate.
    """
    misses = trials - successes
    if spread is None:
        return Beliefs(np.ones(1), (successes + JEFFREYS)[None], (misses + JEFFREYS)[None])
    alphas, log_weights = alphas_of(spread)
    surveys = [mean_rates(successes[None], trials[None], alpha) for alpha in alphas]
    logs = np.concatenate([w + s[1][0] for w, s in zip(log_weights, surveys, strict=True)])
    odds = np.concatenate([s[0][0] for s in surveys])
    alpha = np.repeat(alphas, odds.size // alphas.size)
    weights = np.exp(logs - logs.max())
    kept = weights > LEAST_WEIGHT * weights.sum()
    a, b = alpha[kept], alpha[kept] * np.exp(-odds[kept])
    return Beliefs(weights[kept] / weights[kept].sum(), a[:, None] + successes, b[:, None] + misses)


def return_beliefs(
    rates: Beliefs, orders: Floats, revenue: Floats, cost: Floats, order_cv: float
) -> Beliefs:
    """Beliefs about revenue / cost, from those about orders a trial.

    The rate of orders is the Gamma distribution with the shape and the mean of its Beta. The mean
    value of an order is inverse Gamma with shape n / c^2 + 2 and scale r / c^2 + v after n orders
    of revenue r, where v is the mean value over the test: beforehand values are expected at v, with
    a tail so wide that even few orders count more.

    Args:
        rates: Beliefs about orders a trial.
        orders, revenue: (K,) totals.
        cost: (K,) what a trial costs; 1 for revenue a trial.
        order_cv: c, the coefficient of variation of one order's value, > 0.
    """
    known = 1.0 / order_cv**2
    typical = revenue.sum() / orders.sum() if orders.sum() > 0 else 1.0
    scale = (known * revenue + typical) / ((rates.a + rates.b) * cost)
    shape = np.broadcast_to(known * orders + 2.0, rates.a.shape)
    return Beliefs(rates.weights, rates.a, shape, scale)
