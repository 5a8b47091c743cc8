"""Policies: few factors, neutral at 1, and plans that the platform accepts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import adsim
from adsim.market.compile import compile_market, compile_plan
from adsim.money import MICROS
from adsim.optimize.aims.limits import Limit
from adsim.optimize.aims.ranges import BidRanges, bid_ranges, free_ranges
from adsim.optimize.policies.bidding import make_bidding
from adsim.optimize.policies.policy import make_policy, parts_of_day
from adsim.scenario import Plan, todays_plan
from adsim.scenario.models import Campaign


def policy_of(scenario, budget=None):
    plan = todays_plan(scenario)
    plan = plan if budget is None else replace(plan, account_budget=budget)
    arrays = compile_market(scenario, [plan]).plans[0]
    worth = np.arange(1.0, 1 + len(arrays.bid))
    return make_policy(scenario, plan, arrays.bid, worth, free_ranges(scenario.auction, arrays))


def names(policy):
    return [parameter.name for parameter in policy.parameters]


@pytest.fixture(scope="module")
def shop():
    return adsim.synthetic_scenario(
        4, queries=12, crowds=2, devices=2, campaigns=2, budget_share=0.5
    )


def test_all_parameters_at_their_neutral_values_are_the_plan_itself(shop):
    policy = policy_of(shop, 100.0)
    values = {parameter.name: parameter.neutral for parameter in policy.parameters}
    assert policy.felt(values) == {}
    neutral = policy.plan_at(values)
    assert neutral.campaigns == shop.campaigns
    assert neutral.keywords.equals(todays_plan(shop).keywords)
    assert policy.plan_at({}).campaigns == shop.campaigns


def test_only_parameters_that_matter_are_there():
    plain = adsim.synthetic_scenario(4, queries=1, crowds=0, devices=0, campaigns=1)
    hours = tuple((1.0,) * 24 for _ in range(7))
    even = plain.campaigns[0].model_copy(update={"hours": hours})
    plain = plain.model_copy(update={"campaigns": (even,)})
    assert names(policy_of(plain)) == ["scale.core"]
    assert [name for name in names(policy_of(plain, 50.0)) if name.startswith("hours")] != []


def limited_policy(shop, **where):
    limit = Limit(impression_share_min=0.05, **where)
    plan = todays_plan(shop)
    market = compile_market(shop, [plan])
    bids = market.plans[0].bid
    worth = np.arange(1.0, 1 + len(bids))
    return make_policy(shop, plan, bids, worth, bid_ranges(market, plan, [limit]))


def test_campaigns_with_impression_shares_to_keep_keep_their_coefficients(shop):
    policy = limited_policy(shop, campaign="campaign 2")
    moved = policy.plan_at(dict.fromkeys(names(policy), 1.3) | {"hours.shape": 0.0})
    assert moved.campaigns[1] == shop.campaigns[1]
    assert moved.campaigns[0].hours != shop.campaigns[0].hours
    assert moved.campaigns[0].devices != shop.campaigns[0].devices
    nothing = limited_policy(shop)
    assert nothing.kept == {"campaign 1", "campaign 2"}
    kinds = {name.split(".")[0] for name in names(nothing)}
    assert kinds <= {"scale", "value", "mix", "budget"}


def test_factors_that_others_can_stand_for_are_left_out(shop):
    policy = policy_of(shop)
    plan = policy.plan
    purposes = {campaign.name: campaign.purpose for campaign in plan.campaigns}
    rows = []
    for name in names(policy):
        kind, group = name.split(".", 1)
        if kind == "scale":
            bidding = policy.bidding
            known = {**bidding.purpose, **bidding.match_type, **bidding.quality}
            rows.append(known[group] & (bidding.bids > 0))
    assert len(rows) > 1
    assert np.linalg.matrix_rank(np.array(rows, float)) == len(rows)
    assert {f"scale.{purpose}" for purpose in purposes.values()} <= set(names(policy))


ACCOUNT = pl.DataFrame(
    {
        "campaign": ["a", "a", "a", "b", "b", "b"],
        "match_type": ["exact", "broad", "broad", "exact", "broad", "broad"],
        "quality": [3.0, 9.0, 6.0, 9.0, 3.0, 6.0],
    }
)
BIDS = np.full(6, 2_000_000)
WORTH = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])


def bidding_of(account=ACCOUNT, worth=WORTH, may_pause=True):
    campaigns = [Campaign(name="a", purpose="core"), Campaign(name="b", purpose="test")]
    plan = Plan("today", account, tuple(campaigns), None)
    free = BidRanges(
        least=np.full(6, 10_000),
        most=np.full(6, 10**9),
        may_pause=np.full(6, may_pause),
        step=10_000,
        today=BIDS,
        least_rule=np.full(6, -1),
        most_rule=np.full(6, -1),
        pause_rule=np.full(6, -1),
    )
    return make_bidding(plan, BIDS, worth, free)


@pytest.mark.parametrize(
    ("values", "factors"),
    [
        ({"scale.core": 0.5}, [0.5, 0.5, 0.5, 1, 1, 1]),
        ({"scale.exact": 1.5}, [1.5, 1, 1, 1.5, 1, 1]),
        ({"scale.low_quality": 0.5, "scale.test": 2.0}, [0.5, 1, 1, 2, 1, 2]),
        ({"scale.high_quality": 1.2}, [1, 1.2, 1, 1.2, 1, 1]),
        ({"value.core": 2.0}, [0.5, 1, 2, 1, 1, 1]),
        ({"value.test": 0.0}, [1, 1, 1, 2, 1, 0.5]),
        ({"mix.broad": 0.5}, [1, 0, 0, 1, 1, 1]),
        ({"mix.broad": 0.0}, [1, 0, 0, 1, 0, 0]),
    ],
)
def test_every_parameter_moves_the_bids_of_its_group(values, factors):
    bidding = bidding_of()
    assert set(values) <= {parameter.name for parameter in bidding.parameters()}
    assert bidding.bids_at(values).tolist() == [round(2_000_000 * factor) for factor in factors]


def test_nothing_is_searched_that_the_market_cannot_feel():
    kinds = [one.name for one in bidding_of().parameters()]
    assert kinds == [
        *("scale.core", "scale.test", "scale.exact", "scale.low_quality", "scale.high_quality"),
        *("value.core", "value.test", "mix.broad"),
    ]
    same = ACCOUNT.with_columns(quality=pl.lit(5.0), match_type=pl.lit("broad"))
    plain = bidding_of(same, worth=np.ones(6))
    assert [one.name for one in plain.parameters()] == ["scale.core", "scale.test"]
    assert "mix.broad" not in [one.name for one in bidding_of(may_pause=False).parameters()]
    kept = bidding_of()
    kept.ranges.least[:] = kept.ranges.most[:] = BIDS
    assert [one.name for one in kept.parameters()] == ["mix.broad"]


def test_keywords_that_may_not_pause_stay_in_every_mix():
    bids = bidding_of(may_pause=False).bids_at({"mix.broad": 0.0, "scale.core": 0.5})
    assert (bids > 0).all()


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


def test_a_premium_is_the_same_in_every_campaign_and_only_of_that_crowd(shop):
    policy = policy_of(shop)
    crowd, other = (one.name for one in shop.crowds)
    for new, old in zip(
        policy.plan_at({f"premium.{crowd}": 2.345}).campaigns, shop.campaigns, strict=True
    ):
        assert new.premiums[crowd] == 2.35 or new.premiums[crowd] == 2.34
        assert new.premiums.get(other) == old.premiums.get(other)


def test_a_plan_of_a_policy_compiles_as_it_would_alone(shop):
    policy = policy_of(shop)
    plan = policy.plan_at(dict.fromkeys(names(policy), 0.8))
    late = compile_plan(compile_market(shop, [todays_plan(shop)]), plan)
    alone = compile_market(shop, [plan]).plans[0]
    for name in late._fields:
        one, other = getattr(late, name), getattr(alone, name)
        parts = [(one, other)] if isinstance(one, np.ndarray) else zip(one, other, strict=True)
        assert all(np.array_equal(*pair) for pair in parts), name


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
