"""Budgets: who takes part, what a day costs, which click reaches the limit."""

from __future__ import annotations

import numpy as np
import pytest

import adsim
from adsim.kernels import budget
from adsim.kernels.model import NO_BUDGET
from adsim.market.compile import compile_market
from adsim.scenario import todays_plan
from tests.kernels.naive_days import World
from tests.kernels.test_book import opened
from tests.kernels.worlds import JIT, needs_jit

pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered")  # wanted; seen without jit


def test_the_click_that_reaches_the_budget():
    times = np.array([0.9, 0.1, 0.5, 0.3])
    charges = np.array([5, 10, 20, 40])
    assert budget.crossing(times, charges, 4, 10) == (0.1, 1, 0)
    assert budget.crossing(times, charges, 4, 11) == (0.3, 3, 39)
    assert budget.crossing(times, charges, 4, 70) == (0.5, 2, 0)
    assert budget.crossing(times, charges, 4, 71) == (0.9, 0, 4)
    assert budget.crossing(times, charges, 4, 76) == (np.inf, -1, 0)
    assert budget.crossing(times, charges, 2, 15) == (0.9, 0, 0)  # only the first two count
    assert budget.crossing(times, charges, 0, 1) == (np.inf, -1, 0)


def test_the_crossing_of_random_clicks_is_that_of_a_running_sum():
    luck = np.random.default_rng(1)
    for _ in range(200 if JIT else 20):
        n = luck.integers(1, 40)
        times, charges = luck.uniform(size=n), luck.integers(1, 100, n)
        left = luck.integers(1, 60 * n)
        order = np.argsort(times)
        total = np.cumsum(charges[order])
        reached = np.flatnonzero(total >= left)
        found = budget.crossing(times, charges, n, left)
        if reached.size == 0:
            assert found == (np.inf, -1, 0)
        else:
            first = order[reached[0]]
            assert found == (times[first], first, total[reached[0]] - left)


@pytest.fixture(scope="module")
def paced():
    scenario = adsim.synthetic_scenario(
        6, queries=5, keywords_per_query=3, budget_share=0.5, delivery="standard"
    )
    market = compile_market(scenario, [todays_plan(scenario)])
    return World(market.arrays, market.plans[0])


def rates_of(world):
    """Mean spend by block of a mean day's searches, from the naive means of single hours."""
    rates = np.zeros((world.plan.standard.size, world.plan.coefficient.shape[2]))
    for hour in range(24):
        means = world.hour_means(0, hour, np.ones(world.plan.standard.size))
        spend = world.spend_of(means)[:-1]
        rates[:, world.block(0, hour)] = spend / world.market.hour_factor[0, hour]
    return rates


def test_participation(paced):
    rates, chance = rates_of(paced), np.empty(3)
    for hour in (0, 9, 23):
        for share in (0.0, 0.1, 1.0):
            left = (paced.plan.budget * share).astype(np.int64)
            left[-1] = 10**15
            budget.set_participation(paced.market, paced.plan, rates, 0, hour, left, chance)
            np.testing.assert_allclose(chance, paced.participation(0, hour, left), rtol=1e-9)
    left[:] = [10**15, 0, NO_BUDGET, NO_BUDGET]
    budget.set_participation(paced.market, paced.plan, rates, 0, 0, left, chance)
    assert chance.tolist() == [1, 0, 1]


def test_without_money_of_the_account_nobody_takes_part(paced):
    left, chance = np.array([10**9, 10**9, 10**9, 0]), np.empty(3)
    budget.set_participation(paced.market, paced.plan, rates_of(paced), 0, 12, left, chance)
    assert chance.tolist() == [0, 0, 0]


def test_accelerated_delivery_takes_part_in_all_searches(paced):
    plan = paced.plan._replace(standard=np.zeros(3, np.bool_))
    left, chance = np.array([1, 10**9, 0, 1]), np.empty(3)
    budget.set_participation(paced.market, plan, rates_of(paced), 0, 12, left, chance)
    assert chance.tolist() == [1, 1, 0]


@needs_jit
@pytest.mark.parametrize("chance", [(1.0, 1.0, 1.0), (0.3, 0.0, 0.9)])
def test_spend_rates(chance):
    scenario = adsim.synthetic_scenario(6, queries=5, keywords_per_query=3)
    world, book = opened(scenario)
    chance = np.array(chance)
    rates = budget.spend_rates(world.market, book, world.plan.coefficient.shape[2], chance)
    for hour in (3, 12):
        spend = world.spend_of(world.hour_means(0, hour, chance))
        found = rates[:, world.block(0, hour)] * world.market.hour_factor[0, hour]
        np.testing.assert_allclose(found, spend[:-1], rtol=1e-7)


def test_blocks_follow_the_days_of_the_week(paced):
    for hour in range(24):
        found = budget.hour_block(paced.market, paced.plan, 0, hour)
        assert found == paced.block(0, hour)
    week = paced.plan._replace(block=np.arange(168))
    later = paced.market._replace(weekday=6)
    assert budget.hour_block(later, week, 0, 5) == 6 * 24 + 5
    assert budget.hour_block(later, week, 1, 5) == 5


def test_every_day_opens_with_its_budgets(paced):
    left = np.zeros(4, np.int64)
    budget.open_budgets(paced.plan, left)
    assert left.tolist() == paced.plan.budget.tolist()
