"""Fidelity counts: agreement with the closed form and with every search played one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy import stats

import adsim
from adsim.scenario import todays_plan
from tests.kernels.naive_days import AT, Shopper, World
from tests.kernels.worlds import needs_jit

pytestmark = needs_jit

COUNTED = (
    "searches", "impressions", "clicks", "carts", "orders", "spend", "position_sum",
    "organic_orders",
)  # fmt: skip


def tallies(scenario, by=("keyword",), fidelity="counts", **settings):
    run = adsim.simulate(scenario, fidelity=fidelity, by=list(by), **settings)
    return run.tallies(list(by))


def test_means_are_those_of_expected():
    """Family-wise false alarm rate 1e-3 over all scenarios, keywords and columns (Bonferroni)."""
    worlds = [
        adsim.synthetic_scenario(1, queries=6, keywords_per_query=3),
        adsim.synthetic_scenario(2, queries=6, quality_exponent=0.5, charge_step=0.0),
        adsim.synthetic_scenario(
            3, queries=6, quality_exponent=0.0, charge_step=0.1, named_rivals=1
        ),
        adsim.synthetic_scenario(4, queries=6, searches=30.0, shock_cv=0.8),
        adsim.synthetic_scenario(5, queries=4, head_keywords=8, searches=50_000.0).with_overrides(
            ["auction.reserve_score=5"]
        ),
    ]
    scores = []
    for world in worlds:
        drawn, _ = tallies(world, replications=100, seed=11)
        (mean,), _ = tallies(world, fidelity="expected")
        assert drawn.shape[1:] == mean.shape
        for name in COUNTED:
            sample = drawn[:, :, AT[name]]
            error = sample.std(axis=0, ddof=1) / 10
            frequent = mean[:, AT[name]] > 5 * (1e6 if name == "spend" else 1) / 100
            z = (sample.mean(axis=0) - mean[:, AT[name]])[frequent & (error > 0)]
            scores.extend(z / error[frequent & (error > 0)])
    limit = stats.t.isf(1e-3 / 2 / len(scores), 99)
    assert len(scores) > 200
    assert np.abs(scores).max() < limit
    assert np.std(scores) == pytest.approx(1.0, abs=0.15)


@pytest.fixture(scope="module")
def bound():
    """Budgets that bind, three own keywords a query, all demand in two hours."""
    hours = [0.0] * 24
    hours[10], hours[13] = 0.6, 0.4
    scenario = adsim.synthetic_scenario(
        6, queries=3, keywords_per_query=3, crowds=1, devices=0, searches=400.0, budget_share=1.6,
        organic=0.03,
    )  # fmt: skip
    return scenario.with_overrides([f"demand.hour={hours}", "account.daily_budget=26"])


@pytest.mark.parametrize(
    "settings",
    [
        [],
        ["campaigns.0.delivery=standard", "campaigns.1.delivery=standard"],
        ["account.daily_budget=unlimited"],
        ["campaigns.1.daily_budget=unlimited"],
    ],
)
def test_cut_hours_have_the_law_of_searches_played_one_by_one(bound, settings):
    """Two-sample Kolmogorov-Smirnov of keywords' totals; family-wise false alarm rate 1e-3."""
    scenario = bound.with_overrides(settings)
    run = adsim.simulate(scenario, replications=600, seed=3, by=["keyword"])
    drawn, labels = run.tallies(["keyword"])
    world = World(run.market.arrays, run.market.plans[0])
    naive = np.array([Shopper(world, seed).day() for seed in range(150)])
    rows = run.market.keywords.with_row_index("row")
    keys = ["campaign", "ad_group", "keyword", "match_type"]
    order = labels.join(rows, on=keys, how="left", maintain_order="left")["row"].to_list()
    least = []
    for place, row in enumerate(order):
        for name in (*COUNTED, "lost_to_rank", "lost_to_budget"):
            pair = drawn[:, place, AT[name]], naive[:, len(rows) if row is None else row, AT[name]]
            if pair[0].any() or pair[1].any():
                least.append(stats.ks_2samp(*pair, method="asymp").pvalue)
    assert len(least) > 50
    assert min(least) > 1e-3 / len(least)
    assert max(reached(drawn, order, run.market)) > 0.3


def reached(drawn, order, market):
    """In which share of the replications each campaign, then the account, spends its budget."""
    owner = np.array(
        [-1 if row is None else market.arrays.keywords["campaign"][row] for row in order]
    )
    spend = drawn[:, :, AT["spend"]]
    budgets = market.plans[0].budget
    for campaign in range(budgets.size - 1):
        yield np.mean(spend[:, owner == campaign].sum(axis=1) == budgets[campaign])
    yield np.mean(spend.sum(axis=1) == budgets[-1])


def test_invariants(bound):
    for scenario in (bound, adsim.synthetic_scenario(7, queries=20, budget_share=0.5, days=2)):
        drawn, _ = tallies(scenario, ["keyword", "day"], replications=40)
        column = {name: drawn[..., place] for name, place in AT.items()}
        assert drawn.dtype == np.int64 and (drawn >= 0).all()
        assert (column["clicks"] <= column["impressions"]).all()
        assert (column["impressions"] <= column["eligible"]).all()
        assert (column["eligible"] <= column["searches"]).all()
        assert (column["orders"] <= column["clicks"]).all()
        assert (column["carts"] <= column["clicks"]).all()
        lost = column["lost_to_rank"] + column["lost_to_budget"]
        assert (column["impressions"] + lost == column["eligible"]).all()
        assert (column["position_sum"] >= column["impressions"]).all()
        slots = scenario.auction.slots
        assert (column["position_sum"] <= slots * column["impressions"]).all()
        assert ((column["clicks"] > 0) | (column["spend"] == 0)).all()


def test_spend_comes_within_one_click_of_an_ample_budget():
    scenario = adsim.synthetic_scenario(
        8, queries=10, searches=5000.0, budget_share=0.2, keywords_per_query=2
    )
    run = adsim.simulate(scenario, replications=20, by=["campaign"])
    drawn, labels = run.tallies(["campaign"])
    dearest = run.opened.book.offers["cap"].max()
    for place, name in enumerate(labels["campaign"]):
        if name is not None:
            budget = next(c.daily_budget for c in scenario.campaigns if c.name == name)
            spend = drawn[:, place, AT["spend"]]
            assert (spend <= round(budget * 1e6)).all()
            assert (spend > round(budget * 1e6) - dearest).all()


def test_the_budget_is_met_to_the_micro_by_the_last_click(bound):
    drawn, _ = tallies(bound.with_overrides(["account.daily_budget=5"]), [], replications=50)
    spend = drawn[:, 0, AT["spend"]]
    assert (spend <= 5_000_000).all()
    assert np.mean(spend == 5_000_000) > 0.9  # served and billed the remainder


def test_any_number_of_threads_gives_the_same_bytes(bound):
    one, two = (tallies(bound, replications=9, threads=n)[0].tobytes() for n in (1, 2))
    assert one == two
    assert one != tallies(bound, replications=9, seed=8)[0].tobytes()


def test_days_split_and_joined_give_the_same_tallies(bound):
    for scenario in (bound, adsim.synthetic_scenario(9, queries=5, shock_cv=0.8)):
        by = ["keyword", "day"]
        whole, _ = tallies(scenario, by, replications=4, days=4)
        first = adsim.simulate(scenario, replications=4, days=2, by=by)
        second = adsim.simulate(scenario, days=2, state=first.state, by=by)
        shape = (4, -1, 2, whole.shape[-1])
        parts = [run.tallies(by)[0].reshape(shape) for run in (first, second)]
        assert (np.concatenate(parts, axis=2) == whole.reshape(4, -1, 4, whole.shape[-1])).all()


def changed(scenario, row, bid):
    plan = todays_plan(scenario)
    bids = plan.keywords["bid"].to_numpy().copy()
    bids[row] = bid
    return replace(plan, keywords=plan.keywords.with_columns(pl.Series("bid", bids)))


def by_query(scenario, plan):
    drawn, labels = tallies(scenario, ["query"], replications=6, plan=plan)
    return dict(zip(labels["query"], np.swapaxes(drawn, 0, 1), strict=True))


def test_a_changed_bid_leaves_other_queries_alone():
    scenario = adsim.synthetic_scenario(10, queries=5, keywords_per_query=3, shock_cv=0.5)
    reached = scenario.tables.queries["query"][1]
    assert scenario.tables.keywords["keyword"][1] == reached
    today, raised = by_query(scenario, None), by_query(scenario, changed(scenario, 1, 9.0))
    for query in today:
        assert (today[query] == raised[query]).all() == (query != reached)


def test_a_new_keyword_leaves_other_queries_alone():
    scenario = adsim.synthetic_scenario(11, queries=5, keywords_per_query=2)
    plan = todays_plan(scenario)
    text = scenario.tables.queries["query"][2]
    new = plan.keywords[[2]].with_columns(
        keyword=pl.lit(text), match_type=pl.lit("broad"), bid=pl.lit(9.0), ad_group=pl.lit("new")
    )
    more = replace(plan, keywords=pl.concat([new, plan.keywords]))
    today, added = by_query(scenario, None), by_query(scenario, more)
    for query in today:
        assert (today[query] == added[query]).all() == (query != text)


def test_the_order_of_keywords_does_not_matter(bound):
    plan = todays_plan(bound)
    turned = replace(plan, keywords=plan.keywords.reverse())
    drawn, labels = tallies(bound, replications=5)
    other, other_labels = tallies(bound, replications=5, plan=turned)
    keys = labels.rows()
    assert set(keys) == set(other_labels.rows())
    place = [other_labels.rows().index(key) for key in keys]
    assert (drawn == other[:, place]).all()


def test_clicks_and_conversions_vary_like_binomials_over_seeds():
    """Variance / mean of orders near 1: no draw is used twice (validation.md 15, 20)."""
    drawn, _ = tallies(adsim.synthetic_scenario(12, queries=10), [], replications=2000)
    for name in ("searches", "clicks", "orders", "carts"):
        sample = drawn[:, 0, AT[name]]
        ratio = sample.var(ddof=1) / sample.mean()
        assert abs(ratio - 1) < 4.5 * np.sqrt(2 / 2000) + 0.03


def test_a_shock_of_the_right_size():
    """Variance of a query group's daily searches: mean + cv^2 mean^2."""
    scenario = adsim.synthetic_scenario(13, queries=1, shock_cv=0.5, flat=True)
    drawn, _ = tallies(scenario, [], replications=4000)
    searches = drawn[:, 0, AT["searches"]]
    assert searches.mean() == pytest.approx(400, rel=0.04)
    assert searches.std() == pytest.approx(np.sqrt(400 + 0.25 * 400**2), rel=0.06)
