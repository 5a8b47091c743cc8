"""Special functions against scipy, up to the ends of their ranges."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special as reference
from scipy import stats

from adsim.kernels import special
from tests.kernels.worlds import JIT

SIZE = 2000 if JIT else 100
RANDOM = np.random.default_rng(1)


def each(function, *columns):
    return np.array([function(*row) for row in zip(*np.broadcast_arrays(*columns), strict=True)])


def log_uniform(low, high, size=SIZE):
    return np.exp(RANDOM.uniform(np.log(low), np.log(high), size))


def test_normal_quantile():
    u = np.concatenate([RANDOM.uniform(size=SIZE), log_uniform(1e-300, 0.1), [0.075, 0.5, 0.925]])
    found = each(special.normal_quantile, u)
    np.testing.assert_allclose(found, reference.ndtri(u), rtol=2e-14, atol=1e-16)
    assert special.normal_quantile(0.5) == 0.0
    assert special.normal_quantile(1 - 2.0**-53) == pytest.approx(8.2095, abs=1e-4)


def test_normal_tail():
    z = RANDOM.uniform(-9, 37, SIZE)
    np.testing.assert_allclose(each(special.normal_tail, z), reference.ndtr(-z), rtol=1e-13)


def test_stirling_error():
    x = log_uniform(0.01, 100)
    exact = reference.gammaln(x + 1) - (x + 0.5) * np.log(x) + x - 0.5 * np.log(2 * np.pi)
    np.testing.assert_allclose(each(special.stirling_error, x), exact, rtol=1e-9, atol=1e-11)
    large = np.array([16.0, 30.0, 1e6])
    series = 1 / (12 * large) - 1 / (360 * large**3) + 1 / (1260 * large**5) - 1 / (1680 * large**7)
    np.testing.assert_allclose(each(special.stirling_error, large), series, rtol=1e-12)


def test_deviance():
    mean = log_uniform(1e-3, 1e6)
    x = mean * log_uniform(1e-3, 1e3)
    exact = reference.rel_entr(x, mean) + mean - x
    far = np.abs(x / mean - 1) > 0.01
    np.testing.assert_allclose(each(special.deviance, x, mean)[far], exact[far], rtol=1e-10)
    close = special.deviance(1e9 + 1, 1e9)
    assert close == pytest.approx(0.5e-9, rel=1e-8)


def test_poisson_pmf():
    mean = log_uniform(0.01, 1e6)
    x = np.floor(mean + RANDOM.normal(size=SIZE) * 3 * np.sqrt(mean)).clip(0)
    exact = stats.poisson.pmf(x, mean)
    np.testing.assert_allclose(each(special.poisson_pmf, x, mean), exact, rtol=2e-8)
    small = mean < 100
    np.testing.assert_allclose(each(special.poisson_pmf, x, mean)[small], exact[small], rtol=1e-12)


def test_binomial_pmf():
    n = np.floor(log_uniform(1, 1e6))
    p = RANDOM.uniform(0.001, 0.999, SIZE)
    x = np.floor(RANDOM.binomial(n.astype(int), p))
    exact = stats.binom.pmf(x, n, p)
    np.testing.assert_allclose(each(special.binomial_pmf, x, n, p), exact, rtol=1e-9)
    for x, exact in ((0.0, 0.7**20), (20.0, 0.3**20)):
        assert special.binomial_pmf(x, 20.0, 0.3) == pytest.approx(exact, rel=1e-13)


def test_gamma_tail():
    shape = log_uniform(0.05, 1e5)
    x = shape * log_uniform(0.2, 3)
    exact = reference.gammaincc(shape, x)
    shown = exact > 1e-250
    np.testing.assert_allclose(
        each(special.gamma_tail, shape, x)[shown], exact[shown], rtol=1e-9, atol=1e-13
    )
    assert special.gamma_tail(2.0, 0.0) == special.gamma_tail(2.0, -1.0) == 1.0


def test_gamma_tail_of_a_poisson_count_is_its_distribution():
    k = np.arange(30.0)
    np.testing.assert_allclose(
        each(special.gamma_tail, k + 1, np.full(30, 7.5)), stats.poisson.cdf(k, 7.5), rtol=1e-13
    )


def test_gamma_density():
    shape, x = log_uniform(0.1, 1e3), log_uniform(0.01, 1e3)
    exact = stats.gamma.pdf(x, shape)
    shown = exact > 1e-250
    found = each(special.gamma_density, shape, x)
    np.testing.assert_allclose(found[shown], exact[shown], rtol=1e-10)


def test_gamma_quantile():
    shape = log_uniform(0.05, 1e4)
    tail = np.concatenate([RANDOM.uniform(size=SIZE // 2), log_uniform(1e-12, 0.1, SIZE // 2)])
    found = each(special.gamma_quantile, tail, shape)
    exact = reference.gammainccinv(shape, tail)
    shown = exact > 1e-250
    np.testing.assert_allclose(found[shown], exact[shown], rtol=1e-8)


def test_gamma_quantile_undoes_the_tail():
    for shape in (0.3, 1.0, 1.5625, 40.0):
        for tail in (1e-9, 0.01, 0.5, 0.99):
            x = special.gamma_quantile(tail, shape)
            assert special.gamma_tail(shape, x) == pytest.approx(tail, rel=1e-11)


def test_binomial_cdf():
    n = np.floor(log_uniform(2, 1e6))
    p = RANDOM.uniform(0.001, 0.999, SIZE)
    k = np.floor(RANDOM.binomial(n.astype(int), p)).clip(0, n - 1)
    exact = stats.binom.cdf(k, n, p)
    np.testing.assert_allclose(each(special.binomial_cdf, k, n, p), exact, rtol=1e-8, atol=1e-11)
