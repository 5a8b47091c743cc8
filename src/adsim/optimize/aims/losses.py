"""What clicks take: organic orders that their searches would have brought without them."""

from __future__ import annotations

import numpy as np

from adsim.kernels.model import Market
from adsim.results.tables import Floats


def organic_losses(market: Market, organic_worth: Floats) -> Floats:
    """What a click takes of organic orders, each worth float64[P, S]: float64[N, S] by link."""
    queries = market.queries[link_query(market)]
    chance = np.minimum(1.0, queries["organic"][:, None] * market.sides["organic"])
    return np.asarray(chance * organic_worth[queries["organic_product"]])


def link_query(market: Market) -> np.ndarray:
    """The query of every link, int64[N]."""
    counts = market.queries["end_link"] - market.queries["first_link"]
    return np.repeat(np.arange(market.queries.size), counts)
