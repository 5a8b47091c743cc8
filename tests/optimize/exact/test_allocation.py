"""Money along hulls, by hand; test_search.py holds whole accounts against a linear program."""

from __future__ import annotations

import numpy as np
import pytest

from adsim.kernels.spending import REACH, WHOLE, Segments
from adsim.optimize.exact.allocation import Hulls, allocate


def hulls_of(*steps, least=0.0):
    """Keywords of one campaign that cost `least` at bid 1; a step is (keyword, cost, slope)."""
    keyword, cost, slope = (np.array(column) for column in zip(*steps, strict=True))
    n = int(keyword.max()) + 1
    own = [np.flatnonzero(keyword == k) for k in range(n)]
    points = [np.cumsum([least, *cost[rows]]) for rows in own]
    values = [np.cumsum([least, *(cost * slope)[rows]]) for rows in own]
    campaign = np.zeros(n, np.int64)
    return Hulls(
        start=np.cumsum([0, *map(len, points)]),
        bid=np.concatenate([1 + np.arange(len(one)) for one in points]),
        value=np.concatenate(values),
        cost=np.concatenate(points),
        campaign=campaign,
        segments=Segments(keyword, campaign[keyword], cost.astype(float), slope.astype(float)),
    )


@pytest.mark.parametrize("budgets", [[np.inf, 10.0], [10.0, np.inf]])
def test_what_may_not_be_paused_is_paid_first(budgets):
    """Two keywords cost 3 at the least: of 10 one step of 4 is left, the steeper one."""
    found = allocate(hulls_of((0, 4, 1.5), (1, 4, 1.25), least=3.0), np.array(budgets))
    assert found.bids.tolist() == [2, 1]
    assert (found.spend, found.value, found.left.min()) == (10.0, 12.0, 0.0)


def test_a_step_that_does_not_fit_bars_the_later_ones_of_its_keyword_alone():
    hulls = hulls_of((0, 6, 2.0), (0, 2, 1.0), (1, 4, 0.5))
    found = allocate(hulls, np.array([np.inf, 5.0]), WHOLE)
    assert (found.bids.tolist(), found.spend, found.value) == ([1, 2], 4.0, 2.0)


def test_the_step_that_passes_the_money_is_the_last_where_an_amount_is_to_be_reached():
    hulls = hulls_of((0, 4, 2.0), (1, 3, 1.0), (2, 1, 0.5))
    found = allocate(hulls, np.array([np.inf, 5.0]), REACH)
    assert (found.bids.tolist(), found.spend) == ([2, 2, 1], 7.0)
