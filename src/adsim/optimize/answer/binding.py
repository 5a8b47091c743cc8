"""Which limits on bids bind, and what a wider range would bring."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from adsim.kernels import doors
from adsim.optimize.aims.limits import RULES, placed
from adsim.optimize.aims.ranges import free_ranges
from adsim.optimize.exact.choosing import list_choices
from adsim.optimize.exact.search import Found

WORTH_TELLING = 1e-6  # of the goal; a smaller gain is rounding
WORTHS = ("click_worth", "order_worth", "organic_worth", "spend_worth")
MOST_KEYWORDS = 5000  # that are looked at


@dataclass(frozen=True)
class Binding:
    """A limit that keeps keywords from better bids.

    Attributes:
        where: Its place.
        rules: What it limits: bid_max, say.
        keywords: Number of keywords that it keeps from a better bid.
        gain: What they would bring more a window without it, in units of the goal, at the prices
            of money and target found and as if each stood alone.
        keyword: The row of the one that would bring most.
        bid, better: Its bid, and the one it would have, micros.
    """

    where: str
    rules: tuple[str, ...]
    keywords: int
    gain: float
    keyword: int
    bid: int
    better: int


def binding_limits(found: Found) -> list[Binding]:
    """The limits that bind at the bids found, the one that costs most first."""
    wishes: dict[int, list[tuple[float, int, int]]] = {}
    for keyword, better, gain in _wishes(found):
        number = _limit_in_the_way(found, keyword, better)
        if number >= 0:
            wishes.setdefault(number, []).append((gain, keyword, better))
    told = []
    for number, of_limit in wishes.items():
        where, limit = placed(found.ranges.limits)[number]
        _, keyword, better = max(of_limit)
        rules = tuple(name for name in RULES if getattr(limit, name) is not None)
        gain = sum(one for one, _, _ in of_limit)
        bid = int(found.bids[keyword])
        told.append(Binding(where, rules, len(of_limit), gain, keyword, bid, better))
    return sorted(told, key=lambda one: -one.gain)


def _wishes(found: Found) -> Iterator[tuple[int, int, float]]:
    """Keywords at an end of their range, the bid they would have without it, and its gain."""
    task, ranges = found.task, found.ranges
    if not ranges.limits:
        return
    market = task.bench.market.arrays
    free = free_ranges(task.bench.market.scenario.auction, task.plan)
    base = list_choices(free, market, task.plan, task.aim.goal)
    worths = {name: getattr(task.choice, name) for name in WORTHS}
    choice = base._replace(**worths)
    price = np.maximum(found.price[:-1], found.price[-1])
    scale = WORTH_TELLING * max(abs(found.value), 1e-6)
    days = float(task.days.count.sum())
    for keyword in _at_an_end(found)[:MOST_KEYWORDS]:
        bids, points = doors.trace_keyword(market, choice, int(keyword), task.days.mean)
        net = points[:, 0] - price[market.keywords["campaign"][keyword]] * points[:, 1]
        own = np.array([found.bids[keyword]], np.int64)
        now = float(np.interp(own, bids, net)[0])
        gain = days * float(net.max() - now)
        if gain > scale:
            yield int(keyword), int(bids[int(np.argmax(net))]), gain


def _at_an_end(found: Found) -> np.ndarray:
    """Keywords whose next bid up or down, or whose pause, is not allowed by a limit."""
    ranges, bids = found.ranges, found.bids
    low = bids - ranges.step < ranges.least
    high = bids + ranges.step > ranges.most
    limited = (ranges.least_rule >= 0) & low | (ranges.most_rule >= 0) & high
    return np.flatnonzero((ranges.today > 0) & (bids > 0) & (limited | ~ranges.may_pause))


def _limit_in_the_way(found: Found, keyword: int, better: int) -> int:
    ranges = found.ranges
    if better == 0 and not ranges.may_pause[keyword]:
        return int(ranges.pause_rule[keyword])
    if better < ranges.least[keyword]:
        return int(ranges.least_rule[keyword])
    return int(ranges.most_rule[keyword]) if better > ranges.most[keyword] else -1
