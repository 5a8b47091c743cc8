"""The last step in small accounts: one bid after another on the engine itself.

Prices of money leave a rest of a budget unspent, or pass it a little. Among many keywords that
does not matter; among a few, one step of one bid does.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, product

import numpy as np

from adsim.kernels import doors
from adsim.kernels.choices import Choice
from adsim.kernels.model import Market
from adsim.optimize.exact.ascent import Climb, spread_bids
from adsim.results.tables import Floats

CELLS = 4e6  # links x sides x hour blocks that may be valued in all
CELLS_A_PLAN = 4000  # what a plan costs whatever its size, in cells
BIDS_AT_A_TIME = 10
LEAST_GAIN = 1e-9  # relative; a smaller one changes no bid


def polish(
    market: Market, choice: Choice, starts: list[Climb], scores: Callable[[list[Climb]], Floats]
) -> Climb:
    """The best found from several starts, changing one bid after another while it helps.

    `starts`: the best first; in a larger account there is time for that one only, or for none.
    """
    cells = market.links.size * choice.rung[0].size + CELLS_A_PLAN
    left = int(CELLS / cells)
    polished = []
    for start in starts:
        best, left = _polish(market, choice, start, scores, left)
        polished.append(best)
    return polished[int(np.argmax(scores(polished)))]


def _polish(
    market: Market,
    choice: Choice,
    start: Climb,
    scores: Callable[[list[Climb]], Floats],
    left: int,
) -> tuple[Climb, int]:
    """The better plan, and how many more plans may be tried.

    Bids change one by one; when that helps no more, two by two: where a condition binds, one has
    to make room for the other.
    """
    active = [int(keyword) for keyword in np.flatnonzero(choice.today > 0)]
    every = {one: doors.list_keyword_bids(market, choice, one) for one in active}
    best, score = start, float(scores([start])[0])
    singles: list[tuple[int, ...]] = [(keyword,) for keyword in active]
    groups = singles
    while left >= BIDS_AT_A_TIME * len(groups) > 0:
        changed = False
        for group in groups:
            tried = _others(best, every, group)
            if not tried:
                continue
            found = scores(tried)
            left -= len(tried)
            top = int(np.argmax(found))
            if found[top] > score + LEAST_GAIN * abs(score):
                best, score, changed = tried[top], float(found[top]), True
        if not changed and groups is not singles:
            break
        groups = singles if changed else [*combinations(active, 2)]
    return best, left


def _others(start: Climb, every: dict[int, np.ndarray], group: tuple[int, ...]) -> list[Climb]:
    """The plans that differ in the bids of one keyword, or a little in those of two."""
    near = [
        spread_bids(every[one], int(start.bids[one]), BIDS_AT_A_TIME)
        if len(group) == 1
        else _neighbors(every[one], int(start.bids[one]))
        for one in group
    ]
    plans = []
    for chosen in product(*near):
        if all(bid != start.bids[one] for one, bid in zip(group, chosen, strict=True)):
            bids = start.bids.copy()
            bids[list(group)] = chosen
            plans.append(Climb(bids, start.price))
    return plans


def _neighbors(bids: np.ndarray, now: int) -> np.ndarray:
    place = int(np.searchsorted(bids, now))
    return np.asarray(bids[max(0, place - 2) : place + 3])
