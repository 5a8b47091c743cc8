"""Scenarios and plans as arrays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from adsim.errors import MarketError
from adsim.kernels import random
from adsim.kernels.model import NO_BUDGET, TABLE
from adsim.market.compile import compile_market
from adsim.market.ids import mixed_ids, stable_id, stable_ids
from adsim.scenario import Scenario, load_scenario, synthetic_scenario, todays_plan

TOML = """
[scenario]
name = "compiled"
start = 2025-06-07 # a Saturday
days = 3
[auction]
slots = 2
examination = [1.0, 0.5]
quality_exponent = 0.5
reserve_score = 1.0
floor_price = 0.2
[demand]
day_of_week = [1, 1, 1, 1, 1, 2, 3]
calendar = [{ date = 2025-06-09, factor = 4 }, { from = 2025-06-08, to = 2025-06-09, factor = 5 }]
[[products]]
name = "cup"
price = 50.0
competitiveness = 1.5
page = 2.0
price_advantage = 0.5
[[crowds]]
name = "visited"
share = 0.25
ctr = 2.0
cvr = 4.0
[[crowds]]
name = "bought"
share = 0.1
ctr = 3.0
[[devices]]
name = "mobile"
share = 0.8
ctr = 1.1
[[devices]]
name = "pc"
share = 0.2
[[rivals]]
name = "other shop"
daily_budget = 12.5
[[campaigns]]
name = "core"
premiums = { visited = 0.2, bought = 0.5 }
devices = { mobile = 2.0 }
daily_budget = 100.0
[[campaigns]]
name = "tail"
hours = [HOURS]
"""
QUERIES = """query,daily_searches,rivals,rival_family,rival_scale,rival_shape,ctr,cvr
blue cup,240,3,lognormal,2,0.5,0.1,0.02
red cup,120,2,loglogistic,3,2.5,0.1,0.02
old cup,60,1,gamma,4,2,0.1,0.02
cup,30,1,table:seen,,,0.1,0.02
"""
KEYWORDS = """campaign,ad_group,keyword,match_type,bid,quality,relevance,product
core,g,blue cup,exact,1.00,4,0.5,cup
tail,g,cup,phrase,0.80,9,1.0,cup
"""
RIVALS = """rival,keyword,match_type,bid,quality,presence
other shop,cup,phrase,0.50,16,0.5
other shop,red cup,exact,2.00,4,0.9
other shop,blue cup,exact,0.10,400,0.9
"""
TABLES = "name,probability,ad_rank\nseen,0,1\nseen,0.25,2\nseen,1,5\n"


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    folder: Path = tmp_path_factory.mktemp("compiled")
    night = "[" + ", ".join(["0"] * 6 + ["1"] * 18) + "]"
    hours = ", ".join([night] * 7)
    (folder / "scenario.toml").write_text(TOML.replace("HOURS", hours), encoding="utf-8")
    for name, text in {
        "queries": QUERIES, "keywords": KEYWORDS, "rivals": RIVALS, "rival_tables": TABLES,
    }.items():  # fmt: skip
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return load_scenario(folder)


@pytest.fixture(scope="module")
def market(scenario):
    return compile_market(scenario, [todays_plan(scenario)])


def test_sides_are_patterns_of_crowds_times_devices(market):
    sides = market.sides
    assert sides.audiences[0] == "none"
    assert set(sides.audiences) == {"none", "visited", "bought", "visited+bought"}
    assert sides.share.sum() == pytest.approx(1.0)
    both = sides.members.index((("visited", "bought"), "mobile"))
    assert sides.share[both] == pytest.approx(0.25 * 0.1 * 0.8)
    assert sides.table["ctr"][both] == pytest.approx(2.0 * 3.0 * 1.1)
    assert sides.table["cvr"][both] == pytest.approx(4.0)


def test_the_highest_premium_counts_and_multiplies_with_the_device(market):
    """validation.md section 1: maximum, not sum; wireless coefficient times premium."""
    coefficient = market.plans[0].coefficient[0, :, 0]
    of = dict(zip(market.sides.members, coefficient, strict=True))
    assert of[(("visited", "bought"), "pc")] == pytest.approx(1.5)
    assert of[(("visited", "bought"), "mobile")] == pytest.approx(3.0)
    assert of[(("visited",), "pc")] == pytest.approx(1.2)
    assert of[((), "pc")] == 1.0


def test_hours_with_the_same_coefficients_share_a_block(market):
    plan = market.plans[0]
    assert plan.coefficient.shape[2] == 2
    assert plan.block.shape == (168,)
    night, day = plan.block[0], plan.block[6]
    assert plan.coefficient[1, 0, night] == 0.0
    assert plan.coefficient[1, 0, day] == 1.0
    assert (plan.block.reshape(7, 24)[:, :6] == night).all()


def test_budgets_are_micros_and_the_accounts_comes_last(market):
    assert market.plans[0].budget.tolist() == [100_000_000, NO_BUDGET, NO_BUDGET]
    assert market.plans[0].rival_budget.tolist() == [12_500_000]


def test_demand_follows_weekday_and_dated_factors(market):
    """Saturday 2, Sunday 3 x 5, Monday 1 x 4 x 5: dated factors multiply, both ends included."""
    assert market.arrays.hour_factor.sum(axis=1) == pytest.approx([2.0, 15.0, 20.0])
    assert market.arrays.weekday == 5


def test_families_have_the_parameters_of_their_kernels(market):
    queries = market.arrays.queries
    assert (queries["a"][0], queries["b"][0]) == pytest.approx((np.log(2.0), 0.5))
    assert (queries["a"][1], queries["b"][1]) == pytest.approx((3.0, 2.5))
    assert (queries["a"][2], queries["b"][2]) == pytest.approx((2.0, 0.5))
    assert queries["family"][3] == TABLE
    assert (queries["a"][3], queries["b"][3]) == (0, 3)
    assert market.arrays.table.tolist() == [[1.0, 1.0], [0.75, 2.0], [0.0, 5.0]]


def test_products_and_keywords_carry_their_factors(market):
    assert market.arrays.products["cvr"][0] == pytest.approx(1.5)
    assert market.arrays.keywords["weight"].tolist() == [2.0, 3.0]
    assert market.arrays.keywords["ctr"].tolist() == [0.5, 1.0]


def test_what_an_order_brings_scales_with_the_order_value_of_the_side(scenario):
    """Prices are rounded to micros, halves up; a crowd and a device multiply."""
    keys = [
        "products.cup.unit_cost=3.0", "crowds.bought.order_value=1.5",
        "devices.mobile.order_value=0.00000035", "devices.mobile.organic=2.0",
    ]  # fmt: skip
    changed = scenario.with_overrides(keys)
    found = compile_market(changed, [todays_plan(changed)])
    sides, money = found.sides, found.arrays.order_money[0]
    factors = sides.table[["cvr", "organic"]].tolist()
    rows = zip(money.tolist(), factors, strict=True)
    at = dict(zip(sides.members, rows, strict=True))
    assert at[(), "pc"][0] == (50_000_000, 3_000_000)
    assert at[("bought",), "pc"][0] == (75_000_000, 4_500_000)
    assert at[("bought",), "mobile"][0] == (26, 2)  # 26.25 and 1.575
    assert at[(), "mobile"][0] == (18, 1)  # 17.5 and 1.05
    assert at[("visited",), "mobile"][1] == (4.0, 8.0)  # organic orders have the CVR's factor


def test_links_join_queries_and_keywords_by_text(market):
    queries, links = market.arrays.queries, market.arrays.links
    of = [links[q["first_link"] : q["end_link"]].tolist() for q in queries]
    assert of == [[0, 1], [1], [1], [1]]


def test_of_a_rival_only_its_best_keyword_that_may_enter_stands(market):
    """Ad ranks .5 x 4 = 2 (phrase) and 2 x 2 = 4 (exact); .1 x 20 = 2 is below the floor of .2."""
    queries, named = market.arrays.queries, market.arrays.named
    of = [named[q["first_named"] : q["end_named"]] for q in queries]
    assert [rows["rank"].tolist() for rows in of] == [[2.0], [4.0], [2.0], [2.0]]
    assert of[1]["presence"].tolist() == [0.9]
    assert of[0]["bid"].tolist() == [500_000]


def test_a_changed_quality_makes_a_second_version_of_a_keyword(scenario):
    today = todays_plan(scenario)
    better = replace(
        today, name="better", keywords=today.keywords.with_columns(quality=pl.lit(16.0))
    )
    market = compile_market(scenario, [today, better])
    assert len(market.keywords) == 4
    assert market.plans[0].bid.tolist() == [1_000_000, 800_000, 0, 0]
    assert market.plans[1].bid.tolist() == [0, 0, 1_000_000, 800_000]
    identity = market.arrays.keywords["identity"]
    assert identity[:2].tolist() == identity[2:].tolist()


def test_paused_keywords_are_not_in_the_auction(scenario):
    today = todays_plan(scenario)
    keywords = today.keywords.with_columns(status=pl.Series(["paused", "active"]))
    market = compile_market(scenario, [replace(today, keywords=keywords)])
    assert market.plans[0].bid.tolist() == [0, 800_000]


def test_too_many_named_rivals_on_a_query_are_told(scenario, monkeypatch):
    monkeypatch.setattr("adsim.market.rivals.MOST_NAMED", 0)
    with pytest.raises(MarketError, match="at most 0 named rivals, but 'blue cup' is by 1") as told:
        compile_market(scenario, [todays_plan(scenario)])
    assert len(told.value.problems) == 4


def test_ids_do_not_depend_on_what_else_there_is(scenario, market):
    fewer = replace(scenario.tables, queries=scenario.tables.queries.tail(2))
    part = compile_market(
        scenario.model_copy(update={"tables": fewer}), [todays_plan(scenario)]
    ).arrays
    assert part.cell_identity.tolist() == market.arrays.cell_identity[2:].tolist()
    assert stable_id("cup") != stable_id("cups")


def test_mixed_ids_are_those_of_the_kernels():
    first, second = stable_ids(["a", "b", "c"]), stable_ids(["x", "y", "z"])
    expected = [int(random.mixed_id(a, b)) for a, b in zip(first, second, strict=True)]
    assert mixed_ids(first, second).tolist() == expected


def test_queries_of_a_group_share_its_shock_and_others_have_their_own():
    made = synthetic_scenario(3, queries=4)
    groups = pl.Series("query_group", ["warm", None, "warm", None], pl.String)
    tables = replace(made.tables, queries=made.tables.queries.with_columns(groups))
    scenario = made.model_copy(update={"tables": tables})
    arrays = compile_market(scenario, [todays_plan(scenario)]).arrays
    first, second, third, fourth = arrays.queries["group"].tolist()
    assert first == third and len({first, second, fourth}) == arrays.group_identity.size == 3
