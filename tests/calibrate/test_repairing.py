from __future__ import annotations

import polars as pl
import pytest

from adsim.calibrate.repairing import repair

ROW = {
    "account": "a",
    "campaign": "core",
    "bid": 3.0,
    "impressions": 100.0,
    "clicks": 10.0,
    "cost": 10.0,
    "avg_position": 2.0,
    "conversions": 1.0,
    "impression_share": 0.0,
    "lost_to_budget": 0.0,
}


def repaired(*changes):
    return repair(pl.DataFrame([ROW | change for change in changes]))


def test_consistent_rows_stay_as_they_are():
    found = repaired({}, {"bid": 1.5})
    assert found.rows.drop("cpc").rows(named=True) == [ROW, ROW | {"bid": 1.5}]
    assert found.rows["cpc"].to_list() == [1.0, 1.0]
    assert found.left_out.is_empty() and not found.bid_factors


def test_rows_without_impressions_are_left_out():
    found = repaired({}, {"impressions": 0.0, "clicks": 0.0, "conversions": 2.0})
    assert found.rows.height == 1
    assert found.left_out["conversions"].to_list() == [2.0]


def test_impressions_are_at_least_the_clicks():
    found = repaired({"clicks": 120.0}, {"conversions": 11.0})
    assert found.rows["impressions"].to_list() == [120.0, 100.0]
    assert (found.more_clicks, found.more_orders) == (1, 1)


def test_unknown_positions_get_the_mean_of_their_campaign():
    elsewhere = {"campaign": "tail", "avg_position": 5.0, "impressions": 300.0}
    unknown = {"avg_position": 0.0}
    found = repaired({}, unknown, elsewhere, unknown | {"campaign": "new"})
    assert found.rows["avg_position"].to_list() == [2.0, 2.0, 5.0, pytest.approx(4.25)]
    assert found.guessed_positions == 2
    assert repaired(unknown).rows["avg_position"].to_list() == [1.0]


def test_without_any_position_impression_shares_tell_them():
    unknown = {"avg_position": 0.0}
    shares = [{"impression_share": share} for share in (0.2, 0.6, 1.0)]
    found = repaired(*(unknown | share for share in shares), unknown)
    low, middle, high, guess = found.rows["avg_position"].to_list()
    assert 10 > low > middle > high == pytest.approx(1.0)
    assert guess == pytest.approx((low + middle + high) / 3)
    assert (found.shared_positions, found.guessed_positions) == (3, 1)
    of_three = repair(pl.DataFrame([ROW | unknown | shares[0]]), 3).rows["avg_position"][0]
    level = 4.279  # P(Poisson(level) < 3) = 0.2
    chance = [1.0, level, level**2 / 2]
    mean = (chance[0] + 2 * chance[1] + 3 * chance[2]) / sum(chance)
    assert of_three == pytest.approx(mean, rel=1e-3)
    lost = {"impression_share": 0.3, "lost_to_budget": 0.5}
    assert repaired(unknown | lost).rows["avg_position"][0] == pytest.approx(middle)
    assert repaired({}, unknown | shares[0]).shared_positions == 0


def test_bids_below_the_cost_per_click_are_raised_by_the_accounts_factor():
    low = {"bid": 0.5}
    found = repaired({}, {"bid": 5.0}, {"bid": 1.0}, low, low | {"account": "b", "cost": 20.01})
    assert found.rows["bid"].to_list() == [3.0, 5.0, 1.0, 4.0, pytest.approx(8.01)]
    assert found.raised_bids == 2
    assert found.bid_factors == {"a": 4.0, "b": 4.0}
    other = {"account": "b"}
    two = repaired({}, other | {"bid": 2.5}, low, low | other)
    assert two.bid_factors == {"a": 3.0, "b": 2.5}
    assert two.rows["bid"][2:].to_list() == [3.0, 2.5]
    assert repaired({"bid": 0.0}).rows["bid"].to_list() == [2.0], "no row shows the factor"


def test_rows_without_a_click_get_the_price_share_of_their_campaign():
    silent = {"clicks": 0.0, "cost": 0.0, "conversions": 0.0}
    found = repaired({}, silent | {"bid": 6.0}, silent | {"bid": 0.0})
    assert found.rows["cpc"].to_list() == pytest.approx([1.0, 2.0, 1.5])
    assert found.rows["bid"].to_list() == [3.0, 6.0, 4.5], "no bid either: the campaign's median"
    assert (found.guessed_cpcs, found.guessed_bids) == (2, 1)
    assert repaired(silent).rows["cpc"].to_list() == [1.5]
