"""What ads cause against what is attributed to them, and what a holdout tells."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import adsim
from adsim.errors import OptimizeError
from adsim.kernels import tally
from adsim.kernels.tally import N_FIELDS
from adsim.results.caused import ROWS, holdout_table
from adsim.results.registry import FIELDS
from adsim.results.tables import mean_value
from adsim.scenario import todays_plan
from tests.audience.shops import shop
from tests.simulate.lives import shop as lives
from tests.simulate.worlds import world

METRICS = ["orders", "revenue", "profit", "spend", "roi"]


def silent(scenario, keep=lambda row: False):
    plan = todays_plan(scenario)
    status = ["active" if keep(row) else "paused" for row in plan.keywords.iter_rows(named=True)]
    return replace(plan, keywords=plan.keywords.with_columns(status=pl.Series(status)))


def expected(scenario, plan):
    return adsim.simulate(scenario, plan, "expected").tallies()[0].sum(axis=1).T


def test_caused_is_all_with_less_all_without():
    """The closed form lies within 4.5 standard errors: false alarm 2e-4 over 20 comparisons."""
    scenario = world({"organic": 0.003, "crowds": 1, "keywords_per_query": 2})
    found = adsim.incrementality(scenario, by="campaign")
    assert found.account["metric"].to_list() == METRICS
    whole = expected(scenario, None)
    parts = [(found.account, silent(scenario))]
    for (name,), table in found.parts.group_by("campaign", maintain_order=True):
        parts.append((table, silent(scenario, lambda row, name=name: row["campaign"] != name)))
    assert len(parts) == 4
    for table, without in parts:
        difference = whole - expected(scenario, without)
        for column, row in zip(ROWS, table.iter_rows(named=True), strict=True):
            error = (row["caused_high"] - row["caused_low"]) / 2 / 2.0
            assert abs(row["caused"] - mean_value(column, difference)) < 4.5 * error
    row = dict(zip(METRICS, found.account["caused_share"], strict=True))
    assert 0 < row["orders"] < 0.9 and row["spend"] == 1.0


@pytest.mark.parametrize("by", ["campaign", "keyword", "audience"])
def test_attributed_is_what_the_report_says(by):
    scenario = world({"organic": 0.05, "crowds": 1})
    found = adsim.incrementality(scenario, None, by, 4, 3).parts
    report = adsim.simulate(scenario, replications=4, seed=3).report([by])
    labels = report.columns[: report.columns.index("searches")]
    for row in report.filter(pl.col("impressions") > 0).iter_rows(named=True):
        own = found.filter(pl.col(label) == row[label] for label in labels)
        assert own["metric"].to_list() == METRICS
        for name, value in zip(METRICS, own["attributed"], strict=True):
            assert value == (pytest.approx(row[name]) if row[name] is not None else None)


def test_without_organic_orders_all_orders_are_caused():
    found = adsim.incrementality(world({"crowds": 1}), replications=4)
    assert found.account["caused"].to_list() == found.account["attributed"].to_list()
    assert "counts as caused" in found.sentences[0]
    assert found.holdout is None and found.parts is None


def test_a_journey_goes_on_without_the_ads():
    """Clicks that never happen fill no pools, so ads cause what the pools bring later, too.

    Persons who know the shop order by themselves more often: the ads' clicks make them known.
    """
    states = [
        {"name": "new", "share": 1.0, "click": {"known": 1.0}},
        {"name": "known", "share": 0.0, "cvr": 3.0, "organic": 4.0, "days": 20, "then": "new"},
    ]
    scenario = lives(states, days=3, campaigns=1, journey={"persons": 3000})
    account = adsim.incrementality(scenario, replications=8, seed=3).account
    alone = adsim.simulate(scenario, silent(scenario), replications=8, seed=3)
    assert (alone.journey()["persons"].to_numpy().reshape(-1, 2)[:, 1] == 0).all()
    both = adsim.simulate(scenario, replications=8, seed=3)
    assert both.journey()["share"][-1] > 0.1
    fields = [tally.ORDERS, tally.ORGANIC_ORDERS]
    orders = [run.tallies()[0][:, 0, fields].sum(axis=1).mean() for run in (both, alone)]
    row = account.row(by_predicate=pl.col("metric") == "orders", named=True)
    assert row["caused"] == pytest.approx(orders[0] - orders[1])
    assert both.report()["organic_orders"][0] > alone.report()["organic_orders"][0]


def test_any_number_of_threads_gives_the_same_tables():
    scenario = world({"organic": 0.05, "crowds": 1})
    found = adsim.incrementality(scenario, by="keyword", replications=8, threads=1)
    again = adsim.incrementality(scenario, by="keyword", replications=8, threads=2)
    assert found.parts.equals(again.parts) and found.account.equals(again.account)


def test_wrong_arguments_are_told_at_once():
    with pytest.raises(OptimizeError) as raised:
        adsim.incrementality(world({}), by="hour", replications=1)
    assert len(raised.value.problems) == 2
    assert "by: must be one of campaign, keyword, audience, but is 'hour'" in str(raised.value)


def test_the_interval_of_a_holdout_covers_the_truth_at_its_rate():
    """Binomial(600, 0.95) leaves 0.95 +- 0.0347 with chance 1e-4; four metrics: 4e-4.

    Shocks of demand are common to those held out and all others, so that they do no harm. An
    interval a fifth too short would cover 0.88.
    """
    scenario = world({"organic": 0.08, "crowds": 1, "shock_cv": 0.5, "searches": 800.0})
    scenario = scenario.with_overrides(["scenario.holdout=0.2"])
    found = adsim.incrementality(scenario, replications=600).holdout
    assert found["metric"].to_list() == ["orders", "revenue", "roi", "profit"]
    for row in found.iter_rows(named=True):
        assert row["covered"] == pytest.approx(0.95, abs=0.0347), row
        error = (row["estimate_high"] - row["estimate_low"]) / 2 / 1.96
        assert abs(row["estimate"] - row["truth"]) < 4.5 * error / 600**0.5


def test_the_estimate_by_hand():
    """One history of 100 orders; 4 of 10 and 2 of 30 yuan by those held out, a fifth of all."""
    with_ads, without = np.zeros((2, N_FIELDS, 1), np.int64)
    with_ads[FIELDS.index("orders")], with_ads[FIELDS.index("organic_orders")] = 60, 40
    with_ads[FIELDS.index("spend")] = 5_000_000
    without[FIELDS.index("organic_orders")] = 50
    held = np.zeros((2, N_FIELDS, 1), np.int64)
    held[:, FIELDS.index("organic_orders"), 0] = 4, 2
    money = np.array([[10_000_000, 4_000_000], [30_000_000, 10_000_000]])
    orders, revenue, *_ = holdout_table(with_ads, without, held, money, 4.0, 0.0).to_dicts()
    assert (orders["truth"], orders["estimate"]) == (50.0, 100 - 5 * 6)
    assert half_width(orders) == pytest.approx(1.959964 * (4 * 5 * 6) ** 0.5)
    assert orders["covered"] == 1.0
    assert revenue["estimate"] == -5 * 100.0
    assert half_width(revenue) == pytest.approx(1.959964 * (4 * 5 * (4 * 100 + 2 * 900)) ** 0.5)
    more = holdout_table(with_ads, without, held, money, 4.0, 0.01).row(0, named=True)
    assert half_width(more) == pytest.approx(1.959964 * (4 * 5 * (6 + 36 * 0.01)) ** 0.5)


def half_width(row):
    return (row["estimate_high"] - row["estimate_low"]) / 2


@pytest.mark.slow
def test_who_is_drawn_into_the_holdout_is_in_the_interval():
    """160 populations of few, unlike persons, 4 histories each; without the part that stands for
    who is drawn, 0.77 of the intervals cover. 0.95 +- 4 x 0.0172 (each population its own draw)."""
    effects = [{"where": "tier = 3", "searches": 6.0, "cvr": 4.0}]
    covered = []
    for seed in range(160):
        people = {"size": 400, "seed": seed, "effects": effects}
        scenario = shop(population=people, queries=6, organic=0.05, searches=2_000.0)
        scenario = scenario.with_overrides(["scenario.holdout=0.25"])
        found = adsim.incrementality(scenario, replications=4, seed=seed).holdout
        covered.append(found["covered"][0])
    assert np.mean(covered) == pytest.approx(0.95, abs=0.069)
