"""Special functions that the kernels need and numba does not have, in double precision.

Sources: normal quantile by Wichura, "Algorithm AS 241", Applied Statistics 37 (1988); Poisson and
binomial probabilities by Loader's saddle point form, "Fast and accurate computation of binomial
probabilities" (2000); incomplete gamma and beta functions by their power series and continued
fractions (DLMF 8.7.1, 8.9.2, 8.17.22), the fractions by the modified Lentz rule.
"""

from __future__ import annotations

import math

import numpy as np

from .jit import kernel

_TINY = 1e-300
_EPS = 1e-16
_HALF_LOG_TWO_PI = 0.5 * math.log(2.0 * math.pi)
_SQRT_HALF = math.sqrt(0.5)

_A = np.array([3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
               1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
               3.3430575583588128105e4, 2.5090809287301226727e3])  # fmt: skip
_B = np.array([1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
               2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4,
               5.2264952788528545610e3])  # fmt: skip
_C = np.array([1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
               3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
               2.27238449892691845833e-2, 7.74545014278341407640e-4])  # fmt: skip
_D = np.array([1.0, 2.05319162663775882187e0, 1.67638483018380384940e0,
               6.89767334985100004550e-1, 1.48103976427480074590e-1, 1.51986665636164571966e-2,
               5.47593808499534494600e-4, 1.05075007164441684324e-9])  # fmt: skip
_E = np.array([6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
               2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
               2.71155556874348757815e-5, 2.01033439929228813265e-7])  # fmt: skip
_F = np.array([1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1,
               1.48753612908506148525e-2, 7.86869131145613259100e-4, 1.84631831751005468180e-5,
               1.42151175831644588870e-7, 2.04426310338993978564e-15])  # fmt: skip


@kernel
def _ratio(numerator, denominator, r):
    top = numerator[7]
    bottom = denominator[7]
    for i in range(6, -1, -1):
        top = top * r + numerator[i]
        bottom = bottom * r + denominator[i]
    return top / bottom


@kernel
def normal_quantile(u):
    """Standard normal quantile of u in (0, 1), relative error about 1e-16."""
    q = u - 0.5
    if abs(q) <= 0.425:
        return q * _ratio(_A, _B, 0.180625 - q * q)
    r = math.sqrt(-math.log(min(u, 1.0 - u)))
    tail = _ratio(_C, _D, r - 1.6) if r <= 5.0 else _ratio(_E, _F, r - 5.0)
    return tail if q > 0.0 else -tail


@kernel
def normal_tail(z):
    """P(Z > z) of a standard normal."""
    return 0.5 * math.erfc(z * _SQRT_HALF)


@kernel
def stirling_error(x):
    """log x! minus Stirling's approximation of it, x > 0 (Loader 2000, section 3)."""
    if x < 16.0:
        return math.lgamma(x + 1.0) - (x + 0.5) * math.log(x) + x - _HALF_LOG_TWO_PI
    r = 1.0 / (x * x)
    return (1 / 12 - (1 / 360 - (1 / 1260 - r / 1680) * r) * r) / x


@kernel
def deviance(x, mean):
    """x log(x / mean) + mean - x without cancellation (Loader 2000, section 5)."""
    if abs(x - mean) < 0.1 * (x + mean):
        v = (x - mean) / (x + mean)
        total = (x - mean) * v
        power = 2.0 * x * v
        j = 1
        while True:
            power *= v * v
            previous = total
            total += power / (2 * j + 1)
            if total == previous:
                return total
            j += 1
    return x * math.log(x / mean) + mean - x


@kernel
def poisson_pmf(x, mean):
    """exp(-mean) mean**x / Gamma(x + 1) for real x >= 0, mean > 0."""
    if x == 0.0:
        return math.exp(-mean)
    return math.exp(-stirling_error(x) - deviance(x, mean)) / math.sqrt(2.0 * math.pi * x)


@kernel
def binomial_pmf(x, n, p):
    """P(X = x) of a binomial, 0 <= x <= n, 0 < p < 1."""
    if x == 0.0:
        return math.exp(n * math.log1p(-p))
    if x == n:
        return math.exp(n * math.log(p))
    log_pmf = stirling_error(n) - stirling_error(x) - stirling_error(n - x)
    log_pmf -= deviance(x, n * p) + deviance(n - x, n * (1.0 - p))
    return math.exp(log_pmf) * math.sqrt(n / (2.0 * math.pi * x * (n - x)))


@kernel
def gamma_tail(shape, x):
    """Upper regularized incomplete gamma function Q(shape, x), shape > 0 (DLMF 8.7.1, 8.9.2)."""
    if x <= 0.0:
        return 1.0
    front = poisson_pmf(shape, x)  # x**shape exp(-x) / Gamma(shape + 1)
    if x < shape + 1.0:
        term = 1.0
        total = 1.0
        a = shape
        while term > total * _EPS:
            a += 1.0
            term *= x / a
            total += term
        return max(0.0, 1.0 - front * total)
    b = x + 1.0 - shape
    c = 1.0 / _TINY
    d = 1.0 / b
    fraction = d
    for i in range(1, 1_000_000):
        step = -i * (i - shape)
        b += 2.0
        d = step * d + b
        d = 1.0 / (d if abs(d) > _TINY else _TINY)
        c = b + step / c
        c = c if abs(c) > _TINY else _TINY
        fraction *= d * c
        if abs(d * c - 1.0) < _EPS * 4.0:
            break
    return front * shape * fraction


@kernel
def gamma_density(shape, x):
    """Density of a gamma variable with scale 1 at x > 0."""
    return poisson_pmf(shape, x) * shape / x


@kernel
def gamma_quantile(tail, shape):
    """The x with Q(shape, x) = tail, 0 < tail < 1: Newton steps on log x inside a bracket.

    Starts from Wilson and Hilferty's cube (1931), or from the leading power near zero.
    """
    z = -normal_quantile(tail)
    cube = 1.0 - 1.0 / (9.0 * shape) + z / (3.0 * math.sqrt(shape))
    x = shape * cube * cube * cube
    if cube <= 0.2 or x <= 0.0:
        x = math.exp((math.log1p(-tail) + math.lgamma(shape + 1.0)) / shape)
    low = 0.0
    high = math.inf
    for _ in range(200):
        error = gamma_tail(shape, x) - tail
        if error > 0.0:
            low = x
        else:
            high = x
        slope = gamma_density(shape, x) * x
        step = error / slope if slope > 0.0 else 0.0
        new = x * math.exp(min(2.0, max(-2.0, step)))
        if not (low < new < high) or step == 0.0:
            if error == 0.0 or abs(step) < 1e-15:
                return x
            new = 0.5 * (low + high) if high < math.inf else 2.0 * x
        if abs(new - x) <= 2e-16 * x:
            return new
        x = new
    return x


@kernel
def binomial_cdf(k, n, p):
    """P(X <= k) of a binomial, 0 <= k < n, by the continued fraction DLMF 8.17.22."""
    if k < n * p:
        return _binomial_lower(k, n, p)
    return 1.0 - _binomial_lower(n - k - 1.0, n, 1.0 - p)


@kernel
def _binomial_lower(k, n, p):
    """P(X <= k) = I_{1-p}(n - k, k + 1) for k at most about the mean."""
    a = n - k
    b = k + 1.0
    x = 1.0 - p
    front = binomial_pmf(k, n, p)  # x**a p**k / ((n + 1) B(a, b)), up to the factor below
    swap = x > (a + 1.0) / (a + b + 2.0)
    if swap:  # the fraction converges fast only below the mean of the beta variable
        return 1.0 - _beta_fraction(b, a, p) * front * p * a / b
    return _beta_fraction(a, b, x) * front * p


@kernel
def _beta_fraction(a, b, x):
    c = 1.0
    d = 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / (d if abs(d) > _TINY else _TINY)
    value = d
    for m in range(1, 10_000_000):
        for odd in range(2):
            if odd == 0:
                step = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
            else:
                step = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
            d = 1.0 + step * d
            d = 1.0 / (d if abs(d) > _TINY else _TINY)
            c = 1.0 + step / c
            c = c if abs(c) > _TINY else _TINY
            value *= d * c
        if abs(d * c - 1.0) < _EPS * 4.0:
            break
    return value
