"""The rivals of every row from its position, impression share, bid and cost per click.

Their mean number above the own bid, the level, is the mean of a Poisson number K - 1 of which the
report sees the mean up to the last slot (average position) and how often it lies beyond (1 -
impression share). How the others are spread below the bid follows from the cost per click.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adsim.money import to_micros_array

Floats = NDArray[np.float64]

MOST_SLOTS = 20
DEFAULT_SLOTS = 10
EXAMINATION_EXPONENT = 0.95  # see `examination_curve`
LEAST_SHARE = 0.01  # of searches with the ad shown: positions that tell of less are not believed
MOST_RIVALS = 100.0
NARROWEST = 0.01
INCREMENT = 0.01
CHARGE_STEP = 0.01
LEAST_VARIANCE = 1e-4  # of one search's position and of whether it is shown
ROWS_A_TASK = 1024
PRICE_TOLERANCE = 1e-3  # relative; a cost per click that is missed by more counts as not met


@dataclass(frozen=True)
class Levels:
    """Rivals above the own bid.

    Attributes:
        level: Their mean number, one a row.
        shown: P(shown) of a search.
        examined: E[examination] of a search, 0 where not shown.
        position: Mean position where shown.
        clipped: Whether the reported position was out of reach.
    """

    level: Floats
    shown: Floats
    examined: Floats
    position: Floats
    clipped: NDArray[np.bool_]


@dataclass(frozen=True)
class Rivals:
    """Log-normal rivals: mean number, median and sigma of their ad ranks, one a row.

    `charge` is what a click costs under them, `met` whether that is the cost per click asked for,
    `narrowed` whether their sigma had to be smaller than asked for.
    """

    number: Floats
    median: Floats
    sigma: Floats
    charge: Floats
    met: NDArray[np.bool_]
    narrowed: NDArray[np.bool_]


def examination_curve(slots: int) -> Floats:
    """P(seen | slot) = position^-0.95, between the exponents of ranks 1-2 (0.86) and 1-10 (1.06).

    Rounded to 4 digits, as it stands in the scenario.
    """
    position = np.arange(1, slots + 1, dtype=np.float64)
    curve: Floats = np.power(position, -EXAMINATION_EXPONENT).round(4)
    return curve


def find_levels(position: Floats, impressions: Floats, share: Floats, slots: int) -> Levels:
    """Maximum likelihood levels.

    Args:
        position: Average position, >= 0; below 1 + 1 / (2 impressions) it counts as that: among so
            many impressions a rarer rival does not show.
        impressions: Impressions > 0.
        share: Impressions / searches lost to no budget; 0 = unknown.
        slots: Number of slots.
    """
    above = np.maximum(position - 1.0, 0.5 / impressions)
    lost = np.divide(1.0 - share, share, out=np.zeros_like(share), where=share > 0)
    known = share > 0
    low = np.full(position.shape, 1e-12)
    high = np.full(position.shape, _level_shown(slots, LEAST_SHARE))
    high[known] = _level_shown(slots, 1e-6)
    highest = high.copy()
    for _ in range(60):
        middle = np.sqrt(low * high)
        below = _score(above, lost, known, middle, slots) > 0
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    chance = _slot_chances(high, slots)
    shown = chance.sum(axis=0)
    places = np.arange(1.0, slots + 1)
    return Levels(
        level=high,
        shown=shown,
        examined=examination_curve(slots) @ chance,
        position=places @ chance / shown,
        clipped=high >= highest * (1 - 1e-9),
    )


def position_shown(share: Floats, slots: int) -> Floats:
    """Mean position of an ad that is shown in that share of searches, 0 < share <= 1."""
    level = np.maximum(_level_shown(slots, np.maximum(share, 1e-6)), 1e-12)
    chance = _slot_chances(level, slots)
    position: Floats = np.arange(1.0, slots + 1) @ chance / chance.sum(axis=0)
    return position


def _slot_chances(level: Floats, slots: int) -> Floats:
    """P(k rivals above), shape (slots, rows)."""
    from scipy.special import gammaln  # late: scipy takes a while to load

    k = np.arange(slots)[:, None]
    chance: Floats = np.exp(k * np.log(level) - level - gammaln(k + 1.0))
    return chance


def _level_shown(slots: int, share: float | Floats) -> Floats:
    """The level at which the ad is shown in that share of searches."""
    from scipy.special import gammainccinv

    return np.asarray(gammainccinv(slots, share))


def _score(
    above: Floats, lost: Floats, known: NDArray[np.bool_], level: Floats, slots: int
) -> Floats:
    """Slope of the log-likelihood of an impression; falls through 0 at its maximum.

    With the share known: above log(level) - level + lost log P(Poisson(level) >= slots). Without:
    above log(level) - level - log P(Poisson(level) < slots). Both are concave.
    """
    from scipy.special import gammainc, gammaincc, gammaln

    last = np.exp((slots - 1) * np.log(level) - level - gammaln(slots))  # P(Poisson = slots - 1)
    beyond, within = gammainc(slots, level), gammaincc(slots, level)
    pull = np.where(known, lost * last / np.maximum(beyond, 1e-300), last / within)
    slope: Floats = above / level - 1.0 + pull
    return slope


def find_slots(position: Floats, impressions: Floats, share: Floats) -> int:
    """The number of slots under which positions and impression shares go together best.

    Each row has one level for its two observations, so what is left over tells of the slots: the
    sum of squared gaps in units of their sampling variance (a chi-square) is least.
    """
    known = share > 0
    rows = (position[known], impressions[known], share[known])
    least = min(MOST_SLOTS, int(np.ceil(rows[0].max() - 1e-9)))
    return min(range(max(1, least), MOST_SLOTS + 1), key=lambda slots: _misfit(*rows, slots))


def _misfit(position: Floats, impressions: Floats, share: Floats, slots: int) -> float:
    found = find_levels(position, impressions, share, slots)
    chance = _slot_chances(found.level, slots) / found.shown
    places = np.arange(1.0, slots + 1)
    spread = (places**2) @ chance - found.position**2
    gap = np.maximum(position, 1.0 + 0.5 / impressions) - found.position
    of_position = gap**2 / np.maximum(spread, LEAST_VARIANCE)
    of_share = (share - found.shown) ** 2 / np.maximum(
        found.shown * (1 - found.shown), LEAST_VARIANCE
    )
    return float(np.sum(impressions * of_position + impressions / share * of_share))


def find_rivals(bid: Floats, cpc: Floats, level: Floats, sigma: float) -> Rivals:
    """Log-normal rivals of spread `sigma` with that level at the bid under which a click costs cpc.

    The account's quality is 1, the increment and the charge step a hundredth of the currency.
    """
    from adsim.kernels.doors import solve_rivals
    from adsim.kernels.inverse import Spread
    from adsim.kernels.model import Rules
    from adsim.simulate.histories import compile_door, thread_pool

    rules = Rules(0.0, 0.0, INCREMENT, round(CHARGE_STEP * 1e6))
    out = np.empty((bid.size, 4))
    spread = Spread(sigma, MOST_RIVALS, NARROWEST)
    arguments = (rules, spread, to_micros_array(bid), level, np.ascontiguousarray(cpc), out)
    compile_door(solve_rivals, "fit", (*arguments, 0, 0))
    with thread_pool(None) as pool:
        starts = range(0, bid.size, ROWS_A_TASK)
        ends = (min(first + ROWS_A_TASK, bid.size) for first in starts)
        list(pool.map(lambda first, last: solve_rivals(*arguments, first, last), starts, ends))
    number, median, found_sigma, charge = out.T
    met = np.abs(charge - cpc) <= PRICE_TOLERANCE * cpc
    return Rivals(number, median, found_sigma, charge, met, found_sigma < sigma * (1 - 1e-9))
