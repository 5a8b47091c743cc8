"""The experiment about brand and generic words: what earns, and when a brand is worth defending."""

from __future__ import annotations

import polars as pl
import pytest

import adsim
from tests.scenarios.pages import assert_same_answer
from tools import answer_brand_and_generic as tool
from tools.answers import answer_of
from tools.make_brand_and_generic import ATTACK, KINDS


@pytest.fixture(scope="module")
def shop():
    return adsim.load_scenario(tool.FOLDER)


@pytest.fixture(scope="module")
def plans(shop):
    return tool.load_plans(shop)


@pytest.fixture(scope="module")
def rows(shop, plans):
    return {name: tool.expected(shop, plan) for name, plan in plans.items()}


def test_levels_are_those_of_the_teaching_case(shop, rows):
    generic = rows["generic"]
    assert generic["cvr"] == pytest.approx(0.00298, rel=0.03)
    assert generic["ctr"] == pytest.approx(0.0413, rel=0.06)
    assert generic["cpc"] == pytest.approx(2.81, rel=0.05)
    calm = tool.in_peace(shop)
    brand = tool.expected(calm, tool.load_plans(calm)["brand"])
    assert brand["cvr"] == pytest.approx(0.0143, rel=0.01)
    assert brand["ctr"] == pytest.approx(0.161, rel=0.05)
    assert 0.44 <= brand["cpc"] <= 1.07


def test_brand_earns_and_generic_loses_at_todays_bids(rows):
    assert rows["brand"]["roi"] > 15
    assert rows["generic"]["profit"] < 0
    assert rows["brand_and_intent"]["profit"] > rows["brand"]["profit"]


def test_generic_words_earn_little_at_their_best_bids(shop):
    best = tool.by_kind(shop, adsim.optimize(shop, replications=16, trials=0).plan)
    for kind in ("heads", "routes", "intent"):
        assert 0 < best[kind]["profit"] < 0.05 * best["brand"]["profit"], kind


def test_defending_pays_here(shop, plans):
    table = adsim.compare(shop, plans["brand"], plans["brand_defended"], replications=32)
    by_metric = {row["metric"]: row for row in table.to_dicts()}
    assert by_metric["profit"]["difference_low"] > 0
    assert by_metric["roi"]["difference_high"] < 0


def holding_limit(shop, rows, margin):
    """v - examination x (v - p): 4.48 - .518 x (4.48 - .62) = 2.48 a click."""
    click = KINDS["brand"].cvr * margin
    return click - shop.auction.examination[1] * (click - rows["brand"]["cpc"])


def test_holding_pays_up_to_the_price_that_the_page_states(shop, rows):
    limit = holding_limit(shop, rows, tool.MARGIN)
    assert limit == pytest.approx(2.5, abs=0.05)
    assert holding_limit(shop, rows, tool.MARGIN / 2) == pytest.approx(1.4, abs=0.05)
    bid_there = limit * KINDS["brand"].quality / ATTACK["quality"]
    below, above = (tool.answers_to(shop, bid_there * factor) for factor in (0.9, 1.1))
    assert below["hold"] > below["yield"] and below["best"] > below["yield"]
    assert above["hold"] < above["yield"]


def test_a_thin_purse_makes_yielding_better(shop):
    thin = tool.purse_profits(shop, 200)
    assert thin["brand"] > thin["brand_defended"]
    endless = tool.purse_profits(shop, None)
    assert endless["brand_defended"] > endless["brand"]


def test_one_purse_starves_the_brand(shop):
    lost, profit = [], []
    for plan in tool.purses(shop).values():
        run = adsim.simulate(shop, plan, replications=32)
        brand = run.report(by="campaign").filter(campaign="brand")
        lost.append(brand["lost_to_budget"].item())
        profit.append(run.report()["profit"].item())
    assert lost[0] > 0.3 and lost[1] == 0
    assert profit[1] > 2 * profit[0]


def test_additional_orders_pay_back_the_ads(rows):
    row = rows["brand_defended"]
    share = tool.additional(row)
    assert share * row["orders"] * tool.MARGIN == pytest.approx(row["spend"])
    assert 0.3 < share < 0.5
    assert tool.additional(rows["generic"]) > 3


def test_the_margin_is_that_of_the_product(shop):
    (product,) = shop.products
    assert product.price - product.unit_cost == tool.MARGIN
    rivals = shop.tables.rival_keywords
    assert rivals.select(pl.col("bid", "quality", "presence")).unique().row(0, named=True) == ATTACK


@pytest.mark.slow
def test_the_page_shows_what_the_tool_prints():
    page = (tool.FOLDER / "README.md").read_text("utf-8")
    assert_same_answer(answer_of(page), tool.answer())
