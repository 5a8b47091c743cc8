"""Goals of what ads cause: closed forms against the engine, and what the answer brings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import adsim
from adsim.errors import OptimizeError
from adsim.kernels import doors
from adsim.optimize.aims.goals import GOALS, Target
from adsim.optimize.aims.question import Question
from adsim.optimize.exact.search import search_bids
from adsim.optimize.exact.worths import cell_worths
from adsim.optimize.policies.scoring import MOST_CLASSES, classify_caused
from adsim.report import render_page
from adsim.results.registry import FIELDS
from adsim.scenario import todays_plan
from tests.optimize.conftest import COARSE
from tests.report.reading import read_page
from tests.simulate.lives import shop as living_shop

VOLUMES = ["caused_profit", "caused_revenue", "caused_orders"]


def search(made):
    return search_bids(made.bench, made.plan, made.aim, made.ranges)


def caused(scenario, plan):
    """What a plan causes on average: all orders with it less all without any ads."""
    totals = [
        adsim.simulate(scenario, one, "expected").tallies()[0].sum(axis=(0, 1))
        for one in (plan, silent(scenario))
    ]
    with_ads, without = (dict(zip(FIELDS, one, strict=True)) for one in totals)
    return {name: with_ads[name] - without[name] for name in with_ads}


def silent(scenario):
    plan = todays_plan(scenario)
    return replace(plan, keywords=plan.keywords.with_columns(status=pl.lit("paused")))


@pytest.fixture(scope="module")
def shop():
    sizes = {"crowds": 1, "devices": 2, "products": 2, "organic": 0.02, "budget_share": 0.7}
    return adsim.synthetic_scenario(4, queries=10, days=2, **sizes, **COARSE)


@pytest.fixture(scope="module")
def best(shop):
    return adsim.optimize(shop, "caused_profit", replications=32, trials=0)


@pytest.mark.parametrize("goal", VOLUMES)
def test_a_keywords_curve_is_what_it_causes_alone(workbench, tiny, goal):
    made = workbench(tiny(5, organic=0.05, products=2), goal)
    for keyword in range(3):
        bids, points = doors.trace_keyword(
            made.arrays, made.choice, keyword, made.days.count @ made.days.weight
        )
        alone = np.zeros((len(bids), len(made.plan.bid)), np.int64)
        alone[:, keyword] = bids
        assert made.values(alone) == pytest.approx(points[:, 0], rel=1e-7, abs=1e-9)
        assert (
            points[:, 0].max()
            < workbench(made.scenario, goal.removeprefix("caused_")).values(alone).max()
        )


@pytest.mark.parametrize("goal", VOLUMES)
def test_the_best_of_all_plans_is_found_and_bounded(workbench, tiny, goal):
    made = workbench(tiny(1, queries=4, organic=0.08, products=2), goal)
    found, values = search(made), made.values(made.every_plan())
    assert found.value == pytest.approx(values.max(), rel=1e-9)
    assert values.max() * (1 - 1e-7) <= found.bound <= values.max() * (1 + 2e-4)


def test_a_target_is_that_of_caused_revenue(workbench, shop):
    free = search(workbench(shop, "caused_revenue"))
    tallies = workbench(shop).tallies(free.bids[None])
    roi = 1.2 * float(GOALS["caused_roi"].measure(tallies)[0])
    made = workbench(shop, "caused_revenue", target=Target("caused_roi", roi))
    found = search(made)
    held = GOALS["caused_roi"].measure(made.tallies(found.bids[None]))[0]
    assert found.is_met and found.value < free.value
    assert roi <= held < GOALS["roi"].measure(made.tallies(found.bids[None]))[0]


def test_the_answer_causes_more_than_the_best_of_attributed_profit(shop, best):
    attributed = adsim.optimize(shop, "profit", replications=32, trials=0)
    fresh = adsim.compare(shop, attributed.plan, best.plan, 256, 99)
    rows = {row["metric"]: row for row in fresh.iter_rows(named=True)}
    assert rows["caused_profit"]["difference_low"] > 0
    assert rows["profit"]["difference_high"] < 0


def test_the_comparison_says_what_incrementality_says(shop, best):
    told = adsim.incrementality(shop, best.plan, replications=32, seed=best.seed + 1).account
    row = best.comparison.row(by_predicate=pl.col("metric") == "caused_profit", named=True)
    assert told.filter(metric="profit")["caused"].item() == pytest.approx(row["b"])
    ads = caused(shop, best.plan)
    value = ads["revenue"] + ads["organic_revenue"] - ads["spend"]
    value -= ads["goods_cost"] + ads["organic_goods_cost"]
    assert best.value == pytest.approx(value / 1e6) == row["expected"]


def test_changes_add_up_to_what_is_caused(best):
    today = best.baselines.row(0, named=True)["value"]
    assert best.changes["caused_profit_new"].sum() == pytest.approx(best.value)
    assert best.changes["caused_profit_today"].sum() == pytest.approx(today)


def test_the_page_tells_what_is_caused(best):
    read = read_page(render_page(best, "zh"))
    assert read.tables["comparison"].column(2) == best.comparison["b"].to_list()
    assert "增量利润" in read.text and any(key.startswith("landscape-1-") for key in read.charts)


def test_classes_of_clicks_are_worth_what_their_cells_are(workbench, shop):
    made = workbench(shop, "caused_profit")
    found = classify_caused(made.arrays, made.goal, 2)
    clicks, worth = cell_worths(made.arrays, made.goal)
    rows = found.groups.link[:, None] + found.groups.side
    assert found.worth[rows] == pytest.approx(worth, rel=0.02)
    assert found.worth[rows].ravel() @ clicks.ravel() == pytest.approx((worth * clicks).sum())


def test_many_links_share_classes(workbench):
    large = adsim.synthetic_scenario(4, queries=3000, crowds=2, devices=2, organic=0.02, flat=True)
    made = workbench(large, "caused_profit")
    found = classify_caused(made.arrays, made.goal, 1)
    assert len(found.worth) <= MOST_CLASSES + made.arrays.sides.size
    worth = cell_worths(made.arrays, made.goal)[1]
    rows = found.groups.link[:, None] + found.groups.side
    assert np.abs(found.worth[rows] - worth).mean() < 0.1 * np.abs(worth).mean()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"goal": "caused_profit", "target_cpa": 9.0}, ["target_cpa"]),
        ({"goal": "caused_profit", "risk": "cvar"}, ["risk"]),
        ({"goal": "caused_profit", "risk": "loss:0.1"}, ["risk"]),
        ({"goal": "caused_orders", "front": ("profit", "spend")}, ["front"]),
        ({"goal": "caused_roi", "target_roi": 2.0}, ["target_roi"]),
        ({"goal": "caused_revenue", "target_roi": 2.0, "worst_of": ("rivals=1.3",)}, ["worst_of"]),
        ({"reach": ("caused_orders", 5.0), "budget": 3.0}, []),
        ({"goal": "caused_profit", "worst_of": ("rivals=1.3",)}, []),
    ],
)
def test_what_a_caused_goal_does_not_go_with_is_told(arguments, told):
    assert [problem.where for problem in Question(**arguments).problems()] == told


def test_a_market_without_organic_orders_or_with_living_persons_is_told():
    plain = adsim.synthetic_scenario(3, queries=3)
    with pytest.raises(OptimizeError, match="caused_profit needs orders that come without a click"):
        adsim.optimize(plain, "caused_profit")
    with pytest.raises(OptimizeError, match="caused_orders needs persons that stay"):
        adsim.optimize(living_shop(), reach=("caused_orders", 3.0))
