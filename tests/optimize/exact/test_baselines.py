"""Simple plans beside the exact one."""

from __future__ import annotations

import numpy as np
import pytest

from adsim.optimize.aims.goals import Target
from adsim.optimize.aims.limits import Limit
from adsim.optimize.exact.ascent import Climb
from adsim.optimize.exact.baselines import list_baselines
from adsim.optimize.exact.search import search_bids

PLANS = ["today", "one_bid", "two_bids", "value_bids", "roi_bids", "exact", "bound"]


def baselines(made):
    found = search_bids(made.bench, made.plan, made.aim, made.ranges)
    table = list_baselines(found.task, found)
    assert table["plan"].to_list() == PLANS
    return found, {row["plan"]: row for row in table.iter_rows(named=True)}


@pytest.mark.parametrize("goal", ["profit", "revenue", "clicks", "roi"])
def test_no_simple_plan_passes_the_exact_one(workbench, tiny, goal):
    made = workbench(tiny(3, queries=6), goal, 80.0)
    found, rows = baselines(made)
    assert rows["exact"]["value"] == pytest.approx(found.value)
    for name in ("today", "one_bid", "value_bids", "roi_bids"):
        if rows[name]["holds"]:
            assert rows[name]["value"] <= found.value * (1 + 1e-9), name
    assert rows["bound"]["value"] == found.bound


def test_one_bid_is_the_best_of_all_bids(workbench, tiny):
    made = workbench(tiny(4, queries=4), "profit", 60.0)
    _, rows = baselines(made)
    bids = np.arange(0, 3_750_000, 750_000)
    task = search_bids(made.bench, made.plan, made.aim, made.ranges).task
    plans = [Climb(made.ranges.fit(np.full(4, bid)), np.zeros(3)) for bid in bids]
    assert rows["one_bid"]["value"] == pytest.approx(task.scores(plans).max())


def test_two_bids_in_turn_are_no_worse_than_one_without_campaign_budgets(workbench, tiny):
    made = workbench(tiny(4, queries=4), "revenue", 40.0)
    _, rows = baselines(made)
    assert rows["two_bids"]["spend"] <= 40.0 * (1 + 1e-6)
    assert rows["two_bids"]["value"] >= 0.9 * rows["one_bid"]["value"]


def test_two_bids_in_turn_keep_what_may_not_be_paused(workbench, tiny):
    limits = [Limit(pause=False, bid_min=30.0)]
    _, rows = baselines(workbench(tiny(2, queries=4, most=30.0), "profit", limits=limits))
    assert rows["one_bid"]["value"] < 0  # no ads would be better
    assert rows["two_bids"]["value"] == pytest.approx(rows["one_bid"]["value"])


def test_a_kind_that_cannot_hold_a_target_has_no_numbers(workbench, tiny):
    made = workbench(tiny(4, queries=4), "orders", reach=1e9)
    _, rows = baselines(made)  # the nearest is asked for instead
    assert rows["one_bid"]["holds"]
    made = workbench(tiny(4, queries=4), "orders", target=Target("cpa", 20.0))
    found, rows = baselines(made)
    assert rows["exact"]["holds"] == found.is_met
    for row in rows.values():
        assert row["value"] is not None or not row["holds"]
