"""What a click is worth on the mean: of a link, of a keyword, on a side."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from adsim.kernels.choices import Choice
from adsim.kernels.model import Market
from adsim.optimize.aims.goals import Goal
from adsim.optimize.aims.losses import link_query, organic_losses
from adsim.results.tables import Floats

TINY = 1e-300


def link_worths(market: Market, choice: Choice) -> tuple[Floats, Floats]:
    """Clicks a day where every search is examined, and the worth of one, of every link."""
    product = _product(market)
    first = choice.order_worth[product, 0]
    clicks, orders, more = np.zeros((3, market.links.size))
    losses = organic_losses(market, choice.organic_worth).T
    sides = zip(_sides(market), choice.order_worth.T, losses, strict=True)
    for (of_side, orders_a_click), worth, lost in sides:
        ordered = of_side * orders_a_click
        clicks += of_side
        orders += ordered
        more += ordered * (worth[product] - first) - of_side * lost
    orders /= np.maximum(clicks, TINY)
    more /= np.maximum(clicks, TINY)
    worth = choice.click_worth + first * orders + more
    return clicks * market.queries["searches"][link_query(market)], worth


def keyword_click_worths(market: Market, choice: Choice) -> Floats:
    """Mean worth of an examined search's click of every keyword, at least 0: float64[K]."""
    clicks, worth = link_worths(market, choice)
    clicks = np.maximum(clicks, TINY)
    size = market.keywords.size
    total = np.bincount(market.links, clicks * worth, size)
    return np.maximum(0.0, total / np.maximum(np.bincount(market.links, clicks, size), TINY))


def side_click_worths(market: Market, choice: Choice) -> tuple[Floats, Floats]:
    """Clicks a day where all searches are examined, and the mean worth of one, by side.

    float64[S] each, over the keywords that are not paused today.
    """
    searches = market.queries["searches"][link_query(market)] * (choice.today[market.links] > 0)
    product = _product(market)
    clicks, worth = [], []
    losses = organic_losses(market, choice.organic_worth).T
    sides = zip(_sides(market), choice.order_worth.T, losses, strict=True)
    for (of_side, orders), order_worth, lost in sides:
        counted = searches * of_side
        clicks.append(float(counted.sum()))
        brought = order_worth[product] * orders - lost
        of_orders = float(counted @ brought) / max(clicks[-1], TINY)
        worth.append(choice.click_worth + of_orders)
    return np.array(clicks), np.array(worth)


def cell_worths(market: Market, goal: Goal) -> tuple[Floats, Floats]:
    """Clicks a day where every search is examined, and the worth of one: float64[N, S] each."""
    money, product = market.order_money, _product(market)
    sides = list(_sides(market))
    clicks = np.stack([of_side for of_side, _ in sides], axis=1)
    orders = np.stack([of_click for _, of_click in sides], axis=1)
    worth = goal.click + orders * goal.order_worth(money)[product]
    worth -= organic_losses(market, goal.organic_worth(money))
    return clicks * market.queries["searches"][link_query(market), None], worth


def _sides(market: Market) -> Iterator[tuple[Floats, Floats]]:
    """Of every side: clicks an examined search of its query, and orders a click, by link."""
    query = link_query(market)
    cvr = market.queries["cvr"][query] * market.products["cvr"][_product(market)]
    ctr = market.queries["ctr"][query] * market.keywords["ctr"][market.links]
    shares = market.share[market.queries["searchers"][query]].T
    for side, share in zip(market.sides, shares, strict=True):
        clicks = share * np.minimum(1.0, ctr * side["ctr"])
        yield clicks, np.minimum(1.0, cvr * side["cvr"])


def _product(market: Market) -> np.ndarray:
    return np.asarray(market.keywords["product"][market.links])
