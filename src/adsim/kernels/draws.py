"""Poisson and binomial quantiles: one uniform in, one exact count out.

Inverse transformation keeps common luck common: a small change of a rate moves few counts. Small
means walk the probabilities up from zero. Large means take the Cornish-Fisher expansion of the
count plus a uniform lattice jitter, whose distribution function equals that of the count at half
integers; where the expansion comes closer to a half integer than its error, the exact distribution
function decides. So the quantile is exact up to the rounding of that function.

Source of the expansion: Cornish and Fisher (1938), terms up to the fifth cumulant.
"""

from __future__ import annotations

import math

from .jit import kernel
from .special import binomial_cdf, gamma_tail, normal_quantile

WALK_MEAN = 12.0  # below this mean a walk from zero is faster than the expansion
SURE_QUANTILE = 6.0  # beyond it the expansion's error is unknown
LARGEST_UNIFORM = 1.0 - 2.0**-53  # 1 itself would ask for the end of an endless tail
NEGLIGIBLE = 1e-18  # terms below it are lost in the rounding of u


@kernel
def _expansion(w, mean, variance, third, fourth, fifth):
    """Cornish-Fisher quantile at normal quantile w from the mean and the cumulants 2 to 5."""
    sd = math.sqrt(variance)
    g1 = third / (variance * sd)
    g2 = fourth / (variance * variance)
    g3 = fifth / (variance * variance * sd)
    w2 = w * w
    x = w + g1 * (w2 - 1.0) / 6.0
    x += w * (g2 * (w2 - 3.0) / 24.0 - g1 * g1 * (2.0 * w2 - 5.0) / 36.0)
    x += g3 * ((w2 - 6.0) * w2 + 3.0) / 120.0 - g1 * g2 * ((w2 - 5.0) * w2 + 2.0) / 24.0
    x += g1 * g1 * g1 * ((12.0 * w2 - 53.0) * w2 + 17.0) / 324.0
    return mean + sd * x


@kernel
def _doubt(w, variance):
    """Bound of the expansion's error: for |w| < 6 none above 0.55 of it was found (see tests)."""
    w2 = w * w
    return 0.01 * (1.0 + w2 * w2 * abs(w)) / (variance * math.sqrt(variance))


@kernel
def _is_sure(x, w, variance):
    return abs(w) < SURE_QUANTILE and abs(x - math.floor(x) - 0.5) > _doubt(w, variance)


@kernel
def poisson_quantile(u, mean):
    """Smallest k with P(Poisson(mean) <= k) >= u, for u in (0, 1)."""
    if mean <= 0.0:
        return 0
    if mean < WALK_MEAN:
        return _poisson_walk(u, mean, math.exp(-mean))
    w = normal_quantile(u)
    # Sheppard: the smooth curve through the half integers has 1/12 less variance than the count
    x = _expansion(w, mean, mean - 1.0 / 12.0, mean, mean + 1.0 / 120.0, mean)
    if _is_sure(x, w, mean):
        return max(0, int(math.ceil(x - 0.5)))
    k = max(0, int(math.floor(x)))
    while gamma_tail(k + 1.0, mean) < u:
        k += 1
    while k > 0 and gamma_tail(float(k), mean) >= u:
        k -= 1
    return k


@kernel
def _poisson_walk(u, mean, term):
    """The quantile by summing from zero; `term` is exp(-mean)."""
    rest = u - term
    k = 0
    while rest > 0.0:
        k += 1
        term *= mean / k
        if term < NEGLIGIBLE and k > mean:
            break
        rest -= term
    return k


@kernel
def binomial_quantile(u, n, p):
    """Smallest k with P(Binomial(n, p) <= k) >= u, for u in (0, 1)."""
    if n <= 0 or p <= 0.0:
        return 0
    if p >= 1.0:
        return n
    if p > 0.5:
        return n - _lower_binomial_quantile(min(1.0 - u, LARGEST_UNIFORM), n, 1.0 - p)
    return _lower_binomial_quantile(u, n, p)


@kernel
def _lower_binomial_quantile(u, n, p):
    mean = n * p
    if mean < WALK_MEAN:
        return _binomial_walk(u, n, p)
    w = normal_quantile(u)
    pq = p * (1.0 - p)
    variance = n * pq
    third = variance * (1.0 - 2.0 * p)
    fourth = variance * (1.0 - 6.0 * pq) + 1.0 / 120.0
    x = _expansion(w, mean, variance - 1.0 / 12.0, third, fourth, third * (1.0 - 12.0 * pq))
    if _is_sure(x, w, variance):
        return min(n, max(0, int(math.ceil(x - 0.5))))
    k = min(n - 1, max(0, int(math.floor(x))))
    while k < n and binomial_cdf(float(k), float(n), p) < u:
        k += 1
    while k > 0 and binomial_cdf(k - 1.0, float(n), p) >= u:
        k -= 1
    return k


@kernel
def _binomial_walk(u, n, p):
    term = math.exp(n * math.log1p(-p))
    odds = p / (1.0 - p)
    rest = u - term
    k = 0
    while rest > 0.0 and k < n:
        term *= odds * (n - k) / (k + 1.0)
        k += 1
        if term < NEGLIGIBLE and k > n * p:
            break
        rest -= term
    return k


@kernel
def fill_binomials(u, n, p, out):
    """out[i] = the `binomial_quantile` of u[i] for n[i] trials of probability p[i]."""
    for i in range(out.size):
        out[i] = binomial_quantile(u[i], n[i], p[i])
