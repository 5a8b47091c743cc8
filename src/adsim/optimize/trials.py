"""Trials of policies: a batch is asked, played on common luck in one call, told in order.

Hopeless trials stop early: every trial plays a quarter of the replications; it plays the rest
unless its paired mean difference to the best trial of earlier batches lies more than
HOPELESS standard errors below 0 on this quarter. What is told of a stopped trial is the score of
the centre plan over all replications plus the paired difference to it over those played, which is
far less noisy than its own mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from adsim.kernels.model import PlanArrays
from adsim.market.compile import compile_plan
from adsim.optimize.candidates import TrialProgress
from adsim.optimize.policy import Policy
from adsim.optimize.racing import standard_error
from adsim.optimize.scoring import Scorer
from adsim.optimize.study import BATCH, Study, Told
from adsim.results.tables import Floats

HOPELESS = 3.0
LEAST_REPLICATIONS = 8

_TRIALS = {
    "trial": pl.Int64,
    "score": pl.Float64,
    "replications": pl.Int64,
    "state": pl.String,
}


@dataclass(frozen=True)
class Course:
    """Where trials run: a policy, its scores, and how often each plan is played."""

    scorer: Scorer
    policy: Policy
    replications: int

    def compile(self, values: dict[str, float]) -> PlanArrays:
        """The plan of these values, for the kernels."""
        return compile_plan(self.scorer.bench.market, self.policy.plan_at(values))

    def play(self, plans: Sequence[PlanArrays], first: int = 0) -> Floats:
        """Scores float64[plans, replications - first], without the `first` replications."""
        return self.scorer.values(plans, range(first, self.replications))


def search_policies(
    course: Course, study: Study, n_trials: int, progress: TrialProgress | None = None
) -> list[Told]:
    """Run trials until the study has `n_trials`; all of them, by number."""
    centre = course.play([course.compile({})])[0]
    told = study.told()
    best: tuple[int, Floats] = (-1, centre)
    while len(told) < n_trials:
        asked = study.claim(n_trials)
        if not asked:
            study.wait()
            told = study.told()
            continue
        best = _best_before(course, told, asked[0][0] // BATCH * BATCH, best)
        plans = [course.compile(values) for _, values in asked]
        for (number, _), scores in zip(asked, _play(course, plans, best[1]), strict=True):
            n = len(scores)
            study.tell(number, float(centre.mean() + (scores - centre[:n]).mean()), n)
        told = study.told()
        if progress is not None:
            top = find_best(told, course.replications)
            progress(len(told), n_trials, f"best {top.score:,.2f}" if top else "")
    return told


def find_best(told: Sequence[Told], replications: int) -> Told | None:
    """The trial with the highest score among those that were played to the end."""
    whole = [trial for trial in told if trial.replications == replications]
    return max(whole, key=lambda trial: (trial.score, -trial.number), default=None)


def _best_before(
    course: Course, told: Sequence[Told], number: int, known: tuple[int, Floats]
) -> tuple[int, Floats]:
    """The best trial of earlier batches and its scores, played again only where unknown."""
    top = find_best([t for t in told if t.number < number], course.replications)
    if top is None or top.number == known[0]:
        return known
    return top.number, course.play([course.compile(top.values)])[0]


def _play(course: Course, plans: Sequence[PlanArrays], best: Floats) -> list[Floats]:
    """The scores of each plan, as many as it was played for."""
    first = min(max(LEAST_REPLICATIONS, course.replications // 4), course.replications)
    begun = course.scorer.values(plans, range(first))
    hopeful = [i for i, scores in enumerate(begun) if _may_win(scores - best[:first])]
    scores = list(begun)
    for i, rest in zip(hopeful, course.play([plans[i] for i in hopeful], first), strict=True):
        scores[i] = np.concatenate((begun[i], rest))
    return scores


def _may_win(paired: Floats) -> bool:
    return bool(paired.mean() + HOPELESS * standard_error(paired) >= 0)


def trials_table(told: Sequence[Told], policy: Policy, replications: int) -> pl.DataFrame:
    """A row a trial: trial, score, replications, state (played, stopped), then its parameters."""
    names = [parameter.name for parameter in policy.parameters]
    rows = [
        (
            trial.number,
            trial.score,
            trial.replications,
            "played" if trial.replications == replications else "stopped",
            *(trial.values[name] for name in names),
        )
        for trial in told
    ]
    return pl.DataFrame(rows, {**_TRIALS, **dict.fromkeys(names, pl.Float64)}, orient="row")
