"""From the exact bids to the best plan found: trials, race, answer."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

import adsim
from adsim.errors import OptimizeError
from adsim.scenario import load_plan, todays_plan


@pytest.fixture(scope="module")
def shop():
    sizes = {"queries": 8, "crowds": 1, "devices": 2, "campaigns": 2, "days": 2}
    return adsim.synthetic_scenario(3, budget_share=0.5, shock_cv=0.3, **sizes)


@pytest.fixture(scope="module")
def best(shop):
    return adsim.optimize(shop, replications=32, trials=40)


def test_the_search_finds_what_bids_alone_cannot(shop, best):
    bids_alone = adsim.optimize(shop, replications=32, trials=0)
    fresh = adsim.compare(shop, bids_alone.plan, best.plan, replications=256, seed=99)
    profit = fresh.row(by_predicate=pl.col("metric") == "profit", named=True)
    assert profit["difference_low"] > 0
    assert best.plan.campaigns != shop.campaigns


def test_exact_bids_and_todays_plan_are_in_the_race(best):
    assert {"exact", "today", "policy"} <= set(best.race["plan"])
    assert best.race["state"].to_list().count("won") == 1
    won = best.race.row(by_predicate=pl.col("state") == "won", named=True)
    assert won["difference"] == 0 and won["replications"] == best.race["replications"].max()


def test_every_trial_is_in_the_table_once(best):
    assert best.trials["trial"].to_list() == list(range(40))
    assert set(best.trials["state"]) == {"played", "stopped"}
    stopped = best.trials.filter(pl.col("state") == "stopped")
    assert (stopped["replications"] < 32).all()
    assert stopped["score"].max() < best.trials["score"].max()


def test_the_answer_tells_what_changed_and_how_much_was_luck(best):
    told = "\n".join(best.why)
    assert "coefficient of desktop:" in told
    assert "search over policies: 40 trials" in told
    assert "the search scored its best trial" in told
    assert len(best.explain("zh")) == len(best.why)


def test_the_plan_with_its_coefficients_is_written_and_loads(shop, best, tmp_path):
    best.write(tmp_path / "out")
    assert load_plan(tmp_path / "out" / "plan", shop) == best.plan
    assert (tmp_path / "out" / "trials.csv").read_text().count("\n") == 41
    assert (tmp_path / "out" / "race.csv").exists()
    assert '"trials": 40' in (tmp_path / "out" / "recipe.json").read_text()


def test_one_and_two_threads_find_the_same_plan(shop):
    one, two = (adsim.optimize(shop, replications=8, trials=20, threads=n) for n in (1, 2))
    assert one.plan == two.plan and one.why == two.why
    assert one.trials.equals(two.trials) and one.race.equals(two.race)


def test_an_account_budget_may_be_shared_out(shop):
    found = adsim.optimize(shop, budget=20.0, replications=8, trials=20)
    assert {"budget.campaign 1", "budget.campaign 2"} <= set(found.trials.columns)
    for campaign, today in zip(found.plan.campaigns, shop.campaigns, strict=True):
        assert campaign.daily_budget <= today.daily_budget


def test_a_world_without_ads_has_nothing_to_try(shop):
    keywords = shop.tables.keywords.with_columns(status=pl.lit("paused"))
    silent = shop.model_copy(update={"tables": replace(shop.tables, keywords=keywords)})
    answer = adsim.optimize(silent, replications=4, trials=8)
    assert answer.plan == todays_plan(silent)
    assert answer.trials.is_empty()


def test_several_markets_take_turns_in_the_trials(shop):
    queries = shop.tables.queries
    worlds = [
        shop.model_copy(
            update={
                "tables": replace(
                    shop.tables, queries=queries.with_columns(cvr=pl.col("cvr") * factor)
                )
            }
        )
        for factor in (0.8, 1.2)
    ]
    answer = adsim.optimize(shop, replications=8, trials=8, markets=worlds)
    assert answer.trials.height == 8 and answer.markets.height == 2


def test_bad_settings_are_told(shop):
    with pytest.raises(OptimizeError) as raised:
        adsim.optimize(shop, trials=-1, sampler="luck")
    assert [problem.where for problem in raised.value.problems] == ["trials", "sampler"]
