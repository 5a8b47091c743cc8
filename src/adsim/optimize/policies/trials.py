"""Trials of policies: a batch is asked, played on common luck in one call, told in order.

Hopeless trials stop early: every trial plays a quarter of the replications; it plays the rest
unless its paired mean difference to the best trial of earlier batches lies more than
HOPELESS standard errors below 0 on this quarter. What is told of a stopped trial is the score of
the centre plan over all replications plus the paired difference to it over those played, which is
far less noisy than its own mean.

A plan must hold what is asked for at fidelity `expected`. One that does not is never played: it is
told how much it lacks, and a stand-in for its score, so far below the centre plan's as it lacks.
One that loses money more often than it may is known once it was played; the same is told of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from adsim.kernels.model import PlanArrays
from adsim.market.compile import compile_plan
from adsim.optimize.aims.goals import Aim
from adsim.optimize.exact.candidates import TrialProgress
from adsim.optimize.policies.policy import Policy
from adsim.optimize.policies.racing import standard_error
from adsim.optimize.policies.scoring import Opened, Scorer, in_turn
from adsim.optimize.policies.study import BATCH, Study, Told
from adsim.results.tables import Floats

HOPELESS = 3.0
LEAST_REPLICATIONS = 8

_TRIALS = {
    "trial": pl.Int64,
    "score": pl.Float64,
    "replications": pl.Int64,
    "violation": pl.Float64,
    "state": pl.String,
}


@dataclass(frozen=True)
class Course:
    """Where trials run: a policy, its scores, what must hold, and how often a plan is played."""

    scorer: Scorer
    policy: Policy
    aim: Aim
    replications: int

    @cached_property
    def centre(self) -> Floats:
        """What the plan itself brings: float64[replications, 2]."""
        return np.asarray(self.play([self.compile({})])[0])

    def compile(self, values: dict[str, float]) -> PlanArrays:
        """The plan of these values, for the kernels."""
        return compile_plan(self.scorer.bench.market, self.policy.plan_at(values))

    def play(self, plans: Sequence[PlanArrays]) -> Floats:
        """What plans bring, float64[plans, replications, 2]."""
        return self.scorer.play(plans, range(self.replications))

    def score(self, played: Floats) -> float:
        """What the whole would be: the centre's score and the difference to it on common luck."""
        scores, n = self.scorer.scores, len(played)
        return float(scores(self.centre).mean() + self.paired(played, self.centre[:n]).mean())

    def goal_of(self, told: Told) -> float:
        """The goal of a trial."""
        return told.score if self.scorer.goal.rises else -told.score

    def paired(self, played: Floats, other: Floats) -> Floats:
        """Differences of two plans' scores by replication."""
        return np.asarray(self.scorer.scores(played) - self.scorer.scores(other))

    def violations(self, plans: Sequence[PlanArrays]) -> list[float] | list[None]:
        """What each plan lacks to be allowed, 0 = nothing; None where nothing is asked to hold."""
        if not self.aim.has_conditions:
            rare = self.aim.risk is not None and self.aim.risk.kind == "loss"
            return [0.0] * len(plans) if rare else [None] * len(plans)
        return [float(one) for one in self.aim.violation(self.scorer.bench.expect(plans))]


def search_policies(
    course: Course, study: Study, n_trials: int, progress: TrialProgress | None = None
) -> list[Told]:
    """Run trials until the study has `n_trials`; all of them, by number."""
    told = study.told()
    best = (-1, None if course.scorer.lack(course.centre) else course.centre)
    while len(told) < n_trials:
        asked = study.claim(n_trials)
        if not asked:
            study.wait()
            told = study.told()
            continue
        best = _best_before(course, told, asked[0][0] // BATCH * BATCH, best)
        _run_batch(course, study, asked, best[1])
        told = study.told()
        if progress is not None:
            top = find_best(told, course.replications)
            progress(len(told), n_trials, f"best {course.goal_of(top):,.2f}" if top else "")
    return told


def _run_batch(
    course: Course, study: Study, asked: Sequence[tuple[int, dict[str, float]]], best: Floats | None
) -> None:
    plans = [course.compile(values) for _, values in asked]
    lacks = course.violations(plans)
    allowed = [plan for plan, lack in zip(plans, lacks, strict=True) if not lack]
    played = iter(_play(course, allowed, best))
    centre = course.score(course.centre)
    for (number, _), lack in zip(asked, lacks, strict=True):
        if lack:
            study.tell(number, centre - abs(centre) * lack, 0, lack)
        else:
            one = next(played)
            lack = course.scorer.lack(one) or lack
            study.tell(number, course.score(one) - abs(centre) * (lack or 0.0), len(one), lack)


def find_best(told: Sequence[Told], replications: int) -> Told | None:
    """The trial with the highest score among those that were played to the end and hold all."""
    whole = [t for t in told if t.replications == replications and not t.violation]
    return max(whole, key=lambda trial: (trial.score, -trial.number), default=None)


def _best_before(
    course: Course, told: Sequence[Told], number: int, known: tuple[int, Floats | None]
) -> tuple[int, Floats | None]:
    """The best trial of earlier batches and its scores, played again only where unknown."""
    top = find_best([t for t in told if t.number < number], course.replications)
    if top is None or top.number == known[0]:
        return known
    return top.number, course.play([course.compile(top.values)])[0]


def _play(course: Course, plans: Sequence[PlanArrays], best: Floats | None) -> list[Floats]:
    """What each plan brings, in as many replications as it was played for."""
    played = []
    for some in in_turn(plans):  # open once for the first quarter and the rest
        played += _play_open(course, course.scorer.open(some), best)
    return played


def _play_open(course: Course, opened: Sequence[Opened], best: Floats | None) -> list[Floats]:
    play, n = course.scorer.play_open, course.replications
    first = min(max(LEAST_REPLICATIONS, n // 4), n)
    played = list(play(opened, range(first)))
    hopeful = [i for i, one in enumerate(played) if _may_win(course, one, best)]
    rest = play([opened[i] for i in hopeful], range(first, n))
    for i, more in zip(hopeful, rest, strict=True):
        played[i] = np.concatenate((played[i], more))
    return played


def _may_win(course: Course, played: Floats, best: Floats | None) -> bool:
    if best is None:
        return True
    paired = course.paired(played, best[: len(played)])
    return bool(paired.mean() + HOPELESS * standard_error(paired) >= 0)


def trials_table(told: Sequence[Told], course: Course) -> pl.DataFrame:
    """A row a trial: trial, score (the goal), replications, violation, state, then its parameters.

    States: played; stopped; missed: it does not hold what is asked for, and has no score.
    """
    names = [parameter.name for parameter in course.policy.parameters]
    rows = [
        (
            trial.number,
            None if trial.violation else course.goal_of(trial),
            trial.replications,
            trial.violation,
            _state(trial, course.replications),
            *(trial.values[name] for name in names),
        )
        for trial in told
    ]
    return pl.DataFrame(rows, {**_TRIALS, **dict.fromkeys(names, pl.Float64)}, orient="row")


def _state(trial: Told, replications: int) -> str:
    if trial.violation:
        return "missed"
    return "played" if trial.replications == replications else "stopped"
