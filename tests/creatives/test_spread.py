"""The spread between creatives: found again where it is known, and used as it should be."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import betaln, polygamma

from adsim.creatives.beliefs import rate_beliefs
from adsim.creatives.race import run_race
from adsim.creatives.spread import VARIATION, alpha_of, estimate_spread, freedom, mean_rates


def drawn_tests(rng, n_tests: int, spread: float, trials: np.ndarray) -> tuple:
    """True rates and successes of tests whose mean rates are spread evenly over log odds."""
    deviations = spread * np.exp(rng.normal(-(VARIATION**2), VARIATION, n_tests))
    alpha = np.array([[alpha_of(deviation)] for deviation in deviations])
    mean = 1 / (1 + np.exp(rng.uniform(2.5, 4.5, (n_tests, 1))))
    rates = rng.beta(alpha, np.broadcast_to(alpha * (1 - mean) / mean, trials.shape))
    return rates, rng.binomial(trials, rates).astype(float)


@pytest.mark.parametrize("spread", [1e-4, 0.001, 0.05, 0.236, 1.0, 3.0, 9.0])
def test_alpha_is_the_inverse_of_the_spread(spread):
    assert polygamma(1, alpha_of(spread)) == pytest.approx(spread**2)


def test_the_mean_rate_has_the_likelihood_of_the_beta_binomial():
    successes, trials, alpha = np.array([30.0, 41.0, 0.0]), np.array([900.0, 1100.0, 0.0]), 18.0

    def density(odds: float) -> float:
        m = 1 / (1 + np.exp(-odds))
        beta = alpha * (1 - m) / m
        logs = betaln(alpha + successes, beta + trials - successes) - betaln(alpha, beta)
        return float(np.exp(logs.sum() + 300) * np.sqrt(m * (1 - m)))

    odds, log_weights = mean_rates(successes[None], trials[None], alpha)
    evidence = np.exp(log_weights + 300)
    assert evidence.sum() == pytest.approx(quad(density, -12, 4, points=[-3.3])[0], rel=5e-3)
    mean = quad(lambda x: x * density(x), -12, 4, points=[-3.3])[0]
    assert (odds * evidence).sum() == pytest.approx(mean, rel=5e-3)


@pytest.mark.parametrize("spread", [0.1, 0.236, 0.6])
def test_a_spread_that_was_drawn_is_found(spread):
    """Standard error of the root mean square 4 %: 16 % are 4 of them (false alarm 6e-5)."""
    rng = np.random.default_rng(11)
    trials = rng.integers(2000, 20_000, (400, 4))
    _, successes = drawn_tests(rng, 400, spread, trials)
    assert estimate_spread(successes, trials.astype(float)) == pytest.approx(spread, rel=0.16)


def test_creatives_that_differ_by_chance_alone_have_hardly_a_spread():
    rng = np.random.default_rng(3)
    trials = np.full((100, 4), 5000)
    successes = rng.binomial(trials, 0.03).astype(float)
    assert estimate_spread(successes, trials.astype(float)) < 0.05


def test_probabilities_of_being_the_best_are_true_whatever_the_impressions():
    """Rates drawn from the prior, impressions unequal by up to 100 times.

    False-alarm rate: 6e-5 for each of the four sums (4 standard errors).
    """
    rng = np.random.default_rng(8)
    trials = np.exp(rng.uniform(np.log(300), np.log(30_000), (150, 3))).astype(int)
    rates, successes = drawn_tests(rng, 150, 0.236, trials)
    leads, hits, losses = [], [], []
    for row in range(150):
        beliefs = rate_beliefs(successes[row], trials[row].astype(float), 0.236)
        race = run_race(beliefs)
        leader = race.expected.argmax()
        leads.append(race.p_best[leader])
        hits.append(rates[row].argmax() == leader)
        losses.append(rates[row].max() - rates[row, leader] - race.loss[leader])
    chance, hit = np.array(leads), np.array(hits)
    for sure in (chance < 0.5, (chance >= 0.5) & (chance < 0.8), chance >= 0.8):
        error = np.sqrt((chance[sure] * (1 - chance[sure])).sum())
        assert sure.sum() > 15 and abs(hit[sure].sum() - chance[sure].sum()) < 4 * error
    assert abs(np.mean(losses)) < 4 * np.std(losses) / np.sqrt(150)


def test_freedom_counts_creatives_beyond_the_first():
    assert freedom(np.array([[5.0, 5.0, 0.0], [5.0, 0.0, 0.0], [0.0, 0.0, 0.0]])) == 1
