"""Rivals as arrays: the landscape of every query, and the named rivals that its text reaches."""

from __future__ import annotations

import numpy as np
import polars as pl

from adsim.errors import MarketError, Problem
from adsim.kernels import model
from adsim.kernels.auction import ALMOST
from adsim.market.ids import stable_ids
from adsim.market.matching import match_queries
from adsim.market.text import Segmenter
from adsim.money import to_micros, to_micros_array
from adsim.scenario import Scenario
from adsim.scenario.columns import TABLE_PREFIX

MOST_NAMED = 200  # of a query; the kernels count slots in bytes
FAMILIES = {
    "lognormal": model.LOGNORMAL,
    "loglogistic": model.LOGLOGISTIC,
    "gamma": model.GAMMA,
}


def family_numbers(name: str, scale: float, shape: float) -> tuple[int, float, float]:
    """Family, a and b of `kernels.model.QUERY` of one smooth family."""
    family = FAMILIES[name]
    a = {model.LOGNORMAL: float(np.log(scale)), model.LOGLOGISTIC: scale}.get(family, shape)
    return family, a, shape / scale if family == model.GAMMA else shape


def landscape_columns(scenario: Scenario) -> dict[str, np.ndarray]:
    """Columns rivals, family, a, b of `kernels.model.QUERY`, one value a query."""
    queries = scenario.tables.queries
    names = queries["rival_family"].to_list()
    scale = queries["rival_scale"].to_numpy()
    shape = queries["rival_shape"].to_numpy()
    family = np.array([FAMILIES.get(name, model.TABLE) for name in names])
    a = np.select(
        [family == model.LOGNORMAL, family == model.LOGLOGISTIC], [np.log(scale), scale], shape
    )
    b = np.where(family == model.GAMMA, shape / scale, shape)
    tables = scenario.tables.rival_tables["name"]
    for name in {name for name in names if name.startswith(TABLE_PREFIX)}:
        rows = np.flatnonzero((tables == name.removeprefix(TABLE_PREFIX)).to_numpy())
        here = np.array([other == name for other in names])
        a[here], b[here] = rows[0], rows[-1] + 1
    return {"rivals": queries["rivals"].to_numpy(), "family": family, "a": a, "b": b}


def compile_tables(scenario: Scenario) -> np.ndarray:
    """float64[T, 2]: P(ad rank > x) and x, for all rival tables one after the other."""
    tables = scenario.tables.rival_tables
    return np.column_stack([1.0 - tables["probability"].to_numpy(), tables["ad_rank"].to_numpy()])


def compile_named(scenario: Scenario, segmenter: Segmenter) -> tuple[np.ndarray, np.ndarray]:
    """Named rivals of each query: of every rival its best keyword that may enter.

    Returns NAMED[..], sorted by query and then best ad rank first, and the bounds int64[Q + 1] of
    each query's rows.
    """
    rows = scenario.tables.rival_keywords.with_columns(
        campaign=pl.col("rival"), ad_group=pl.lit("")
    )
    queries = scenario.tables.queries["query"].to_list()
    number = {rival.name: i for i, rival in enumerate(scenario.rivals)}
    matches = match_queries(queries, rows, segmenter=segmenter) if len(rows) else None
    keyword = np.empty(0, np.int64) if matches is None else matches.keyword
    query = np.repeat(np.arange(len(queries)), np.diff(matches.start)) if matches else keyword
    auction = scenario.auction
    weight = rows["quality"].to_numpy() ** auction.quality_exponent
    standing = (
        pl.DataFrame(
            {
                "query": query,
                "rival": np.array([number[name] for name in rows["rival"]], np.int32)[keyword],
                "rank": (rows["bid"].to_numpy() * weight)[keyword],
                "price": rows["bid"].to_numpy()[keyword],
                "bid": to_micros_array(rows["bid"].to_numpy())[keyword],
                "weight": weight[keyword],
                "presence": rows["presence"].to_numpy()[keyword],
                "identity": _identities(rows)[keyword],
            }
        )
        .filter(
            (pl.col("rank") >= auction.reserve_score * ALMOST)
            & (pl.col("price") >= auction.floor_price)
            & (pl.col("presence") > 0)
        )
        .sort("query", -pl.col("rank"), "identity")
        .unique(["query", "rival"], keep="first", maintain_order=True)
    )
    per_query = np.bincount(standing["query"].to_numpy().astype(np.int64), minlength=len(queries))
    _check_crowding(queries, per_query)
    named = np.zeros(len(standing), model.NAMED)
    for column in named.dtype.names or ():
        named[column] = standing[column].to_numpy()
    return named, np.concatenate([[0], np.cumsum(per_query)])


def _check_crowding(queries: list[str], per_query: np.ndarray) -> None:
    crowded = np.flatnonzero(per_query > MOST_NAMED)
    if crowded.size:
        rule = f"a query must be reached by at most {MOST_NAMED} named rivals"
        cure = "declare the weaker ones as landscape rivals (rivals in queries.csv)"
        found = [f"{queries[i]!r} is by {per_query[i]}" for i in crowded]
        raise MarketError(*(Problem("rivals.csv", rule, text, cure) for text in found))


def rival_budgets(scenario: Scenario) -> np.ndarray:
    """int64[R], micros a day."""
    budgets = [rival.daily_budget for rival in scenario.rivals]
    return np.array([model.NO_BUDGET if b is None else to_micros(b) for b in budgets], np.int64)


def _identities(rows: pl.DataFrame) -> np.ndarray:
    columns = [rows[name].to_list() for name in ("rival", "keyword", "match_type")]
    return stable_ids(["rival"] * len(rows), *columns)
