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
"""Scores float64[plans, replications] of some of the plans in some of the replications."""


@dataclass(frozen=True)
class Race:
    """How a race ended.

    Attributes:
        winner: Number of the winning plan.
        mean: float64[P], mean score of each plan over the replications that it ran.
        replications: int64[P], how many it ran.
        difference, half_width: float64[P], mean difference to the winner over the replications
            that both ran, and half its 95 % interval.
    """

    winner: int
    mean: Floats
    replications: np.ndarray
    difference: Floats
    half_width: Floats


def run_race(n_plans: int, draw: Draw, most: int) -> Race:
    """Race plans 0 .. n_plans - 1 for at most so many replications."""
    rounds = _rounds(most)
    scores = np.full((n_plans, rounds[-1]), np.nan)
    alive = list(range(n_plans))
    done = 0
    for end in rounds:
        scores[alive, done:end] = draw(alive, range(done, end))
        done = end
        alive = _survivors(scores, alive, done, ERROR / max(1, (n_plans - 1) * len(rounds)))
        if len(alive) == 1 or _all_close(scores, alive, done):
            break
    winner = max(alive, key=lambda plan: float(scores[plan, :done].mean()))
    return _finish(scores, winner)


def _rounds(most: int) -> list[int]:
    ends = [min(FIRST_ROUND, most)]
    while ends[-1] < most:
        ends.append(min(2 * ends[-1], most))
    return ends


def _survivors(scores: Floats, alive: list[int], done: int, error: float) -> list[int]:
    leader = max(alive, key=lambda plan: float(scores[plan, :done].mean()))
    quantile = student_quantile(1 - error, done - 1)
    survivors = []
    for plan in alive:
        paired = scores[plan, :done] - scores[leader, :done]
        if paired.mean() + quantile * standard_error(paired) >= 0:
            survivors.append(plan)
    return survivors


def _all_close(scores: Floats, alive: list[int], done: int) -> bool:
    means = scores[alive, :done].mean(axis=1)
    leader = alive[int(np.argmax(means))]
    room = CLOSE * abs(float(means.max()))
    quantile = student_quantile(0.975, done - 1)
    paired = scores[alive, :done] - scores[leader, :done]
    return all(abs(row.mean()) + quantile * standard_error(row) <= room for row in paired)


def _finish(scores: Floats, winner: int) -> Race:
    ran = (~np.isnan(scores)).sum(axis=1)
    paired = scores - scores[winner]
    half = [
        student_quantile(0.975, n - 1) * standard_error(row[:n])
        for row, n in zip(paired, ran, strict=True)
    ]
    return Race(winner, np.nanmean(scores, axis=1), ran, np.nanmean(paired, axis=1), np.array(half))


def standard_error(values: Floats) -> float:
    """Of the mean of independent values."""
    return float(values.std(ddof=1) / len(values) ** 0.5)


def student_quantile(probability: float, freedom: int) -> float:
    """Of Student's t distribution."""
    from scipy.special import stdtrit  # late: a third of a second that only searches pay

    return float(stdtrit(freedom, probability))
