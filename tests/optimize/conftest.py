"""Small shops whose best plan can be found by trying everything."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pytest

import adsim
from adsim.kernels import doors
from adsim.market.compile import compile_market
from adsim.optimize.aims.days import list_days
from adsim.optimize.aims.goals import GOALS, Aim
from adsim.optimize.aims.ranges import BidRanges, bid_ranges
from adsim.optimize.bench import Bench
from adsim.optimize.exact.choosing import list_choices
from adsim.scenario import todays_plan
from adsim.simulate.histories import thread_pool

COARSE = {"charge_step": 0.05}
"""Charges in coarse steps: what a plan costs to look at is mostly its sums over charges."""

_KNOWN: dict[bytes, np.ndarray] = {}
"""Tallies by all that they depend on: tests of several goals try all plans of one shop."""


@dataclass
class Workbench:
    """A scenario compiled for its plan of today, and everything the search starts from."""

    scenario: object
    bench: Bench
    aim: Aim
    ranges: BidRanges

    @property
    def goal(self):
        return self.aim.goal

    @property
    def plan(self):
        return self.bench.market.plans[0]

    @property
    def arrays(self):
        return self.bench.market.arrays

    @property
    def choice(self):
        return list_choices(self.ranges, self.arrays, self.plan, self.goal)

    @property
    def days(self):
        return list_days(self.arrays, self.plan)

    def bids(self, keyword):
        return doors.list_keyword_bids(self.arrays, self.choice, keyword)

    def tallies(self, all_bids):
        """Tallies of many plans at fidelity expected; they are the same whatever the goal."""
        asked = pickle.dumps((self.arrays, self.plan, all_bids))
        if asked not in _KNOWN:
            _KNOWN[asked] = np.concatenate(
                [
                    self.bench.expect([self.plan._replace(bid=bids) for bids in some])
                    for some in np.array_split(all_bids, -(-len(all_bids) // 500))
                ]
            )
        return _KNOWN[asked]

    def values(self, all_bids):
        """The goal of many plans at fidelity expected."""
        return self.goal.measure(self.tallies(all_bids))

    def every_plan(self):
        """All combinations of bids, as rows."""
        lists = [self.bids(keyword) for keyword in range(len(self.plan.bid))]
        return np.array(list(product(*lists)), np.int64)


@pytest.fixture
def workbench():
    with thread_pool(1) as pool:

        def make(scenario, goal="profit", budget=None, limits=(), **conditions):
            plan = todays_plan(scenario)
            plan = replace(plan, account_budget=budget) if budget is not None else plan
            market = compile_market(scenario, [plan])
            ranges = bid_ranges(market, plan, limits)
            return Workbench(scenario, Bench(market, pool), Aim(GOALS[goal], **conditions), ranges)

        yield make


@pytest.fixture
def tiny():
    """A made-up shop of a few keywords whose bids have so coarse steps that all can be tried."""

    def make(seed, step=0.75, most=3.0, **sizes):
        sizes = {"queries": 3, "crowds": 1, "devices": 2, "campaigns": 2, **COARSE, **sizes}
        shop = adsim.synthetic_scenario(seed, **sizes)
        keywords = shop.tables.keywords
        bids = (keywords["bid"] / step).round().clip(1, most / step) * step
        keywords = keywords.with_columns(bid=bids)
        tables = replace(shop.tables, keywords=keywords)
        auction = shop.auction.model_copy(
            update={"bid_min": step, "bid_max": most, "bid_step": step}
        )
        return shop.model_copy(update={"tables": tables, "auction": auction})

    return make
