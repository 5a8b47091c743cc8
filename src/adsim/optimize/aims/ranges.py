"""The bids that every keyword may take: the platform's rules and the user's limits together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from adsim.errors import OptimizeError, Problem
from adsim.kernels.model import PlanArrays
from adsim.market.compile import Market
from adsim.money import MICROS, to_micros
from adsim.optimize.aims.days import list_days
from adsim.optimize.aims.limits import (
    RULES,
    Limit,
    limit_problems,
    placed,
    ruling_limits,
    shortened,
)
from adsim.optimize.aims.shares import Standing
from adsim.scenario import Plan
from adsim.scenario.auctions import Auction

LARGEST_BID = 10**12  # micros; where nothing sets a highest bid
USUAL_STEP = 10_000  # micros; where neither bids nor charges have a step
PARTS = 10**9  # a fraction is taken as so many parts, rounded down


@dataclass(frozen=True)
class BidRanges:
    """The bids that every keyword may take, in micros; K keywords.

    A bid is a multiple of `step` from `least` to `most`, or today's where that lies between.

    Attributes:
        least, most: int64[K]; for a keyword that is paused today (0, 0).
        may_pause: bool[K], whether a keyword may be paused (bid 0).
        step: The grid of bids.
        today: int64[K], 0 = paused.
        least_rule, most_rule, pause_rule: int64[K], place in `limits` of what set the two and of
            what forbids the pause, or -1.
        limits: The limits asked for.
    """

    least: np.ndarray
    most: np.ndarray
    may_pause: np.ndarray
    step: int
    today: np.ndarray
    least_rule: np.ndarray
    most_rule: np.ndarray
    pause_rule: np.ndarray
    limits: tuple[Limit, ...] = ()

    def fit(self, bids: np.ndarray) -> np.ndarray:
        """The nearest bids that are allowed to bids[.., K] in micros (0 = paused)."""
        low = -(-self.least // self.step) * self.step
        high = self.most // self.step * self.step
        near = np.clip((bids + self.step // 2) // self.step * self.step, low, high)
        is_today = (bids == self.today) & (self.least <= bids) & (bids <= self.most)
        near = np.where(is_today | (low > high), self.today, near)
        return np.where((bids <= 0) & self.may_pause, 0, near)

    def allow(self, bids: np.ndarray) -> bool:
        """Whether all of bids[K] are allowed."""
        return bool(np.array_equal(self.fit(bids), bids))


def free_ranges(auction: Auction, plan: PlanArrays) -> BidRanges:
    """What the platform accepts, without any limits."""
    step = to_micros(auction.bid_step or 0) or to_micros(auction.charge_step) or USUAL_STEP
    least = to_micros(auction.bid_min or 0) or 1
    most = LARGEST_BID if auction.bid_max is None else to_micros(auction.bid_max)
    active = plan.bid > 0
    none = np.full(len(plan.bid), -1, np.int64)
    return BidRanges(
        least=np.where(active, least, 0),
        most=np.where(active, most, 0),
        may_pause=np.ones(len(plan.bid), np.bool_),
        step=step,
        today=plan.bid,
        least_rule=none,
        most_rule=none,
        pause_rule=none,
    )


def bid_ranges(
    market: Market, plan: Plan, limits: Sequence[Limit] = (), arrays: PlanArrays | None = None
) -> BidRanges:
    """The bids that every keyword of a compiled plan may take.

    The search in closed form, the study of policies and the baselines all take their bids from
    here. market: compiled with `plan` alone; arrays: the compiled plan, the market's first by
    default. Raises OptimizeError with every limit that names what is not there, contradicts
    another, leaves a keyword no bid or cannot be reached.
    """
    arrays = market.plans[0] if arrays is None else arrays
    free = free_ranges(market.scenario.auction, arrays)
    if not limits:
        return free
    problems = limit_problems(limits, plan)
    if problems:
        raise OptimizeError(*problems)
    ruling = ruling_limits(limits, plan)
    ranges = _limited(free, (tuple(limits), ruling))
    problems = list(_contradictions(ranges, plan))
    if not problems:
        shares = ruling["impression_share_min"]
        problems += _with_shares(ranges, market, arrays, shares, plan)
        problems += _contradictions(ranges, plan)
    if problems:
        raise OptimizeError(*shortened(problems))
    return ranges


Ruling = tuple[tuple[Limit, ...], dict[str, np.ndarray]]


def _limited(free: BidRanges, ruling: Ruling) -> BidRanges:
    """The ranges under all limits but impression shares."""
    limits, rules = ruling
    ranges = replace(
        free,
        least=free.least.copy(),
        most=free.most.copy(),
        may_pause=free.may_pause.copy(),
        least_rule=free.least_rule.copy(),
        most_rule=free.most_rule.copy(),
        pause_rule=free.pause_rule.copy(),
        limits=limits,
    )
    for keyword in np.flatnonzero(free.today > 0):
        for name in RULES:
            number = int(rules[name][keyword])
            if number >= 0:
                _limit(ranges, int(keyword), number, name)
    return ranges


def _limit(ranges: BidRanges, keyword: int, number: int, name: str) -> None:
    """Narrow the range of one keyword by one rule of one limit, in place."""
    value = getattr(ranges.limits[number], name)
    today = int(ranges.today[keyword])
    if {"pause": not value, "keep": value, "impression_share_min": value > 0}.get(name, False):
        ranges.may_pause[keyword], ranges.pause_rule[keyword] = False, number
    low, high = 0, LARGEST_BID
    if name == "bid_min":
        low = to_micros(value)
    elif name == "bid_max":
        high = to_micros(value)
    elif name == "change_max":
        change = today * int(Decimal(str(value)) * PARTS) // PARTS
        low, high = today - change, today + change
    elif name == "keep" and value:
        low = high = today
    if low > ranges.least[keyword]:
        ranges.least[keyword], ranges.least_rule[keyword] = low, number
    if high < ranges.most[keyword]:
        ranges.most[keyword], ranges.most_rule[keyword] = high, number


def _contradictions(ranges: BidRanges, plan: Plan) -> Iterator[Problem]:
    """Keywords that the limits leave no bid."""
    low = -(-ranges.least // ranges.step) * ranges.step
    today_fits = (ranges.least <= ranges.today) & (ranges.today <= ranges.most)
    for keyword in np.flatnonzero((low > ranges.most) & ~today_fits):
        low_number, high_number = ranges.least_rule[keyword], ranges.most_rule[keyword]
        where, low_name = _source(ranges, int(low_number))
        other, high_name = _source(ranges, int(high_number))
        if low_number < 0:
            where, other = other, where
        least, most = ranges.least[keyword] / MICROS, ranges.most[keyword] / MICROS
        found = (
            f"the least is {least:g} ({low_name}), the highest {most:g} ({high_name}), bids are "
            f"multiples of {ranges.step / MICROS:g}, and today's is "
            f"{ranges.today[keyword] / MICROS:g}"
        )
        rule = f"limits must leave {_name(plan, int(keyword))} a bid"
        beside = f" or {other}" if other and other != where else ""
        yield Problem(where, rule, found, f"change {where}{beside}")


def _source(ranges: BidRanges, number: int) -> tuple[str, str]:
    """Where a limit stands, and what to call it."""
    if number < 0:
        return "", "the platform's"
    where = placed(ranges.limits)[number][0]
    return where, where


def _name(plan: Plan, keyword: int) -> str:
    row = plan.keywords.row(keyword, named=True)
    return f"{row['keyword']} ({row['match_type']}, {row['campaign']})"


def _with_shares(
    ranges: BidRanges, market: Market, plan: PlanArrays, rules: np.ndarray, today: Plan
) -> Iterator[Problem]:
    """Raise the least bids, in place, to where the ads are shown often enough."""
    weight = list_days(market.arrays, plan).mean
    for keyword in np.flatnonzero((rules >= 0) & (ranges.today > 0)):
        number = int(rules[keyword])
        share = ranges.limits[number].impression_share_min or 0.0
        standing = Standing(market.arrays, plan, weight, int(keyword))
        least = standing.least_bid(share, int(ranges.most[keyword]), ranges.step)
        if least is None:
            where = placed(ranges.limits)[number][0]
            reached = standing.share(int(ranges.most[keyword]))
            most = ranges.most[keyword] / MICROS
            rule = f"impression_share_min of {_name(today, int(keyword))} must be within reach"
            found = f"is {share:g}, and at the highest bid, {most:g}, the share is {reached:.4f}"
            yield Problem(where, rule, found, "lower it, or allow a higher bid")
        elif least > ranges.least[keyword]:
            ranges.least[keyword], ranges.least_rule[keyword] = least, number
