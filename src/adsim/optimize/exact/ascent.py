"""Better bids where own keywords share queries: coordinate ascent at prices of money."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from adsim.kernels import doors
from adsim.kernels.ascent import Ladder
from adsim.kernels.choices import Choice
from adsim.kernels.model import PlanArrays
from adsim.money import MICROS
from adsim.optimize.bench import Bench
from adsim.optimize.exact.choosing import link_order
from adsim.optimize.exact.chunks import over_keywords
from adsim.results.tables import Floats
from adsim.simulate.histories import compile_door

ROUNDS = 12  # of prices
SWEEPS = 6  # over all keywords at one price
MOST_RUNGS = 40  # bids of a keyword that are tried at a time
LADDER_BYTES = 1 << 30
ENOUGH = 0.002  # part of a budget that prices need not find


@dataclass(frozen=True)
class Climb:
    """Bids int64[K] in micros and the prices float64[C + 1] at which they were found."""

    bids: np.ndarray
    price: Floats


def climb(
    bench: Bench, plan: PlanArrays, choice: Choice, weight: Floats, start: Climb, budgets: Floats
) -> Iterator[Climb]:
    """Rounds of coordinate ascent from `start`, the prices closing in on the budgets.

    First over bids spread from the lowest to the highest, then, at the last prices, over those
    next to the bids found. weight float64[B]: the mean day; budgets float64[C + 1]: money for it.
    """
    every = [
        doors.list_keyword_bids(bench.market.arrays, choice, keyword)
        for keyword in range(bench.market.arrays.keywords.size)
    ]
    most = _rungs(bench, choice)
    ladder = _ladder(
        bench, choice, [spread_bids(b, now, most) for b, now in zip(every, start.bids, strict=True)]
    )
    chosen = _places(ladder, start.bids)
    price = start.price.copy()
    low, high = np.zeros_like(price), np.full_like(price, np.inf)
    for _ in range(ROUNDS):
        bids = _sweep(bench, choice, ladder, chosen, (weight, price))
        yield Climb(bids, price)
        spend = bench.mean_spend(plan._replace(bid=bids)) @ weight / MICROS
        total = np.append(spend, spend.sum())
        over = total > budgets * (1 + ENOUGH)
        done = np.where(over, False, (price == 0) | (total >= budgets * (1 - ENOUGH)))
        if done.all():
            break
        low[over] = price[over]
        high[~over] = price[~over]
        closer = np.where(np.isinf(high), 1.5 * price + 0.05, (low + high) / 2)
        price = np.where(done, price, closer)
    ladder = _ladder(
        bench, choice, [_near(b, now, most) for b, now in zip(every, bids, strict=True)]
    )
    yield Climb(_sweep(bench, choice, ladder, _places(ladder, bids), (weight, price)), price)


def _rungs(bench: Bench, choice: Choice) -> int:
    a_rung = bench.market.arrays.links.size * choice.factors.shape[1] * 3 * 8
    return int(np.clip(LADDER_BYTES // max(1, a_rung), 8, MOST_RUNGS))


def spread_bids(bids: np.ndarray, now: int, most: int) -> np.ndarray:
    """At most so many of the bids, evenly by their place, half of them up to `now`; and `now`."""
    place = int(np.searchsorted(bids, now))
    below = np.linspace(0, place, most // 2)
    above = np.linspace(place, len(bids) - 1, most - most // 2)
    return np.asarray(bids[np.unique(np.rint([*below, *above]).astype(np.int64))])


def _near(bids: np.ndarray, now: int, most: int) -> np.ndarray:
    """The pause, and the bids next to `now`."""
    place = int(np.searchsorted(bids, now))
    first = max(1, place - most // 2 + 1)
    return np.concatenate((bids[:1], bids[first : first + most - 1]))


def _ladder(bench: Bench, choice: Choice, bids: list[np.ndarray]) -> Ladder:
    market = bench.market.arrays
    n_bids = np.array([len(one) for one in bids], np.int64)
    table = np.zeros((len(bids), max(n_bids)), np.int64)
    for row, one in zip(table, bids, strict=True):
        row[: len(one)] = one
    shape = (market.links.size, choice.factors.shape[1], table.shape[1])
    ladder = Ladder(
        bids=table,
        n_bids=n_bids,
        rank=np.empty(shape),
        response=np.empty((shape[0], 2, *shape[1:])),
        reached_link=link_order(market),
    )
    known = (market, choice, ladder)
    over_keywords(bench.pool, doors.fill_bid_ladder, "ascent", known, len(bids))
    return ladder


def _places(ladder: Ladder, bids: np.ndarray) -> np.ndarray:
    """Where each bid stands in its ladder."""
    return np.asarray((ladder.bids == bids[:, None]).argmax(axis=1))


def _sweep(
    bench: Bench, choice: Choice, ladder: Ladder, chosen: np.ndarray, money: tuple[Floats, Floats]
) -> np.ndarray:
    """Sweep until nothing changes, `chosen` in place; the bids."""
    weight, price = money
    effective = np.maximum(price[:-1], price[-1])
    known = (bench.market.arrays, choice, ladder, chosen, (weight, effective))
    compile_door(doors.sweep_bid_ladder, "ascent", known)
    for _ in range(SWEEPS):
        if doors.sweep_bid_ladder(*known) == 0:
            break
    return np.asarray(ladder.bids[np.arange(len(chosen)), chosen])
