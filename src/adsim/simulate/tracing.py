"""The first auctions of a run one by one, as a table."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl

from adsim.audience.cells import persons_by_kind
from adsim.kernels import doors
from adsim.kernels.model import Window
from adsim.kernels.random import make_luck
from adsim.kernels.trace import TRACE
from adsim.market.compile import KEYWORD_KEY, Market
from adsim.simulate.opening import OpenPlan

OUTCOMES = ("shown", "lost to rank", "lost to budget", "no own keyword", "lost to cap")


def trace_table(
    market: Market,
    opened: OpenPlan,
    seed: int,
    window: Window,
    begin: tuple[np.ndarray, np.ndarray, np.ndarray],
    auctions: int,
) -> pl.DataFrame:
    """The first `auctions` searches of replication 0 in order of time; see `Run.trace`.

    `begin` holds what persons have seen, uint16[persons, counters, 2], where they are if they live,
    int32[persons], and what creatives have brought before; all are written.
    """
    rows = np.zeros(auctions, TRACE)
    arrays = market.arrays._replace(share=market.arrays.share.copy())
    book = opened.book._replace(offers=opened.book.offers.copy())
    world = (arrays, market.people, opened.plan, book, opened.rates)
    rows = rows[: doors.trace_events(*world, make_luck(seed, 0), window, *begin, rows)]
    n_sides = len(market.sides.members)
    start = datetime.combine(market.scenario.scenario.start, datetime.min.time())
    hours = rows["day"] * 24 + rows["hour"] + rows["time"]
    keyword = np.append(market.arrays.links, 0)[rows["link"]]
    has_keyword = rows["link"] >= 0
    is_shown = rows["slot"] >= 0
    labels = market.keywords.select(KEYWORD_KEY)[keyword]
    organic = {"organic": rows["organic"].astype(bool)} if market.scenario.has_organic else {}
    return pl.DataFrame(
        {
            "time": [start + timedelta(hours=float(hour)) for hour in hours],
            "query": market.scenario.tables.queries["query"].gather(rows["cell"] // n_sides),
            "audience": pl.Series(market.sides.audiences).gather(rows["cell"] % n_sides),
            "person": _persons(market, rows["person"]),
            "device": pl.Series(market.sides.devices).gather(rows["cell"] % n_sides),
            **{name: labels[name] for name in KEYWORD_KEY},
            "outcome": pl.Series(OUTCOMES).gather(rows["outcome"]),
            "position": rows["slot"] + 1,
            "clicked": rows["clicked"].astype(bool),
            "charge": rows["charge"] / 1e6,
            "carted": rows["carted"].astype(bool),
            "ordered": rows["ordered"].astype(bool),
            **organic,
        }
    ).with_columns(
        *(pl.when(pl.Series(has_keyword)).then(name).alias(name) for name in KEYWORD_KEY),
        pl.when(pl.Series(is_shown)).then("position").alias("position"),
    )


def _persons(market: Market, numbers: np.ndarray) -> pl.Series:
    """Rows of the population of persons as the kernels number them; null where there are none."""
    if market.scenario.journey is not None:
        return pl.Series(numbers, dtype=pl.Int64)
    if market.scenario.population is None:
        return pl.Series([None] * len(numbers), dtype=pl.Int64)
    return pl.Series(persons_by_kind(market.scenario)[numbers])
