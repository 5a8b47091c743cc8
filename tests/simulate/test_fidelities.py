"""The three fidelities against each other."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import stdtrit

from adsim.kernels.tally import (
    CARTS,
    CLICKS,
    ELIGIBLE,
    IMPRESSIONS,
    LOST_TO_BUDGET,
    LOST_TO_RANK,
    ORDERS,
    ORGANIC_ORDERS,
    ORGANIC_REVENUE,
    POSITION_SUM,
    REVENUE,
    SEARCHES,
    SPEND,
)
from adsim.simulate import simulate
from tests.simulate.worlds import BOUND, FREE, world

FIELDS = (
    SEARCHES, ELIGIBLE, IMPRESSIONS, CLICKS, CARTS, ORDERS, SPEND, REVENUE, POSITION_SUM,
    LOST_TO_RANK, LOST_TO_BUDGET, ORGANIC_ORDERS, ORGANIC_REVENUE,
)  # fmt: skip
REPLICATIONS = 60
FALSE_ALARM = 1e-3  # chance that a correct engine fails any of one test's comparisons (Bonferroni)


def limit(comparisons: int, freedom: int) -> float:
    """Two-sided t limit that a family of so many comparisons exceeds with chance FALSE_ALARM."""
    return float(-stdtrit(freedom, FALSE_ALARM / comparisons / 2))


def totals(name: str, recipes: dict, fidelity: str) -> np.ndarray:
    run = simulate(world(recipes[name]), fidelity=fidelity, replications=REPLICATIONS, seed=11)
    return run.tallies()[0][:, 0, :].astype(float)


@pytest.mark.parametrize("fidelity", ["counts", "events"])
@pytest.mark.parametrize("name", FREE)
@pytest.mark.filterwarnings("ignore:fidelity")
def test_mean_equals_the_closed_form_where_no_budget_binds(name, fidelity):
    expected = totals(name, FREE, "expected")[0]
    drawn = totals(name, FREE, fidelity)
    mean, error = drawn.mean(axis=0), drawn.std(axis=0, ddof=1) / REPLICATIONS**0.5
    bound = limit(len(FREE) * len(FIELDS) * 2, REPLICATIONS - 1)
    for field in FIELDS:
        assert abs(mean[field] - expected[field]) <= bound * error[field] + 1e-6 * expected[field]


@pytest.mark.parametrize("name", BOUND)
def test_counts_equal_events_where_budgets_bind(name):
    a, b = totals(name, BOUND, "counts"), totals(name, BOUND, "events")
    assert a[:, LOST_TO_BUDGET].mean() > 0, "no budget binds: the case tests nothing"
    error = np.sqrt((a.var(axis=0, ddof=1) + b.var(axis=0, ddof=1)) / REPLICATIONS)
    bound = limit(len(BOUND) * len(FIELDS), 2 * REPLICATIONS - 2)
    for field in FIELDS:
        gap = abs(a[:, field].mean() - b[:, field].mean())
        assert gap <= bound * error[field] + 1e-9 * a[:, field].mean()


@pytest.mark.parametrize("name", BOUND)
def test_counts_and_events_spread_alike_where_budgets_bind(name):
    """Standard deviations within a factor; F test, family-wise false alarm below 1e-3."""
    a, b = totals(name, BOUND, "counts"), totals(name, BOUND, "events")
    for field in (IMPRESSIONS, CLICKS, ORDERS, LOST_TO_BUDGET):
        ratio = a[:, field].std(ddof=1) / b[:, field].std(ddof=1)
        assert 0.5 < ratio < 2.0  # F(59, 59) outside (1/4, 4) has chance 2e-7; 32 comparisons


def test_expected_fluid_spends_the_budget_and_no_more():
    scenario = world(BOUND["all run out"])
    table = simulate(scenario, fidelity="expected").report(["campaign"])
    spend = dict(zip(table["campaign"], table["spend"], strict=True))
    for campaign in scenario.campaigns:
        assert spend[campaign.name] <= campaign.daily_budget * (1 + 1e-9)
    assert any(
        spend[campaign.name] == pytest.approx(campaign.daily_budget)
        for campaign in scenario.campaigns
    )
