"""The experiment about the long tail: its claim holds as shipped, and what should flip it does."""

from __future__ import annotations

import polars as pl
import pytest

import adsim
from tests.scenarios.pages import assert_same_answer
from tools import answer_longtail_harvest as tool
from tools.answers import answer_of

SEARCHES_A_MONTH = 50 / 30


@pytest.fixture(scope="module")
def shop():
    return adsim.load_scenario(tool.FOLDER)


@pytest.fixture(scope="module")
def plans(shop):
    return tool.load_plans(shop)


@pytest.fixture(scope="module")
def worlds(shop):
    return {name: tool.world_row(world) for name, world in tool.worlds(shop)}


def test_a_dozen_heads_bring_most_searches_and_most_queries_are_rare(shop):
    queries = shop.tables.queries
    heads = queries.filter(tool.is_head)["daily_searches"].sum()
    tail = queries.filter(tool.is_tail)["daily_searches"].sum()
    assert 0.7 < heads / (heads + tail) < 0.8
    listed = tool.list_queries()
    ranks = pl.concat(
        pl.Series(
            [query.searches() / (query.last - query.first + 1)] * (query.last - query.first + 1)
        )
        for query in listed
    )
    assert (ranks < SEARCHES_A_MONTH).mean() == pytest.approx(0.965, abs=0.003)


def test_levels_are_those_of_their_sources(shop, plans):
    head = adsim.simulate(shop, plans["head"], fidelity="expected").report().row(0, named=True)
    assert head["cpc"] == pytest.approx(1.8, abs=0.05)
    assert 0.01 < head["ctr"] < 0.03
    searches = pl.col("daily_searches")
    deepest = shop.tables.queries.filter(tool.is_tail).tail(100)
    at_the_end = deepest.select((pl.col("cvr") * searches).sum() / searches.sum()).item()
    assert at_the_end == pytest.approx(2.5 * 0.024, rel=0.1)


def test_the_claim_holds_as_shipped(shop, plans):
    """95 % intervals of paired means: false alarms would need a miss of both."""
    table = adsim.compare(shop, plans["head"], plans["tail"], replications=32)
    rows = {row["metric"]: row for row in table.to_dicts()}
    assert rows["roi"]["difference_low"] > 5
    assert rows["spend"]["b"] < rows["spend"]["a"] / 10
    assert rows["orders"]["difference_high"] < 0


def test_the_low_bid_does_most_of_it(worlds):
    shipped = worlds["as shipped"]
    words = shipped["tail_high roi"] / shipped["head roi"]
    low_bid = shipped["tail roi"] / shipped["tail_high roi"]
    assert 1.5 < words < low_bid
    assert shipped["tail_high profit"] > 1.5 * shipped["tail profit"]


def test_where_the_tail_is_like_the_head_nothing_is_left(worlds):
    alike = worlds["both of these"]
    assert alike["tail_high roi"] == pytest.approx(alike["head roi"], rel=0.05)
    assert alike["tail roi"] < alike["head_same_spend roi"]
    one = worlds["tail converts like the head"]
    assert one["tail_high roi"] > 1.1 * one["head roi"]


def test_few_rivals_make_the_head_as_good(worlds):
    thin = worlds["1.5 rivals at the head"]
    assert thin["head roi"] > thin["tail_high roi"]
    assert thin["head profit"] > 5 * thin["tail profit"]


def test_poor_ads_at_low_bids_are_not_shown(worlds):
    assert worlds["tail quality 3, not 6"]["tail roi"] is None
    assert worlds["tail quality 3, not 6"]["tail spend"] == 0


def test_a_heavy_tail_is_not_small(worlds):
    heavy = worlds["heavy tail: Zipf 1.0, not 1.42"]
    assert heavy["tail profit"] > 5 * heavy["head profit"]
    assert worlds["as shipped"]["tail profit"] < 1.2 * worlds["as shipped"]["head profit"]


def test_the_tail_saturates(shop, plans):
    tables = {name: tool.ladder(shop, plans[name]) for name in ("head", "tail")}
    at = {
        spend: {n: tool.at_spend(t, spend)["roi"] for n, t in tables.items()}
        for spend in (400, 2400)
    }
    assert at[400]["tail"] > 1.3 * at[400]["head"]
    assert at[2400]["tail"] < at[2400]["head"]
    assert tool.at_spend(tables["tail"], 5000)["roi"] is None


def test_the_better_half_of_the_tail_earns_nearly_all(shop, plans):
    run = adsim.simulate(shop, plans["tail"], fidelity="expected")
    profit = run.report(by="keyword").filter(campaign="tail")["profit"].sort(descending=True)
    assert profit.len() == 400
    assert profit.head(200).sum() > 0.85 * profit.sum()


def test_best_bids_pass_both_plans_and_earn_more_at_a_lower_roi(shop):
    best = adsim.optimize(shop, replications=16, trials=0)
    assert best.gap < 0.01
    row = best.comparison.row(by_predicate=pl.col("metric") == "profit", named=True)
    assert row["difference_low"] > 0
    tail = best.plan.keywords.filter(campaign="tail")
    assert tail["bid"].median() > 2 * 0.8


@pytest.mark.slow
def test_the_page_shows_what_the_tool_prints():
    page = (tool.FOLDER / "README.md").read_text("utf-8")
    assert_same_answer(answer_of(page), tool.answer())
