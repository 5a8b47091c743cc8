"""The least bid at which an ad is shown often enough, where no other own ad stands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adsim.kernels import doors
from adsim.kernels.model import OFFER, Market, PlanArrays
from adsim.results.tables import Floats

HIGHEST = 10**12  # micros


@dataclass(frozen=True)
class Standing:
    """One keyword alone in its market, over weight float64[B] mean days of every hour block."""

    market: Market
    plan: PlanArrays
    weight: Floats
    keyword: int

    def share(self, bid: int) -> float:
        """Impressions / eligible searches at a bid (micros), budgets aside; 1 without searches."""
        market = self.market
        links = np.flatnonzero(market.links == self.keyword)
        queries = np.searchsorted(market.queries["end_link"], links, side="right")
        campaign = market.keywords["campaign"][self.keyword]
        factors, place = np.unique(self.plan.coefficient[campaign], return_inverse=True)
        parts = market.share[:, :, None] * self.weight
        searches = np.array([np.bincount(place.ravel(), part.ravel()) for part in parts])
        searches = (searches * (factors > 0))[market.queries["searchers"][queries]]
        weights = market.queries["searches"][queries][:, None] * searches
        offers = np.zeros(weights.size, OFFER)
        offers["query"] = np.repeat(queries, len(factors))
        offers["keyword"] = self.keyword
        effective = np.floor(bid * factors + 0.5).astype(np.int64)
        offers["bid"] = np.tile(effective, len(queries))
        chance = np.zeros((offers.size, market.examination.size))
        view = np.empty_like(chance)
        doors.value_plan_offers(market, offers, chance, view, 0, offers.size, False)
        eligible = weights.sum()
        return float(offers["shown"] @ weights.ravel() / eligible) if eligible > 0 else 1.0

    def least_bid(self, share: float, most: int, step: int) -> int | None:
        """The least multiple of the step, at most `most`, with this share; None if there is none.

        The share rises with the bid.
        """
        high = min(most, HIGHEST) // step
        if self.share(high * step) < share:
            return None
        low = 0
        while low + 1 < high:
            middle = (low + high) // 2
            if self.share(middle * step) < share:
                low = middle
            else:
                high = middle
        return high * step
