"""Fronts of two goals, against every plan of a tiny market and against a sweep of budgets."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import adsim
from adsim.errors import OptimizeError
from adsim.market.compile import compile_market
from adsim.optimize.aims.fronts import parse_axis, spread_out, undominated
from adsim.optimize.aims.goals import GOALS, Aim
from adsim.optimize.aims.ranges import bid_ranges
from adsim.optimize.bench import Bench
from adsim.optimize.exact.search import search_bids
from adsim.scenario import load_plan, todays_plan
from adsim.simulate.histories import thread_pool

POINTS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=12)


def area(points):
    """Of what the points dominate above (0, 0)."""
    total, reached = 0.0, 0.0
    for x, y in sorted(map(tuple, points), reverse=True):
        if y > reached:
            total, reached = total + max(x, 0.0) * (y - reached), y
    return total


@given(POINTS)
def test_undominated_points_are_those_that_none_passes(points):
    kept = undominated(np.array(points, float))
    for i, (x, y) in enumerate(points):
        others = [p for j, p in enumerate(points) if j != i and p[0] >= x and p[1] >= y]
        passed = [p for p in others if p != (x, y)]
        assert kept[i] == (not passed and (x, y) not in points[:i])


@given(POINTS, st.integers(2, 5))
def test_a_thinned_front_keeps_its_ends(points, most):
    found = np.array(points, float)
    found = found[undominated(found)]
    kept = spread_out(found, most)
    assert len(kept) == min(most, len(found)) == len(set(kept))
    for column in (0, 1):
        assert found[kept, column].max() == found[:, column].max()


def both(shop, plans, first="profit", second="revenue"):
    """Two goals of plans at fidelity expected."""
    with thread_pool(1) as pool:
        market = compile_market(shop, plans)
        tallies = Bench(market, pool).expect(market.plans)
    return np.column_stack([GOALS[name].measure(tallies) for name in (first, second)])


def bidding(shop, budget=None):
    """A market with its plan, and what plans of other bids bring of profit and revenue."""
    plan = replace(todays_plan(shop), account_budget=budget)
    return compile_market(shop, [plan]), plan


def test_the_front_covers_that_of_all_bids(tiny):
    shop = tiny(1, queries=3, devices=0, searches=3000)
    best = adsim.optimize(shop, front=("profit", "revenue"), trials=24, replications=32)
    found = both(shop, best.front_plans)
    market, _ = bidding(shop)
    bids = [0, *(int(1e6 * bid) for bid in np.arange(0.5, 3.1, 0.5))]
    with thread_pool(1) as pool:
        bench, today = Bench(market, pool), market.plans[0]
        plans = [today._replace(bid=np.array(one)) for one in product(bids, repeat=3)]
        tallies = np.concatenate([bench.expect(plans[i : i + 49]) for i in range(0, 343, 49)])
    points = np.column_stack([GOALS[name].measure(tallies) for name in ("profit", "revenue")])
    assert area(found) >= 0.95 * area(points)


@pytest.mark.slow
def test_the_front_is_no_worse_than_a_sweep_of_budgets():
    shop = adsim.synthetic_scenario(5, queries=20, crowds=0, devices=0, searches=9000)
    best = adsim.optimize(shop, front=("profit", "revenue"), trials=24, replications=32)
    swept = []
    market, plan = bidding(shop, 1.0)
    most = adsim.simulate(shop, best.front_plans[-1], fidelity="expected").report()["spend"][0]
    with thread_pool(1) as pool:
        bench = Bench(market, pool)
        ranges = bid_ranges(market, plan, ())
        for part in np.linspace(0.1, 1.0, 8):
            budget = market.plans[0].budget.copy()
            budget[-1] = int(1e6 * part * most)
            held = market.plans[0]._replace(budget=budget)
            found = search_bids(bench, held, Aim(GOALS["revenue"]), ranges)
            tallies = bench.expect([held._replace(bid=found.bids)])
            swept.append([float(GOALS[n].measure(tallies)[0]) for n in ("profit", "revenue")])
    assert area(both(shop, best.front_plans)) >= 0.99 * area(swept)


def test_mean_against_bad_luck_goes_down_to_no_ads(tiny, tmp_path):
    shop = tiny(3, queries=2, devices=0, searches=1500, shock_cv=0.4)
    best = adsim.optimize(shop, front=("mean", "cvar"), trials=16, replications=16)
    front = best.front.filter(pl.col("kind") != "today")
    assert front["mean"].is_sorted(descending=True)
    kept = front.filter(pl.col("kind") == "front")
    assert kept["cvar"].is_sorted() and kept["cvar"].max() >= 0
    for name in ("mean", "cvar"):
        assert (best.front[f"{name}_low"] <= best.front[name]).all()
        assert (best.front[f"{name}_high"] >= best.front[name]).all()
    best.write(tmp_path / "out")
    assert pl.read_csv(tmp_path / "out" / "front.csv").height == best.front.height
    for number, plan in zip(best.front["plan"], best.front_plans, strict=True):
        loaded = load_plan(tmp_path / "out" / "front" / number, shop)
        assert loaded.campaigns == plan.campaigns and loaded.keywords.equals(plan.keywords)
    assert "front of profit and profit in the worst 10 % of luck" in best.why[-1]
    assert len(best.explain("zh")) == len(best.why)


class Killed(Exception):
    """As sudden as a kill, but the test goes on."""


def killed_at(trials):
    """A progress that ends the search once the front has so many trials."""

    def tell(done, total, text):
        if text == "front" and done >= trials:
            raise Killed

    return tell


@pytest.mark.slow
def test_threads_and_a_killed_study_change_no_front(tiny, tmp_path):
    shop = tiny(2, queries=2, searches=3000)
    settings = {"front": ("revenue", "spend"), "replications": 4, "trials": 34}
    whole = adsim.optimize(shop, threads=1, **settings)
    study = tmp_path / "study"
    adsim.optimize(shop, threads=2, study=study, **{**settings, "trials": 2})
    with pytest.raises(Killed):
        adsim.optimize(shop, threads=2, study=study, trial_progress=killed_at(16), **settings)
    again = adsim.optimize(shop, threads=2, study=study, **settings)
    assert again.front.equals(whole.front)
    assert again.front_plans == whole.front_plans


def test_an_axis_is_of_the_goal():
    assert parse_axis("cvar", "revenue").metric == "revenue"
    assert parse_axis("mean", None).metric == "profit"
    assert parse_axis("spend", None).sign == -1


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"front": "profit,revenue"}, ["front"]),
        ({"front": ("profit",)}, ["front"]),
        ({"front": ("profit", "roi")}, ["front"]),
        ({"front": ("profit", "mean")}, ["front"]),
        ({"front": ("profit", "clicks"), "goal": "roi"}, ["front"]),
        ({"front": ("profit", "clicks"), "target_roi": 2.0, "risk": "cvar"}, ["front", "front"]),
    ],
)
def test_every_way_to_ask_wrongly_is_told(tiny, asked, told):
    with pytest.raises(OptimizeError) as raised:
        adsim.optimize(tiny(1), trials=0, **asked)
    assert [problem.where for problem in raised.value.problems] == told
