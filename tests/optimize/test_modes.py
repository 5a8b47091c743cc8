"""Targets, amounts to be reached and returns, against brute force and a linear program."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import adsim
from adsim.kernels import doors
from adsim.optimize.aims.goals import GOALS, Target
from adsim.optimize.aims.limits import Limit
from adsim.optimize.exact.search import search_bids
from adsim.scenario import shipped_scenarios

TOLERANCE = 1e-7


def slow(*values):
    return pytest.param(*values, marks=pytest.mark.slow)


def search(made):
    return search_bids(made.bench, made.plan, made.aim, made.ranges)


def every_tally(made):
    """The tallies of all plans whose bids are allowed."""
    plans = made.every_plan()
    return plans, made.tallies(plans)


def tally(made, bids):
    return made.bench.expect([made.plan._replace(bid=bids)])


def check_best(made, found, part):
    """The answer holds what was asked, is near the best of all plans, and none passes the bound."""
    _, tallies = every_tally(made)
    scores = made.aim.score(tallies)
    sign = 1 if made.aim.measured.rises else -1
    best = sign * scores.max()
    assert made.aim.holds(tally(made, found.bids))[0]
    assert made.ranges.allow(found.bids)
    assert sign * best <= sign * found.bound + TOLERANCE * abs(found.bound)
    assert sign * found.value >= sign * best - (1 - part) * abs(best)


@pytest.mark.parametrize("goal", ["profit", slow("revenue"), slow("orders"), slow("clicks")])
@pytest.mark.parametrize("seed", [1, slow(2)])
def test_a_target_roi_is_held_by_about_the_best_plan_that_holds_it(workbench, tiny, goal, seed):
    shop = tiny(seed, queries=4)
    free = search(workbench(shop, goal))
    roi = 1.4 * GOALS["roi"].measure(tally(workbench(shop), free.bids))[0]
    made = workbench(shop, goal, target=Target("roi", roi))
    found = search(made)
    assert found.is_met and found.pressure > 0
    check_best(made, found, 0.97)


@pytest.mark.parametrize("goal", ["revenue", slow("clicks")])
@pytest.mark.parametrize("per_query", [slow(1), 2])
def test_a_target_cpa_is_held_within_a_budget(workbench, tiny, goal, per_query):
    shop = tiny(3, queries=4 // per_query, keywords_per_query=per_query, days=2)
    free = search(workbench(shop, goal, 150.0))
    cpa = 0.7 * GOALS["cpa"].measure(tally(workbench(shop), free.bids))[0]
    made = workbench(shop, goal, 150.0, target=Target("cpa", cpa))
    check_best(made, search(made), 0.93)


@pytest.mark.parametrize("goal", [slow("profit"), slow("revenue"), slow("orders"), "clicks"])
@pytest.mark.parametrize("budget_share", [None, slow(0.4)])
def test_an_amount_is_reached_with_about_the_least_spend(workbench, tiny, goal, budget_share):
    shop = tiny(5, step=0.5, queries=4, budget_share=budget_share)
    amount = 0.6 * search(workbench(shop, goal)).value
    made = workbench(shop, goal, reach=amount)
    found = search(made)
    assert found.is_met and made.goal.measure(tally(made, found.bids))[0] >= amount
    check_best(made, found, 0.95)


@pytest.mark.parametrize("per_query", [1, slow(2)])
@pytest.mark.parametrize("goal", ["roi", slow("profit_roi")])
def test_returns_are_the_best_among_plans_that_spend_enough(workbench, tiny, goal, per_query):
    shop = tiny(9, queries=4 // per_query, keywords_per_query=per_query)
    made = workbench(shop, goal, 120.0)
    found = search(made)
    made.aim = found.aim
    check_best(made, found, 0.95)


@pytest.mark.parametrize("goal", ["roi", "profit_roi"])
def test_the_bound_of_a_return_is_close_in_a_larger_account(workbench, goal):
    made = workbench(adsim.synthetic_scenario(8, queries=100, flat=True), goal, 400.0)
    found = search(made)
    assert 0 <= found.bound - found.value <= 0.03 * abs(found.bound)


def test_a_return_counts_what_must_be_bought(workbench, tiny):
    shop = tiny(9, queries=4)
    poor = shop.tables.keywords["keyword"][0]
    limits = [Limit(keyword=poor, bid_min=3.0, pause=False)]
    made = workbench(shop, "roi", 10.0, limits=limits)
    found = search(made)
    made.aim = found.aim
    check_best(made, found, 0.97)


@pytest.mark.slow
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**20),
    goal=st.sampled_from(["profit", "revenue", "clicks"]),
    metric=st.sampled_from(["roi", "cpa"]),
    factor=st.floats(0.5, 2.0),
    per_query=st.integers(1, 2),
    days=st.integers(1, 2),
    budget=st.sampled_from([None, 20.0, 100.0]),
    pause=st.booleans(),
)
def test_no_plan_that_holds_a_target_passes_the_bound(
    workbench, tiny, seed, goal, metric, factor, per_query, days, budget, pause
):
    shop = tiny(seed, queries=2, keywords_per_query=per_query, days=days)
    today = adsim.simulate(shop, fidelity="expected").report()[metric][0]
    limits = [Limit(pause=pause, change_max=None, bid_max=2.5)]
    made = workbench(shop, goal, budget, limits=limits, target=Target(metric, factor * today))
    found = search(made)
    _, tallies = every_tally(made)
    holds = made.aim.holds(tallies)
    spends = made.goal.measure(tallies, "spend") > 0
    assert made.ranges.allow(found.bids)
    if found.is_met:
        assert made.aim.holds(tally(made, found.bids))[0]
        best = made.aim.score(tallies).max()
        assert best <= found.bound + TOLERANCE * abs(found.bound)
    else:
        assert not (holds & spends).any()
        rates = made.aim.target.goal.measure(tallies)[spends]
        best = rates.max() if metric == "roi" else rates[rates > 0].min()
        sign = 1 if metric == "roi" else -1
        assert sign * found.value <= sign * best * (1 + sign * TOLERANCE)
        assert sign * best <= sign * found.bound + 1e-3 * found.bound


def test_a_target_beyond_reach_gives_the_nearest(workbench, tiny):
    shop = tiny(4, queries=4)
    made = workbench(shop, "revenue", target=Target("roi", 1e6))
    found = search(made)
    _, tallies = every_tally(made)
    best = GOALS["roi"].measure(tallies).max()
    assert not found.is_met and found.aim.measured.name == "roi"
    assert found.value == pytest.approx(best, rel=1e-6)
    assert found.bound == pytest.approx(best, rel=1e-3)


def test_an_amount_beyond_reach_gives_the_most(workbench, tiny):
    made = workbench(tiny(4, queries=4), "orders", 60.0, reach=1e6)
    found = search(made)
    _, tallies = every_tally(made)
    best = GOALS["orders"].measure(tallies).max()
    assert not found.is_met and found.aim.measured.name == "orders"
    assert 0.97 * best <= found.value <= best * (1 + TOLERANCE) <= found.bound * (1 + 1e-6)


@pytest.mark.parametrize("goal", [slow("revenue"), "profit", slow("clicks")])
@pytest.mark.parametrize("budget", [slow(None), 400.0])
def test_with_a_target_the_bound_is_the_linear_program(workbench, goal, budget):
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    shop = adsim.synthetic_scenario(8, queries=100, flat=True)
    free = search(workbench(shop, goal, budget))
    roi = 1.5 * GOALS["roi"].measure(tally(workbench(shop), free.bids))[0]
    made = workbench(shop, goal, budget, target=Target("roi", roi))
    found = search(made)
    values, costs, revenues, owner = [], [], [], []
    revenue = made.choice._replace(
        click_worth=0.0,
        order_worth=GOALS["revenue"].order_worth(made.arrays.order_money),
        spend_worth=0.0,
    )
    wide = made.choice._replace(spend_worth=0.0)  # bids are cut off where they cannot pay
    for keyword in range(len(made.plan.bid)):
        _, points = doors.trace_keyword(made.arrays, wide, keyword, made.days.mean)
        _, sold = doors.trace_keyword(made.arrays, revenue, keyword, made.days.mean)
        values += list(points[:, 0] - made.goal.spend * points[:, 1])
        costs += list(points[:, 1])
        revenues += list(sold[:, 0])
        owner += [keyword] * len(points)
    one_bid = (np.array(owner)[None, :] == np.arange(len(made.plan.bid))[:, None]).astype(float)
    rows = [roi * np.array(costs) - np.array(revenues)]
    limits = [0.0]
    if budget:
        rows, limits = [*rows, np.array(costs)], [*limits, budget]
    best = linprog(
        -np.array(values),
        A_ub=csr_array(np.array(rows)),
        b_ub=limits,
        A_eq=csr_array(one_bid),
        b_eq=np.ones(len(one_bid)),
        method="highs",
    )
    assert found.bound == pytest.approx(-best.fun, rel=3e-4)
    assert found.value <= -best.fun * (1 + 1e-7)
    assert found.value >= -best.fun * 0.99
    assert found.pressure == pytest.approx(-best.ineqlin.marginals[0], rel=0.05)


@pytest.mark.parametrize("queries", [20, 200])
@pytest.mark.parametrize("goal", ["profit", "revenue"])
def test_the_known_optimum_of_keywords_that_stand_alone_is_found(workbench, queries, goal):
    made = workbench(adsim.synthetic_scenario(8, queries=queries, flat=True), goal)
    best = sum(
        doors.trace_keyword(made.arrays, made.choice, keyword, made.days.mean)[1][:, 0].max()
        for keyword in range(len(made.plan.bid))
    )
    found = search(made)
    assert found.value == pytest.approx(best, rel=1e-9)
    assert found.bound == pytest.approx(best, rel=2e-4)


@pytest.mark.parametrize("budget", [slow(20.0), 80.0])
def test_with_a_budget_the_whole_bids_are_nearly_the_integer_optimum(workbench, budget):
    from scipy.optimize import Bounds, LinearConstraint, milp

    made = workbench(adsim.synthetic_scenario(8, queries=20, flat=True), "revenue", budget)
    values, costs, owner = [], [], []
    for keyword in range(len(made.plan.bid)):
        _, points = doors.trace_keyword(made.arrays, made.choice, keyword, made.days.mean)
        values += list(points[:, 0])
        costs += list(points[:, 1])
        owner += [keyword] * len(points)
    one_bid = (np.array(owner)[None, :] == np.arange(len(made.plan.bid))[:, None]).astype(float)
    best = milp(
        -np.array(values),
        constraints=[LinearConstraint(one_bid, 1, 1), LinearConstraint(np.array(costs), 0, budget)],
        integrality=np.ones(len(values)),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 1e-6, "time_limit": 10},
    )
    assert search(made).value >= -best.fun * (1 - 2e-3)


def test_a_least_bid_above_the_worth_of_a_click_may_still_earn():
    scenario = adsim.load_scenario(shipped_scenarios()["smallest"])  # a click is worth 0.9
    alone = adsim.optimize(scenario, limits=[Limit(bid_min=1.0)], trials=0, replications=8)
    assert alone.plan.keywords["bid"].to_list() == [1.0]
    value = dict(alone.baselines.select("plan", "value").rows())
    assert 0 < value["exact"] <= value["bound"]
    assert value["value_bids"] <= value["bound"]
