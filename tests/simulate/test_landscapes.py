"""Landscapes: the same numbers as runs at fidelity expected, bid by bid."""

from __future__ import annotations

import gc
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import adsim
from adsim.errors import SimulationError
from adsim.results.registry import VALUE_COLUMNS
from adsim.scenario import todays_plan
from tests.simulate.worlds import CASCADE, PROMOTED, with_auction

SHIPPED = Path(__file__).parents[2] / "scenarios"
KEY = ["campaign", "ad_group", "keyword", "match_type"]
VALUES = [column.name for column in VALUE_COLUMNS]
TOTALS = [column.name for column in VALUE_COLUMNS if not column.per]
FACTORS = np.array([0.3, 0.8, 1.0, 1.7, 4.0])


@pytest.fixture(scope="module")
def smallest():
    return adsim.load_scenario(SHIPPED / "smallest")


def world(seed, auction=None, **sizes):
    made = adsim.synthetic_scenario(
        seed, queries=6, keywords_per_query=3, head_keywords=8, days=2, **sizes
    )
    return with_auction(made, **(auction or {}))


def with_bids(scenario, bids):
    plan = todays_plan(scenario)
    return replace(plan, keywords=plan.keywords.with_columns(pl.Series("bid", bids)))


def mean_day(scenario, plan, by=()):
    run = adsim.simulate(scenario, plan, "expected", by=by)
    days = scenario.scenario.days
    return run.report(by=by).with_columns(pl.col(name) / days for name in TOTALS)


def test_a_golden_case(smallest):
    row = adsim.landscape(smallest, "cup", [2.0]).row(0, named=True)  # validation.md 4.2, G1
    assert row["searches"] == row["eligible"] == pytest.approx(10_000)
    assert row["impressions"] == pytest.approx(8329.5778, rel=1e-7)
    assert row["clicks"] == pytest.approx(10_000 * 0.08 * 0.43598204, rel=1e-7)
    assert row["cpc"] == pytest.approx(1.58954601, rel=1e-7)
    assert row["orders"] == pytest.approx(row["clicks"] * 0.03)
    assert row["profit"] == pytest.approx(row["orders"] * 30 - row["spend"])
    assert row["marginal_cpc"] is None


@pytest.mark.parametrize(
    "settings",
    [
        {"crowds": 2, "devices": 2},
        {"charge_step": 0.0, "quality_exponent": 0.5},
        {"charge_step": 0.1, "named_rivals": 2},
        {"auction": {**CASCADE, **PROMOTED}},
        {"auction": PROMOTED, "charge_step": 0.0},
        {"auction": {**CASCADE, **PROMOTED}, "named_rivals": 2},
    ],
)
def test_each_bid_is_the_keyword_in_a_run_with_that_bid(settings):
    scenario = world(3, **settings)
    keywords = scenario.tables.keywords
    for text in ("red basket baba", "baba red", "babo cheap", "pillow"):
        row = keywords["keyword"].to_list().index(text)
        today = keywords["bid"][row]
        curve = adsim.landscape(scenario, text, FACTORS * today)
        curve = curve.join(keywords[[row]].select(KEY), on=KEY, maintain_order="left")
        for i, bid in enumerate(FACTORS * today):
            bids = keywords["bid"].to_numpy().copy()
            bids[row] = bid
            report = mean_day(scenario, with_bids(scenario, bids), ["keyword"])
            report = report.join(keywords[[row]].select(KEY), on=KEY)
            assert curve["bid"][i] == bid
            assert_frame_equal(curve[[i]].select(VALUES), report.select(VALUES), rel_tol=1e-7)


def test_a_keyword_that_reaches_no_query():
    curve = adsim.landscape(world(3), "cup", [1.0, 2.0])
    assert curve["searches"].to_list() == [0, 0]
    assert curve["ctr"].to_list() == [None, None]


def test_each_scale_is_a_run_with_these_bids():
    scenario = world(4, crowds=1)
    curve = adsim.landscape(scenario, scales=FACTORS)
    assert curve["scale"].to_list() == FACTORS.tolist()
    for i, factor in enumerate(FACTORS):
        plan = with_bids(scenario, scenario.tables.keywords["bid"] * factor)
        report = mean_day(scenario, plan)
        assert_frame_equal(curve[[i]].select(VALUES), report.select(VALUES), rel_tol=1e-9)


def test_budgets_are_left_aside():
    free, bound = (world(5, budget_share=share) for share in (None, 0.1))
    assert bound.campaigns[0].daily_budget is not None
    text = free.tables.keywords["keyword"][0]
    assert adsim.landscape(free).equals(adsim.landscape(bound))
    assert adsim.landscape(free, text).equals(adsim.landscape(bound, text))


def test_more_is_never_less(smallest):
    curve = adsim.landscape(smallest, "cup")
    for name in ("impressions", "clicks", "spend", "impression_share", "cpc"):
        assert (curve[name].diff().drop_nulls() >= 0).all()
    assert (curve["avg_position"].diff().drop_nulls() <= 0).all()


def test_marginal_cost_is_that_of_the_clicks_more_than_at_the_bid_before(smallest):
    curve = adsim.landscape(smallest, "cup", [0.1, 0.2, 1.0, 2.0])
    assert curve["clicks"].to_list()[:2] == [0, 0]
    clicks, spend = curve["clicks"], curve["spend"]
    assert curve["marginal_cpc"].to_list() == [
        None,
        None,
        spend[2] / clicks[2],
        (spend[3] - spend[2]) / (clicks[3] - clicks[2]),
    ]


def test_bids_and_scales_stand_in_rising_order_each_once(smallest):
    assert adsim.landscape(smallest, "cup", [3, 1, 2, 1])["bid"].to_list() == [1, 2, 3]
    assert adsim.landscape(smallest, scales=[2, 0, 2])["scale"].to_list() == [0, 2]


def test_a_scale_of_nothing_brings_nothing(smallest):
    row = adsim.landscape(smallest, scales=[0]).row(0, named=True)
    assert row["searches"] == pytest.approx(10_000)
    assert row["eligible"] == row["impressions"] == row["spend"] == 0


def test_default_bids_are_what_the_platform_accepts(smallest):
    curve = adsim.landscape(smallest, "cup")
    assert (curve["bid"].min(), curve["bid"].max()) == (0.5, 8.0)
    assert 2.0 in curve["bid"]
    limits = ["auction.bid_min=1.0", "auction.bid_max=3.0", "auction.bid_step=0.25"]
    curve = adsim.landscape(smallest.with_overrides(limits), "cup")
    assert curve["bid"].to_list() == [1, 1.25, 1.5, 1.75, 2, 2.25, 2.5, 2.75, 3]
    assert adsim.landscape(smallest)["scale"].to_list()[::8] == [0.25, 1, 4]


def test_every_row_of_a_text_is_tried_alone():
    scenario = world(6)
    texts = scenario.tables.keywords["keyword"]
    keywords = scenario.tables.keywords.with_columns(
        keyword=pl.when(pl.int_range(pl.len()) < 2).then(pl.lit(texts[0])).otherwise("keyword")
    )
    plan = replace(todays_plan(scenario), keywords=keywords)
    curve = adsim.landscape(scenario, f" {texts[0].upper()} ", [1.0, 2.0], plan=plan)
    assert curve.select(KEY).unique(maintain_order=True).equals(keywords.select(KEY)[:2])
    assert curve["bid"].to_list() == [1, 2, 1, 2]
    assert curve["marginal_cpc"].is_null().to_list()[::2] == [True, True]


def test_a_paused_keyword_is_tried_as_if_it_were_active(smallest):
    paused = smallest.tables.keywords.with_columns(status=pl.lit("paused"))
    plan = replace(todays_plan(smallest), keywords=paused)
    curve = adsim.landscape(smallest, "cup", [2.0], plan=plan)
    assert curve.equals(adsim.landscape(smallest, "cup", [2.0]))


def test_more_bids_than_one_call_takes(smallest):
    bids = np.arange(1, 2001) / 100
    curve = adsim.landscape(smallest, "cup", bids)
    few = adsim.landscape(smallest, "cup", bids[[199, 1999]])
    assert_frame_equal(curve[[199, 1999]].drop("marginal_cpc"), few.drop("marginal_cpc"))


def test_the_compiled_world_lives_as_long_as_its_scenario():
    worlds = sys.modules["adsim.simulate.landscapes"]._worlds
    scenario = world(7)
    first = adsim.landscape(scenario)
    kept = worlds[id(scenario)]
    adsim.landscape(scenario)
    assert worlds[id(scenario)] is kept
    plan = with_bids(scenario, scenario.tables.keywords["bid"] * 2)
    assert adsim.landscape(scenario, plan=plan)["spend"][0] != first["spend"][0]
    assert adsim.landscape(scenario).equals(first)
    key = id(scenario)
    del scenario, kept
    gc.collect()
    assert key not in worlds


def test_all_mistakes_are_told_at_once(smallest):
    bids = [0, -1, float("nan"), float("inf"), 2e9, "x"]
    with pytest.raises(SimulationError) as caught:
        adsim.landscape(smallest, "cups", bids, [1, -1, 1001])
    lines = str(caught.value).splitlines()
    places = ["scales", "keyword", *(f"bids[{i}]" for i in range(6)), "scales[1]", "scales[2]"]
    assert [line.split(":")[0] for line in lines] == places
    assert "did you mean cup?" in lines[1]
    with pytest.raises(SimulationError, match="bids: must come with a keyword"):
        adsim.landscape(smallest, bids=[1])
    with pytest.raises(SimulationError, match="scales: must not be empty"):
        adsim.landscape(smallest, scales=[])


def test_a_bid_at_the_reserve_pays_itself(smallest):
    row = adsim.landscape(smallest, "cup", [0.4]).row(0, named=True)  # 0.4 x 5 = reserve 2
    assert row["clicks"] > 0
    assert row["cpc"] == pytest.approx(0.4)


def test_hours_are_those_of_the_days_of_the_scenario(smallest):
    week = [[1.0] * 24] * 6 + [[0.0] * 12 + [1.0] * 12]  # no ads on Sunday morning
    scenario = smallest.with_overrides([f"campaigns.core.hours={week}", "scenario.days=2"])
    eligible = adsim.landscape(scenario, "cup", [2.0])["eligible"][0]  # starts on a Sunday
    assert eligible == pytest.approx(7_500)
    assert adsim.landscape(scenario, scales=[1.0])["eligible"][0] == pytest.approx(7_500)


@pytest.mark.parametrize("name", ["bids", "scales"])
def test_a_number_where_a_list_belongs_is_told(smallest, name):
    given = {"keyword": "cup"} if name == "bids" else {}
    for value in (5, "0.5"):
        with pytest.raises(SimulationError, match=f"{name}: must be a list of numbers"):
            adsim.landscape(smallest, **given, **{name: value})
