"""Fidelity expected: equal to loops over every hour, and to budgets that drain in small steps."""

from __future__ import annotations

import numpy as np
import pytest

import adsim
from tests.kernels.naive_days import AT, World
from tests.kernels.worlds import needs_jit

pytestmark = needs_jit

STEPS = 400  # of an hour in the naive fluid


def run(scenario, days=1):
    """Tallies by keyword, those of no keyword last, from the kernels; and the naive world."""
    made = adsim.simulate(scenario, fidelity="expected", days=days, by=["keyword"])
    tallies, labels = made.tallies(["keyword"])
    world = World(made.market.arrays, made.market.plans[0])
    keyword = made.market.keywords.with_row_index("row")
    rows = labels.join(
        keyword,
        on=["campaign", "ad_group", "keyword", "match_type"],
        how="left",
        maintain_order="left",
    )["row"].fill_null(len(keyword))
    found = np.zeros((len(keyword) + 1, tallies.shape[-1]))
    found[rows.to_numpy()] = tallies[0]
    return found, world


@pytest.mark.parametrize(
    "sizes",
    [
        {"keywords_per_query": 3, "head_keywords": 2},
        {"crowds": 0, "devices": 0, "flat": True, "named_rivals": 2},
        {"quality_exponent": 0.5, "charge_step": 0.0, "keywords_per_query": 2},
        {"quality_exponent": 0.0, "charge_step": 0.1, "named_rivals": 1},
        {"organic": 0.02, "keywords_per_query": 2},
    ],
)
def test_without_budgets_it_is_a_loop_over_hours_and_cells(sizes):
    found, world = run(adsim.synthetic_scenario(1, queries=4, **sizes))
    everybody = np.ones(world.plan.standard.size)
    twin = sum(world.hour_means(0, hour, everybody) for hour in range(24))
    np.testing.assert_allclose(found, twin, rtol=1e-7, atol=1e-9)
    assert twin[:-1, AT["clicks"]].sum() > 1


def test_reserve_premiums_closed_hours_and_weekdays():
    scenario = adsim.synthetic_scenario(2, queries=4, keywords_per_query=3, days=2)
    scenario = scenario.with_overrides(["auction.reserve_score=5", "auction.floor_price=0.9"])
    found, world = run(scenario, days=2)
    everybody = np.ones(world.plan.standard.size)
    twin = sum(world.hour_means(day, hour, everybody) for day in (0, 1) for hour in range(24))
    np.testing.assert_allclose(found, twin, rtol=1e-7, atol=1e-9)
    closed = [world.entries(0, 0, world.block(0, hour)) for hour in range(24)]
    assert len({len(entries) for entries in closed}) > 1
    assert found[-1, AT["searches"]] >= 0 < found[:-1, AT["lost_to_rank"]].sum()


@pytest.mark.parametrize("delivery", ["accelerated", "standard"])
@pytest.mark.parametrize("account", ['"unlimited"', "150"])
def test_budgets_drain_as_a_fluid(delivery, account):
    scenario = adsim.synthetic_scenario(
        3,
        queries=3,
        keywords_per_query=3,
        crowds=1,
        searches=2000.0,
        budget_share=0.4,
        delivery=delivery,
        organic=0.01,
    ).with_overrides([f"account.daily_budget={account}"])
    found, world = run(scenario)
    twin = world.mean_day(0, STEPS)
    total = twin.sum(axis=0)
    assert (np.abs(found - twin) <= 0.002 * total + 1e-9).all()
    assert total[AT["lost_to_budget"]] > 0.02 * total[AT["eligible"]]
    spend = world.spend_of(found)
    assert (spend <= world.plan.budget * (1 + 1e-9)).all()
    if delivery == "accelerated":
        assert np.isclose(spend, world.plan.budget, rtol=1e-9).any()


def test_a_budget_of_nothing_loses_all_searches_to_the_budget():
    scenario = adsim.synthetic_scenario(4, queries=3).with_overrides(["account.daily_budget=0"])
    found, _ = run(scenario)
    assert found[:, AT["impressions"]].sum() == 0
    np.testing.assert_allclose(found[:-1, AT["lost_to_budget"]], found[:-1, AT["eligible"]])


def test_shares_add_up():
    scenario = adsim.synthetic_scenario(
        5, queries=10, keywords_per_query=3, budget_share=0.3, days=3
    )
    found, world = run(scenario, days=3)
    parts = [found[:, AT[name]] for name in ("impressions", "lost_to_rank", "lost_to_budget")]
    np.testing.assert_allclose(sum(parts), found[:, AT["eligible"]], rtol=1e-10, atol=1e-9)
    assert (found[:, AT["clicks"]] <= found[:, AT["impressions"]]).all()
    assert (found[:, AT["impressions"]] <= found[:, AT["eligible"]] + 1e-9).all()
    demand = sum(mean for day in range(3) for h in range(24) for *_, mean in world.demand(day, h))
    assert found[:, AT["searches"]].sum() == pytest.approx(demand)
