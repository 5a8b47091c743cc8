"""The search against brute force, and its bound against everything that can be tried."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import adsim
from adsim.kernels import doors
from adsim.kernels.spending import FRACTIONS
from adsim.money import MICROS
from adsim.optimize.exact.allocation import allocate, find_hulls
from adsim.optimize.exact.search import search_bids
from tests.simulate.worlds import CASCADE, PROMOTED, with_auction, with_readers

GOALS = ["profit", "revenue", "orders", "clicks"]


def search(made):
    return search_bids(made.bench, made.plan, made.aim, made.ranges)


@pytest.mark.parametrize("family", ["lognormal", "loglogistic", "gamma", "table"])
@pytest.mark.parametrize("charge_step", [0.01, 0.0])
def test_a_keywords_curve_is_what_the_engine_gives_it_alone(workbench, tiny, family, charge_step):
    shop = tiny(5, families=(family,), charge_step=charge_step, days=2, named_rivals=2)
    shop = shop.with_overrides(["devices.0.order_value=1.3"])
    made = workbench(shop)
    for keyword in range(3):
        bids, points = doors.trace_keyword(
            made.arrays, made.choice, keyword, made.days.count @ made.days.weight
        )
        alone = np.zeros((len(bids), len(made.plan.bid)), np.int64)
        alone[:, keyword] = bids
        assert made.values(alone) == pytest.approx(points[:, 0], rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("auction", [PROMOTED, {**CASCADE, **PROMOTED}])
@pytest.mark.parametrize(
    "sizes",
    [{"named_rivals": 2}, {}, {"charge_step": 0.0}, {"most": 500.0, "charge_step": 0.0001}],
)
def test_a_keywords_curve_knows_cascades_and_promoted_slots(workbench, tiny, auction, sizes):
    shop = with_auction(tiny(5, days=2, **{"named_rivals": 0, **sizes}), **auction)
    made = workbench(with_readers(shop, (0.5, 0.4)) if "clicks" in auction else shop)
    reserve = made.arrays.rules.promoted_reserve / made.arrays.keywords["weight"]
    for keyword in range(1 if "most" in sizes else 3):
        bids, points = doors.trace_keyword(
            made.arrays, made.choice, keyword, made.days.count @ made.days.weight
        )
        assert bids[-1] > reserve[keyword] * MICROS, "nothing is promoted: the case tests nothing"
        alone = np.zeros((len(bids), len(made.plan.bid)), np.int64)
        alone[:, keyword] = bids
        assert made.values(alone) == pytest.approx(points[:, 0], rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("family", ["lognormal", "loglogistic", "gamma"])
def test_charges_of_thousands_of_steps_are_those_of_the_engine(workbench, tiny, family):
    shop = tiny(5, most=500.0, families=(family,), charge_step=0.0001, named_rivals=0)
    made = workbench(shop)
    bids, points = doors.trace_keyword(
        made.arrays, made.choice, 0, made.days.count @ made.days.weight
    )
    assert bids[-1] > 2 * 0.4096 * MICROS  # sums are integrals from here on
    alone = np.zeros((len(bids), len(made.plan.bid)), np.int64)
    alone[:, 0] = bids
    assert made.values(alone) == pytest.approx(points[:, 0], rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("goal", GOALS)
@pytest.mark.parametrize("seed", [1, 2])
def test_without_budgets_the_best_of_all_plans_is_found(workbench, tiny, goal, seed):
    made = workbench(tiny(seed, queries=4), goal)
    found, values = search(made), made.values(made.every_plan())
    assert found.value == pytest.approx(values.max(), rel=1e-9)
    assert values.max() * (1 - 1e-7) <= found.bound <= values.max() * (1 + 2e-4)


def test_the_best_of_all_plans_is_found_where_a_bid_may_pass_the_promoted_reserve(workbench, tiny):
    made = workbench(with_auction(tiny(2, queries=3), **CASCADE, **PROMOTED))
    meets = made.arrays.rules.promoted_reserve / made.arrays.keywords["weight"][0] * MICROS
    assert made.bids(0)[0] < meets < made.bids(0)[-1]
    found, values = search(made), made.values(made.every_plan())
    assert found.value == pytest.approx(values.max(), rel=1e-9)
    assert values.max() * (1 - 1e-7) <= found.bound <= values.max() * (1 + 2e-4)


@pytest.mark.parametrize("goal", GOALS)
@pytest.mark.parametrize("seed", [3, 4])
def test_with_shared_queries_the_best_of_all_plans_is_found(workbench, tiny, goal, seed):
    made = workbench(tiny(seed, queries=2, keywords_per_query=2), goal)
    found, values = search(made), made.values(made.every_plan())
    assert found.value >= values.max() * (1 - 0.005)
    assert values.max() <= found.bound * (1 + 1e-7)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**20),
    goal=st.sampled_from(GOALS),
    per_query=st.integers(1, 2),
    heads=st.integers(0, 1),
    days=st.integers(1, 3),
    budget_share=st.sampled_from([None, 0.2, 0.6]),
    budget=st.sampled_from([None, 0.0, 20.0, 100.0]),
    delivery=st.sampled_from(["accelerated", "standard"]),
)
def test_no_plan_passes_the_bound(
    workbench, tiny, seed, goal, per_query, heads, days, budget_share, budget, delivery
):
    shop = tiny(
        seed,
        queries=2,
        keywords_per_query=per_query,
        head_keywords=heads,
        days=days,
        budget_share=budget_share,
        delivery=delivery,
    )
    made = workbench(shop, goal, budget)
    found = search(made)
    plans = made.every_plan()
    plans = plans[np.random.default_rng(0).permutation(len(plans))[:250]]
    values = made.values(plans)
    highest = found.bound + 1e-7 * abs(found.bound) + 1e-6
    assert values.max() <= highest
    assert found.today <= found.value <= highest


@pytest.mark.parametrize("delivery", ["accelerated", "standard"])
@pytest.mark.parametrize("per_query", [1, 2])
def test_budgets_are_used_about_as_well_as_by_the_best_of_all_plans(
    workbench, tiny, per_query, delivery
):
    sizes = {"queries": 4 // per_query, "keywords_per_query": per_query, "delivery": delivery}
    made = workbench(tiny(12, budget_share=0.3, days=2, **sizes), "profit", 60.0)
    assert search(made).value >= 0.97 * made.values(made.every_plan()).max()


@pytest.mark.parametrize("queries", [20, 60])
@pytest.mark.parametrize("limits", ["account", "campaigns"])
def test_money_is_given_as_the_linear_program_gives_it(workbench, queries, limits):
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    made = workbench(adsim.synthetic_scenario(8, queries=queries, flat=True), "revenue")
    hulls = find_hulls(made.arrays, made.choice, made.days.mean, made.bench.pool)
    ends = np.bincount(hulls.campaign, hulls.cost[hulls.start[1:] - 1])
    budgets = np.append(ends * 0.3, np.inf)
    if limits == "account":
        budgets = np.append(np.full(len(ends), np.inf), ends.sum() * 0.2)
    owner = np.repeat(np.arange(len(hulls.campaign)), np.diff(hulls.start))
    one_bid = csr_array((np.ones(len(owner)), (owner, np.arange(len(owner)))))
    by_campaign = hulls.campaign[owner][None, :] == np.arange(len(ends))[:, None]
    money = np.vstack([by_campaign * hulls.cost, hulls.cost])
    finite = np.isfinite(budgets)
    best = linprog(
        -hulls.value,
        A_ub=csr_array(money[finite]),
        b_ub=budgets[finite],
        A_eq=csr_array(one_bid),
        b_eq=np.ones(one_bid.shape[0]),
        method="highs",
    )
    given_ = allocate(hulls, budgets, FRACTIONS)
    assert given_.value == pytest.approx(-best.fun, rel=1e-9)
    assert given_.price[finite] == pytest.approx(-best.ineqlin.marginals, rel=1e-6)


@pytest.mark.parametrize("days", [1, 3])
@pytest.mark.parametrize("goal", ["profit", "revenue"])
@pytest.mark.parametrize("payer", ["account", "campaigns"])
def test_the_gap_is_at_most_one_percent_on_separable_markets(workbench, goal, days, payer):
    share = 0.3 if payer == "campaigns" else None
    shop = adsim.synthetic_scenario(3, queries=2000, days=days, flat=True, budget_share=share)
    made = workbench(shop, goal, 600.0 if payer == "account" else None)
    found = search(made)
    assert found.price[-1] > 0 if payer == "account" else (found.price[:-1] > 0).all()
    assert 0 <= (found.bound - found.value) / found.bound <= 0.01


def test_bids_are_multiples_of_the_step_within_the_limits(workbench, tiny):
    made = workbench(tiny(6, step=0.3, most=2.4, queries=8), "revenue")
    bids = search(made).bids
    assert (bids > 0).any()
    assert np.all(bids[bids > 0] % (0.3 * MICROS) == 0)
    assert np.all((bids == 0) | ((bids >= 0.3 * MICROS) & (bids <= 2.4 * MICROS)))


def test_paused_keywords_stay_paused(workbench, tiny):
    shop = tiny(6, queries=6)
    status = ["paused" if row % 2 else "active" for row in range(6)]
    tables = shop.tables
    keywords = tables.keywords.with_columns(status=np.array(status))
    made = workbench(shop.model_copy(update={"tables": replace(tables, keywords=keywords)}))
    assert not search(made).bids[1::2].any()


@pytest.mark.parametrize("budget", [None, 150.0])
def test_roi_is_the_highest_among_plans_that_spend_enough(workbench, tiny, budget):
    made = workbench(tiny(9, queries=4), "roi", budget)
    found, plans = search(made), made.every_plan()
    tallies = made.tallies(plans)
    spend, roi = made.goal.measure(tallies, "spend"), made.goal.measure(tallies)
    enough = spend >= found.floor * (1 - 1e-9)
    days = made.days.count.sum()
    today = made.goal.measure(made.bench.expect([made.plan]), "spend")[0]
    assert found.floor == pytest.approx(0.95 * (budget * days if budget else today))
    own = made.goal.measure(made.bench.expect([made.plan._replace(bid=found.bids)]), "spend")[0]
    assert own >= found.floor * (1 - 1e-9)
    assert roi[enough].max() <= found.bound * (1 + 1e-9)
    assert found.value >= 0.97 * roi[enough].max()
