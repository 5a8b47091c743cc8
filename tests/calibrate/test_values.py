from __future__ import annotations

import numpy as np
import pytest

from adsim.calibrate.values import order_values


def values(revenue, orders, group):
    group = np.array(group)
    return order_values(np.array(revenue, float), np.array(orders, float), group, group.max() + 1)


def test_campaigns_with_many_orders_keep_their_mean_and_small_ones_do_not():
    rng = np.random.default_rng(4)
    group = np.repeat([0, 1, 2], [400, 400, 1])
    mean = np.array([50.0, 80.0, 65.0])[group]
    revenue = mean * rng.lognormal(0, 0.3, group.size) / np.exp(0.045)
    revenue[-1] = 110.0
    found = values(revenue, np.ones(group.size), group)
    assert found.price[:2] == pytest.approx([50, 80], rel=0.05)
    assert 70 < found.price[2] < 100, "between its own mean and that of all"
    assert found.spread == pytest.approx(20, rel=0.2)
    assert np.bincount(group) @ found.price == pytest.approx(revenue.sum())


def test_campaigns_that_differ_by_chance_alone_share_one_mean():
    found = values([10, 90, 20, 80], [1, 1, 1, 1], [0, 0, 1, 1])
    assert found.full_orders == np.inf
    assert found.price == pytest.approx([50, 50])


def test_one_campaign_has_its_own_mean():
    assert values([100, 50, 0], [4, 1, 0], [0, 0, 0]).price == pytest.approx([30])


def test_a_campaign_without_orders_gets_the_mean_of_the_others():
    found = values([100, 120, 0], [1, 1, 0], [0, 0, 1])
    assert found.price == pytest.approx([110, 110])


def test_without_revenue_an_order_is_worth_one():
    assert values([0, 0], [3, 0], [0, 1]).price == pytest.approx([1, 1])
