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

CELLS = 3e7  # links x sides x hour blocks that may be valued in all
CELLS_A_PLAN = 2000  # what a plan costs whatever its size, in cells
BIDS_AT_A_TIME = 24


def polish(
    market: Market, choice: Choice, start: Climb, scores: Callable[[list[Climb]], Floats]
) -> Climb:
    """Change one bid after another while it helps and the account is small enough."""
    active = np.flatnonzero(choice.today > 0)
    cells = market.links.size * choice.rung[0].size + CELLS_A_PLAN
    left = int(CELLS / cells)
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
            if found[top] > score + 1e-9 * abs(score):
                best, score, changed = tried[top], float(found[top]), True
    return best


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
