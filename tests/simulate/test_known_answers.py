"""Known answers of validation.md (sections 3, 4.2 and 15.14) through the doors that users take."""

from __future__ import annotations

import datetime

import numpy as np
import polars as pl
import pytest

import adsim

# bid, quality, exponent, rivals, (family, scale, shape), reserve, examination, increment, N, ctr;
# then impressions, clicks and the mean price of a click, each charge to the fen.
GOLDEN = {
    "G1": (
        (2.0, 5.0, 1, 6, ("lognormal", 8, 0.6), 2, (1, 0.6, 0.4, 0.3), 0.01, 10_000, 0.05),
        (8329.5778, 217.9910, 1.58954601),
    ),
    "G2": (
        (1.2, 7.0, 0.5, 4.5, ("loglogistic", 3, 2.31), 0, (1, 0.5176, 0.3522), 0.01, 20_000, 0.03),
        (12976.6787, 210.0485, 0.82183328),
    ),
    "G3": (
        (0.8, 6.0, 1, 3, ("gamma", 3.98, 1.99), 4, (1,), 0.01, 50_000, 0.02),
        (19974.5068, 399.4901, 0.69613495),
    ),
    "G4": (
        (1.5, 3.0, 0, 10, ("lognormal", 0.9, 0.9), 0.2, 0.8 ** np.arange(6), 0.0, 8_000, 0.1),
        (7442.3956, 439.1700, 1.20445724),
    ),
    "G5": (
        (2.5, 3.2, 1, 0.35, ("gamma", 3, 2), 4.8, (1, 0.5), 0.01, 3_000, 0.08),
        (2999.8294, 238.7158, 1.52800200),
    ),
    "G6": (
        (0.12, 4.0, 1, 40, ("lognormal", 0.3, 0.5), 0.3, (1, 0.7, 0.5, 0.4, 0.35), 0.01, 1e5, 0.04),
        (17813.5994, 285.9807, 0.11950637),
    ),
}
AUCTIONS = 800


def world(bid, quality, exponent, rivals, family, reserve, examination, increment, searches, ctr):
    name, scale, shape = family
    query = {"query": "w", "daily_searches": float(searches), "rivals": float(rivals), "ctr": ctr}
    spread = {"rival_family": name, "rival_scale": float(scale), "rival_shape": float(shape)}
    own = {"campaign": "c", "ad_group": "g", "keyword": "w", "match_type": "exact", "product": "p"}
    auction = {
        "slots": len(examination),
        "examination": [float(chance) for chance in examination],
        "quality_exponent": float(exponent),
        "reserve_score": float(reserve),
        "increment": increment,
        "floor_price": 0.0,
        "charge_step": 0.01,
        "bid_min": 0.01,
    }
    return adsim.make_scenario(
        {
            "scenario": {"name": "golden", "start": datetime.date(2025, 6, 2), "days": 1},
            "auction": auction,
            "products": [{"name": "p", "price": 1.0}],
            "campaigns": [{"name": "c"}],
        },
        queries=pl.DataFrame([query | spread | {"cvr": 0.1}]),
        keywords=pl.DataFrame([own | {"bid": bid, "quality": quality, "relevance": 1.0}]),
    )


@pytest.mark.parametrize("name", GOLDEN)
def test_a_declared_golden_case_has_its_landscape_and_its_run(name):
    declared, (impressions, clicks, cpc) = GOLDEN[name]
    scenario = world(*declared)
    row = adsim.landscape(scenario, "w", [declared[0]]).row(0, named=True)
    run = adsim.simulate(scenario, fidelity="expected").report().row(0, named=True)
    for found in (row, run):
        assert found["impressions"] == pytest.approx(impressions, rel=1e-7)
        assert found["clicks"] == pytest.approx(clicks, rel=1e-6)
        assert found["cpc"] == pytest.approx(cpc, rel=1e-7)


@pytest.mark.parametrize(
    ("bidders", "reserve", "revenue"),
    [(2, 0.0, 1 / 3), (3, 0.0, 0.5), (5, 0.0, 2 / 3), (10, 0.0, 9 / 11), (3, 0.5, 0.53125)],
)
def test_one_slot_earns_the_second_order_statistic(bidders, reserve, revenue):
    """Truthful bids, uniform on [0, 1]; fixed seed, 4 standard errors: false alarm 6e-5 each."""
    luck = np.random.default_rng(17)
    rules = {"slots": 1, "increment": 0.0, "charge_step": 0.0, "reserve_score": reserve}
    paid = np.array(
        [
            adsim.run_auction(luck.random(bidders), [1.0] * bidders, **rules)["charge"].sum()
            for _ in range(AUCTIONS)
        ]
    )
    assert abs(paid.mean() - revenue) < 4 * paid.std() / AUCTIONS**0.5


def test_a_budget_is_the_same_whole_or_not():
    scenario = world(*GOLDEN["G1"][0])
    budgets = [[f"campaigns.c.daily_budget={text}"] for text in ("100", "100.0", "1e2")]
    runs = [adsim.simulate(scenario.with_overrides(one), replications=8) for one in budgets]
    assert all(run.report().equals(runs[0].report()) for run in runs)
    assert runs[0].report()["spend"][0] == pytest.approx(100, abs=2)
