"""What a bid brings in the auction of a search medium: shares of searches and the cost of a click.

Either by the closed forms of the landscape that `kernels.landscape` and `kernels.auction` hold, or
by a linear band.
"""

from __future__ import annotations

import numpy as np

from adsim.kernels import doors, model
from adsim.market.rivals import family_numbers
from adsim.money import to_micros, to_micros_array
from adsim.scenario.media.models import Band, Rivals, Search

Terms = tuple[np.ndarray, np.ndarray, np.ndarray]


def click_terms(search: Search, bids: np.ndarray) -> Terms:
    """P(ad shown | search), P(ad examined | search), mean charge of a click in micros, by bid."""
    distinct, place = np.unique(bids, return_inverse=True)
    if search.band is not None:
        found = _band_terms(search.band, distinct)
    else:
        assert search.auction is not None  # one of the two is declared
        found = _landscape_terms(search.auction, distinct)
    shown, examined, charge = (column[place] for column in found)
    return shown, examined, charge


def _band_terms(band: Band, bids: np.ndarray) -> Terms:
    if band.high == band.low:
        voice = (bids >= band.low).astype(np.float64)
    else:
        voice = np.clip((bids - band.low) / (band.high - band.low), 0.0, 1.0)
    return voice, voice, np.clip(bids, band.low, band.high) * 1e6


def _landscape_terms(auction: Rivals, bids: np.ndarray) -> Terms:
    market = _market(auction)
    offers = np.zeros(bids.size, model.OFFER)
    offers["bid"] = to_micros_array(bids)
    chance = np.zeros((bids.size, auction.slots))
    view = np.empty_like(chance)
    doors.value_plan_offers(market, offers, chance, view, 0, bids.size, True)
    charge = np.where(offers["enters"], offers["charge"], 0.0) * 1e6
    return offers["shown"].copy(), offers["examined"].copy(), charge


def _market(auction: Rivals) -> model.Market:
    """A market of one query and one own keyword."""
    family, a, b = family_numbers(auction.rival_family, auction.rival_scale, auction.rival_shape)
    queries = np.zeros(1, model.QUERY)
    queries["rivals"], queries["family"] = auction.rivals, family
    queries["a"], queries["b"] = a, b
    keywords = np.zeros(1, model.KEYWORD)
    keywords["weight"] = auction.quality**auction.quality_exponent
    keywords["cvr"] = 1.0
    rules = model.Rules(
        auction.reserve_score,
        auction.floor_price,
        auction.increment,
        to_micros(auction.charge_step),
    )
    nothing = np.zeros(0, np.int64)
    return model.Market(
        rules=rules,
        examination=np.array(auction.examination),
        queries=queries,
        sides=np.zeros(1, model.SIDE),
        share=np.zeros((1, 1)),
        keywords=keywords,
        products=np.zeros(1, model.PRODUCT),
        order_money=np.zeros((1, 1), model.ORDER),
        links=nothing,
        named=np.zeros(0, model.NAMED),
        table=np.zeros((0, 2)),
        hour_factor=np.zeros((1, 24)),
        cell_identity=np.zeros((1, 1), np.uint64),
        group_identity=np.zeros(1, np.uint64),
        shock_shape=0.0,
        weekday=0,
    )
