"""The kernel of categories under many media, against persons followed one by one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from adsim.kernels import doors
from adsim.kernels import media as kernel
from adsim.media.compile import VALUES, compile_plan, compile_world
from adsim.scenario.media import load_media
from tests.kernels.worlds import needs_jit
from tests.media.naive import naive_history

pytestmark = needs_jit

SMALL = Path(__file__).parents[1] / "media" / "small.toml"
WORST = 5.0  # z of ~300 numbers: a correct kernel passes it in one of 5,000 seeds
PERSON_FIELDS = {"spend": 0, "shown": 1, "clicks": 2, "reached": 3, "moved": 4}


@cache
def compiled(scenario):
    return compile_world(scenario), compile_plan(scenario)


def play(scenario, seed, replication, is_mean=False):
    world, plan = compiled(scenario)
    n_fields = kernel.N_SALES_FIELDS + world.media.size * kernel.N_MEDIUM_FIELDS
    series = np.zeros((world.rate.size, n_fields))
    persons = np.zeros((world.rate.size, len(VALUES)))
    luck = kernel.make_media_luck(seed, replication, is_mean)
    end = doors.run_media(world, plan, luck, series, persons)
    return series, persons, end


@cache
def small(*overrides):
    return load_media(SMALL, overrides)


def z_of(one, other):
    """z of the difference of the means of two samples (first axis)."""
    error = np.sqrt(one.var(0, ddof=1) / len(one) + other.var(0, ddof=1) / len(other))
    difference = one.mean(0) - other.mean(0)
    return np.divide(difference, error, out=np.zeros_like(error), where=error > 0)


def of_twin(history, scenario):
    """A history of the twin in the order of the kernel's series (without what media report)."""
    rows = []
    for counts, did, sold in history:
        row = [*counts, sold["buyers"], sold["units"], sold["others"]]
        for medium in did[: len(scenario.media)]:
            row += [medium["reached"], medium["moved"]]
        for medium in did[len(scenario.media) :]:
            row += [medium[name] for name in PERSON_FIELDS] + [sold["reported"]]
        rows.append(row)
    return np.array(rows, float)


def of_kernel(series, persons):
    sales, tv, search = np.split(series, [3, 9], axis=1)
    return np.hstack([persons, sales, tv[:, [3, 4]], search])


def test_persons_followed_one_by_one_do_the_same():
    scenario = small()
    world, plan = compiled(scenario)
    terms = [plan.exposures[0], np.transpose([plan.shown[1], plan.examined[1], plan.charge[1]])]
    rng = np.random.default_rng(11)
    twins = [naive_history(scenario, terms, world.rate, rng) for _ in range(60)]
    twin = np.array([of_twin(history, scenario) for history in twins])
    twin[:, :, -1] *= world.units  # the kernel's report is in units
    played = np.array([of_kernel(*play(scenario, 3, r)[:2]) for r in range(600)])
    assert np.abs(z_of(twin, played)).max() < WORST
    assert twin.mean(0)[2:, 18:].min() >= 0 and (twin.mean((0, 1)) > 0).all()
    spread = played.var(0, ddof=1) / np.maximum(twin.var(0, ddof=1), 1e-9)
    assert 0.7 < np.median(spread) < 1.3


def test_the_mean_is_the_mean_of_the_counts():
    scenario = small("scenario.persons=300000", "media.tv.budget=[40000, 90000]")
    mean = of_kernel(*play(scenario, 0, 0, is_mean=True)[:2])
    played = np.array([of_kernel(*play(scenario, 5, r)[:2]) for r in range(200)])
    error = played.std(0, ddof=1) / np.sqrt(len(played))
    z = np.divide(played.mean(0) - mean, error, out=np.zeros_like(mean), where=error > 1e-9)
    assert np.abs(z).max() < WORST


@pytest.mark.parametrize("is_mean", [False, True])
def test_nobody_is_lost_and_counts_are_whole(is_mean):
    series, persons, end = play(small(), 1, 4, is_mean)
    first = 0
    for size in (2, 2, 3, 5, 3, 3):  # every dimension holds everybody in every period
        np.testing.assert_allclose(persons[:, first : first + size].sum(1), 3000, rtol=1e-12)
        first += size
    assert end.sum() == pytest.approx(3000, rel=1e-12)
    assert (end >= 0).all()
    whole = np.delete(series, [4, 8, 9 + 5], axis=1)  # exposures bought, reports are means
    if not is_mean:
        assert (whole == np.floor(whole)).all() and (end == np.floor(end)).all()


def test_equal_luck_equal_history_other_luck_another():
    first, again, other = play(small(), 1, 4), play(small(), 1, 4), play(small(), 1, 5)
    for one, two in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, two)
    assert (first[0] != other[0]).any()


def test_reached_clicked_and_moved_are_within_each_other():
    for replication in range(20):
        series, _, _ = play(small(), 2, replication)
        spend, shown, clicks, reached, moved, reported = series[:, 9:].T
        assert (clicks <= shown).all() and (reached <= shown).all()
        assert ((clicks > 0) <= (reached > 0)).all()
        world, plan = compiled(small())
        assert (spend <= clicks * plan.charge[1] + 0.5).all()
        assert (reported <= clicks * world.units).all()
        assert (moved <= 3000).all() and (series[:, 1] >= series[:, 0]).all()


def test_a_budget_is_never_passed_and_ends_the_ads():
    free = np.array([play(small(), 2, r)[0][:, 9] for r in range(50)])
    tight = small("search.search.budget=100")
    spend = np.array([play(tight, 2, r)[0][:, 9] for r in range(50)])
    assert spend.max() == 100e6
    assert (spend <= 100e6).all()
    bound = free.mean(0) > 150e6
    assert bound.any() and (spend.mean(0)[bound] > 93e6).all()


def test_the_luck_of_one_medium_leaves_the_others_alone():
    without = small("media.tv.budget=0", "media.tv.moves={}")
    dumb = small("media.tv.moves={}")  # seen by many, moves nobody
    one, two = play(without, 3, 0)[0], play(dumb, 3, 0)[0]
    np.testing.assert_array_equal(
        one[:, [0, 1, 2, *range(9, 15)]], two[:, [0, 1, 2, *range(9, 15)]]
    )
    assert two[:, 6].sum() > 0 and one[:, 3:9].sum() == 0


def test_the_noise_of_the_market_has_its_spread_and_its_memory():
    """Over 300 histories of 8 periods; tolerances of 5 standard errors."""
    noisy = small(
        "market.rates=[0.5]",
        "market.rate=1.0",
        "market.noise_sd=0.05",
        "market.noise_memory=0.6",
        "scenario.persons=300000",
    )
    inside = np.array([play(noisy, 9, r)[1][:, 1] for r in range(300)]) / 300_000
    noise = inside / 0.5 - 1
    assert noise.std() == pytest.approx(0.05, abs=5 * 0.05 / np.sqrt(2 * noise.size / 2))
    memory = np.corrcoef(noise[:, :-1].ravel(), noise[:, 1:].ravel())[0, 1]
    assert memory == pytest.approx(0.6, abs=5 * 0.8 / np.sqrt(noise.size))
    assert abs(noise.mean()) < 5 * 0.05 / np.sqrt(noise.size / 4)
