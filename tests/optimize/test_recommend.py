"""The whole road: search, verify on fresh luck, answer, write."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

import adsim
from adsim.errors import OptimizeError
from adsim.optimize.bench import warn_of_living_crowds
from adsim.optimize.exact import candidates
from adsim.results.compare import METRICS
from adsim.scenario import load_plan, todays_plan
from tests.optimize.conftest import COARSE
from tests.simulate.lives import shop as living_shop

SHIPPED = Path(adsim.__file__).parents[2] / "scenarios"


@pytest.fixture(scope="module")
def shop():
    sizes = {"queries": 8, "crowds": 1, "devices": 0, "campaigns": 2, "days": 2}
    return adsim.synthetic_scenario(3, budget_share=0.5, shock_cv=0.3, **sizes, **COARSE)


@pytest.fixture(scope="module")
def best(shop):
    return adsim.optimize(shop, replications=32, trials=0)


def row(table, metric):
    return table.row(by_predicate=pl.col("metric") == metric, named=True)


def with_keywords(scenario, **columns):
    keywords = scenario.tables.keywords.with_columns(**columns)
    return scenario.model_copy(update={"tables": replace(scenario.tables, keywords=keywords)})


def test_where_persons_live_the_closed_forms_say_what_they_hold_fixed():
    with pytest.warns(UserWarning, match="hold the crowds of the first morning fixed"):
        warn_of_living_crowds(living_shop())


def test_an_answer_is_shown_in_one_line(best):
    assert repr(best).startswith("<Optimum of ") and "bound" in repr(best)
    assert "\n" not in repr(best)


def test_the_answer_is_better_on_luck_that_no_search_saw(shop, best):
    fresh = adsim.compare(shop, todays_plan(shop), best.plan, replications=32, seed=99)
    assert row(fresh, "profit")["difference_low"] > 0
    assert row(best.comparison, "profit")["difference_low"] > 0


def test_the_comparison_is_that_of_compare_on_the_next_seed(shop, best):
    table = adsim.compare(shop, todays_plan(shop), best.plan, replications=32, seed=8)
    assert best.comparison.select(table.columns).equals(table)
    assert best.comparison["metric"].to_list() == list(METRICS)
    expected = adsim.simulate(shop, best.plan, fidelity="expected").report()
    for metric in ("profit", "clicks", "roi"):
        found = row(best.comparison, metric)
        assert found["expected"] == pytest.approx(expected[metric][0], rel=1e-12)
        assert found["noise_cost"] == pytest.approx(found["expected"] - found["b"], rel=1e-9)
    assert best.value == pytest.approx(expected["profit"][0], rel=1e-12)


def test_the_gap_is_what_is_left_to_the_bound(best):
    assert best.gap == pytest.approx((best.bound - best.value) / abs(best.bound))
    assert 0 <= best.gap < 0.2


def test_changes_add_up_to_the_goal(shop, best):
    assert best.changes["profit_new"].sum() == pytest.approx(best.value, rel=1e-9)
    today = adsim.simulate(shop, fidelity="expected").report()["profit"][0]
    assert best.changes["profit_today"].sum() == pytest.approx(today, rel=1e-9)
    assert len(best.changes) == len(shop.tables.keywords)


def test_the_written_plan_loads_and_simulates_to_the_same_numbers(shop, best, tmp_path):
    best.write(tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"plan", "comparison.csv", "changes.csv", "baselines.csv", "recipe.json"}
    loaded = load_plan(tmp_path / "out" / "plan", shop)
    assert loaded == best.plan
    runs = [adsim.simulate(shop, plan, replications=4).report() for plan in (loaded, best.plan)]
    assert runs[0].equals(runs[1])


def test_the_same_seed_gives_the_same_plan_on_one_and_two_threads(shop, best):
    for threads in (1, 2):
        again = adsim.optimize(shop, replications=32, threads=threads, trials=0)
        assert again.plan == best.plan
        assert (again.bound, again.value, again.why) == (best.bound, best.value, best.why)
        assert again.comparison.equals(best.comparison)


def test_budgets_are_never_passed_by_a_micro(shop):
    for goal in ("revenue", "clicks"):
        answer = adsim.optimize(shop, goal=goal, budget=40.0, replications=16, trials=0)
        assert answer.plan.account_budget == 40.0
        assert any(line.startswith("the account spends its 40.00 CNY") for line in answer.why)
        for fidelity in ("expected", "counts"):
            run = adsim.simulate(shop, answer.plan, fidelity=fidelity, replications=16)
            tallies, labels = run.tallies(["campaign", "day"])
            spend = tallies[:, :, 6]
            for day in labels["day"].unique():
                is_day = (labels["day"] == day).to_numpy()
                assert (spend[:, is_day].sum(axis=1) < 40_000_000.5).all()


def test_an_optimal_plan_of_today_is_kept(shop, best, tmp_path):
    bids = best.plan.keywords
    again = with_keywords(shop, bid=bids["bid"], status=bids["status"])
    kept = adsim.optimize(again, replications=16, trials=0)
    assert kept.value >= best.value * (1 - 1e-9)
    if kept.plan == todays_plan(again):
        kept.write(tmp_path / "kept")
        assert not (tmp_path / "kept" / "plan").exists()
    assert kept.value == pytest.approx(best.value, rel=1e-3)


def test_today_is_the_answer_where_a_loss_is_not_excluded(shop, monkeypatch):
    search = candidates.search_bids

    def worse(bench, plan, *rest):
        return replace(search(bench, plan, *rest), bids=plan.bid * 3)

    monkeypatch.setattr(candidates, "search_bids", worse)
    answer = adsim.optimize(shop, replications=16, trials=0)
    assert answer.plan == todays_plan(shop)
    assert row(answer.comparison, "profit")["difference"] == 0
    assert "keep today's bids" in answer.why[0]
    assert answer.value == pytest.approx(
        adsim.simulate(shop, fidelity="expected").report()["profit"][0]
    )


def test_a_world_without_ads_stays_one(shop):
    silent = with_keywords(shop, status=pl.lit("paused"))
    answer = adsim.optimize(silent, replications=4, trials=0)
    assert answer.plan == todays_plan(silent)
    assert (answer.value, answer.gap) == (0, 0)
    assert any("stay paused" in line or "keep today" in line for line in answer.why)


def test_no_money_at_all(shop):
    answer = adsim.optimize(shop, budget=0, replications=4, trials=0)
    assert answer.plan.account_budget == 0
    assert answer.value == 0 and answer.gap == 0


def test_one_budget_that_hardly_pays_a_click(shop):
    answer = adsim.optimize(shop, budget=0.01, replications=8, trials=0)
    assert 0 <= answer.value <= answer.bound


def test_roi_spends_most_of_the_budget(shop):
    answer = adsim.optimize(shop, goal="roi", budget=60.0, replications=16, trials=0)
    spend = adsim.simulate(shop, answer.plan, fidelity="expected").report()["spend"][0]
    assert spend >= 0.95 * 60 * 2 * (1 - 1e-9) or "spend" in " ".join(answer.why)
    assert answer.bound >= answer.value > 0


def test_every_bad_argument_is_told_at_once(shop):
    with pytest.raises(OptimizeError) as raised:
        adsim.optimize(shop, goal="sales", budget=-1, replications=1, seed=-1, threads=0, trials=0)
    places = [problem.where for problem in raised.value.problems]
    assert places == ["goal", "budget", "replications", "seed", "threads"]
    for budget in (float("nan"), float("inf"), "10", True):
        with pytest.raises(OptimizeError, match="amount of money"):
            adsim.optimize(shop, budget=budget, trials=0)


def test_a_goal_without_limits_asks_for_a_budget():
    shop = adsim.synthetic_scenario(3, queries=5)
    why = adsim.optimize(shop, goal="revenue", replications=4, trials=0).why
    assert any("give a budget" in line for line in why)


@pytest.mark.slow
def test_kuaiche_daily_earns_more_and_says_why():
    shop = adsim.load_scenario(SHIPPED / "kuaiche_daily")
    answer = adsim.optimize(shop, replications=32, trials=0)
    assert row(answer.comparison, "profit")["difference_low"] > 0
    assert 0 <= answer.gap < 0.06
    assert (answer.changes["bid_new"] >= 0).all()
    assert any("paused" in line for line in answer.why)
