"""The last step in small accounts: one bid after another on the engine itself.

Prices of money leave a rest of a budget unspent, or pass it a little. Among many keywords that
does not matter; among a few, one step of one bid does.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from adsim.kernels import doors
from adsim.kernels.choices import Choice
from adsim.kernels.model import Market
from adsim.optimize.ascent import Climb, spread_bids
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
    """The better plan, and how many more plans may be tried."""
    active = np.flatnonzero(choice.today > 0)
    best, score = start, float(scores([start])[0])
    changed = True
    while changed and left >= BIDS_AT_A_TIME * len(active):
        changed = False
        for keyword in active:
            tried = _others(market, choice, best, int(keyword))
            if not tried:
                continue
            found = scores(tried)
            left -= len(tried)
            top = int(np.argmax(found))
            if found[top] > score + LEAST_GAIN * abs(score):
                best, score, changed = tried[top], float(found[top]), True
    return best, left


def _others(market: Market, choice: Choice, start: Climb, keyword: int) -> list[Climb]:
    """The plans that differ in one keyword's bid."""
    every = doors.list_keyword_bids(market, choice, keyword)
    plans = []
    for bid in spread_bids(every, int(start.bids[keyword]), BIDS_AT_A_TIME):
        if bid != start.bids[keyword]:
            bids = start.bids.copy()
            bids[keyword] = bid
            plans.append(Climb(bids, start.price))
    return plans
