"""Markets as other simulators and real accounts publish them (validation.md 13 and 14)."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import polars as pl
import pytest

import adsim
from adsim.scenario import Scenario

START = datetime.date(2025, 6, 2)
AUCTIONNET_HOURS = np.array(
    [
        *(3.38, 1.36, 0.81, 0.64, 0.92, 2.35, 3.58, 5.02, 6.95, 7.05, 7.01, 5.90),
        *(4.59, 4.63, 4.27, 4.35, 4.47, 3.65, 3.43, 4.02, 5.01, 5.97, 5.57, 5.07),
    ]
)
"""Percent of a day's traffic in each hour (AuctionNet; tick 0 taken as midnight)."""

BIDS = [10.0, 20, 30, 40, 50, 60, 70, 80, 90, 100, 150, 200, 250, 300]
WINS = np.array(
    [
        *(0.034, 0.121, 0.209, 0.275, 0.347, 0.455, 0.491),
        *(0.694, 0.776, 0.803, 0.885, 0.932, 0.981, 0.998),
    ]
)
"""Win rate at a constant bid: iPinYou campaign 1458 replayed at 1/16 of its budget."""

FOUR_RIVALS = {
    "gamma": (35.76, 0.9663),
    "lognormal": (27.05, 0.8728),
    "loglogistic": (29.05, 2.121),
}
"""Scale and shape of the family that meets those rates best with four rivals (least squares)."""


def shop(demand: dict[str, Any] | None = None, **query: Any) -> Scenario:
    """One word in one slot or three, without increment and steps."""
    slots = query.pop("slots", 1)
    rivals = {"rival_family": "gamma", "rival_scale": 30.0, "rival_shape": 1.0} | query
    market = {"query": "w", "daily_searches": 1e4, "rivals": 4.0, "ctr": 0.1, "cvr": 0.2} | rivals
    return adsim.make_scenario(
        {
            "scenario": {"name": "published", "start": START},
            "auction": {"slots": slots, "examination": [1.0, 0.6, 0.4][:slots], "charge_step": 0.0},
            "demand": demand or {},
            "products": [{"name": "p", "price": 10.0}],
            "campaigns": [{"name": "c"}],
        },
        queries=pl.DataFrame([market]),
        keywords=pl.DataFrame(
            [
                {"campaign": "c", "ad_group": "g", "keyword": "w", "match_type": "exact"}
                | {"bid": 40.0, "quality": 1.0, "relevance": 1.0, "product": "p"}
            ]
        ),
    )


def test_a_day_has_the_published_traffic():
    """AuctionNet: the busiest hour has 11.0 times the quietest, that .15 of the mean hour."""
    scenario = shop({"hour": AUCTIONNET_HOURS / AUCTIONNET_HOURS.sum()})
    searches = adsim.simulate(scenario, fidelity="expected").report("hour")["searches"].to_numpy()
    assert searches / searches.sum() == pytest.approx(AUCTIONNET_HOURS / 100, rel=1e-3)
    assert searches.max() / searches.min() == pytest.approx(11.0, abs=0.05)
    assert searches.min() / searches.mean() == pytest.approx(0.15, abs=0.005)


def test_a_walk_of_the_volume_is_played_at_its_own_scale():
    """AdCraft: steps of up to 3 % of the first volume add up; theirs fell to a quarter."""
    steps = np.random.default_rng(7).uniform(-0.03, 0.03, 60)
    volume = 1.0 + steps.cumsum()
    days = [START + datetime.timedelta(day) for day in range(60)]
    calendar = [{"date": day, "factor": factor} for day, factor in zip(days, volume, strict=True)]
    run = adsim.simulate(shop({"calendar": calendar}), fidelity="expected", days=60)
    assert run.report("day")["searches"].to_numpy() == pytest.approx(1e4 * volume)


@pytest.mark.parametrize("family", FOUR_RIVALS)
def test_four_rivals_meet_the_win_rates_of_a_real_campaign(family):
    """A curve b / (b + c) misses them by .136 at its best; a family of rivals by .05 at most."""
    scale, shape = FOUR_RIVALS[family]
    scenario = shop(rival_family=family, rival_scale=scale, rival_shape=shape)
    won = adsim.landscape(scenario, "w", BIDS)["impression_share"].to_numpy()
    assert np.sqrt(np.mean((won - WINS) ** 2)) < 0.045
    hyperbolas = np.array(BIDS) / (np.array(BIDS) + np.linspace(20, 100, 161)[:, None])
    assert np.sqrt(np.mean((hyperbolas - WINS) ** 2, axis=1)).min() == pytest.approx(
        0.136, abs=1e-3
    )


@pytest.mark.parametrize("family", FOUR_RIVALS)
def test_their_prices_spread_a_little_less_than_measured(family):
    """sd of log price: .84 and .89 where measured, .72 to .78 here."""
    scale, shape = FOUR_RIVALS[family]
    scenario = shop(rival_family=family, rival_scale=scale, rival_shape=shape)
    grid = np.geomspace(0.5, 3000, 300)
    won = adsim.landscape(scenario, "w", grid)["impression_share"].to_numpy()
    weight, log = np.diff(won) / (won[-1] - won[0]), np.log(grid[1:] * grid[:-1]) / 2
    mean = (weight * log).sum()
    assert 0.70 < np.sqrt((weight * (log - mean) ** 2).sum()) < 0.80


def test_the_conversion_rate_is_flat_over_positions():
    """Varian (Google, 2009): it varies by less than 5 % over positions."""
    curve = adsim.landscape(shop(slots=3), "w", [5.0, 20.0, 80.0, 300.0])
    assert curve["avg_position"][0] - curve["avg_position"][-1] > 1
    assert curve["cvr"].to_list() == pytest.approx([0.2] * 4)
