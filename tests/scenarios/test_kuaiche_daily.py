"""The shipped Kuaiche shop: made by its script, sourced throughout, shaped like a real account."""

from __future__ import annotations

import math
from pathlib import Path

import polars as pl
import pytest

import adsim
from adsim.market.matching import match_queries
from adsim.scenario import load_scenario

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "scenarios" / "kuaiche_daily"
SEARCHES_A_MONTH = 50 / 30


@pytest.fixture(scope="module")
def shop():
    return load_scenario(FOLDER)


def test_the_account_has_the_four_plan_models(shop):
    assert shop.tables.keywords.height >= 300
    assert shop.tables.keywords["keyword"].str.contains(r"\p{Han}").all()
    assert {c.name: c.purpose for c in shop.campaigns} == {
        name: name for name in ("core", "long_tail", "test", "event")
    }
    assert all(campaign.daily_budget is not None for campaign in shop.campaigns)
    assert (len(shop.crowds), len(shop.devices)) == (4, 2)
    night = [hours[:7] for hours in next(c for c in shop.campaigns if c.name == "test").hours]
    assert night == [(0.0,) * 7] * 7
    assert set(shop.tables.keywords["match_type"]) == {"exact", "phrase", "broad"}


def test_an_order_leaves_a_fifth_to_a_quarter_before_ads(shop):
    left = [1 - product.unit_cost / product.price for product in shop.products]
    assert min(left) >= 0.199 and max(left) <= 0.25


def test_demand_has_heads_and_a_long_tail(shop):
    searches = shop.tables.queries["daily_searches"].sort(descending=True)
    assert searches.len() >= 500
    assert 50_000 < searches.sum() < 70_000
    assert 1_000 < searches[0] < 10_000
    assert (searches < SEARCHES_A_MONTH).mean() > 0.5


def test_listed_queries_follow_zipf(shop):
    """Search-term reports of real accounts have exponents of .8 to 1.0."""
    listed = shop.tables.queries["daily_searches"].sort(descending=True).head(200).log()
    rank = pl.Series(range(1, 201)).cast(pl.Float64).log()
    frame = pl.DataFrame({"rank": rank, "listed": listed})
    slope = frame.select(pl.cov("rank", "listed") / pl.col("rank").var()).item()
    assert 0.8 <= -slope <= 1.0


def test_a_day_has_a_quiet_night_and_sums_to_one(shop):
    assert math.fsum(shop.demand.hour) == pytest.approx(1.0, abs=1e-9)
    assert min(shop.demand.hour) <= 0.2 / 24
    assert sum(shop.demand.day_of_week) == pytest.approx(7.0, abs=1e-9)
    assert shop.demand.day_of_week[shop.scenario.start.weekday()] == pytest.approx(1, abs=0.01)


def test_the_second_slot_is_seen_as_often_as_published(shop):
    first, second = shop.auction.examination[:2]
    assert 0.43 <= second / first <= 0.91


def test_few_queries_are_out_of_reach_and_many_need_broad(shop):
    tables = shop.tables
    matches = match_queries(tables.queries["query"].to_list(), tables.keywords, tables.negatives)
    reached = matches.start[1:] > matches.start[:-1]
    assert 0.85 < reached.mean() < 1.0
    assert len(set(matches.keyword.tolist())) >= tables.keywords.height - 2
    broad = (tables.keywords["match_type"] == "broad").to_numpy()
    own = [matches.keyword[a:b] for a, b in zip(matches.start[:-1], matches.start[1:], strict=True)]
    assert sum(bool(len(rows)) and bool(broad[rows].all()) for rows in own) > 0.25 * len(own)


def test_negatives_keep_repair_and_second_hand_out(shop):
    tables = shop.tables
    unwanted = tables.queries["query"].str.contains_any(["二手", "维修", "租赁"])
    assert unwanted.sum() >= 20
    texts = tables.queries.filter(unwanted)["query"].to_list()
    matches = match_queries(texts, tables.keywords, tables.negatives)
    assert len(matches.keyword) == 0


@pytest.fixture(scope="module")
def words(shop):
    rows = adsim.simulate(shop, fidelity="expected").report("keyword")
    return rows.filter(pl.col("clicks") > 0)


def test_keywords_differ_as_in_real_accounts(words):
    """Over keywords: CV of CTR .6 to 1.1, of CVR .45 to 1.8, sd of log CPC .3 to 1.1."""
    varied = words.select(pl.col("ctr", "cvr").std() / pl.col("ctr", "cvr").mean()).row(0)
    assert 0.6 <= varied[0] <= 1.1 and 0.45 <= varied[1] <= 1.8
    assert 0.3 <= words["cpc"].log().std() <= 1.1


def test_exact_words_are_clicked_more_and_convert_less_than_broad_ones(words):
    """Real accounts: CTR 1.4 to 2.4 times; CVR .9 to 1.9 times, where the page says why not."""
    sums = words.group_by("match_type").agg(pl.sum("impressions", "clicks", "orders"))
    exact, broad = (
        sums.row(by_predicate=pl.col("match_type") == kind, named=True)
        for kind in ("exact", "broad")
    )
    ctr, cvr = (
        exact[top] * broad[bottom] / (exact[bottom] * broad[top])
        for top, bottom in (("clicks", "impressions"), ("orders", "clicks"))
    )
    assert 1.4 <= ctr <= 2.4 and cvr == pytest.approx(0.7, abs=0.05)
    assert "exact against broad is about .7" in (FOLDER / "README.md").read_text()


def test_the_shop_is_as_large_as_its_page_says(shop):
    page = " ".join((FOLDER / "README.md").read_text().split())
    tables = shop.tables
    searches = round(tables.queries["daily_searches"].sum(), -3)
    said = f"about {searches:,.0f} searches on {tables.queries.height} queries"
    assert f"{said}, {tables.keywords.height} keywords" in page
