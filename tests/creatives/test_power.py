"""The size of a test: the textbook's formula, and what happens when tests of that size are run."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri

from adsim.creatives.power import lift_found, p_value, power_of, trials_needed

N_TESTS = 20_000


def claims(rates: list[float], trials: int, alpha: float) -> np.ndarray:
    """Who is claimed to be the best in many seeded tests; -1 = nobody. Written from the rule."""
    rng = np.random.default_rng(21)
    found = rng.binomial(trials, rates, (N_TESTS, len(rates))) / trials
    ranked = np.sort(found, axis=1)
    pooled = (ranked[:, -1] + ranked[:, -2]) / 2
    lead = (ranked[:, -1] - ranked[:, -2]) / np.sqrt(2 * pooled * (1 - pooled) / trials)
    return np.where(lead > ndtri(1 - alpha / 2), found.argmax(axis=1), -1)


@pytest.mark.parametrize(("rate", "lift"), [(0.03, 0.2), (0.2, 0.5), (0.001, 1.0)])
def test_two_creatives_need_what_the_textbook_says(rate, lift):
    p, q = rate * (1 + lift), (rate + rate * (1 + lift)) / 2
    both = np.sqrt(2 * q * (1 - q)), np.sqrt(p * (1 - p) + rate * (1 - rate))
    textbook = (ndtri(0.975) * both[0] + ndtri(0.8) * both[1]) ** 2 / (p - rate) ** 2
    assert trials_needed(rate, lift, 2, 0.8, 0.05) == np.ceil(textbook)


@pytest.mark.parametrize("creatives", [2, 4, 8])
def test_tests_of_the_planned_size_find_the_lift(creatives):
    """Chance 80 %: false-alarm rate 6e-5 (4 standard errors), and 1 % for the normal curve."""
    trials = int(trials_needed(0.03, 0.2, creatives, 0.8, 0.05))
    found = claims([0.036] + [0.03] * (creatives - 1), trials, 0.05)
    assert (found == 0).mean() == pytest.approx(0.8, abs=0.01 + 4 * np.sqrt(0.16 / N_TESTS))


@pytest.mark.parametrize("rates", [[0.03] * 2, [0.03] * 4, [0.03, 0.03, 0.02], [0.03] * 9])
def test_a_best_one_is_rarely_claimed_where_there_is_none(rates):
    """At most 5 %, reached where two are best alike: 4 standard errors, false-alarm rate 3e-5."""
    share = (claims(rates, 20_000, 0.05) >= 0).mean()
    error = 4 * np.sqrt(0.05 * 0.95 / N_TESTS)
    assert share < 0.05 + error
    if rates.count(0.03) == 2:
        assert share > 0.05 - error


def test_more_creatives_need_more_and_a_larger_lift_less():
    needed = [trials_needed(0.03, 0.2, n, 0.8, 0.05) for n in (2, 3, 5, 9)]
    assert needed == sorted(needed) and needed[0] < needed[-1]
    assert trials_needed(0.03, 0.1, 3, 0.8, 0.05) > 3.5 * trials_needed(0.03, 0.2, 3, 0.8, 0.05)
    assert trials_needed(0.03, 0.2, 3, 0.8, 0.05, noise=2.0) == pytest.approx(
        2 * trials_needed(0.03, 0.2, 3, 0.8, 0.05), rel=1e-3
    )


def test_a_number_of_trials_finds_the_lift_that_needs_it():
    trials = trials_needed(0.03, 0.2, 4, 0.9, 0.01)
    assert lift_found(trials, 0.03, 4, 0.9, 0.01) == pytest.approx(0.2, rel=1e-4)
    assert power_of(trials, 0.03, 0.2, 4, 0.01) == pytest.approx(0.9, abs=1e-4)
    assert lift_found(1, 0.03, 4, 0.9, 0.01) == float("inf")


def test_a_claim_is_as_weak_as_its_weakest_comparison():
    successes, trials = np.array([360.0, 300.0, 340.0]), np.full(3, 10_000.0)
    pooled = 0.035
    z = 0.002 / np.sqrt(pooled * (1 - pooled) * 2e-4)
    assert ndtri(1 - p_value(successes, trials, 0) / 2) == pytest.approx(z)
    assert p_value(successes, trials, 1) == 1.0
    assert p_value(np.zeros(3), trials, 0) == 1.0
    assert p_value(successes, np.array([10_000.0, 10_000.0, 0.0]), 0) is None
    assert p_value(np.array([3.0]), np.array([9.0]), 0) is None
