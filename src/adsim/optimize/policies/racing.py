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
Differences of sums over many clicks are taken as normal. Before that, plans are out that pass the
share of losses allowed, where one is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from adsim.results.tables import Floats

ERROR = 0.05
CLOSE = 5e-4  # relative to the leader; what is that close need not be told apart
FIRST_ROUND = 32

Draw = Callable[[list[int], range], Floats]
"""What some of the plans bring in some replications: float64[plans, replications, ..]."""


class Judge(Protocol):
    """How plans are ranked by what they brought, float64[R, ..]."""

    def scores(self, played: Floats) -> Floats:
        """Values float64[R] whose mean ranks a plan."""

    def lack(self, played: Floats) -> float:
        """What a plan lacks to hold what must hold under luck; 0 = nothing."""

    def freedom(self, n_replications: int) -> int:
        """Degrees of freedom of the standard error of so many values."""


class ByMean:
    """Plans ranked by the mean of what they brought, float64[R]."""

    def scores(self, played: Floats) -> Floats:
        """What they brought."""
        return played

    def lack(self, played: Floats) -> float:
        """Nothing has to hold."""
        return 0.0

    def freedom(self, n_replications: int) -> int:
        """Those of a mean."""
        return n_replications - 1


@dataclass(frozen=True)
class Race:
    """How a race ended.

    Attributes:
        winner: Number of the winning plan.
        mean: float64[P], mean score of each plan over the replications that it ran.
        replications: int64[P], how many it ran.
        played: What each plan brought in the replications that it ran.
        judge: How they are ranked.
    """

    winner: int
    mean: Floats
    replications: np.ndarray
    played: list[Floats]
    judge: Judge

    def against(self, other: int) -> tuple[Floats, Floats]:
        """Mean differences float64[P] to a plan over the replications that both ran.

        With half their 95 % intervals.
        """
        both = [self._paired(plan, other) for plan in range(len(self.played))]
        half = [_half_width(one, 0.975, self.judge) for one in both]
        return np.array([one.mean() for one in both]), np.array(half)

    def _paired(self, plan: int, other: int) -> Floats:
        n = min(len(self.played[plan]), len(self.played[other]))
        a, b = (self.judge.scores(self.played[one][:n]) for one in (plan, other))
        return a - b


def run_race(
    n_plans: int,
    draw: Draw,
    most: int,
    judge: Judge | None = None,
    first: int = FIRST_ROUND,
) -> Race:
    """Race plans 0 .. n_plans - 1 for at most so many replications, `first` of them at once."""
    judge = judge or ByMean()
    rounds = list_rounds(first, most)
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
        alive = _allowed(alive, {plan: judge.lack(played[plan]) for plan in alive})
        found = {plan: judge.scores(played[plan]) for plan in alive}
        alive = _survivors(found, ERROR / max(1, (n_plans - 1) * len(rounds)), judge)
        if len(alive) == 1 or _all_close([found[plan] for plan in alive], judge):
            break
    winner = max(alive, key=lambda plan: float(found[plan].mean()))
    mean = np.array([judge.scores(one).mean() for one in played])
    return Race(winner, mean, np.array([len(one) for one in played]), played, judge)


def _allowed(alive: list[int], lacks: dict[int, float]) -> list[int]:
    """The plans that hold what must hold under luck, or the one that lacks least."""
    held = [plan for plan in alive if not lacks[plan]]
    return held or [min(alive, key=lambda plan: lacks[plan])]


def list_rounds(first: int, most: int) -> list[int]:
    """After how many replications in all each round ends."""
    ends = [min(first, most)]
    while ends[-1] < most:
        ends.append(min(2 * ends[-1], most))
    return ends


def _survivors(scores: dict[int, Floats], error: float, judge: Judge) -> list[int]:
    leader = max(scores.values(), key=lambda one: float(one.mean()))
    paired = {plan: one - leader for plan, one in scores.items()}
    return [
        plan for plan, one in paired.items() if one.mean() + _half_width(one, 1 - error, judge) >= 0
    ]


def _all_close(scores: list[Floats], judge: Judge) -> bool:
    leader = max(scores, key=lambda one: float(one.mean()))
    room = CLOSE * abs(float(leader.mean()))
    paired = [one - leader for one in scores]
    return all(abs(row.mean()) + _half_width(row, 0.975, judge) <= room for row in paired)


def _half_width(paired: Floats, probability: float, judge: Judge) -> float:
    return student_quantile(probability, judge.freedom(len(paired))) * standard_error(paired)


def standard_error(values: Floats) -> float:
    """Of the mean of independent values."""
    return float(values.std(ddof=1) / len(values) ** 0.5)


def student_quantile(probability: float, freedom: int) -> float:
    """Of Student's t distribution."""
    from scipy.special import stdtrit  # late: a third of a second that only searches pay

    return float(stdtrit(freedom, probability))
