"""Policies: few factors, neutral at 1, and plans that the platform accepts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import adsim
from adsim.market.compile import compile_market, compile_plan
from adsim.money import MICROS
from adsim.optimize.aims.limits import Limit
from adsim.optimize.aims.ranges import bid_ranges, free_ranges
from adsim.optimize.policies.policy import make_policy, parts_of_day
from adsim.scenario import todays_plan


def policy_of(scenario, budget=None):
    plan = todays_plan(scenario)
    plan = plan if budget is None else replace(plan, account_budget=budget)
    arrays = compile_market(scenario, [plan]).plans[0]
    return make_policy(scenario, plan, arrays.bid, free_ranges(scenario.auction, arrays))


def names(policy):
    return [parameter.name for parameter in policy.parameters]


@pytest.fixture(scope="module")
def shop():
    return adsim.synthetic_scenario(
        4, queries=12, crowds=2, devices=2, campaigns=2, budget_share=0.5
    )


def test_all_parameters_at_one_are_the_plan_itself(shop):
    policy = policy_of(shop, 100.0)
    neutral = policy.plan_at(dict.fromkeys(names(policy), 1.0))
    assert neutral.campaigns == shop.campaigns
    assert neutral.keywords.equals(todays_plan(shop).keywords)
    assert policy.plan_at({}).campaigns == shop.campaigns


def test_only_parameters_that_matter_are_there():
    plain = adsim.synthetic_scenario(4, queries=3, crowds=0, devices=0, campaigns=1)
    hours = tuple((1.0,) * 24 for _ in range(7))
    even = plain.campaigns[0].model_copy(update={"hours": hours})
    plain = plain.model_copy(update={"campaigns": (even,)})
    assert names(policy_of(plain)) == ["scale.core"]
    assert [name for name in names(policy_of(plain, 50.0)) if name.startswith("hours")] != []


def limited_policy(shop, **where):
    limit = Limit(impression_share_min=0.05, **where)
    plan = todays_plan(shop)
    market = compile_market(shop, [plan])
    return make_policy(shop, plan, market.plans[0].bid, bid_ranges(market, plan, [limit]))


def test_campaigns_with_impression_shares_to_keep_keep_their_coefficients(shop):
    policy = limited_policy(shop, campaign="campaign 2")
    moved = policy.plan_at(dict.fromkeys(names(policy), 1.3) | {"hours.shape": 0.0})
    assert moved.campaigns[1] == shop.campaigns[1]
    assert moved.campaigns[0].hours != shop.campaigns[0].hours
    assert moved.campaigns[0].devices != shop.campaigns[0].devices
    nothing = limited_policy(shop)
    assert nothing.kept == {"campaign 1", "campaign 2"}
    assert {name.split(".")[0] for name in names(nothing)} <= {"scale", "budget"}


def test_factors_that_others_can_stand_for_are_left_out(shop):
    policy = policy_of(shop)
    scales = [name for name in names(policy) if name.startswith("scale.")]
    plan = todays_plan(shop)
    purposes = {campaign.name: campaign.purpose for campaign in plan.campaigns}
    groups = {
        (purposes[row["campaign"]], row["match_type"])
        for row in plan.keywords.filter(plan.keywords["status"] == "active").iter_rows(named=True)
    }
    rows = [
        [
            f"scale.{word}" in scales and word in group
            for word in dict.fromkeys(w for g in sorted(groups) for w in g)
        ]
        for group in sorted(groups)
    ]
    assert np.linalg.matrix_rank(np.array(rows, float)) == len(scales)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_values_give_a_plan_that_the_platform_accepts(shop, data):
    auction = shop.auction.model_copy(update={"bid_min": 0.3, "bid_max": 2.0, "bid_step": 0.1})
    policy = policy_of(shop.model_copy(update={"auction": auction}), 80.0)
    values = {
        parameter.name: data.draw(st.floats(parameter.low, parameter.high))
        for parameter in policy.parameters
    }
    plan = policy.plan_at(values)
    bids = np.rint(plan.keywords["bid"].to_numpy() * MICROS).astype(np.int64)
    moved = bids != np.rint(todays_plan(shop).keywords["bid"].to_numpy() * MICROS)
    assert (bids[moved] % 100_000 == 0).all()
    assert ((bids[moved] >= 300_000) & (bids[moved] <= 2_000_000)).all()
    for campaign, today in zip(plan.campaigns, shop.campaigns, strict=True):
        assert all(0 <= premium <= 10 for premium in campaign.premiums.values())
        for new, old in zip(np.ravel(campaign.hours), np.ravel(today.hours), strict=True):
            assert (new == 0) == (old == 0)
            assert new == 0 or new == old or 0.3 <= new <= 5
        assert (
            campaign.daily_budget is None
            or campaign.daily_budget <= 80
            or (campaign.daily_budget == today.daily_budget)
        )


def test_flat_hours_stay_off_where_they_are_off(shop):
    week = tuple((0.0,) * 6 + (0.5,) * 6 + (1.5,) * 12 for _ in range(7))
    campaigns = tuple(one.model_copy(update={"hours": week}) for one in shop.campaigns)
    policy = policy_of(shop.model_copy(update={"campaigns": campaigns}))
    flat = policy.plan_at({"hours.shape": 0.0}).campaigns[0]
    assert set(flat.hours[0]) == {0.0, 1.0} and flat.hours[0].count(0.0) == 6


def test_a_premium_moves_in_every_campaign_and_only_that_crowd(shop):
    policy = policy_of(shop)
    crowd, other = (one.name for one in shop.crowds)
    for new, old in zip(
        policy.plan_at({f"premium.{crowd}": 2.0}).campaigns, shop.campaigns, strict=True
    ):
        assert 1 + new.premiums[crowd] == pytest.approx(
            2 * (1 + old.premiums.get(crowd, 0.0)), abs=0.006
        )
        assert new.premiums.get(other) == old.premiums.get(other)


def test_a_plan_of_a_policy_compiles_as_it_would_alone(shop):
    policy = policy_of(shop)
    plan = policy.plan_at(dict.fromkeys(names(policy), 0.8))
    late = compile_plan(compile_market(shop, [todays_plan(shop)]), plan)
    alone = compile_market(shop, [plan]).plans[0]
    for one, other in zip(late, alone, strict=True):
        assert np.array_equal(one, other)


def test_parts_of_the_day_follow_the_demand():
    demand = [0.2] * 7 + [1.0] * 11 + [2.0] * 5 + [0.5]
    parts = parts_of_day(tuple(demand))
    assert sorted(map(tuple, parts)) == [
        tuple(range(7)),
        tuple(range(7, 18)),
        tuple(range(18, 23)),
        (23,),
    ]
    assert sorted(hour for part in parts_of_day((1 / 24,) * 24) for hour in part) == list(range(24))
    turned = parts_of_day(tuple(demand[-3:] + demand[:-3]))
    assert sorted(hour for part in turned for hour in part) == list(range(24))
    assert (
        [21, 22, 23, 0, 1] in turned
        or [21, 22, 23, 0, 1] in [sorted(p) for p in turned]
        or any(0 in part and 23 in part for part in turned)
    )
