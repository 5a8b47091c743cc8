"""Quantiles of counts: equal to scipy's, the definition itself where scipy is too coarse."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from adsim.kernels import draws
from tests.kernels.worlds import JIT

SIZE = 30_000 if JIT else 200
RANDOM = np.random.default_rng(2)
LAST = 1 - 2.0**-53  # the largest uniform


def each(function, *columns):
    return np.array([function(*row) for row in zip(*columns, strict=True)])


def uniforms(size):
    """Half of them anywhere, a quarter near 0, a quarter near 1.

    Nearer to 1 than 1e-10 the distribution function's own rounding decides between neighbors.
    """
    near = 10.0 ** RANDOM.uniform(-10, -1, size // 4)
    return np.concatenate([RANDOM.uniform(size=size - 2 * near.size), near, 1 - near])


def log_uniform(low, high, size):
    return np.exp(RANDOM.uniform(np.log(low), np.log(high), size))


@pytest.mark.parametrize(("low", "high"), [(1e-6, 1), (1, 12), (11.9, 12.1), (12, 1e3), (1e3, 1e5)])
def test_poisson_quantiles_are_those_of_scipy(low, high):
    u, mean = uniforms(SIZE), log_uniform(low, high, SIZE)
    np.testing.assert_array_equal(
        each(draws.poisson_quantile, u, mean), stats.poisson.ppf(u, mean).astype(int)
    )


@pytest.mark.parametrize(("low", "high"), [(1, 30), (30, 1e3), (1e3, 1e5)])
@pytest.mark.parametrize("most", [0.02, 1.0])
def test_binomial_quantiles_are_those_of_scipy(low, high, most):
    u = uniforms(SIZE)
    n = np.floor(log_uniform(low, high, SIZE)).astype(int)
    p = RANDOM.uniform(0, most, SIZE)
    np.testing.assert_array_equal(
        each(draws.binomial_quantile, u, n, p), stats.binom.ppf(u, n, p).astype(int)
    )


def test_many_binomials_are_those_of_each():
    u, n, p = uniforms(40), np.arange(40), np.linspace(0, 1, 40)
    out = np.empty(40, np.int64)
    draws.fill_binomials(u, n, p, out)
    np.testing.assert_array_equal(out, each(draws.binomial_quantile, u, n, p))


def test_large_poisson_quantiles_obey_the_definition():
    size = SIZE // 30
    u, mean = RANDOM.uniform(size=size), log_uniform(1e5, 1e9, size)  # scipy errs in the tails
    k = each(draws.poisson_quantile, u, mean)
    assert (special.gammaincc(k + 1, mean) >= u - 1e-9).all()
    assert (special.gammaincc(k, mean) < u + 1e-9).all()


def test_large_binomial_quantiles_obey_the_definition():
    size = SIZE // 30
    u, n = uniforms(size), np.full(size, 10**9)
    p = log_uniform(1e-8, 0.5, size)
    k = each(draws.binomial_quantile, u, n, p)
    assert (stats.binom.cdf(k, n, p) >= u - 1e-8).all()
    assert (stats.binom.cdf(k - 1, n, p) < u + 1e-8).all()


@pytest.mark.parametrize("u", [2.0**-54, 1e-300, 0.5, LAST])
def test_degenerate_counts(u):
    assert draws.poisson_quantile(u, 0.0) == draws.poisson_quantile(u, -1.0) == 0
    assert draws.binomial_quantile(u, 0, 0.5) == draws.binomial_quantile(u, -1, 0.5) == 0
    assert draws.binomial_quantile(u, 7, 0.0) == draws.binomial_quantile(u, 7, -0.1) == 0
    assert draws.binomial_quantile(u, 7, 1.0) == draws.binomial_quantile(u, 7, 1.1) == 7


@pytest.mark.parametrize("mean", [1e-12, 0.5, 11.9, 12.0, 50.0, 1e4, 1e9 if JIT else 1e6])
def test_the_ends_of_the_uniforms_stay_near_the_mean(mean):
    low, high = (draws.poisson_quantile(u, mean) for u in (2.0**-54, LAST))
    assert 0 <= low <= mean <= high + 1
    assert high <= mean + 12 * np.sqrt(mean) + 20
    assert low >= mean - 9 * np.sqrt(mean)


@pytest.mark.parametrize("n", [1, 24, 25, 1000, 10**9 if JIT else 10**5])
@pytest.mark.parametrize("p", [1e-9, 0.5, 0.7, 1 - 1e-9])
def test_the_ends_of_the_uniforms_stay_in_the_range(n, p):
    low, high = (draws.binomial_quantile(u, n, p) for u in (2.0**-54, LAST))
    sd = np.sqrt(n * p * (1 - p))
    assert 0 <= low <= high <= n
    assert low >= n * p - 9 * sd - 20
    assert high <= n * p + 12 * sd + 20


def test_quantiles_do_not_fall():
    u = np.linspace(1e-6, 1 - 1e-6, SIZE // 10)
    for mean in (3.0, 12.0, 40.0, 5000.0):
        k = np.array([draws.poisson_quantile(x, mean) for x in u])
        assert (np.diff(k) >= 0).all()
    k = np.array([draws.poisson_quantile(0.3, mean) for mean in np.linspace(0.1, 60, SIZE // 10)])
    assert (np.diff(k) >= 0).all()


def largest_error(w, x, k, variance):
    """The expansion's largest error beside the bound that `draws` gives for it."""
    inside = np.abs(w) < draws.SURE_QUANTILE
    bound = np.array([draws._doubt(z, variance) for z in w[inside]])
    return np.max(np.abs(x[inside] - k[inside] - 0.5) / bound, initial=0.0)


def normal_quantiles(cdf, sf):
    return np.where(cdf < 0.5, special.ndtri(cdf), -special.ndtri(sf))


@pytest.mark.parametrize("mean", [12.0, 12.7, 17.0, 31.5, 100.0, 1000.0, 30_000.0])
def test_the_poisson_expansion_errs_about_half_its_bound_at_most(mean):
    k = np.arange(max(0, int(mean - 7 * np.sqrt(mean))), int(mean + 8 * np.sqrt(mean) + 10))
    k = k[:: max(1, k.size // 300)]
    w = normal_quantiles(special.gammaincc(k + 1.0, mean), special.gammainc(k + 1.0, mean))
    cumulants = (mean, mean - 1 / 12, mean, mean + 1 / 120, mean)
    x = np.array([draws._expansion(z, *cumulants) for z in w])
    assert largest_error(w, x, k, mean) <= 0.55


@pytest.mark.parametrize("p", [1e-6, 0.01, 0.1, 0.3, 0.5])
@pytest.mark.parametrize("mean", [12.0, 40.0, 3000.0])
def test_the_binomial_expansion_errs_about_half_its_bound_at_most(mean, p):
    n = int(np.ceil(mean / p))
    q, mean = 1 - p, n * p
    variance = mean * q
    sd = np.sqrt(variance)
    k = np.arange(max(0, int(mean - 7 * sd)), min(n - 1, int(mean + 8 * sd + 10)))
    k = k[:: max(1, k.size // 300)]
    w = normal_quantiles(stats.binom.cdf(k, n, p), stats.binom.sf(k, n, p))
    skew = variance * (1 - 2 * p)
    fourth = variance * (1 - 6 * p * q) + 1 / 120
    fifth = skew * (1 - 12 * p * q)
    cumulants = (mean, variance - 1 / 12, skew, fourth, fifth)
    x = np.array([draws._expansion(z, *cumulants) for z in w])
    assert largest_error(w, x, k, variance) <= 0.55
