"""Exact bids of a careful buyer, where a search under risk starts.

The closed form knows means only. Two families of exact plans are careful all the same: those for
which money is dearer, since less spend for nearly the same value is less risk; and those for which
an order is worth less the more it brings at once. For normal gains CVaR = mean - k sigma, where
k = density(z) / part at the part-quantile z, and orders of margin m that come independently add m^2
each to sigma^2: near a plan an order adds m - k m^2 / (2 sigma) to the CVaR.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from adsim.kernels.model import PlanArrays
from adsim.optimize.aims.goals import ROUNDING, blend
from adsim.optimize.changes import plan_of
from adsim.optimize.exact.candidates import Candidate, Workplace
from adsim.optimize.exact.leads import leads_of
from adsim.optimize.exact.search import Found, search_bids
from adsim.optimize.exact.task import pose
from adsim.optimize.policies.scoring import Scorer

CARES = (0.25, 0.6, 1.2, 2.5)  # how much dearer money is, in what the exact plan gets for it
AVERSIONS = (0.5, 1.0, 2.0)  # how much of the formula counts


@dataclass(frozen=True)
class Care:
    """How careful a plan is.

    Attributes:
        cost: What a unit of money spent takes beyond itself, in units of the goal.
        aversion: What an order of margin m takes, over m^2.
    """

    cost: float = 0.0
    aversion: float = 0.0

    def bids(self, place: Workplace, frame: PlanArrays) -> np.ndarray:
        """The best bids int64[K] at a plan's coefficients."""
        plan = frame._replace(bid=place.today.arrays.bid)
        goal = blend(place.aim.goal, ("spend", -self.cost))
        aim = replace(place.aim, goal=goal)
        if not self.aversion:
            return search_bids(place.bench, plan, aim, place.ranges, rounds=1, rough=True).bids
        averse = replace(aim, goal=replace(goal, aversion=self.aversion))
        leads = leads_of(pose(place.bench, plan, averse, place.ranges))[1]
        return leads[len(leads) // 2].alone().bids


NO_CARE = Care()


def start_of(
    place: Workplace, exact: Found, scorer: Scorer, replications: int
) -> tuple[np.ndarray, Care]:
    """The bids that a search begins with, and how careful they are.

    The exact ones, or where luck counts those of the families that it treats best.
    """
    risk = place.aim.risk
    if risk is None or not risk.is_of_luck or exact.spend <= 0:
        return exact.bids, NO_CARE
    today = place.today.arrays
    known = scorer.play([today._replace(bid=exact.bids)], range(replications))[0]
    sigma = float(known[:, 0].std())
    cares = [NO_CARE, *list_cares(place, exact, sigma, risk.level)]
    bids = [exact.bids, *(care.bids(place, today) for care in cares[1:])]
    plans = [today._replace(bid=one) for one in bids]
    played = [known, *scorer.play(plans[1:], range(replications))]
    ranks = [(-scorer.lack(one), float(scorer.scores(one).mean())) for one in played]
    held = place.allows(plans)
    best = max(range(len(bids)), key=lambda i: (bool(held[i]), *ranks[i], -i))
    return bids[best], cares[best]


def list_cares(place: Workplace, exact: Found, sigma: float, part: float) -> Iterator[Care]:
    """How careful plans may be; `sigma`: the spread of the exact plan's gains, `part`: the tail."""
    worth = (exact.value + place.aim.goal.spend * exact.spend) / max(exact.spend, ROUNDING)
    yield from (Care(cost=care * worth) for care in CARES)
    if place.aim.target is None and sigma > 0:
        slope = _tail_constant(part) / (2 * sigma)
        yield from (Care(aversion=share * slope) for share in AVERSIONS)


def _tail_constant(part: float) -> float:
    """How many standard deviations the worst part of a normal gain lies below its mean."""
    from scipy.special import ndtri  # late: a third of a second that only searches pay

    z = float(ndtri(part))
    return math.exp(-(z**2) / 2) / math.sqrt(2 * math.pi) / part


def moved(place: Workplace, name: str, bids: np.ndarray) -> Candidate:
    """Today's plan with other bids."""
    today = place.today
    return Candidate(name, plan_of(today.plan, bids), today.arrays._replace(bid=bids))


def silent_candidates(place: Workplace) -> list[Candidate]:
    """No ads at all: no plan is safer. None where that is not allowed."""
    silent = moved(place, "silent", 0 * place.today.arrays.bid)
    held = place.ranges.allow(silent.arrays.bid) and place.allows([silent.arrays])[0]
    return [silent] if held else []
