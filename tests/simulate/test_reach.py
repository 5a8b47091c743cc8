"""Reach and frequency against closed forms of the literature and against persons one by one."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import stats

from adsim.audience.cells import KIND
from adsim.audience.membership import gather_audience
from adsim.errors import SimulationError
from adsim.kernels.tally import IMPRESSIONS
from adsim.results.registry import TIMES
from adsim.simulate import reach_curve, simulate
from adsim.simulate.reaching import count_persons
from tests.audience.shops import RULES, naive_factors, shop
from tests.simulate.test_fidelities import limit
from tests.simulate.worlds import world

FREQUENCIES = [f"times_{k}" for k in range(1, TIMES + 1)]


def kinds_of(weights):
    """A kind a person, all in one cell."""
    kinds = np.zeros(len(weights), KIND)
    kinds["persons"] = 1
    kinds["chance"] = weights / weights.sum()
    return kinds


@pytest.mark.parametrize("mean", [0.05, 1.0, 6.0])
@pytest.mark.parametrize("shape", [0.4, 2.0])
def test_gamma_rates_give_the_negative_binomial(mean, shape):
    size = 20_000
    weights = stats.gamma.ppf((np.arange(size) + 0.5) / size, shape)
    found = count_persons(np.array([[mean * size]]), kinds_of(weights), True)[0] / size
    law = stats.nbinom(shape, shape / (shape + mean))
    assert found[:TIMES] == pytest.approx(law.pmf(range(TIMES)), abs=2e-4)
    assert found[TIMES] == pytest.approx(law.sf(TIMES - 1), abs=2e-4)
    assert 1 - found[0] == pytest.approx(1 - (1 + mean / shape) ** -shape, abs=2e-4)


def test_equal_persons_give_poisson_and_occupancy():
    kinds = kinds_of(np.ones(50))
    means = count_persons(np.array([[120.0]]), kinds, True)[0]
    assert means[:TIMES] == pytest.approx(50 * stats.poisson(2.4).pmf(range(TIMES)), rel=1e-12)
    counts = count_persons(np.array([[0.0], [1.0], [120.0]]), kinds, False)
    assert 50 - counts[:, 0] == pytest.approx([0, 1, 50 * (1 - (1 - 1 / 50) ** 120)], rel=1e-12)
    assert counts[2, :TIMES] == pytest.approx(50 * stats.binom(120, 0.02).pmf(range(TIMES)))


def test_a_single_person_sees_every_impression():
    counts = count_persons(np.array([[0.0], [3.0], [9.0], [1e6]]), kinds_of(np.ones(1)), False)
    assert counts[0] == pytest.approx([1] + [0] * TIMES)
    assert [counts[1, 3], counts[2, 9], counts[3, TIMES]] == pytest.approx([1, 1, 1])


def test_counts_are_those_of_persons_drawn_one_by_one():
    """12 z-tests at 1e-4 each."""
    rng = np.random.default_rng(3)
    weights, n, draws = rng.uniform(0.2, 3.0, 30), 60, 20_000
    law = count_persons(np.array([[float(n)]]), kinds_of(weights), False)[0]
    seen = rng.multinomial(n, weights / weights.sum(), draws)
    times = np.stack([(np.minimum(seen, TIMES) == k).sum(axis=1) for k in range(TIMES + 1)])
    deviation = times.std(axis=1) / np.sqrt(draws) + 1e-12
    assert np.abs((times.mean(axis=1) - law) / deviation).max() < stats.norm.isf(0.5e-4)


def test_expected_reach_is_that_of_each_person():
    scenario = shop()
    run = simulate(scenario, fidelity="expected")
    tallies, labels = run.tallies(["audience"])
    shown = dict(zip(labels["audience"], tallies[0, :, IMPRESSIONS], strict=True))
    people = list(gather_audience(scenario).people.iter_rows(named=True))
    cells = ["+".join(name for name in RULES if RULES[name](p)) or "none" for p in people]
    weights = np.array([naive_factors(person)[0] for person in people])
    totals = {cell: weights[[c == cell for c in cells]].sum() for cell in set(cells)}
    means = [shown[c] * w / totals[c] for c, w in zip(cells, weights, strict=True)]
    reached = 1 - np.exp(-np.array(means))
    table = run.reach()
    assert table["reached"][0] == pytest.approx(reached.sum(), rel=1e-9)
    twice = stats.poisson(means).pmf(2).sum()
    assert table["times_2"][0] == pytest.approx(twice, rel=1e-9)
    recent = np.array([RULES["recent"](person) for person in people])
    crowds = dict(run.reach("crowd").select("crowd", "reached").iter_rows())
    assert crowds["recent"] == pytest.approx(reached[recent].sum(), rel=1e-9)


def test_counts_have_the_expected_reach():
    """False alarm: 1e-3 in all."""
    scenario = shop()
    expected = simulate(scenario, fidelity="expected").reach("campaign")
    runs = [simulate(scenario, replications=1, seed=seed).reach("campaign") for seed in range(40)]
    for row in range(expected.height):
        reached = np.array([run["reached"][row] for run in runs])
        error = reached.std(ddof=1) / np.sqrt(len(runs))
        assert abs(reached.mean() - expected["reached"][row]) < limit(expected.height, 39) * error


@pytest.mark.parametrize("fidelity", ["expected", "counts", "events"])
@pytest.mark.parametrize("by", ["campaign", "audience", "crowd", "device", "day"])
def test_reach_is_nested(fidelity, by):
    run = simulate(shop(days=2), fidelity=fidelity, replications=3)
    table, account = run.reach(by), run.reach()
    assert (table["reached"] <= table["persons"]).all()
    assert (table["reached"] <= table["impressions"] + 1e-9).all()
    assert (table["reached"] <= account["reached"][0] + 1e-9).all()
    times = table.select(FREQUENCIES).to_numpy()
    assert times.sum(axis=1) == pytest.approx(table["reached"].to_numpy())
    least = times @ np.arange(1, TIMES + 1)
    most = least + 10 * times[:, -1]  # nobody here sees more than 20
    shown = table["impressions"].to_numpy()
    assert (least <= shown + 1e-6).all() and (shown <= most + 1e-6).all()


@pytest.mark.parametrize("fidelity", ["expected", "counts"])
def test_reach_builds_up_day_by_day(fidelity):
    run = simulate(shop(days=3, campaigns=2), fidelity=fidelity, replications=2)
    table = run.reach(["campaign", "day"])
    for (campaign,), rows in table.partition_by("campaign", as_dict=True).items():
        built = rows["reached_to_date"]
        assert built[0] == pytest.approx(rows["reached"][0]) and built.is_sorted()
        whole = run.reach("campaign").row(by_predicate=pl.col("campaign") == campaign, named=True)
        assert built[-1] == pytest.approx(whole["reached"]) and built[-1] < rows["reached"].sum()


def test_overlap_is_what_the_union_lacks():
    run = simulate(shop(keywords_per_query=3, campaigns=2), fidelity="expected")
    overlap = run.overlap("campaign")
    common = overlap.drop("campaign").to_numpy()
    alone = run.reach("campaign")["reached"].to_numpy()
    assert np.diag(common) == pytest.approx(alone)
    assert common == pytest.approx(common.T)
    assert (common <= np.minimum.outer(alone, alone) + 1e-9).all()
    assert alone.sum() - common[0, 1] == pytest.approx(run.reach()["reached"][0])


def test_a_crowd_shares_nobody_with_those_outside_it():
    overlap = simulate(shop(), fidelity="expected").overlap("crowd")
    assert overlap["crowd"].to_list() == ["recent", "carted", "rich new"]
    assert overlap["rich new"].to_list()[:2] == [0, 0]


def test_the_curve_rises_and_passes_through_today():
    scenario = shop()
    curve = reach_curve(scenario, [0.5, 1.0, 2.0])
    assert curve["reached"].is_sorted() and curve["spend"].is_sorted()
    today = simulate(scenario, fidelity="expected")
    assert curve["reached"][1] == pytest.approx(today.reach()["reached"][0])
    assert curve["spend"][1] == pytest.approx(today.report()["spend"][0])
    spend, reached = curve["spend"].diff()[1], curve["reached"].diff()[1]
    assert curve["marginal_cost_per_person"].to_list()[:2] == [None, spend / reached]


def test_what_has_no_reach_is_refused():
    run = simulate(world({}), fidelity="expected")
    with pytest.raises(SimulationError) as refusal:
        run.reach(["foo", "crowd"])
    told = str(refusal.value)
    assert "[population]" in told and "'foo'" in told
    with pytest.raises(SimulationError, match="one column"):
        simulate(shop(), fidelity="expected").overlap("keyword")
    with pytest.raises(SimulationError, match=r"scales\[0\]"):
        reach_curve(shop(), [-1.0])
