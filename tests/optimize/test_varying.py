"""Settings beside bids: the best one, what it brings beside better bids, and what is to be done."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

import adsim
from adsim.errors import OptimizeError
from adsim.optimize.aims.variants import vary_scenario
from adsim.report import render_page
from adsim.scenario import load_plan, todays_plan
from tests.optimize.conftest import COARSE
from tests.report.reading import read_page

CVR, BUDGET = "crowds.crowd 1.cvr", "campaigns.campaign 1.daily_budget"


@pytest.fixture(scope="module")
def shop():
    sizes = {"campaigns": 2, "crowds": 1, "budget_share": 0.3}
    return adsim.synthetic_scenario(3, queries=4, days=1, **sizes, **COARSE)


@pytest.fixture(scope="module")
def best(shop):
    """A crowd that orders twice as often is worth more than any bid; no budget at all, too."""
    vary = [f"{CVR}={2 * shop.crowds[0].cvr}", f"{BUDGET}=none"]
    return adsim.optimize(shop, vary=vary, replications=32, trials=3)


def test_the_best_setting_is_found_and_its_plan_is_for_it(shop, best):
    assert best.settings.height == 4
    assert best.settings["state"].to_list().count("chosen") == 1
    chosen = best.settings.row(by_predicate=pl.col("state") == "chosen", named=True)
    assert float(chosen[CVR]) == 2 * shop.crowds[0].cvr and chosen[BUDGET] == "none"
    assert best.steps == {CVR: chosen[CVR]}
    assert best.scenario.crowds[0].cvr == 2 * shop.crowds[0].cvr
    assert best.plan.campaigns[0].daily_budget is None
    assert chosen["gain_low"] > 0 and best.settings["gain"][0] == 0
    assert best.value == chosen["expected"] == best.settings["expected"].max()


def test_today_is_todays_plan_at_todays_settings(shop, best):
    run = adsim.simulate(shop, replications=32, seed=best.seed + 1).report().row(0, named=True)
    new = adsim.simulate(best.scenario, best.plan, replications=32, seed=best.seed + 1)
    row = best.comparison.row(by_predicate=pl.col("metric") == "profit", named=True)
    assert row["a"] == pytest.approx(run["profit"])
    assert row["b"] == pytest.approx(new.report()["profit"].item())
    expected = adsim.simulate(shop, fidelity="expected").report().row(0, named=True)
    today = best.baselines.row(0, named=True)
    assert today["value"] == pytest.approx(expected["profit"])
    assert best.changes["profit_today"].sum() == pytest.approx(expected["profit"])
    assert best.changes["profit_new"].sum() == pytest.approx(best.value)


def test_what_is_to_be_done_is_said_everywhere(shop, best, tmp_path):
    told = "\n".join(best.why)
    assert f"{CVR}: set it from {shop.crowds[0].cvr} to" in told
    assert f"{BUDGET}: {shop.campaigns[0].daily_budget} to none, as the plan has it" in told
    assert "the best of 4 settings brings +" in told
    best.write(tmp_path / "out")
    written = (tmp_path / "out" / "plan" / "plan.toml").read_text()
    assert f"# It is for the scenario with --set '{CVR}={best.steps[CVR]}': set this" in written
    plan = load_plan(tmp_path / "out" / "plan", shop)
    assert plan.campaigns == best.plan.campaigns
    assert (tmp_path / "out" / "settings.csv").read_text().count("\n") == 5


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_has_a_row_a_setting(best, lang):
    read = read_page(render_page(best, lang))
    table = read.tables["varied"]
    assert len(table.rows) == 4
    assert table.column(3) == pytest.approx(best.settings["b"].to_list(), abs=0.01)


def test_where_no_setting_is_surely_better_todays_stay(shop):
    vary = [f"{CVR}=0.1"]
    best = adsim.optimize(shop, vary=vary, replications=8, trials=0)
    alone = adsim.optimize(shop, replications=8, trials=0)
    assert best.settings["state"].to_list() == ["chosen", "climbed"]
    assert best.plan == alone.plan and best.comparison.equals(alone.comparison)
    assert not best.steps and best.why[-1].startswith("today's settings stay: none of the 2")


def test_a_plan_that_is_not_surely_better_leaves_everything_as_it_is(shop):
    limited = shop.tables.keywords.with_columns(status=pl.lit("paused"))
    dead = shop.model_copy(update={"tables": replace(shop.tables, keywords=limited)})
    best = adsim.optimize(dead, vary=[f"{CVR}=9"], replications=8, trials=4)
    assert best.plan == todays_plan(dead) and not best.steps
    assert best.scenario is best.declared


def test_a_setting_is_judged_by_the_mean_of_the_markets(shop):
    known = {"vary": [f"{BUDGET}=none"], "replications": 31, "trials": 0}
    best = adsim.optimize(shop, **known, markets=[shop, vary_scenario(shop, "demand=2")])
    assert best.settings["state"].to_list() == ["climbed", "chosen"]
    assert best.markets.height == 2 and best.tested == 32
    markets = [vary_scenario(best.scenario, f"demand={factor}") for factor in (1, 2)]
    runs = [adsim.simulate(one, best.plan, fidelity="expected") for one in markets]
    mean = sum(run.report()["profit"][0] for run in runs) / 2
    assert best.value == best.settings["expected"][1] == pytest.approx(mean)


@pytest.mark.slow
def test_a_search_that_was_killed_goes_on(shop, tmp_path):
    known = {"vary": [f"{CVR}=3.0"], "replications": 4, "trials": 4, "threads": 1}
    told = []

    def kill_at_the_second_setting(*progress):
        told.append(progress)
        if len(told) == 2:
            raise KeyboardInterrupt

    kept = {**known, "study": tmp_path / "shop.study"}
    with pytest.raises(KeyboardInterrupt):
        adsim.optimize(shop, **kept, trial_progress=kill_at_the_second_setting)
    again = adsim.optimize(shop, **kept, trial_progress=kill_at_the_second_setting)
    assert len(told) == 2, "both settings had their trials"
    whole = adsim.optimize(shop, **known)
    assert again.plan == whole.plan and again.settings.equals(whole.settings)
    with pytest.raises(OptimizeError, match="goes on with the question it began with"):
        adsim.optimize(shop, **{**kept, "vary": [f"{CVR}=2.0"]})


@pytest.mark.slow
def test_one_and_two_threads_find_the_same(shop):
    vary = [f"{CVR}=0.5,3.0"]
    one, two = (
        adsim.optimize(shop, vary=vary, replications=4, trials=4, threads=n) for n in (1, 2)
    )
    assert one.plan == two.plan and one.settings.equals(two.settings) and one.why == two.why


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"risk": "cvar"}, "must come without risk"),
        ({"worst_of": ("rivals=1.3",)}, "must come without worst_of"),
        ({"front": ("profit", "spend")}, "must come without front"),
    ],
)
def test_what_settings_do_not_go_with_is_told(shop, arguments, told):
    with pytest.raises(OptimizeError, match=told):
        adsim.optimize(shop, vary=[f"{CVR}=9"], **arguments)
