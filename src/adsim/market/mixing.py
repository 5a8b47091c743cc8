"""Several markets with the same queries and keywords: compiled once, and mixed into one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from adsim.market.compile import Market
from adsim.market.rivals import landscape_columns
from adsim.scenario import Scenario


def vary_market(market: Market, scenario: Scenario) -> Market:
    """The compiled market of a scenario that differs in the numbers of queries.csv alone.

    See `adsim.scenario.markets.variant_problems` for what may differ.
    """
    declared = scenario.tables.queries
    queries = market.arrays.queries.copy()
    queries["searches"] = declared["daily_searches"].to_numpy()
    queries["ctr"] = declared["ctr"].to_numpy()
    queries["cvr"] = declared["cvr"].to_numpy()
    queries["organic"] = declared["organic"].to_numpy()
    for column, values in landscape_columns(scenario).items():
        queries[column] = values
    queries["rival_ctr"] = queries["ctr"]
    return replace(market, scenario=scenario, arrays=market.arrays._replace(queries=queries))


def mix_markets(markets: Sequence[Market], weights: Sequence[float] = ()) -> Market:
    """One market with the queries of all side by side, each with 1 / K of its searches.

    Or with parts of them, `weights`, that sum to 1. What a plan brings there in expectation, no
    budget ending, is the (weighted) mean of what it brings in the K markets. It is no market for
    luck: a query's K copies share their ids.
    """
    first, count = markets[0].arrays, len(markets)
    queries = np.concatenate([market.arrays.queries for market in markets])
    copy = np.repeat(np.arange(count), first.queries.size)
    queries["searches"] *= np.asarray(weights or [1 / count] * count)[copy]
    for end in ("first", "end"):
        queries[f"{end}_link"] += copy * first.links.size
        queries[f"{end}_named"] += copy * first.named.size
    arrays = first._replace(
        queries=queries,
        links=np.tile(first.links, count),
        named=np.tile(first.named, count),
        cell_identity=np.tile(first.cell_identity, (count, 1)),
    )
    return replace(markets[0], arrays=arrays)
