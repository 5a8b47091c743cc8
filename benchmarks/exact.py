"""Mean charges the slow way: the explicit sum over the grid of charges, or scipy's quadrature."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from scipy import integrate, special

from adsim.kernels.model import GAMMA, LOGLOGISTIC, LOGNORMAL, TABLE, Market

MICRO = 1e-6
Survival = Callable[[np.ndarray | float], np.ndarray]


def mean_charges(market: Market, offers: np.ndarray) -> np.ndarray:
    """Mean charge of a click (money) of each offer that may enter, without named rivals."""
    return np.array([_mean_charge(market, offer) for offer in offers])


def _mean_charge(market: Market, offer: np.void) -> float:
    """E[charge]: the lowest charge plus the integral or sum of P(charge is more)."""
    rules = market.rules
    query = market.queries[offer["query"]]
    weight = float(market.keywords["weight"][offer["keyword"]])
    survival = _survival(market, query)
    bid = int(offer["bid"])
    level = float(query["rivals"] * survival(bid * MICRO * weight))

    def more_than(price: np.ndarray | float) -> np.ndarray:
        rank = (np.asarray(price) - rules.increment) * weight
        return -np.expm1(level - query["rivals"] * survival(rank))

    lowest = max(rules.floor, rules.reserve / weight + rules.increment)
    if rules.step == 0:
        low, high = min(lowest, bid * MICRO), bid * MICRO
        bends = _rows(market, query)[:, 1] / weight + rules.increment
        inside = bends[(bends > low) & (bends < high)]
        edges = [low, *inside, high]
        return low + sum(_integral(more_than, *pair) for pair in pairwise(edges))
    first = min(_round_half_up(lowest / MICRO, rules.step), bid // rules.step * rules.step)
    last = min(_round_half_up(bid, rules.step), bid // rules.step * rules.step)
    charges = np.arange(first + rules.step, last + 1, rules.step)
    return MICRO * (first + rules.step * more_than((charges - 0.5 * rules.step) * MICRO).sum())


def _integral(function: Survival, low: float, high: float) -> float:
    return integrate.quad(function, low, high, epsabs=1e-14, epsrel=1e-11, limit=500)[0]


def _rows(market: Market, query: np.void) -> np.ndarray:
    """Rows of the query's table of rivals: none where they are of another family."""
    if query["family"] != TABLE:
        return market.table[:0]
    return market.table[int(query["a"]) : int(query["b"])]


def _round_half_up(micros: float, step: int) -> int:
    return int(micros / step + 0.5 + 1e-9) * step


def _survival(market: Market, query: np.void) -> Survival:
    """P(ad rank of one rival > x) as a function of x."""
    a, b = float(query["a"]), float(query["b"])
    if query["family"] == LOGNORMAL:
        return lambda x: special.ndtr((a - np.log(x)) / b)
    if query["family"] == LOGLOGISTIC:
        return lambda x: 1.0 / (1.0 + (np.asarray(x) / a) ** b)
    if query["family"] == GAMMA:
        return lambda x: special.gammaincc(a, np.asarray(x) * b)
    rows = _rows(market, query)
    return lambda x: np.interp(x, rows[:, 1], rows[:, 0])
