"""The experiment about tests of new items: goods are judged by what they earn, and in a week."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import adsim
from tests.scenarios.pages import assert_same_answer
from tests.scenarios.test_shipped import declared_keys
from tools import answer_new_item_test as tool
from tools.answers import answer_of

WORTH = np.array([140.0, -59.0, 404.0, -142.0])  # yuan a day, as on the page


@pytest.fixture(scope="module")
def shop():
    return adsim.load_scenario(tool.FOLDER)


def test_every_key_and_column_has_a_source():
    sources = pl.read_csv(tool.FOLDER / "sources.csv")
    assert set(sources.select("file", "key").iter_rows()) == declared_keys(tool.FOLDER)


def test_what_is_clicked_most_loses_and_what_is_clicked_least_earns_most(shop):
    days = tool.scalings(shop)
    alone = {name: day for name, day in days.items() if name != tool.ALL}
    assert max(alone, key=lambda name: alone[name]["ctr"]) == "floral"
    assert alone["floral"]["profit"] < 0
    assert min(alone, key=lambda name: alone[name]["ctr"]) == "shirt"
    assert max(alone, key=lambda name: alone[name]["profit"]) == "shirt"
    assert tool.worths(days) == pytest.approx(WORTH, abs=15)


def test_a_week_finds_it_by_profit_and_never_by_clicks(shop):
    week = tool.judged(shop, WORTH, 7, 50.0)
    assert week["profit"][0] > 0.7 and week["CTR"][0] < 0.1


@pytest.mark.slow
def test_a_month_finds_it_more_often_and_brings_less(shop):
    week, month = (tool.judged(shop, WORTH, days, 50.0) for days in (7, 28))
    assert month["profit"][0] > week["profit"][0]
    assert month["profit"][1] < week["profit"][1]


@pytest.mark.slow
def test_the_page_shows_what_the_tool_prints():
    page = (tool.FOLDER / "README.md").read_text("utf-8")
    assert_same_answer(answer_of(page), tool.answer())
