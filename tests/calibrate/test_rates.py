from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from scipy.special import betaln

from adsim.calibrate.rates import Counts, beta_binomial, keep_totals, learn_prior, shrink


def log_likelihood(successes, trials, alpha, beta):
    return np.sum(betaln(alpha + successes, beta + trials - successes) - betaln(alpha, beta))


def counts(successes, trials):
    successes, trials = np.asarray(successes, float), np.asarray(trials, float)
    return Counts(successes, trials, np.zeros(trials.size), np.ones(trials.size))


def draw(alpha, beta, n_rows, rng):
    trials = rng.integers(1, 3000, n_rows).astype(float)
    return rng.binomial(trials.astype(int), rng.beta(alpha, beta, n_rows)).astype(float), trials


@pytest.mark.parametrize(("alpha", "beta"), [(0.6, 200), (1.3, 30), (5, 320)])
def test_beta_binomial_is_at_the_top_of_the_likelihood(alpha, beta):
    successes, trials = draw(alpha, beta, 300, np.random.default_rng(1))
    found = beta_binomial(successes, trials)
    top = log_likelihood(successes, trials, found.alpha, found.beta)
    for by_alpha, by_beta in [(1.01, 1), (0.99, 1), (1, 1.01), (1, 0.99), (1.01, 1.01)]:
        assert log_likelihood(successes, trials, found.alpha * by_alpha, found.beta * by_beta) < top


def test_beta_binomial_finds_what_rates_were_drawn_from():
    """Standard errors at 5,000 rows are about 2 %; the seed is fixed."""
    successes, trials = draw(1.3, 30, 5000, np.random.default_rng(2))
    found = beta_binomial(successes, trials)
    assert found.alpha == pytest.approx(1.3, rel=0.08)
    assert found.mean == pytest.approx(1.3 / 31.3, rel=0.05)


@pytest.fixture(scope="module")
def air_france(shared_data):
    rows = pl.read_csv(shared_data("airfrance/keywords.csv"), infer_schema=False)
    numbers = rows.select(
        pl.col("Clicks", "Impressions", "Total Volume of Bookings").cast(pl.Float64)
    )
    text = rows["Keyword"].str.to_lowercase()
    brand = (text.str.contains("air france") | text.str.contains("airfrance")).to_numpy()
    google_us = (rows["Publisher Name"] == "Google - US").to_numpy()
    everything = np.ones(len(rows), bool)
    groups = {"brand": brand, "nonbrand": ~brand, "all": everything}
    groups |= {"google_us_nonbrand": google_us & ~brand, "nonbrand_imp100": ~brand}
    targets = json.loads(shared_data("real_targets.json").read_text())["airfrance"]
    return *(column.to_numpy() for column in numbers), groups, targets


@pytest.mark.parametrize("group", ["brand", "google_us_nonbrand", "nonbrand_imp100"])
def test_click_rates_vary_as_measured_elsewhere(air_france, group):
    clicks, impressions, _, groups, targets = air_france
    rows = groups[group] & (impressions >= 100)
    found = beta_binomial(clicks[rows], impressions[rows])
    assert (found.alpha, found.beta) == pytest.approx(targets["ctr_bb"][group][:2], rel=0.01)


@pytest.mark.parametrize("group", ["all", "nonbrand", "brand"])
def test_order_rates_vary_as_measured_elsewhere(air_france, group):
    """Within 4 %: that other measurement treated a row with more orders than clicks otherwise."""
    clicks, _, orders, groups, targets = air_france
    found = beta_binomial(orders[groups[group]], clicks[groups[group]])
    assert (found.alpha, found.beta) == pytest.approx(targets["cvr_bb"][group][:2], rel=0.04)


def test_rates_lie_between_their_own_and_the_groups():
    successes, trials = draw(1.3, 30, 200, np.random.default_rng(3))
    trials[:2], successes[:2] = [1, 1e6], [1, 5e5]
    shrunk = shrink(counts(successes, trials), np.zeros(200, np.int64), 100)
    assert shrunk.priors[0] == shrunk.common
    own, mean = successes / trials, shrunk.common.mean
    assert np.all((shrunk.rate - own) * (mean - own) >= 0)
    assert shrunk.rate[0] < 0.2, "one trial tells little"
    assert shrunk.rate[1] == pytest.approx(0.5, rel=1e-3), "a million trials tell all"


def test_small_groups_share_the_rates_of_all_rows():
    successes, trials = draw(1.3, 30, 200, np.random.default_rng(3))
    group = (np.arange(200) >= 190).astype(np.int64)
    shrunk = shrink(counts(successes, trials), group, 1)
    assert list(shrunk.priors) == [0]
    alpha, beta = shrunk.common.alpha, shrunk.common.beta
    assert shrunk.rate[195] == (alpha + successes[195]) / (alpha + beta + trials[195])


def test_a_tiny_report_is_drawn_towards_its_mean():
    shrunk = shrink(counts([0.0, 4.0], [10.0, 30.0]), np.zeros(2, np.int64), 100)
    assert not shrunk.measured and not shrunk.priors
    assert shrunk.common.mean == pytest.approx(4.5 / 41)
    assert 0 < shrunk.rate[0] < 4.5 / 41 < shrunk.rate[1] < 4 / 30


def test_nothing_at_all_has_a_rate_too():
    nothing = np.zeros(3)
    shrunk = shrink(counts(nothing, nothing), np.zeros(3, np.int64), 100)
    assert np.all((shrunk.rate > 0) & (shrunk.rate < 1))


def test_groups_keep_their_totals_under_the_cap():
    rate, trials = np.array([0.1, 0.2, 0.3, 0.1]), np.array([100.0, 10, 1000, 1])
    group = np.array([0, 0, 1, 2])
    kept = keep_totals(rate, trials, np.array([20.0, 100, 0]), group, cap=0.5)
    assert np.bincount(group, kept * trials) == pytest.approx([20, 100, 0.5 * 0.1 / 0.6])
    capped = keep_totals(rate, trials, np.array([20.0, 100, 0]), group, cap=0.17)
    assert capped[:3] == pytest.approx([0.17, 0.17, 0.1])
    unequal = keep_totals(
        np.array([0.1, 0.4]), np.array([100.0, 100]), np.array([60.0]), group[:2], 0.45
    )
    assert unequal == pytest.approx([0.15, 0.45])


def test_a_slope_is_found():
    """Rates fall with size to the power -0.3; 2,000 rows tell it within 0.05, the seed is fixed."""
    rng = np.random.default_rng(5)
    size = rng.normal(0, 2, 2000)
    trials = np.rint(100 * np.exp(size)) + 1
    rate = rng.beta(1.3, 30 * np.exp(0.3 * size))
    told = Counts(rng.binomial(trials.astype(int), rate).astype(float), trials, size, np.ones(2000))
    found = learn_prior(told)
    assert found.slope == pytest.approx(-0.3, abs=0.05)
    assert found.alpha == pytest.approx(1.3, rel=0.15)


def test_weights_count_as_rows():
    """Rows of weight 2 are rows that stand there twice."""
    successes, trials = draw(1.3, 30, 100, np.random.default_rng(6))
    once = Counts(successes, trials, np.log(trials) - 6, np.where(np.arange(100) < 40, 2.0, 1.0))
    twice = Counts(*(np.concatenate((c, c[:40])) for c in once))._replace(weight=np.ones(140))
    one, other = learn_prior(once), learn_prior(twice)
    assert (one.alpha, one.beta, one.slope) == pytest.approx(
        (other.alpha, other.beta, other.slope), rel=1e-5
    )
