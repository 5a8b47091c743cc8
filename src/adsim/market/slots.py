"""What slots are worth, as arrays: rules of the auction, who reads on, what promotion adds.

See `kernels/views.py` for the model.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from adsim.errors import MarketError, Problem
from adsim.kernels import model
from adsim.money import to_micros
from adsim.scenario import Scenario
from adsim.scenario.auctions import Auction
from adsim.scenario.columns import QUERIES
from adsim.scenario.reading import SHOWN_AT_MOST, more_problems

TOLERANCE = 1e-9  # by which a chance may pass 1


def auction_rules(auction: Auction) -> model.Rules:
    reserve = auction.promoted_reserve
    return model.Rules(
        float(auction.reserve_score),
        float(auction.floor_price),
        float(auction.increment),
        to_micros(auction.charge_step),
        auction.promoted_slots,
        float(auction.reserve_score if reserve is None else reserve),
        float(auction.promotion) if auction.promoted_slots else 1.0,
    )


def examination(auction: Auction) -> np.ndarray:
    """float64[M], P(seen | slot) where no reader leaves: everybody reads on in a cascade."""
    if auction.examination is None:
        return np.ones(auction.slots)
    return np.array(auction.examination, np.float64)


def reader_columns(scenario: Scenario) -> dict[str, np.ndarray]:
    """Columns rival_ctr, leaves, leaves_promoted of `kernels.model.QUERY`, one value a query.

    A reader goes on after an ad with chance continuation x (1 - CTR x CVR): whoever buys stops.
    """
    queries, auction = scenario.tables.queries, scenario.auction
    ctr = queries["rival_ctr"].fill_null(queries["ctr"]).to_numpy()
    if auction.clicks == "slots":
        return {"rival_ctr": ctr}
    cvr = queries["rival_cvr"].fill_null(queries["cvr"]).to_numpy()
    goes_on = queries["continuation"].fill_null(auction.continuation).to_numpy()
    times = auction_rules(auction).promotion
    promoted = ctr * odds_factor(ctr, times)
    return {
        "rival_ctr": ctr,
        "leaves": 1.0 - goes_on * (1.0 - ctr * cvr),
        "leaves_promoted": 1.0 - goes_on * (1.0 - promoted * cvr),
    }


def odds_factor(p: np.ndarray, times: float) -> np.ndarray:
    """`kernels.views.odds_factor` of many chances."""
    p = np.minimum(1.0, p)
    return np.asarray(times / (p * times + 1.0 - p))


def check_promotion(
    scenario: Scenario,
    market: model.Market,
    plans: Sequence[model.PlanArrays],
    keywords: pl.DataFrame,
) -> None:
    """Raise MarketError where a click in a promoted slot would have a chance above 1.

    Crowds and devices multiply the promoted CTR, so that a view is the same for everybody.
    """
    if not market.rules.promoted_slots:
        return
    query = np.searchsorted(market.queries["end_link"], np.arange(market.links.size), "right")
    ctr = market.queries["ctr"][query] * market.keywords["ctr"][market.links]
    highest = ctr * market.sides["ctr"].max() * odds_factor(ctr, market.rules.promotion)
    highest *= np.max([_best_creatives(plan.rotation) for plan in plans], axis=0)[market.links]
    wrong = np.flatnonzero(highest > 1.0 + TOLERANCE)
    rule = "the chance of a click in a promoted slot must be at most 1 at the highest factors of "
    rule += "crowds, devices and creatives"
    cure = "lower ctr, relevance, these factors or auction.promotion"
    names = scenario.tables.queries["query"]
    problems = [
        Problem(
            QUERIES.file,
            rule,
            f"{names[int(query[i])]!r} with keyword "
            f"{keywords['keyword'][int(market.links[i])]!r} comes to {highest[i]:.3g}",
            cure,
        )
        for i in wrong[:SHOWN_AT_MOST]
    ]
    if problems:
        raise MarketError(*problems, *more_problems(QUERIES.file, rule, len(wrong), cure))


def _best_creatives(rotation: model.Rotation) -> np.ndarray:
    """float64[K]: the highest CTR factor of a keyword's creatives over that at the opening."""
    best = [
        rotation.creatives["ctr"][group["first"] : group["end"]].max() / group["ctr"]
        for group in rotation.groups
    ]
    return np.asarray(np.append(best, 1.0)[rotation.group])  # -1, no creatives, is the last
