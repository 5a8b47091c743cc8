"""The last test ends when it knows enough, and its intervals stay what they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import adsim
from adsim.kernels.tally import CLICKS, N_FIELDS, REVENUE, SPEND
from adsim.optimize.aims.goals import GOALS, Aim
from adsim.optimize.aims.risk import Risk
from adsim.optimize.answer.testing import PRECISION, is_precise, play_rounds, values_of
from adsim.optimize.policies.racing import list_rounds
from adsim.results.compare import half_width

CLICKS_ONLY = Aim(GOALS["clicks"])


def tallies_of(today, new):
    """Tallies of two plans whose clicks are given."""
    tallies = np.zeros((2, len(today), 1, N_FIELDS), np.int64)
    tallies[:, :, 0, CLICKS] = today, new
    return tallies


def draws(seed, spread, gain=100):
    """What to draw from: luck of both plans, and luck of their difference."""
    rng = np.random.default_rng(seed)
    both, own = rng.normal(1000, 100, 512), rng.normal(gain, spread, 512)
    return lambda some: tallies_of(
        both[some.start : some.stop], (both + own)[some.start : some.stop]
    )


def test_it_goes_on_until_all_three_are_known_well_enough():
    rounds = list_rounds(32, 512)
    assert play_rounds(draws(1, 5), rounds, CLICKS_ONLY, 1).shape[1] == 32
    assert play_rounds(draws(1, 40), rounds, CLICKS_ONLY, 1).shape[1] == 512, "the gain is noisy"
    found = play_rounds(draws(1, 25), rounds, CLICKS_ONLY, 1)
    assert 32 < found.shape[1] < 512
    today, new = values_of(CLICKS_ONLY, found, 1)
    for one in (today, new, new - today):
        assert half_width(one) <= PRECISION * one.mean()
    assert not is_precise(CLICKS_ONLY, found[:, : found.shape[1] // 2], 1)


def test_a_plan_that_brings_as_much_as_todays_is_tested_to_the_end():
    found = play_rounds(draws(2, 5, gain=0), list_rounds(32, 512), CLICKS_ONLY, 1)
    assert found.shape[1] == 512


def test_shares_of_losses_need_all_replications():
    aim = replace(CLICKS_ONLY, risk=Risk("loss", 0.05))
    assert play_rounds(draws(1, 5), list_rounds(32, 512), aim, 1).shape[1] == 512


def test_the_interval_of_a_test_that_may_end_early_covers_the_truth():
    """400 tests, 95 %: below 91.5 % by luck alone with probability 0.002."""
    covered, ends = 0, set()
    for seed in range(400):
        found = play_rounds(draws(seed, 22), list_rounds(32, 512), CLICKS_ONLY, 1)
        paired = np.diff(found[:, :, 0, CLICKS], axis=0)[0]
        covered += abs(paired.mean() - 99.5) <= half_width(paired)  # whole clicks, rounded down
        ends.add(len(paired))
    assert len(ends) > 1, "nothing would be shown otherwise"
    assert covered >= 366


def test_rates_are_tested_as_ratios_of_sums():
    tallies = np.zeros((2, 3, 1, N_FIELDS), np.int64)
    tallies[:, :, 0, REVENUE], tallies[:, :, 0, SPEND] = [10, 30, 80], [5, 20, 5]
    today, new = values_of(Aim(GOALS["roi"]), tallies, 1)
    assert today == pytest.approx(
        [4.0 + (top - 4 * low) / 10 for top, low in ((10, 5), (30, 20), (80, 5))]
    )
    assert np.array_equal(today, new) and today.mean() == pytest.approx(120 / 30)


def test_the_answer_says_how_precise_its_test_was():
    shop = adsim.synthetic_scenario(3, queries=8, days=4)
    best = adsim.optimize(shop, goal="clicks", replications=256, trials=0)
    row = best.comparison.row(by_predicate=pl.col("metric") == "clicks", named=True)
    part = (row["difference_high"] - row["difference"]) / row["difference"]
    assert part <= PRECISION and best.tested == 32 and best.recipe()["replications"] == 256
    told = "tested on 32 of at most 256 replications"
    assert any(line.startswith(told) and f"{100 * part:.1f} %" in line for line in best.why)
    again = adsim.compare(shop, None, best.plan, replications=32, seed=best.seed + 1)
    assert again["difference"].equals(best.comparison["difference"])
