"""Plans that may be the answer, and how they are searched for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np

from adsim.errors import Problem
from adsim.kernels.model import PlanArrays
from adsim.optimize.aims.goals import Aim
from adsim.optimize.aims.ranges import BidRanges
from adsim.optimize.bench import Bench
from adsim.optimize.changes import plan_of
from adsim.optimize.exact.bound import ROUNDS
from adsim.optimize.exact.robust import search_worst
from adsim.optimize.exact.search import Found, search_bids
from adsim.scenario import Plan
from adsim.scenario.arguments import whole_problems
from adsim.simulate.histories import Progress

SamplerName = Literal["tpe", "cmaes", "nsga2"]
SAMPLERS: tuple[SamplerName, ...] = get_args(SamplerName)

TrialProgress = Callable[[int, int, str], None]
"""Called with (trials done, trials in all, best so far in words)."""


@dataclass(frozen=True)
class Candidate:
    """A plan that may be the answer.

    Attributes:
        name: How it was found: today, exact, careful, silent, policy, next, solved.
        plan, arrays: The plan, declared and compiled.
        score: Its score in the search; None where it was not scored there.
        values: The parameters of the policy that it is, if it is one.
    """

    name: str
    plan: Plan
    arrays: PlanArrays
    score: float | None = None
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Workplace:
    """Where plans are searched for: the bench, the aim, the bids that are allowed, today's plan."""

    bench: Bench
    aim: Aim
    ranges: BidRanges
    today: Candidate

    def allows(self, plans: Sequence[PlanArrays]) -> np.ndarray:
        """bool by plan: whether it holds what is asked for, limits on bids aside."""
        if not self.aim.has_conditions:
            return np.ones(len(plans), np.bool_)
        return self.aim.holds(self.bench.expect(plans))

    def solve(self, frame: PlanArrays, progress: Progress | None = None) -> Found:
        """The best bids at the coefficients and budgets of a plan, and their bound.

        With other coefficients than today's there are more distinct ones: the bound is then
        improved in one round only.
        """
        plan = frame._replace(bid=self.today.arrays.bid)
        rounds = ROUNDS if same_frame(frame, self.today.arrays) else 1
        if self.aim.risk is not None and self.aim.risk.kind == "worst":
            return search_worst(self.bench, plan, self.aim, self.ranges, progress)
        return search_bids(self.bench, plan, self.aim, self.ranges, progress, rounds)


@dataclass(frozen=True)
class SearchSettings:
    """How to search policies.

    Attributes:
        trials, sampler, seed: Number of trials, and what suggests them.
        study: File or database of the trials; None = memory.
        keep_study: Whether it stays once the search is over.
        progress: Told after every batch.
        replications: Of a trial.
        is_beside: Whether the study stands beside another one, which has the question as a whole.
    """

    trials: int
    sampler: SamplerName
    seed: int
    study: str | None
    keep_study: bool
    progress: TrialProgress | None
    replications: int = 32
    is_beside: bool = False


def check_search(trials: int, sampler: str) -> list[Problem]:
    """What is wrong with the settings of the search over policies."""
    problems = whole_problems(("trials", trials, 0, 1_000_000))
    if sampler not in SAMPLERS:
        rule = f"must be one of {', '.join(SAMPLERS)}"
        problems.append(Problem("sampler", rule, f"is {sampler!r}", "choose one of them"))
    return problems


def exact_candidate(today: Candidate, found: Found) -> Candidate:
    """Today's plan with the bids that the closed form found."""
    arrays = today.arrays._replace(bid=found.bids)
    return Candidate("exact", plan_of(today.plan, found.bids), arrays)


def same_frame(a: PlanArrays, b: PlanArrays) -> bool:
    """Whether two plans differ in bids only."""
    pairs = ((a.coefficient, b.coefficient), (a.block, b.block), (a.budget, b.budget))
    return all(np.array_equal(one, other) for one, other in pairs)


def same_plan(a: PlanArrays, b: PlanArrays) -> bool:
    """Whether two compiled plans are the same."""
    return same_frame(a, b) and np.array_equal(a.bid, b.bid)
