"""The arrays that cross the border into the kernels.

Things of one kind are rows of one record array, so that a kernel takes a handful of arrays; it
reads a column as `queries.ctr` once, before its loops (an index into a record inside a loop would
copy the record).

Axes: Q queries, K own keywords, N links (query, keyword), C campaigns, P products, G query groups,
R named rivals, A audience cells, D devices, B hour blocks (hours of a week in which every campaign
has the same coefficient), M slots. A *cell* is (query, side); a *side* is (audience cell, device),
S = A * D. V ways in which a query's searches divide among sides: one, but for journeys.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

LOGNORMAL, LOGLOGISTIC, GAMMA, TABLE = 0, 1, 2, 3

HOURS_A_DAY = 24
NO_BUDGET = np.int64(2**62)
NO_CAP = np.int64(2**62)

QUERY = np.dtype(
    [
        ("searches", "f8"),  # mean a day
        ("group", "i8"),  # query group
        ("ctr", "f8"),  # P(click | examined) where all factors are 1
        ("cvr", "f8"),  # P(order | click) where all factors are 1
        ("rivals", "f8"),  # mean number of landscape rivals
        ("family", "i8"),  # of one rival's ad rank: LOGNORMAL .. TABLE
        ("a", "f8"),  # log median; scale; k; first row of the table
        ("b", "f8"),  # sigma; shape; k / mean; end row of the table
        ("first_link", "i8"),
        ("end_link", "i8"),
        ("first_named", "i8"),
        ("end_named", "i8"),
        ("organic", "f8"),  # P(order without a click on our ad | search) where factors are 1
        ("organic_product", "i8"),
        ("searchers", "i8"),  # row of `Market.share`: how its searches divide among sides
        ("rival_ctr", "f8"),  # P(click | examined) of a rival's ad
        ("leaves", "f8"),  # P(a reader goes no farther than a rival's ad)
        ("leaves_promoted", "f8"),  # the same of one in a promoted slot
    ]
)
SIDE = np.dtype(
    [
        ("ctr", "f8"),  # factor
        ("cvr", "f8"),  # factor
        ("organic", "f8"),  # factor of organic orders, that of the CVR included
        ("value", "f8"),  # factor of what an order brings and its goods cost
    ]
)
STOCK = np.dtype(
    [
        ("start", "i8"),  # persons before any burn-in
        ("searches", "f8"),  # factor of a person's searches
        ("cell", "i8"),  # audience cell
        ("identity", "u8"),
    ]
)
PLACE = np.dtype(
    [
        ("state", "i8"),
        ("next", "i8"),  # place after a midnight at which nothing else happens
    ]
)
KEYWORD = np.dtype(
    [
        ("weight", "f8"),  # quality ** s
        ("ctr", "f8"),  # relevance x creative x that of its ad group's creatives at the opening
        ("campaign", "i8"),
        ("product", "i8"),
        ("identity", "u8"),
        ("cvr", "f8"),  # of its ad group's creatives at the opening
    ]
)
PRODUCT = np.dtype(
    [
        ("cvr", "f8"),  # factor
        ("cart_rate", "f8"),  # P(cart | click)
    ]
)
ORDER = np.dtype([("price", "i8"), ("unit_cost", "i8")])  # micros
NAMED = np.dtype(
    [
        ("rival", "i8"),
        ("rank", "f8"),  # ad rank
        ("bid", "i8"),  # micros
        ("weight", "f8"),  # quality ** s
        ("presence", "f8"),  # P(takes part in a search)
        ("identity", "u8"),
    ]
)
OFFER = np.dtype(
    [
        ("query", "i8"),
        ("link", "i8"),
        ("keyword", "i8"),
        ("campaign", "i8"),
        ("product", "i8"),
        ("bid", "i8"),  # effective, micros
        ("enters", "?"),  # meets reserve score and floor price
        ("rank", "f8"),  # ad rank
        ("level", "f8"),  # landscape rivals above it, L(rank)
        ("shown", "f8"),  # P(shown)
        ("view_row", "i8"),  # row of `Book.views`
        ("examined", "f8"),  # sum of P(slot) x view
        ("promoted", "f8"),  # share of its clicks that come from promoted slots
        ("charge", "f8"),  # mean charge in money; nan where not asked for
        ("cap", "i8"),  # highest charge, micros
        ("least", "i8"),  # least charge in a promoted slot, micros; 0 where it stands in none
        ("lowest", "i8"),  # charge without a next ad, micros; -1: invert charges directly
        ("first_price", "i8"),  # where its link's charge table begins
        ("prices", "i8"),  # number of its rows
        ("ctr", "f8"),  # query x keyword
        ("cvr", "f8"),  # query x product
        ("cart_rate", "f8"),
    ],
    align=True,
)

KIND = np.dtype(
    [
        ("cell", "i8"),
        ("first", "i8"),  # number of its first person
        ("persons", "i8"),
        ("chance", "f8"),  # P(a search of the cell is made by this person), for each of them
        ("before", "f8"),  # P(it is made by somebody of an earlier kind of the cell)
    ]
)

EQUAL, OPTIMIZED, ONLY, TURNS, TEST = 0, 1, 2, 3, 4  # how creatives share impressions
FOR_CLICKS, FOR_ORDERS, FOR_PROFIT = 0, 1, 2  # what makes one the best
ROTATED = np.dtype(
    [
        ("first", "i8"),  # its creatives
        ("end", "i8"),
        ("how", "i8"),  # EQUAL .. TEST
        ("goal", "i8"),  # FOR_CLICKS .. FOR_PROFIT
        ("only", "i8"),  # the creative that has all, counted from the first
        ("impressions", "i8"),  # of every creative that end a test; 0 = no such end
        ("days", "i8"),  # of a turn, or from the scenario's start to a test's end; 0 = no such end
        ("ctr", "f8"),  # mean CTR factor at the opening
        ("cvr", "f8"),  # mean CVR factor of its clicks at the opening
    ]
)
CREATIVE = np.dtype(
    [
        ("ctr", "f8"),  # factor
        ("cvr", "f8"),  # factor
        ("wear", "f8"),  # share of its CTR that every 1,000 impressions take
        ("floor", "f8"),  # least factor that wear leaves
        ("identity", "u8"),
    ]
)


class Rules(NamedTuple):
    """What makes a charge; numbers only, so that passing it costs nothing."""

    reserve: float  # reserve score, in units of ad rank
    floor: float  # least charge per click, money
    increment: float  # money added to the price of the next ad rank
    step: int  # charges are multiples of this, micros; 0 = to the micro
    promoted_slots: int = 0  # slots 0 .. promoted_slots - 1 may be promoted
    promoted_reserve: float = 0.0  # ad rank from which on an ad there is
    promotion: float = 1.0  # factor on the odds of a click there


class Field(NamedTuple):
    """One query's landscape rivals of a smooth family; numbers only."""

    mean: float
    family: int
    a: float
    b: float


class Market(NamedTuple):
    """A compiled scenario."""

    rules: Rules
    examination: np.ndarray  # float64[M], P(seen | slot) where no reader leaves; see `views.py`
    queries: np.ndarray  # QUERY[Q]
    sides: np.ndarray  # SIDE[S]
    share: np.ndarray  # float64[V, S], of a mean day's searches; a history's own where persons live
    keywords: np.ndarray  # KEYWORD[K]
    products: np.ndarray  # PRODUCT[P]
    order_money: np.ndarray  # ORDER[P, S], what an order brings and its goods cost
    links: np.ndarray  # int64[N], keyword of a link; sorted by query
    named: np.ndarray  # NAMED[..], sorted by query, then best ad rank first
    table: np.ndarray  # float64[T, 2], rival tables: P(ad rank > x) falling from 1 to 0, and x
    hour_factor: np.ndarray  # float64[days, 24], share of a mean day's searches
    cell_identity: np.ndarray  # uint64[Q, S]
    group_identity: np.ndarray  # uint64[G]
    shock_shape: float  # 1 / shock_cv**2, 0 = no shock
    weekday: int  # of day 0, Monday = 0


class People(NamedTuple):
    """N persons who live (see `people.py`): K kinds in P places of n states; empty where none do.

    Single persons are numbered as they are declared, so that crowds change nobody's number.
    """

    stocks: np.ndarray  # STOCK[K * P], kind by kind
    at: np.ndarray  # int32[N], the stock of each person before any burn-in
    places: np.ndarray  # PLACE[P]
    first: np.ndarray  # int64[n], the place that one comes to in a state
    moves: np.ndarray  # float64[5, n, n], P(to | cause, from); causes ORDER .. DAILY
    cell: np.ndarray  # int64[S], audience cell of a side
    reach: np.ndarray  # float64[V, S], share of searches a unit of persons x searches of its cell
    burn_in: int  # midnights before day 0


class Exposure(NamedTuple):
    """Who searches, and which campaigns count how often a person sees them; see `exposure.py`.

    A audience cells of persons, n counters; arrays are empty without persons or counters.
    """

    cell: np.ndarray  # int64[S], the cell of a side
    first_kind: np.ndarray  # int64[A + 1], the kinds of a cell
    kinds: np.ndarray  # KIND[..], sorted by cell
    counter: np.ndarray  # int64[C], the counter of a campaign, -1 = none
    cap: np.ndarray  # int64[n], NO_CAP = none
    days: np.ndarray  # int64[n], days of a period
    tired: np.ndarray  # float64[n, T], CTR factor by impressions EVER; the last holds for more


class Rotation(NamedTuple):
    """Ad groups with creatives and how those share impressions; see `rotating.py`."""

    group: np.ndarray  # int64[K], the ad group of a keyword among them, -1 = none
    groups: np.ndarray  # ROTATED[n]
    creatives: np.ndarray  # CREATIVE[m], sorted by ad group


class PlanArrays(NamedTuple):
    """A compiled plan."""

    bid: np.ndarray  # int64[K], micros; 0 = not in the auction
    coefficient: np.ndarray  # float64[C, S, B], effective bid / bid
    block: np.ndarray  # int64[168], hour block of an hour of the week, Monday 0 h first
    budget: np.ndarray  # int64[C + 1], micros a day, the account's last; NO_BUDGET = unlimited
    standard: np.ndarray  # bool[C], delivery is "standard"
    rival_budget: np.ndarray  # int64[R], the named rivals' budgets, micros a day
    exposure: Exposure
    rotation: Rotation


class Book(NamedTuple):
    """What a plan brings to every auction; see `book.py`."""

    row_start: np.ndarray  # int64[B * Q * S + 1]
    entry: np.ndarray  # int64[..], offers of a row, best first
    offers: np.ndarray  # OFFER[O]
    chance: np.ndarray  # float64[O, M], P(slot)
    views: np.ndarray  # float64[O or 1, M], P(click | slot) / CTR; see `views.py`
    below: np.ndarray  # float64[T], charge tables: P(best landscape rival is charged less), rising
    guide: np.ndarray  # int32[GUIDE * T], where in a table to look; see `charges.py`


class Groups(NamedTuple):
    """Where a search is tallied: the sum of one number of every array is its row."""

    link: np.ndarray  # int64[N]
    none: np.ndarray  # int64[Q], searches without an eligible own keyword
    side: np.ndarray  # int64[S]
    day: np.ndarray  # int64[days]
    hour: np.ndarray  # int64[24]


class Window(NamedTuple):
    """The days of a run, first <= day < last, counted from the scenario's start."""

    first: int
    last: int
