"""The final race: the best few plans on luck that no search has seen.

Rule: all plans meet the same fresh luck, in rounds of 32, 64, 128, ... replications in all. After
each round a plan is out if it is surely worse than another: the paired mean difference to the
leader lies below 0 by more than Student's t quantile at ERROR / (pairs x rounds). The race ends
when one plan is left, when all that are left are within CLOSE of the leader, or after the last
round; the highest mean among those left wins.

Error rate: the truly best plan is out with probability at most ERROR, whichever plan leads, for it
would have to lose one of (plans - 1) comparisons in one of the rounds (Bonferroni's inequality;
screening by paired differences under common random numbers: Nelson, Swann, Goldsman and Song,
Simple procedures for selecting the best simulated system, Operations Research 49, 2001).
Differences of sums over many clicks are taken as normal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from adsim.results.tables import Floats

ERROR = 0.05
CLOSE = 5e-4  # relative to the leader; what is that close need not be told apart
FIRST_ROUND = 32

Draw = Callable[[list[int], range], Floats]
"""What some of the plans bring in some replications: float64[plans, replications, ..]."""

Scores = Callable[[Floats], Floats]
"""Of all that a plan brought, float64[R, ..]: values float64[R] whose mean ranks it."""


@dataclass(frozen=True)
class Race:
    """How a race ended.

    Attributes:
        winner: Number of the winning plan.
        mean: float64[P], mean score of each plan over the replications that it ran.
        replications: int64[P], how many it ran.
        played: What each plan brought in the replications that it ran.
        scores: What they are ranked by.
    """

    winner: int
    mean: Floats
    replications: np.ndarray
    played: list[Floats]
    scores: Scores

    def against(self, other: int) -> tuple[Floats, Floats]:
        """Mean differences float64[P] to a plan over the replications that both ran.

        With half their 95 % intervals.
        """
        both = [self._paired(plan, other) for plan in range(len(self.played))]
        half = [student_quantile(0.975, len(one) - 1) * standard_error(one) for one in both]
        return np.array([one.mean() for one in both]), np.array(half)

    def _paired(self, plan: int, other: int) -> Floats:
        n = min(len(self.played[plan]), len(self.played[other]))
        return self.scores(self.played[plan][:n]) - self.scores(self.played[other][:n])


def run_race(n_plans: int, draw: Draw, most: int, scores: Scores = np.asarray) -> Race:
    """Race plans 0 .. n_plans - 1 for at most so many replications."""
    rounds = _rounds(most)
    played: list[Floats] = []
    alive = list(range(n_plans))
    done = 0
    for end in rounds:
        drawn = draw(alive, range(done, end))
        if done:
            for plan, more in zip(alive, drawn, strict=True):
                played[plan] = np.concatenate((played[plan], more))
        else:
            played = list(drawn)
        done = end
        found = {plan: scores(played[plan]) for plan in alive}
        alive = _survivors(found, ERROR / max(1, (n_plans - 1) * len(rounds)))
        if len(alive) == 1 or _all_close([found[plan] for plan in alive]):
            break
    winner = max(alive, key=lambda plan: float(found[plan].mean()))
    mean = np.array([scores(one).mean() for one in played])
    return Race(winner, mean, np.array([len(one) for one in played]), played, scores)


def _rounds(most: int) -> list[int]:
    ends = [min(FIRST_ROUND, most)]
    while ends[-1] < most:
        ends.append(min(2 * ends[-1], most))
    return ends


def _survivors(scores: dict[int, Floats], error: float) -> list[int]:
    leader = max(scores.values(), key=lambda one: float(one.mean()))
    quantile = student_quantile(1 - error, len(leader) - 1)
    survivors = []
    for plan, one in scores.items():
        paired = one - leader
        if paired.mean() + quantile * standard_error(paired) >= 0:
            survivors.append(plan)
    return survivors


def _all_close(scores: list[Floats]) -> bool:
    leader = max(scores, key=lambda one: float(one.mean()))
    room = CLOSE * abs(float(leader.mean()))
    quantile = student_quantile(0.975, len(leader) - 1)
    paired = [one - leader for one in scores]
    return all(abs(row.mean()) + quantile * standard_error(row) <= room for row in paired)


def standard_error(values: Floats) -> float:
    """Of the mean of independent values."""
    return float(values.std(ddof=1) / len(values) ** 0.5)


def student_quantile(probability: float, freedom: int) -> float:
    """Of Student's t distribution."""
    from scipy.special import stdtrit  # late: a third of a second that only searches pay

    return float(stdtrit(freedom, probability))
