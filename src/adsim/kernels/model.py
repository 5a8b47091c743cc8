"""The arrays that cross the border into the kernels, as named tuples.

Axes: Q queries, K own keywords, N links (query, keyword), C campaigns, P products, G query groups,
R named rivals, A audience cells, D devices, B hour blocks (hours of a week in which every campaign
has the same coefficient), M slots. A *cell* is (query, audience cell, device); its number within
a query is `side = audience * D + device`, of S = A * D.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

LOGNORMAL, LOGLOGISTIC, GAMMA, TABLE = 0, 1, 2, 3

HOURS_A_WEEK = 168


class Rules(NamedTuple):
    """What makes a charge; numbers only, so that passing it costs nothing."""

    reserve: float  # reserve score, in units of ad rank
    floor: float  # least charge per click, money
    increment: float  # money added to the price of the next ad rank
    step: int  # charges are multiples of this, micros; 0 = to the micro


class Auction(NamedTuple):
    """What every auction has in common."""

    examination: np.ndarray  # float64[M], P(seen | slot)
    rules: Rules


class Landscape(NamedTuple):
    """The landscape rivals of every query: a Poisson process of ad ranks."""

    mean: np.ndarray  # float64[Q], mean number of rivals
    family: np.ndarray  # int8[Q], LOGNORMAL .. TABLE
    a: np.ndarray  # float64[Q]: log median; scale; k; first row in the tables
    b: np.ndarray  # float64[Q]: sigma; shape; k / mean; end row in the tables
    table_tail: np.ndarray  # float64[T], P(ad rank > table_rank), falling from 1 to 0
    table_rank: np.ndarray  # float64[T], not falling


class Field(NamedTuple):
    """One query's landscape rivals of a smooth family; numbers only."""

    mean: float
    family: int
    a: float
    b: float


class Named(NamedTuple):
    """Named rivals as they stand in each query, best ad rank first."""

    start: np.ndarray  # int64[Q + 1]
    rival: np.ndarray  # int32[..], index of the rival
    rank: np.ndarray  # float64[..], ad rank
    bid: np.ndarray  # int64[..], micros
    weight: np.ndarray  # float64[..], quality ** s
    presence: np.ndarray  # float64[..], chance to take part in a search
    identity: np.ndarray  # uint64[..], stable id of (rival, keyword, match type)
    budget: np.ndarray  # int64[R], micros a day, NO_BUDGET where unlimited


class Demand(NamedTuple):
    """Who searches, and when."""

    searches: np.ndarray  # float64[Q], mean a day
    side_share: np.ndarray  # float64[S], share of searches of an (audience cell, device)
    hour_factor: np.ndarray  # float64[days, 24], share of a mean day's searches
    cell_identity: np.ndarray  # uint64[Q, S]
    group: np.ndarray  # int32[Q], query group of a query
    group_identity: np.ndarray  # uint64[G]
    shock_shape: float  # 1 / shock_cv**2, 0 = no shock


class Response(NamedTuple):
    """What searchers do with ads."""

    ctr: np.ndarray  # float64[Q], P(click | examined) where all factors are 1
    cvr: np.ndarray  # float64[Q], P(order | click) where all factors are 1
    side_ctr: np.ndarray  # float64[S], factors of crowds and device
    side_cvr: np.ndarray  # float64[S]
    product_cvr: np.ndarray  # float64[P]
    cart_rate: np.ndarray  # float64[P], P(cart | click)
    price: np.ndarray  # int64[P], micros
    unit_cost: np.ndarray  # int64[P], micros


class Account(NamedTuple):
    """The own keywords and where they match; what no plan in the comparison changes."""

    link_start: np.ndarray  # int64[Q + 1]
    link_keyword: np.ndarray  # int32[N]
    weight: np.ndarray  # float64[K], quality ** s
    ctr: np.ndarray  # float64[K], relevance x creative
    campaign: np.ndarray  # int32[K]
    product: np.ndarray  # int32[K]
    identity: np.ndarray  # uint64[K]
    campaign_identity: np.ndarray  # uint64[C]


class Market(NamedTuple):
    """A compiled scenario."""

    auction: Auction
    landscape: Landscape
    named: Named
    demand: Demand
    response: Response
    account: Account


class PlanArrays(NamedTuple):
    """A compiled plan."""

    bid: np.ndarray  # int64[K], micros; 0 = not in the auction
    coefficient: np.ndarray  # float64[C, S, B], effective bid / bid
    block: np.ndarray  # int32[168], hour block of an hour of the week, Monday 0 h first
    budget: np.ndarray  # int64[C], micros a day, NO_BUDGET where unlimited
    standard: np.ndarray  # bool[C], delivery is "standard"
    account_budget: int  # micros a day, NO_BUDGET where unlimited


class Groups(NamedTuple):
    """Where a search is tallied: the sum of one number of every array is its row."""

    link: np.ndarray  # int64[N]
    none: np.ndarray  # int64[Q], searches without an eligible own keyword
    side: np.ndarray  # int64[S]
    day: np.ndarray  # int64[days]
    hour: np.ndarray  # int64[24]


class Window(NamedTuple):
    """The days of a run: first <= day < last, counted from the scenario's start."""

    first: int
    last: int
    weekday: int  # of day 0, Monday = 0


NO_BUDGET = np.int64(2**62)
