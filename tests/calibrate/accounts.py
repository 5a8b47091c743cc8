"""Simulated accounts with a known truth, and the reports that a platform would give of them."""

from __future__ import annotations

import adsim
from adsim.scenario import synthetic_scenario

KEY = ["campaign", "ad_group", "keyword", "match_type"]
DAYS = 30
SIZES = {"flat": True, "crowds": 0, "devices": 0, "families": ("lognormal",), "searches": 400}


def account(seed, queries):
    """A shop whose qualities, click rates and rivals are not those that a fit assumes."""
    return synthetic_scenario(seed, queries=queries, **SIZES)


def write_report(scenario, path, columns=(), seed=3):
    """A month of the scenario, a row a keyword."""
    run = adsim.simulate(
        scenario, fidelity="counts", replications=1, days=DAYS, by=["keyword"], seed=seed
    )
    rows = run.report(by=["keyword"]).drop_nulls("keyword")
    bids = scenario.tables.keywords.select(*KEY, "bid")
    kept = [*KEY, "impressions", "clicks", "spend", "avg_position", "orders", "revenue", *columns]
    rows.select(kept).join(bids, on=KEY).write_csv(path)
    return path


def write_daily_report(scenario, path, days=28, seed=3):
    """A row a keyword and day that it was shown on."""
    run = adsim.simulate(
        scenario, fidelity="counts", replications=1, days=days, by=["keyword", "day"], seed=seed
    )
    rows = run.report(by=["keyword", "day"]).drop_nulls("keyword")
    rows = rows.filter(rows["impressions"] > 0)
    bids = scenario.tables.keywords.select(*KEY, "bid")
    kept = [*KEY, "day", "impressions", "clicks", "spend", "avg_position", "orders", "revenue"]
    rows.select(kept).join(bids, on=KEY).write_csv(path)
    return path
