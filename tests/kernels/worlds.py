"""Markets for the kernels, made by hand; and what tests need to run without compilation too."""

from __future__ import annotations

from collections.abc import Sequence

import numba
import numpy as np
import pytest

from adsim.kernels import model
from tests.kernels.naive import Auction, Rivals

JIT = not numba.config.DISABLE_JIT
needs_jit = pytest.mark.skipif(not JIT, reason="takes too long without compilation")

FAMILIES = {"lognormal": model.LOGNORMAL, "loglogistic": model.LOGLOGISTIC, "gamma": model.GAMMA}


def records(rows: Sequence[tuple[object, ...]], dtype: np.dtype) -> np.ndarray:
    """A record array whose columns Python can read as the compiled kernels do."""
    array = np.array(rows, dtype)
    return array if JIT else array.view(np.recarray)


def field_of(rivals: Rivals) -> model.Field:
    if rivals.family == "table":
        return model.Field(rivals.mean, model.TABLE, 0.0, float(len(rivals.table)))
    a, b = {
        "lognormal": (np.log(rivals.scale), rivals.shape),
        "loglogistic": (rivals.scale, rivals.shape),
        "gamma": (rivals.shape, rivals.shape / rivals.scale),
    }[rivals.family]
    return model.Field(rivals.mean, FAMILIES[rivals.family], float(a), float(b))


def table_of(rivals: Rivals) -> np.ndarray:
    return np.array([(1.0 - p, rank) for p, rank in rivals.table]).reshape(-1, 2)


def market_of(auction: Auction, weights: Sequence[float] = (1.0,)) -> model.Market:
    """One query that every keyword reaches, one campaign, one product, one side."""
    field = field_of(auction.rivals)
    ranked = sorted(auction.named, reverse=True)
    n = len(weights)
    row = (1000.0, 0, 0.1, 0.1, *field, 0, n, 0, len(ranked), 0.0, 0, 0, 0.1, 0.0, 0.0)
    named = [(i, rank, 1, 1.0, p, i) for i, (rank, p) in enumerate(ranked)]
    rules = model.Rules(
        auction.reserve, auction.floor, auction.increment, round(auction.step * 1e6)
    )
    return model.Market(
        rules=rules,
        examination=np.array(auction.examination),
        queries=records([row], model.QUERY),
        sides=records([(1.0, 1.0, 1.0, 1.0)], model.SIDE),
        share=np.ones((1, 1)),
        keywords=records([(w, 1.0, 0, 0, i, 1.0) for i, w in enumerate(weights)], model.KEYWORD),
        products=records([(1.0, 0.0)], model.PRODUCT),
        order_money=records([(50_000_000, 20_000_000)], model.ORDER).reshape(1, 1),
        links=np.arange(n),
        named=records(named, model.NAMED),
        table=table_of(auction.rivals),
        hour_factor=np.full((1, 24), 1 / 24),
        cell_identity=np.ones((1, 1), np.uint64),
        group_identity=np.ones(1, np.uint64),
        shock_shape=0.0,
        weekday=0,
    )
