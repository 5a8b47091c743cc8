"""Who plays for an advertiser: what it is told every morning, what it answers, declared strategies.

An agent is a function `agent(day, report)` that returns `Bids`, a mapping of bids, or None to leave
all as it is. A class is made anew for each game (without arguments): its objects may remember.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

import numpy as np

from adsim.scenario.game.models import Advertiser, Game, Strategy

GENERIC = "generic"


@dataclass(frozen=True)
class Setup:
    """What an advertiser knows of a game from its start.

    Attributes:
        game: As declared.
        number: Number of the game.
        name: Own name.
        queries: Names of the queries, as ``F2 pg tv``, the order of all arrays of a report.
        classes: Class of each query.
        maker, component: Own specialties, None without one.
        capacity: Own capacity, None without limit.
        squashing, promoted: chi and the number of promoted slots.
    """

    game: Game
    number: int
    name: str
    queries: tuple[str, ...]
    classes: tuple[str, ...]
    maker: str | None
    component: str | None
    capacity: int | None
    squashing: float
    promoted: int

    @property
    def own_product(self) -> str | None:
        """The product of both specialties, as ``pg tv``; None without both."""
        both = self.maker is not None and self.component is not None
        return f"{self.maker} {self.component}" if both else None


@dataclass(frozen=True)
class Report:
    """What an advertiser knows in the morning: its own figures of the last day that is known.

    Attributes:
        setup: What it knows from the start.
        day: The day of the figures, counted from 0; below 0 where none is known yet.
        impressions, clicks, orders: int64[Q].
        cost, revenue: float64[Q], currency units.
        position: float64[Q], mean slot over impressions, 1 = top; NaN without any.
        sold: Orders of the last days, as many as the window has, up to that day.
    """

    setup: Setup
    day: int
    impressions: np.ndarray
    clicks: np.ndarray
    orders: np.ndarray
    cost: np.ndarray
    revenue: np.ndarray
    position: np.ndarray
    sold: int

    def rows(self) -> list[dict[str, Any]]:
        """The figures as a list of rows, one a query."""
        names = ("impressions", "clicks", "orders", "cost", "revenue", "position")
        columns = [self.setup.queries, *(getattr(self, name).tolist() for name in names)]
        keys = ("query", *names)
        return [dict(zip(keys, row, strict=True)) for row in zip(*columns, strict=True)]


@dataclass(frozen=True)
class Bids:
    """An answer. Keys are queries (``F2 pg tv``) or classes (``F2``); a query's own goes before.

    Attributes:
        bids: Most money for a click; what is not named is 0: no ad.
        ads: Target of the ads, a product as ``pg tv`` or ``generic``; not named: generic.
        limits: Most money of the day; not named: no limit.
        budget: Most money of the day in all.
    """

    bids: Mapping[str, float] = field(default_factory=dict)
    ads: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)
    budget: float = inf


Answer = Bids | Mapping[str, float] | None
Agent = Callable[[int, Report], Answer]


def strategy_agent(advertiser: Advertiser) -> Agent:
    """The agent of a declared strategy."""
    strategy = advertiser.strategy
    if strategy.kind == "none":
        return lambda day, report: None
    if strategy.kind == "fixed":
        return FixedAgent(strategy)
    return ValueAgent(strategy)


class FixedAgent:
    """Says its bids on the first day, and never changes them."""

    def __init__(self, strategy: Strategy) -> None:
        self._strategy = strategy

    def __call__(self, day: int, report: Report) -> Answer:
        strategy = self._strategy
        if day > 0:
            return None
        return _answer(strategy, strategy.bids, own_ads(strategy, report.setup))


class ValueAgent:
    """Bids a share of the profit that a click is expected to bring before its cost.

    A user of any product that a query allows is as likely as another. Sales above the capacity are
    taken as a mean that each day moves 1 / window of the way to those of the last known window:
    whoever followed them at once would swing between selling too much and nothing. How many users
    only gather information is for the share to guess.
    """

    def __init__(self, strategy: Strategy) -> None:
        self._strategy = strategy
        self._clicks: Clicks | None = None
        self._ads: Mapping[str, str] = {}
        self._over = 0.0

    def __call__(self, day: int, report: Report) -> Answer:
        setup = report.setup
        if self._clicks is None:
            self._clicks = Clicks(setup)
            self._ads = own_ads(self._strategy, setup)
        over = 0 if setup.capacity is None else max(0, report.sold - setup.capacity)
        self._over += (over - self._over) / setup.game.game.window
        worth = (self._strategy.share or 0.0) * self._clicks.worth(self._over)
        bids = dict(zip(setup.queries, worth.tolist(), strict=True))
        return _answer(self._strategy, bids, self._ads)


class Clicks:
    """What clicks bring an advertiser before their cost, if the user may buy."""

    def __init__(self, setup: Setup) -> None:
        market, products = setup.game.game, setup.game.products
        cvr = {each.name: each.cvr for each in setup.game.classes}
        named = list(zip(setup.queries, setup.classes, strict=True))
        self._discount = market.discount
        self._cvr = np.array([[cvr[name]] for _, name in named])
        self._odds = np.array(
            [market.component_factor if c == setup.component else 1.0 for _, c in products]
        )
        sale = np.array([market.maker_factor if m == setup.maker else 1.0 for m, _ in products])
        allowed = np.array([[allows(*pair, *each) for each in products] for pair in named])
        self._weight = market.sale * sale * allowed / allowed.sum(axis=1, keepdims=True)

    def worth(self, over: float) -> np.ndarray:
        """float64[Q]: expected profit before its cost, at so many sales over the capacity.

        The mean over the products that a query allows of the sale x the CVR, which is
        cvr x discount^over, its odds times component_factor for the own component.
        """
        p = self._cvr * self._discount**over
        return np.asarray((self._weight * p * self._odds / (p * self._odds + 1 - p)).sum(axis=1))


def allows(query: str, class_name: str, maker: str, component: str) -> bool:
    """Whether a user of a product may type a query."""
    named = query.removeprefix(class_name).strip()
    return named in ("", maker, component, f"{maker} {component}")


def own_ads(strategy: Strategy, setup: Setup) -> dict[str, str]:
    """Ads for the product of both specialties, at the queries that its users may type."""
    if not strategy.targeted or setup.own_product is None:
        return {}
    own = (setup.maker or "", setup.component or "")
    pairs = zip(setup.queries, setup.classes, strict=True)
    return {query: setup.own_product for query, name in pairs if allows(query, name, *own)}


def _answer(strategy: Strategy, bids: Mapping[str, float], ads: Mapping[str, str]) -> Bids:
    limit = inf if strategy.limit is None else strategy.limit
    return Bids(bids, ads, strategy.limits, limit)
