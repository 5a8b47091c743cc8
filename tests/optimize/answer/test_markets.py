"""A plan for several markets: the mix, the bench that stacks them, and the verdict by market."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import adsim
from adsim.errors import OptimizeError
from adsim.market.compile import compile_market
from adsim.market.mixing import mix_markets, vary_market
from adsim.optimize.bench import Bench, open_bench
from adsim.scenario import synthetic_scenario, todays_plan
from adsim.simulate.histories import thread_pool
from tests.optimize.conftest import COARSE

SIZES = {"queries": 12, "crowds": 0, "devices": 0, "searches": 300, "head_keywords": 1, **COARSE}


def varied(scenario, **factors):
    """The scenario with columns of queries.csv times a factor."""
    queries = scenario.tables.queries.with_columns(
        pl.col(name) * factor for name, factor in factors.items()
    )
    return scenario.model_copy(update={"tables": replace(scenario.tables, queries=queries)})


@pytest.fixture(scope="module")
def shop():
    return synthetic_scenario(3, **SIZES)


@pytest.fixture(scope="module")
def markets(shop):
    return (
        varied(shop, daily_searches=1.5, cvr=0.8),
        varied(shop, rival_scale=1.3),
        varied(shop, rivals=0.6, ctr=1.2),
    )


@pytest.fixture(scope="module")
def bench(shop, markets):
    with thread_pool(1) as pool:
        yield open_bench(compile_market(shop, [todays_plan(shop)]), pool, markets)


def test_a_varied_market_is_the_compiled_scenario(shop, markets):
    base = compile_market(shop, [todays_plan(shop)])
    for market in markets:
        quick, slow = vary_market(base, market), compile_market(market, [todays_plan(shop)])
        for one, other in zip(quick.arrays, slow.arrays, strict=True):
            assert np.array_equal(one, other)


def test_the_mix_brings_the_mean_of_the_markets(bench):
    """Without budgets, to rounding; own keywords share queries here."""
    plan = bench.market.plans[0]
    means = bench.expect([plan])
    assert means.shape[:2] == (1, 3)
    with thread_pool(1) as pool:
        alone = [Bench(market, pool).expect([plan])[0, 0].sum(axis=0) for market in bench.markets]
    assert means[0].sum(axis=1) == pytest.approx(np.array(alone))
    spend = bench.mean_spend(plan)
    each = [replace(bench, market=market).mean_spend(plan) for market in bench.markets]
    assert spend == pytest.approx(np.mean(each, axis=0), rel=1e-12)


def test_every_market_has_replications_of_its_own(bench):
    plans = [bench.market.plans[0]]
    found = bench.count(plans, seed=5, replications=range(7))
    assert found.shape[:2] == (1, 9), "three for each of three markets"
    with thread_pool(1) as pool:
        last = Bench(bench.markets[2], pool).count(plans, seed=5, replications=range(9))
    assert np.array_equal(found[:, 2::3], last[:, 2::3])
    assert np.array_equal(found[:, 3:], bench.count(plans, seed=5, replications=range(3, 9)))


def test_progress_counts_all_markets(bench):
    told = []
    bench.count([bench.market.plans[0]], 5, range(6), progress=lambda *pair: told.append(pair))
    assert told[-1] == (6, 6) and all(done <= total == 6 for done, total in told)


def test_one_market_like_the_scenario_changes_nothing(shop):
    alone = adsim.optimize(shop, replications=8, threads=1, trials=0)
    same = adsim.optimize(shop, replications=8, threads=1, markets=[shop], trials=0)
    assert same.plan == alone.plan and same.comparison.equals(alone.comparison)
    assert same.bound == pytest.approx(alone.bound, rel=1e-9)
    assert alone.markets.is_empty() and same.markets.height == 1
    assert same.markets["difference"][0] == pytest.approx(
        same.comparison.filter(metric="profit")["difference"][0]
    )


def test_the_plan_is_for_all_markets(shop, markets, tmp_path):
    best = adsim.optimize(shop, replications=12, threads=1, markets=markets, trials=0)
    assert best.value <= best.bound * (1 + 1e-9)
    for market in markets:
        other = adsim.optimize(market, replications=12, threads=1, trials=0)
        with thread_pool(1) as pool:
            bench = open_bench(compile_market(shop, [best.plan, other.plan]), pool, markets)
            profit = _profits(bench)
        assert profit[0] >= profit[1] * (1 - 1e-9), "no market's own plan is better for all"
    assert best.markets["market"].to_list() == [1, 2, 3]
    assert best.comparison.filter(metric="profit")["difference"][0] == pytest.approx(
        best.markets["difference"].mean()
    )
    for lang, word in (("en", "of 3 markets"), ("zh", "3 个市场")):
        assert any(word in line for line in best.explain(lang))
    best.write(tmp_path / "out")
    assert pl.read_csv(tmp_path / "out" / "markets.csv").equals(best.markets)


def _profits(bench):
    from adsim.optimize.aims.goals import GOALS

    return GOALS["profit"].measure(bench.expect(bench.market.plans))


def test_markets_of_another_scenario_are_errors(shop):
    longer = shop.with_overrides(["scenario.days=2"])
    turned = shop.tables.queries.reverse()
    reverse = shop.model_copy(update={"tables": replace(shop.tables, queries=turned)})
    with pytest.raises(OptimizeError) as caught:
        adsim.optimize(shop, markets=[longer, shop, reverse, "markets/01"], trials=0)
    places = [problem.where for problem in caught.value.problems]
    assert places == ["market 1", "market 3", "market 4"]
    told = [str(problem) for problem in caught.value.problems]
    assert "but for the numbers of its queries" in told[0]
    assert "in the same order" in told[1] and "load it" in told[2]


def test_mixing_keeps_links_and_searches(bench):
    mixed, first = bench.market.arrays, bench.markets[0].arrays
    assert mixed.queries.size == 3 * first.queries.size
    total = sum(market.arrays.queries["searches"].sum() for market in bench.markets)
    assert mixed.queries["searches"].sum() == pytest.approx(total / 3)
    assert mix_markets(bench.markets[:1]).arrays.links.tolist() == first.links.tolist()
