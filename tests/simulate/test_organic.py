"""Organic orders: those of searches without a click, with and without ads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import adsim
from adsim.kernels import tally
from adsim.scenario import todays_plan
from tests.simulate.worlds import world


def paused(scenario):
    plan = todays_plan(scenario)
    return replace(plan, keywords=plan.keywords.with_columns(status=pl.lit("paused")))


@pytest.mark.parametrize("fidelity", ["expected", "counts", "events"])
def test_without_ads_every_search_may_order_by_itself(fidelity):
    """12 queries x 4 sides: of 48 normal scores one passes 4.5 with chance 3e-4."""
    scenario = world({"organic": 0.05, "crowds": 1})
    run = adsim.simulate(scenario, paused(scenario), fidelity, replications=20)
    report = run.report(["query", "audience", "device"])
    sides = dict(zip(run.market.sides.members, run.market.sides.table, strict=True))
    organic = dict(scenario.tables.queries.select("query", "organic").iter_rows())
    scores = []
    for row in report.iter_rows(named=True):
        crowds = () if row["audience"] == "none" else (row["audience"],)
        factor = sides[crowds, row["device"]]["organic"]
        chance = min(1.0, organic[row["query"]] * factor)
        mean = row["searches"] * chance
        if fidelity == "expected":
            assert row["organic_orders"] == pytest.approx(mean)
        elif mean > 0.5 and chance < 1:
            scores.append((row["organic_orders"] - mean) / np.sqrt(mean * (1 - chance) / 20))
    assert fidelity == "expected" or (len(scores) > 30 and np.abs(scores).max() < 4.5)
    assert report["orders"].sum() == report["spend"].sum() == 0


def test_who_orders_without_ads_and_is_not_clicked_orders_with_ads():
    """Search by search in the trace: the same words decide."""
    scenario = world({"organic": 0.1, "crowds": 1})
    runs = [adsim.simulate(scenario, plan, "events", 1) for plan in (None, paused(scenario))]
    with_ads, without = (run.trace(3_000) for run in runs)
    assert with_ads["time"].equals(without["time"])
    clicked = with_ads["clicked"]
    assert clicked.sum() > 50
    assert with_ads["organic"].filter(~clicked).equals(without["organic"].filter(~clicked))
    assert not with_ads["organic"].filter(clicked).any()
    assert without["organic"].sum() > 200


@pytest.mark.parametrize("fidelity", ["counts", "events"])
def test_luck_is_common_with_and_without_ads(fidelity):
    """Without clicks the very same orders; with them the difference varies less than each."""
    scenario = world({"organic": 0.05})
    blind = scenario.with_overrides(["auction.examination=[0,0,0,0]"])
    same = [orders_of(blind, plan, fidelity, 4) for plan in (None, paused(blind))]
    assert (same[0] == same[1]).all()
    some, all_of_them = (
        orders_of(scenario, plan, fidelity, 60) for plan in (None, paused(scenario))
    )
    assert (all_of_them - some).var() < 0.35 * all_of_them.var()
    assert all_of_them.mean() > some.mean() > 0


def orders_of(scenario, plan, fidelity, replications):
    run = adsim.simulate(scenario, plan, fidelity, replications)
    return run.tallies()[0][:, 0, tally.ORGANIC_ORDERS]


def test_reports_have_the_columns_only_where_there_are_such_orders():
    run = adsim.simulate(world({"crowds": 1}), fidelity="events", replications=2)
    assert "organic_orders" not in run.report().columns
    assert "organic" not in run.trace(5).columns
    run = adsim.simulate(world({"organic": 0.05}), fidelity="events", replications=2)
    report = run.report()
    assert {"organic_orders", "organic_revenue", "organic_orders_low"} <= set(report.columns)
    goods = run.tallies()[0][:, 0, tally.GOODS_COST].mean() / 1e6
    attributed = report["revenue"][0] - report["spend"][0] - goods
    assert report["profit"][0] == pytest.approx(attributed)
