"""Standings by quadrature against exact sums, simulation and symmetry."""

from __future__ import annotations

from math import exp, lgamma

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from adsim.creatives.beliefs import Beliefs, rate_beliefs, return_beliefs
from adsim.creatives.race import ratio_quantiles, run_race

TAILS = np.array([0.025, 0.975])
SCENES = [
    ([30, 45, 38, 0], [1000, 1000, 1000, 1000]),
    ([5, 50, 5000], [100, 1000, 100_000]),
    ([0, 0], [1000, 10]),
    ([10, 9, 1], [10, 10, 10]),
    ([3, 3000], [60, 100_000]),
]


def floats(values) -> np.ndarray:
    return np.array(values, dtype=float)


def drawn(beliefs: Beliefs, n: int) -> np.ndarray:
    rng = np.random.default_rng(5)
    k = rng.choice(beliefs.weights.size, n, p=beliefs.weights)
    share = rng.beta(beliefs.a[k], beliefs.b[k])
    return share if beliefs.scale is None else beliefs.scale[k] * share / (1 - share)


def log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def chance_of_more(a: int, b: int, c: int, d: int) -> float:
    """P(Beta(a, b) > Beta(c, d)) for whole a: a finite sum (Miller 2010)."""
    return sum(
        exp(log_beta(c + i, d + b) - np.log(b + i) - log_beta(1 + i, b) - log_beta(c, d))
        for i in range(a)
    )


@pytest.mark.parametrize(
    ("a", "b", "c", "d"), [(3, 40, 5, 40), (31, 971, 46, 956), (1, 1, 1, 1), (2, 900, 90, 9000)]
)
def test_two_rates_are_compared_as_the_exact_sum_does(a, b, c, d):
    race = run_race(Beliefs(np.ones(1), floats([[a, c]]), floats([[b, d]])))
    assert race.p_best[0] == pytest.approx(chance_of_more(a, b, c, d), abs=1e-9)
    # E[(Y - X)+] = E[Y] P(Y' > X) - E[X] P(Y > X'), where X', Y' have one success more
    x, y = a / (a + b), c / (c + d)
    loss = y * chance_of_more(c + 1, d, a, b) - x * (1 - chance_of_more(a + 1, b, c, d))
    assert race.loss[0] == pytest.approx(loss, abs=1e-9)
    assert race.expected == pytest.approx([x, y])


@pytest.mark.parametrize("spread", [None, 0.236, 1.0])
@pytest.mark.parametrize(("successes", "trials"), SCENES)
def test_rates_stand_as_draws_of_them_do(successes, trials, spread):
    """False-alarm rate: 6e-5 a figure (4 standard errors), 102 figures."""
    beliefs = rate_beliefs(floats(successes), floats(trials), spread)
    check_against_draws(beliefs)


@pytest.mark.parametrize("order_cv", [0.01, 0.5, 1.0])
def test_returns_stand_as_draws_of_them_do(order_cv):
    rates = rate_beliefs(floats([30, 45, 20]), floats([1000, 900, 1100]), 0.236)
    revenue, cost = floats([300, 400, 900]), floats([0.5, 0.4, 0.6])
    check_against_draws(return_beliefs(rates, floats([30, 45, 20]), revenue, cost, order_cv))


def test_the_value_of_an_order_is_drawn_to_the_common_one_where_there_are_few():
    orders, revenue = floats([0, 2, 400]), floats([0, 300, 8000])
    rates = rate_beliefs(orders, floats([100, 100, 10_000]), None)
    common = 8300 / 402
    for cv in (0.5, 1.0):
        values = return_beliefs(rates, orders, revenue, floats([1, 1, 1]), cv).means()
        expected = (revenue / cv**2 + common) / (orders / cv**2 + 1)
        assert values[0] == pytest.approx(rates.means()[0] * expected)


def check_against_draws(beliefs: Beliefs) -> None:
    n = 200_000
    race, draws = run_race(beliefs), drawn(beliefs, n)
    best = draws.max(axis=1, keepdims=True)
    share = (draws == best).mean(axis=0)
    error = np.sqrt(race.p_best * (1 - race.p_best) / n)
    assert np.all(np.abs(share - race.p_best) <= 4 * error + 1e-5)
    losses = best - draws
    error = losses.std(axis=0) / np.sqrt(n)
    assert np.all(np.abs(losses.mean(axis=0) - race.loss) <= 4 * error + 1e-12)
    assert np.all(np.abs(draws.mean(axis=0) - race.expected) <= 4 * draws.std(axis=0) / n**0.5)
    below = (draws[:, [1]] / draws[:, [0]] < ratio_quantiles(beliefs, 1, 0, TAILS)).mean(axis=0)
    assert np.all(np.abs(below - TAILS) <= 4 * np.sqrt(TAILS * (1 - TAILS) / n))


@pytest.mark.parametrize("trials", [0, 1, 1000, 10**9])
@pytest.mark.parametrize("spread", [None, 0.236])
def test_equal_creatives_are_equally_good(trials, spread):
    race = run_race(rate_beliefs(np.full(5, trials * 0.03 // 1), np.full(5, float(trials)), spread))
    assert race.p_best == pytest.approx(0.2, abs=1e-12)
    assert race.loss == pytest.approx(race.loss[0], rel=1e-9) and race.loss[0] > 0


def test_a_creative_alone_is_the_best():
    race = run_race(rate_beliefs(floats([3]), floats([100]), None))
    assert race.p_best == pytest.approx(1.0) and race.loss == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("spread", [None, 0.236])
def test_a_billion_impressions_stand_as_normal_ones(spread):
    trials, successes = floats([1e9, 1e9]), floats([3e7, 3.001e7])
    beliefs = rate_beliefs(successes, trials, spread)
    z = 1e4 / np.sqrt((successes * (1 - successes / trials)).sum())
    assert run_race(beliefs).p_best[1] == pytest.approx(ndtr(z), abs=1e-4)
    half = 1.96 * np.sqrt(((1 - successes / trials) / successes).sum())
    found = ratio_quantiles(beliefs, 1, 0, TAILS) - successes[1] / successes[0]
    assert found == pytest.approx([-half, half], rel=1e-3)


def test_ratios_turned_round_are_turned_round():
    beliefs = rate_beliefs(floats([5, 5000]), floats([100, 100_000]), 0.236)
    forth, back = ratio_quantiles(beliefs, 0, 1, TAILS), ratio_quantiles(beliefs, 1, 0, TAILS)
    assert forth == pytest.approx(1 / back[::-1], rel=1e-6)


counts = st.tuples(st.integers(0, 10**9), st.floats(0, 1)).map(
    lambda drawn: (float(int(drawn[0] * drawn[1])), float(drawn[0]))
)


@settings(max_examples=25)
@given(st.lists(counts, min_size=1, max_size=5), st.sampled_from([None, 0.05, 0.236, 1.4]))
def test_any_counts_have_a_standing_whatever_their_order(rows, spread):
    successes, trials = np.array(rows).T
    race = run_race(rate_beliefs(successes, trials, spread))
    turned = run_race(rate_beliefs(successes[::-1], trials[::-1], spread))
    assert race.p_best.sum() == pytest.approx(1) and np.all(race.p_best >= 0)
    assert np.all(race.loss >= 0) and np.all((race.expected > 0) & (race.expected < 1))
    # logarithms of densities are up to 1e9 large, so that 1e-7 of them is lost to rounding
    assert race.p_best == pytest.approx(turned.p_best[::-1], abs=1e-7)
    assert race.loss == pytest.approx(turned.loss[::-1], rel=1e-6, abs=1e-12)
