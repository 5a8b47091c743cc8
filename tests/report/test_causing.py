"""The page of what ads cause: its tables and bars are those of the command."""

from __future__ import annotations

import pytest

import adsim
from adsim.report import render_page
from tests.report.reading import read_page
from tests.simulate.worlds import world


@pytest.fixture(scope="module")
def found():
    scenario = world({"organic": 0.003, "crowds": 1}).with_overrides(["scenario.holdout=0.2"])
    return adsim.incrementality(scenario, by="campaign", replications=8)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_tables_are_those_of_the_command(found, lang):
    read = read_page(render_page(found, lang))
    for key, table in (("account", found.account), ("parts", found.parts)):
        places = {"attributed": -4, "caused": -3}
        for name, place in places.items():
            assert read.tables[key].column(place) == table[name].to_list()
    assert read.tables["holdout"].column(1) == found.holdout["truth"].to_list()
    assert all(sentence in read.text for sentence in found.explain(lang))


def test_bars_have_the_intervals_of_what_is_caused(found):
    data = read_page(render_page(found)).data
    profits = found.parts.filter(metric="profit")
    drawn = [row for row in data["parts"] if row["kind"] == "caused"]
    assert {row["value"] for row in drawn} == set(profits["caused"])
    assert {row["low"] for row in drawn} == set(profits["caused_low"])
    assert [row["kind"] for row in data["caused"]] == ["attributed", "caused"] * 2


def test_first_lines_tell_orders_and_profit(found):
    rows = {row["metric"]: row for row in found.account.iter_rows(named=True)}
    text = read_page(render_page(found)).text
    share = f"{100 * rows['orders']['caused_share']:.0f} %"
    assert f"({share})" in text and "Profit is" in text


def test_a_loss_has_no_part_that_is_caused(found):
    read = read_page(render_page(found))
    shown = read.tables["parts"].texts(-1)
    for row, share in zip(found.parts.iter_rows(named=True), shown, strict=True):
        assert (share == "–") == (row["attributed"] <= 0 or row["caused"] < 0)
