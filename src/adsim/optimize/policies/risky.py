"""What plans bring under common luck where its bad side counts: with the luck of orders in it.

A mean may have its orders replaced by their expectation (`scoring`). The worst tenth of luck, or
the chance of a loss, may not: an account of few orders has most of its risk from them, and what is
averaged out there would make every plan look safer than it is. So real orders are counted, and a
trial takes more replications instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adsim.kernels.model import PlanArrays
from adsim.optimize.aims.goals import Aim, gains_of
from adsim.optimize.aims.risk import Risk
from adsim.optimize.bench import Bench
from adsim.optimize.policies.scoring import Scorer, WorstScorer, make_scorer
from adsim.results.tables import Floats
from adsim.simulate.grouping import group_rows
from adsim.simulate.opening import OpenPlan


@dataclass(frozen=True)
class RiskScorer(Scorer):
    """Plans in, the goal and the profit of every history out, real orders and all."""

    risk: Risk

    def tell(self, opened: Sequence[OpenPlan], number: int, own: Sequence[int]) -> Floats:
        """float64[plans, replications, 2]: the goal and the profit of the window."""
        market = self.bench.places[number]
        grouping = group_rows(market, 0, market.days, ())
        rows = (grouping.groups, grouping.size)
        tallies = self.bench.tally(market, opened, self.seed, own, rows)
        return np.stack([gains_of(tallies, name) for name in (self.goal.name, "profit")], axis=-1)

    def scores(self, played: Floats) -> Floats:
        """Values whose mean ranks a plan: its CVaR, or the goal itself."""
        return self.risk.values(played[:, 0], np.zeros(len(played), np.int64))

    def lack(self, played: Floats) -> float:
        """How far a plan passes the share of losses that is allowed."""
        return self.risk.lack(played[:, 1])

    def freedom(self, n_replications: int) -> int:
        """Degrees of freedom of the standard error of so many scores."""
        return self.risk.freedom(n_replications)


def scorer_of(bench: Bench, aim: Aim, seed: int, reference: tuple[PlanArrays, int]) -> Scorer:
    """What ranks plans for an aim, under the luck of a seed.

    `reference`: a plan like those to be ranked, and the replications that they are played at most.
    """
    if aim.risk is not None and aim.risk.is_of_luck:
        return RiskScorer(bench, aim.measured, (), seed, aim.risk)
    scorer = make_scorer(bench, aim.measured, seed)
    return scorer.referring_to(*reference) if isinstance(scorer, WorstScorer) else scorer
