"""Limits: read, checked, and turned into ranges that no bid leaves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import adsim
from adsim.errors import OptimizeError
from adsim.money import MICROS
from adsim.optimize.aims.limits import Limit, load_limits
from adsim.optimize.aims.ranges import bid_ranges
from adsim.optimize.exact.search import search_bids
from adsim.scenario import todays_plan

HEADER = "campaign,ad_group,keyword,match_type,bid_min,bid_max,change_max,keep,pause"
HEADER += ",impression_share_min\n"


@pytest.fixture
def shop():
    return adsim.synthetic_scenario(4, queries=6, campaigns=2, crowds=1)


def keyword(shop, row):
    return shop.tables.keywords.row(row, named=True)


def with_bids(shop, **columns):
    keywords = shop.tables.keywords.with_columns(**columns)
    return shop.model_copy(update={"tables": replace(shop.tables, keywords=keywords)})


def problems(make):
    with pytest.raises(OptimizeError) as raised:
        make()
    return [str(problem) for problem in raised.value.problems]


def test_a_file_is_read_with_its_rows(tmp_path):
    path = tmp_path / "limits.csv"
    path.write_text(HEADER + "core,,,,0.5,3,,,no,\n,,cup,exact,,,0.2,,,0.8\n,,mug,,,,,yes,,\n")
    first, second, third = load_limits(path)
    assert first == Limit(campaign="core", bid_min=0.5, bid_max=3.0, pause=False)
    assert second == Limit(
        keyword="cup", match_type="exact", change_max=0.2, impression_share_min=0.8
    )
    assert third == Limit(keyword="mug", keep=True)
    assert second.where == f"{path} row 2"


def test_every_bad_cell_of_a_file_is_told_at_once(tmp_path):
    path = tmp_path / "limits.csv"
    path.write_text("campain,bid_min,keep,impression_share_min\ncore,-1,maybe,1.5\n")
    told = problems(lambda: load_limits(path))
    assert any("column campain must be a known column" in one for one in told)
    assert any("row 1: bid_min must be > 0, but is -1" in one for one in told)
    assert any("row 1: keep must be yes or no, but is maybe" in one for one in told)
    assert any("row 1: impression_share_min must be <= 1, but is 1.5" in one for one in told)


def test_percent_signs_are_shares(tmp_path):
    path = tmp_path / "limits.csv"
    path.write_text("keyword,change_max,impression_share_min\ncup,30%,7.1 %\nmug,0.3,\n")
    first, second = load_limits(path)
    assert (first.change_max, first.impression_share_min) == (0.3, 0.071)
    assert second.change_max == 0.3
    path.write_text("keyword,change_max,bid_min\ncup,x%,3%\n")
    told = problems(lambda: load_limits(path))
    assert [one.split(": ")[1].split(",")[0] for one in told] == [
        "bid_min must be a number",
        "change_max must be a number",
    ]


def test_with_the_account_bad_cells_and_bad_rows_are_told_together(tmp_path, shop):
    path = tmp_path / "limits.csv"
    rows = ("no such,-1,,", ",3,2,", ",,,x")
    path.write_text("\n".join(["keyword,bid_min,bid_max,change_max", *rows]) + "\n")
    told = problems(lambda: load_limits(path, todays_plan(shop)))
    assert [one.split(str(path))[1].split(" must")[0] for one in told] == [
        " row 1: bid_min",
        " row 3: change_max",
        " row 2: bid_min",
        " row 1: keyword",
    ]


def test_a_missing_file_is_told(tmp_path):
    assert "must exist" in problems(lambda: load_limits(tmp_path / "none.csv"))[0]


def test_every_bad_limit_is_told_at_once(workbench, shop):
    limits = [
        Limit(bid_min=-1.0),
        Limit(keyword="x", keep="yes"),
        Limit(campaign="core"),
        Limit(ad_group="y", keep=True, pause=True),
        Limit(bid_max=float("nan")),
    ]
    told = problems(lambda: workbench(shop, limits=limits))
    assert [one.split(":")[0] for one in told] == [
        "limits[0]",
        "limits[1]",
        "limits[2]",
        "limits[3]",
        "limits[4]",
        "limits[4]",
        "limits[1]",
        "limits[2]",
        "limits[3]",
    ]
    assert "limits[0] names them, too" in told[5]
    assert "must be a Limit" in problems(lambda: workbench(shop, limits=["core"]))[0]


def test_unknown_names_are_told_with_what_exists(workbench, shop):
    own = keyword(shop, 0)
    limits = [
        Limit(campaign=own["campaign"] + "x", keep=True),
        Limit(keyword="no such keyword", keep=True),
        Limit(keyword=own["keyword"], ad_group=keyword(shop, 1)["ad_group"], keep=True),
    ]
    told = problems(lambda: workbench(shop, limits=limits))
    assert f"did you mean {own['campaign']}?" in told[0]
    assert "(known: " in told[1]
    assert ("together" in told[2]) == (own["ad_group"] != keyword(shop, 1)["ad_group"])


def test_the_most_specific_limit_counts(workbench, shop):
    own = keyword(shop, 0)
    limits = [
        Limit(change_max=0.1),
        Limit(campaign=own["campaign"], change_max=0.3, pause=False),
        Limit(keyword=own["keyword"].upper(), change_max=0.5),
    ]
    ranges = workbench(shop, limits=limits).ranges
    today = ranges.today
    assert ranges.most[0] == today[0] + today[0] // 2
    assert not ranges.may_pause[0]
    others = shop.tables.keywords["campaign"] != own["campaign"]
    for row in others.arg_true():
        assert ranges.most[row] == today[row] + today[row] // 10
        assert ranges.may_pause[row]


def test_a_least_bid_above_the_highest_of_its_row_is_told(workbench, shop):
    (told,) = problems(lambda: workbench(shop, limits=[Limit(bid_min=2.0, bid_max=1.5)]))
    assert told.startswith("limits[0]: bid_min must be <= bid_max, but is 2, and bid_max is 1.5")


def test_contradictions_name_both_places(workbench, shop):
    shop = with_bids(shop, bid=pl.lit(1.0))
    own = keyword(shop, 0)["keyword"]
    cases = [
        [Limit(bid_min=2.0), Limit(keyword=own, change_max=0.2)],
        [Limit(bid_max=0.5), Limit(keyword=own, keep=True)],
        [Limit(bid_min=0.111, bid_max=0.119)],
    ]
    for limits in cases:
        told = problems(lambda limits=limits: workbench(shop, limits=limits))
        assert any("must leave" in one and "limits[0]" in one for one in told), limits
        if len(limits) > 1:
            assert any("limits[1]" in one for one in told)


def test_an_impression_share_is_reached_by_the_least_such_bid(workbench, shop):
    own = keyword(shop, 0)["keyword"]
    made = workbench(shop, limits=[Limit(keyword=own, impression_share_min=0.6)])
    least, step = made.ranges.least[0], made.ranges.step

    def share(bid):
        shop_ = with_bids(
            shop,
            bid=pl.when(pl.col("keyword") == own).then(bid / MICROS).otherwise("bid"),
            status=pl.when(pl.col("keyword") == own)
            .then(pl.lit("active"))
            .otherwise(pl.lit("paused")),
        )
        return (
            adsim.simulate(shop_, fidelity="expected")
            .report(by=["keyword"])
            .row(by_predicate=pl.col("keyword") == own, named=True)["impression_share"]
        )

    assert share(least) >= 0.6 > share(least - step)
    assert not made.ranges.may_pause[0]
    limits = [Limit(keyword=own, impression_share_min=1.0, bid_max=0.3)]
    assert "the share is" in problems(lambda: workbench(shop, limits=limits))[0]


def test_paused_keywords_are_left_alone(workbench, shop):
    shop = with_bids(shop, status=pl.lit("paused"))
    made = workbench(shop, limits=[Limit(pause=False, bid_min=5.0)])
    assert not search_bids(made.bench, made.plan, made.aim, made.ranges).bids.any()


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 50),
    goal=st.sampled_from(["profit", "revenue"]),
    change=st.one_of(st.none(), st.floats(0.0, 1.5)),
    low=st.one_of(st.none(), st.floats(0.01, 1.0)),
    high=st.one_of(st.none(), st.floats(1.0, 4.0)),
    pause=st.booleans(),
    keep=st.booleans(),
    per_query=st.integers(1, 2),
)
def test_no_bid_ever_leaves_its_range(
    workbench, seed, goal, change, low, high, pause, keep, per_query
):
    sizes = {"queries": 3, "keywords_per_query": per_query, "campaigns": 1}
    shop = adsim.synthetic_scenario(seed, crowds=0, devices=0, **sizes)
    shop = with_bids(shop, bid=pl.lit(1.0))
    own = shop.tables.keywords["keyword"][0]
    limits = [Limit(pause=pause, bid_min=low, bid_max=high)]
    limits += [Limit(keyword=own, change_max=change, keep=keep)]
    made = workbench(shop, goal, budget=30.0, limits=limits)
    bids = search_bids(made.bench, made.plan, made.aim, made.ranges).bids
    assert made.ranges.allow(bids)
    for row, bid in enumerate(bids):
        if bid == 0:
            assert pause and not (keep and row == 0)
            continue
        assert bid >= (low or 0) * MICROS and bid <= (high or 1e9) * MICROS
        assert bid % 10_000 == 0
    if keep and bids[0]:
        assert bids[0] == MICROS
    if change is not None and bids[0]:
        assert abs(bids[0] - MICROS) <= change * MICROS


def test_fit_moves_any_bid_into_its_range(workbench, shop):
    made = workbench(shop, limits=[Limit(bid_min=0.505, bid_max=1.019, pause=False)])
    wild = np.array([0, 1, 505_000, 990_001, 5_000_000, 10**11])
    fitted = made.ranges.fit(wild)
    assert fitted.tolist() == [510_000, 510_000, 510_000, 990_000, 1_010_000, 1_010_000]
    assert made.ranges.allow(fitted) and not made.ranges.allow(wild)
    assert bid_ranges(made.bench.market, adsim.scenario.todays_plan(shop)).may_pause.all()
