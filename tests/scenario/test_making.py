"""Scenarios and plans of Python objects, under the rules of files."""

from __future__ import annotations

from dataclasses import fields

import polars as pl
import pytest

import adsim
from adsim.errors import PlanError, ScenarioError
from adsim.scenario import new_scenario, todays_plan
from adsim.scenario.auctions import Auction


@pytest.fixture
def loaded(tmp_path):
    new_scenario(tmp_path / "shop")
    return adsim.load_scenario(tmp_path / "shop")


def tables_of(scenario):
    frames = {field.name: getattr(scenario.tables, field.name) for field in fields(scenario.tables)}
    return {name: frame for name, frame in frames.items() if name != "people"}


def test_what_is_made_is_what_is_loaded(loaded):
    made = adsim.make_scenario(loaded.declared(), **tables_of(loaded))
    assert made.digest() == loaded.digest() and made.tables == loaded.tables


def test_all_mistakes_of_keys_and_frames_come_at_once(loaded):
    tables = tables_of(loaded)
    tables["queries"] = tables["queries"].with_columns(cvr=pl.lit(3.0))
    tables["keywords"] = tables["keywords"].with_columns(bid=pl.lit(-1.0))
    keys = {**loaded.declared(), "actuion": {}}
    with pytest.raises(ScenarioError) as caught:
        adsim.make_scenario(keys, **tables, words=pl.DataFrame())
    told = str(caught.value)
    for part in (
        "keys: actuion must be a known key",
        "queries row 1: cvr must be <= 1, but is 3.0",
        "keywords row 1: bid must be > 0, but is -1.0",
        "words: must be a table of a scenario",
    ):
        assert part in told
    del tables["keywords"]
    with pytest.raises(ScenarioError, match="keywords: must have rows"):
        adsim.make_scenario(loaded.declared(), **tables)


def test_a_population_with_a_table_needs_a_folder(loaded):
    keys = {**loaded.declared(), "population": {"table": "people.csv"}}
    with pytest.raises(ScenarioError, match="must be absent without a folder"):
        adsim.make_scenario(keys, **tables_of(loaded))


def test_a_plan_changes_what_it_names(loaded):
    today = loaded.tables.keywords
    key = ["campaign", "ad_group", "keyword", "match_type"]
    raised = today.select(*key, bid=pl.col("bid") * 1.25).head(2)
    keys = {"campaigns": [{"name": "core", "daily_budget": 90.0}], "account": {}}
    plan = adsim.make_plan(loaded, raised, keys, name="up")
    assert plan.name == "up" and plan.campaigns[0].daily_budget == 90.0
    assert plan.keywords["bid"].to_list() == [*raised["bid"], *today["bid"][2:]]
    assert plan.keywords.drop("bid").equals(today.drop("bid"))
    assert adsim.make_plan(loaded, name="today") == todays_plan(loaded)


def test_a_plan_tells_all_of_its_mistakes(loaded):
    key = ["campaign", "ad_group", "keyword", "match_type"]
    wrong = loaded.tables.keywords.select(*key, bid=pl.lit(float("nan")), quality=pl.lit(-3))
    with pytest.raises(PlanError) as caught:
        adsim.make_plan(loaded, wrong, {"campaigns": [{"name": "cor"}]})
    told = str(caught.value)
    for part in ("row 1: bid must be finite", "row 1: quality must be", "did you mean core?"):
        assert part in told


def test_what_is_shown_is_short(loaded):
    n_queries, n_keywords = loaded.tables.queries.height, loaded.tables.keywords.height
    shown = f"<Scenario 'my shop': {n_queries} queries, {n_keywords} keywords, days 7>"
    assert str(loaded) == repr(loaded) == shown
    plan = f"<Plan 'today': {n_keywords} keywords, {len(loaded.campaigns)} campaigns>"
    assert repr(todays_plan(loaded)) == plan
    assert repr(Auction(slots=1, examination=(1.0,))) == "Auction(slots=1, examination=(1.0,))"
