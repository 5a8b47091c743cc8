"""Two plans under the same luck."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import adsim
from adsim.errors import OptimizeError
from adsim.results.compare import MEANS, METRICS
from adsim.scenario import todays_plan


@pytest.fixture(scope="module")
def shop():
    return adsim.synthetic_scenario(3, queries=12, days=2, budget_share=0.5, shock_cv=0.4)


def scaled(plan, factor):
    return replace(plan, keywords=plan.keywords.with_columns(bid=(pl.col("bid") * factor).round(2)))


def test_a_plan_against_itself_differs_in_nothing(shop):
    table = adsim.compare(shop, todays_plan(shop), todays_plan(shop), replications=4)
    assert table["metric"].to_list() == list(METRICS)
    assert table["difference"].to_list() == [0.0] * len(METRICS)
    assert table["difference_high"].to_list() == [0.0] * len(METRICS)


def test_values_are_those_of_simulate(shop):
    today = todays_plan(shop)
    table = adsim.compare(shop, today, scaled(today, 1.5), replications=8, seed=3)
    for column, plan in (("a", today), ("b", scaled(today, 1.5))):
        report = adsim.simulate(shop, plan, replications=8, seed=3).report()
        for metric in MEANS:
            value = table.row(by_predicate=pl.col("metric") == metric, named=True)[column]
            assert value == pytest.approx(report[metric][0], rel=1e-12), (column, metric)


def test_the_risk_is_that_of_the_histories(shop):
    today = todays_plan(shop)
    table = adsim.compare(shop, today, scaled(today, 3.0), replications=20, seed=3)
    tallies = adsim.simulate(shop, scaled(today, 3.0), replications=20, seed=3).tallies()[0][:, 0]
    profit = (tallies[:, 7] - tallies[:, 8] - tallies[:, 6]) / 1e6
    risks = {row["metric"]: row["b"] for row in table.iter_rows(named=True)}
    assert risks["profit_cvar"] == pytest.approx(np.sort(profit)[:2].mean())
    assert risks["loss_probability"] == pytest.approx((profit < 0).mean())


def test_common_luck_narrows_the_interval(shop):
    today = todays_plan(shop)
    table = adsim.compare(shop, today, scaled(today, 1.02), replications=32)
    clicks = table.row(by_predicate=pl.col("metric") == "clicks", named=True)
    spread = adsim.simulate(shop, today, replications=32).tallies()[0][:, 0, 3].std()
    assert clicks["difference_high"] - clicks["difference_low"] < spread / 2


def test_threads_change_nothing(shop):
    plans = todays_plan(shop), scaled(todays_plan(shop), 0.8)
    one, two = (adsim.compare(shop, *plans, replications=8, threads=n) for n in (1, 2))
    assert one.equals(two)


def test_every_bad_setting_is_told_at_once(shop):
    today = todays_plan(shop)
    with pytest.raises(OptimizeError) as raised:
        adsim.compare(shop, today, today, replications=1, seed=-1, threads=0)
    assert [problem.where for problem in raised.value.problems] == [
        "replications",
        "seed",
        "threads",
    ]


def test_no_plan_is_todays(shop):
    better = scaled(todays_plan(shop), 1.2)
    table = adsim.compare(shop, None, better, replications=4)
    assert table.equals(adsim.compare(shop, todays_plan(shop), better, replications=4))
    with pytest.raises(OptimizeError, match="plan_b: must be a Plan, but is of type str"):
        adsim.compare(shop, None, "plan_b")
