"""The experiment about tests of pictures: what is claimed holds, and what should flip it does."""

from __future__ import annotations

import polars as pl
import pytest

import adsim
from tests.scenarios.pages import assert_same_answer
from tests.scenarios.test_shipped import declared_keys
from tools import answer_creative_test as tool
from tools.answers import answer_of


@pytest.fixture(scope="module")
def shop():
    return adsim.load_scenario(tool.FOLDER)


def test_every_key_and_column_has_a_source():
    sources = pl.read_csv(tool.FOLDER / "sources.csv")
    assert set(sources.select("file", "key").iter_rows()) == declared_keys(tool.FOLDER)


def test_clicks_crown_the_wrong_picture(shop):
    rows = {row["name"]: row for row in tool.each_alone(shop)}
    assert max(rows, key=lambda name: rows[name]["ctr"]) == "price badge"
    assert min(rows, key=lambda name: rows[name]["profit"]) == "price badge"


def test_a_budget_that_binds_takes_the_worth_of_a_better_ctr(shop):
    rows = {row["name"]: row for row in tool.each_alone(shop)}
    assert rows["family"]["tight_profit"] > rows["steam"]["tight_profit"]
    assert rows["family"]["profit"] < rows["steam"]["profit"]


def test_plans_load_and_rotate_as_they_say(shop):
    for path in sorted((tool.FOLDER / "plans").iterdir()):
        plan = adsim.load_plan(path, shop)
        run = adsim.simulate(shop, plan, replications=1, days=2)
        assert run.creatives()["impressions"].sum() > 4_000


def test_refreshing_pays_where_pictures_wear(shop):
    one, new, _ = tool.wear_profits(shop, 0.0)
    assert new == pytest.approx(one)
    one, new, at_once = tool.wear_profits(shop, 0.0045)
    assert new > 1.15 * one
    assert new == pytest.approx(at_once, rel=0.02)


@pytest.mark.slow
def test_the_page_shows_what_the_tool_prints_and_short_tests_pay():
    page = (tool.FOLDER / "README.md").read_text("utf-8")
    assert_same_answer(answer_of(page), tool.answer())
    found = {name: profit for name, (profit, _, _) in tool.outcomes().items()}
    assert found["test until 2,000"] > found["test until 20,000"]
    assert found["test until 2,000"] > found["one of the five by lot"] > found[next(iter(found))]
