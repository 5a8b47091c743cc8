"""Rivals as arrays: the landscape of every query, and the named rivals that its text reaches."""

from __future__ import annotations

import numpy as np
import polars as pl

from adsim.kernels import model
from adsim.market.ids import stable_ids
from adsim.market.matching import match_queries
from adsim.money import to_micros, to_micros_array
from adsim.scenario import Scenario
from adsim.scenario.columns import TABLE_PREFIX

FAMILIES = {
    "lognormal": model.LOGNORMAL,
    "loglogistic": model.LOGLOGISTIC,
    "gamma": model.GAMMA,
}


def compile_landscape(scenario: Scenario) -> model.Landscape:
    """The four families with the parameters that `kernels.landscape` takes."""
    queries = scenario.tables.queries
    names = queries["rival_family"].to_list()
    scale = queries["rival_scale"].to_numpy()
    shape = queries["rival_shape"].to_numpy()
    family = np.array([FAMILIES.get(name, model.TABLE) for name in names], np.int8)
    a = np.select(
        [family == model.LOGNORMAL, family == model.LOGLOGISTIC], [np.log(scale), scale], shape
    ).astype(np.float64)
    b = np.where(family == model.GAMMA, shape / scale, shape).astype(np.float64)
    tables = scenario.tables.rival_tables
    for name in {name for name in names if name.startswith(TABLE_PREFIX)}:
        rows = np.flatnonzero((tables["name"] == name.removeprefix(TABLE_PREFIX)).to_numpy())
        here = np.array([other == name for other in names])
        a[here], b[here] = rows[0], rows[-1] + 1
    return model.Landscape(
        mean=queries["rivals"].to_numpy().astype(np.float64),
        family=family,
        a=a,
        b=b,
        table_tail=1.0 - tables["probability"].to_numpy().astype(np.float64),
        table_rank=tables["ad_rank"].to_numpy().astype(np.float64),
    )


def compile_named(scenario: Scenario) -> model.Named:
    """Named rivals of each query: of every rival its best keyword that may enter."""
    rows = scenario.tables.rival_keywords.with_columns(
        campaign=pl.col("rival"), ad_group=pl.lit("")
    )
    queries = scenario.tables.queries["query"].to_list()
    budget = [_micros(rival.daily_budget) for rival in scenario.rivals]
    number = {rival.name: i for i, rival in enumerate(scenario.rivals)}
    matches = match_queries(queries, rows) if len(rows) else None
    keyword = np.empty(0, np.int64) if matches is None else matches.keyword
    query = np.repeat(np.arange(len(queries)), np.diff(matches.start)) if matches else keyword
    auction = scenario.auction
    weight = rows["quality"].to_numpy() ** auction.quality_exponent
    standing = (
        pl.DataFrame({
            "query": query,
            "rival": np.array([number[name] for name in rows["rival"]], np.int32)[keyword],
            "rank": (rows["bid"].to_numpy() * weight)[keyword],
            "price": rows["bid"].to_numpy()[keyword],
            "bid": to_micros_array(rows["bid"].to_numpy())[keyword],
            "weight": weight[keyword],
            "presence": rows["presence"].to_numpy()[keyword],
            "identity": _identities(rows)[keyword],
        })
        .filter(
            (pl.col("rank") >= auction.reserve_score)
            & (pl.col("price") >= auction.floor_price)
            & (pl.col("presence") > 0)
        )
        .sort("query", -pl.col("rank"), "identity")
        .unique(["query", "rival"], keep="first", maintain_order=True)
    )
    per_query = np.bincount(standing["query"].to_numpy().astype(np.int64), minlength=len(queries))
    return model.Named(
        start=np.concatenate([[0], np.cumsum(per_query)]).astype(np.int64),
        rival=standing["rival"].to_numpy().astype(np.int32),
        rank=standing["rank"].to_numpy().astype(np.float64),
        bid=standing["bid"].to_numpy().astype(np.int64),
        weight=standing["weight"].to_numpy().astype(np.float64),
        presence=standing["presence"].to_numpy().astype(np.float64),
        identity=standing["identity"].to_numpy().astype(np.uint64),
        budget=np.array(budget, np.int64),
    )


def _micros(money: float | None) -> int:
    return int(model.NO_BUDGET) if money is None else to_micros(money)


def _identities(rows: pl.DataFrame) -> np.ndarray:
    columns = [rows[name].to_list() for name in ("rival", "keyword", "match_type")]
    return stable_ids(["rival"] * len(rows), *columns)
