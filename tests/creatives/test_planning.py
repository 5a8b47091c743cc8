"""Plans: what they cost, what a budget finds, and what does not go together."""

from __future__ import annotations

import pytest

import adsim
from adsim.creatives.power import trials_needed
from adsim.errors import CreativeError


def row(*args, **options) -> dict:
    return adsim.plan_creative_test(*args, **options).table.row(0, named=True)


def test_money_and_days_follow_from_impressions():
    plan = row(0.03, 0.2, 4, cpc=1.5, impressions_a_day=8000)
    each = trials_needed(0.03, 0.2, 4, 0.8, 0.05)
    assert plan["impressions_each"] == each and plan["impressions"] == 4 * each
    assert plan["clicks"] == pytest.approx(0.03 * 4 * each)
    assert plan["spend"] == pytest.approx(1.5 * plan["clicks"])
    assert plan["days"] == -(-4 * each // 8000)
    bare = row(0.03)
    assert bare["lift"] == 0.2 and bare["spend"] is None and bare["days"] is None


def test_orders_need_more_than_clicks():
    clicks = trials_needed(0.05, 0.2, 3, 0.8, 0.05)
    cvr = row(0.03, 0.2, 3, goal="cvr", cvr=0.05)
    assert cvr["rate"] == 0.05 and cvr["clicks"] == pytest.approx(3 * clicks, abs=0.1)
    orders = row(0.03, 0.2, 3, goal="orders", cvr=0.05)
    assert orders["rate"] == pytest.approx(0.0015)
    assert orders["impressions_each"] == trials_needed(0.0015, 0.2, 3, 0.8, 0.05)


def test_a_budget_finds_the_lift_that_needs_it():
    needed = row(0.03, 0.25, 4, cpc=2.0, impressions_a_day=5000)
    found = row(0.03, None, 4, cpc=2.0, budget=needed["spend"])
    assert found["lift"] == pytest.approx(0.25, rel=1e-4)
    assert found["impressions_each"] == needed["impressions_each"]
    days = row(0.03, None, 4, impressions_a_day=5000, days=needed["days"])
    assert days["lift"] <= 0.25
    least = row(0.03, None, 4, cpc=2.0, budget=100, impressions_a_day=5000, days=99)
    assert least["spend"] == pytest.approx(100, rel=0.01)


def test_the_sentence_holds_the_figures():
    plan = adsim.plan_creative_test(0.03, 0.2, 4, cpc=1.5, impressions_a_day=8000)
    figures = plan.table.row(0, named=True)
    assert f"{figures['impressions_each']:,} impressions each" in plan.sentences[0]
    assert f"{figures['spend']:,.2f} of money, {figures['days']} days" in plan.sentences[0]


WRONG = [
    ({"ctr": 0}, "ctr: must be a number from"),
    ({"ctr": 0.03, "creatives": 1}, "creatives: must be a whole number from 2"),
    ({"ctr": 0.03, "creatives": 2.5}, "creatives: must be a whole number from 2"),
    ({"ctr": 0.03, "goal": "roi"}, "goal: must be ctr, cvr or orders, but is 'roi'"),
    ({"ctr": 0.03, "goal": "cvr"}, "cvr: must be given for goal cvr"),
    ({"ctr": 0.6, "lift": 0.7}, "lift: must leave the lifted rate below 1, but gives 1.02"),
    ({"ctr": 0.03, "lift": 0.2, "budget": 5, "cpc": 1}, "lift: must be given without budget"),
    ({"ctr": 0.03, "budget": 5}, "cpc: must be > 0 with a budget"),
    ({"ctr": 0.03, "days": 5}, "impressions_a_day: must be given with days"),
    ({"ctr": 0.03, "budget": 0.01, "cpc": 1}, "budget: must be enough to find some lift"),
    ({"ctr": 1e-9, "lift": 0.001}, "lift: must need no more than"),
]


@pytest.mark.parametrize(("asked", "said"), WRONG)
def test_what_cannot_be_planned_is_told(asked, said):
    with pytest.raises(CreativeError) as caught:
        adsim.plan_creative_test(**asked)
    assert str(caught.value).startswith(said)
