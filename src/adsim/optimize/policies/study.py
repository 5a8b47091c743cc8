"""The study: trials asked of Optuna's samplers, kept where a killed search finds them again.

The answer never depends on whether the search was killed: the sampler of a trial is seeded by
(seed, number of the trial) and sees the trials of earlier batches only, and what was asked but
not told is taken up again as it was asked.
"""

from __future__ import annotations

import hashlib
import json
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import optuna
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.trial import FrozenTrial, TrialState

from adsim.errors import OptimizeError, Problem
from adsim.optimize.policies.journal import open_journal
from adsim.optimize.policies.parameters import Parameter
from adsim.optimize.policies.turns import Alone, Shared, is_url, open_database

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler
    from optuna.storages import BaseStorage

logger = logging.getLogger(__name__)

NAME = "adsim"
QUESTION = "question"
WORKER = "worker"
BATCH = 16  # trials that are asked before the first of them is told
CONSTRAINED = ("tpe", "nsga2")  # samplers that know constraints; the others go by the score
DIGITS = 9  # of values that are shifted
STARTUP = 16  # trials, the first ones among them, before the tree-structured sampler knows enough

SAMPLER_KINDS: dict[str, tuple[Any, dict[str, Any]]] = {
    "tpe": (optuna.samplers.TPESampler, {"multivariate": True, "n_startup_trials": STARTUP}),
    "cmaes": (optuna.samplers.CmaEsSampler, {"warn_independent_sampling": False}),
    "nsga2": (optuna.samplers.NSGAIISampler, {"population_size": 24}),
}


class AnotherQuestion(OptimizeError):
    """A study that was asked something else."""


@dataclass(frozen=True)
class Told:
    """A finished trial.

    Attributes:
        number: From 0.
        values: Its parameters.
        score: Its goal, from all its replications; or a stand-in where it ran none.
        replications: How many it ran.
        violation: What it lacks to hold what is asked for; 0 = nothing.
        scores: All its goals, where the study has several; `score` is the first.
    """

    number: int
    values: dict[str, float]
    score: float
    replications: int
    violation: float = 0.0
    scores: tuple[float, ...] = ()


class _Known:
    """A sampler to be mixed with, that need not find the parameters from all trials every time."""

    space: Mapping[str, BaseDistribution]

    def infer_relative_search_space(self, *_: object) -> Mapping[str, BaseDistribution]:
        return self.space


class Study:
    """Trials of one question; `ask` and `tell` go straight to the storage."""

    def __init__(
        self,
        storage: BaseStorage,
        question: Mapping[str, Any],
        parameters: Sequence[Parameter],
        first: Sequence[Mapping[str, float]],
        where: str,
        turns: Alone | Shared,
        n_goals: int = 1,
        is_beside: bool = False,
    ) -> None:
        """Open or begin a study; `first`: values of the first trials, `turns`: who may ask.

        A storage has one study that says which question it is for, and maybe others beside it,
        each of a question of its own: of a front, of settings that are tried.

        Raises OptimizeError where the storage holds a study of another question.
        """
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
        self._study = optuna.create_study(
            storage=storage,
            study_name=f"{NAME} {_digest(question)}" if is_beside else NAME,
            directions=["maximize"] * n_goals,
            load_if_exists=True,
        )
        self._storage, self._turns = self._study._storage, turns
        _check_question(self._study, question, where)
        self._seed, self._sampler = question["seed"], question["sampler"]
        self._space: dict[str, BaseDistribution] = {p.name: _distribution(p) for p in parameters}
        self._shift = {p.name: p.shift for p in parameters}
        self._first = [
            {p.name: values.get(p.name, p.neutral) + p.shift for p in parameters}
            for values in first
        ]

    def told(self) -> list[Told]:
        """The finished trials by number."""
        return [self._told(t) for t in self._trials() if t.state == TrialState.COMPLETE]

    def claim(self, n_trials: int) -> list[tuple[int, dict[str, float]]]:
        """Number and values of trials for this process to run, at most a batch.

        Trials that nobody runs any more come first, then new ones up to the end of the batch and
        to `n_trials` in all. None are left where all are told, or run by others: then wait.
        """
        with self._turns.turn():
            left = [t for t in self._running() if self._turns.may_take(t.user_attrs.get(WORKER))]
            claimed = {trial.number: self._values(trial) for trial in left}
            known = len(self._trials()) - _waits(self._trials())
            end = min((min(claimed, default=known) // BATCH + 1) * BATCH, n_trials)
            while (number := len(self._trials()) - _waits(self._trials())) < end:
                claimed[number] = self._ask_one(number)
            if self._turns.worker is not None:
                for number in claimed:
                    self._storage.set_trial_user_attr(
                        self._identity(number), WORKER, self._turns.worker
                    )
        return [
            (number, self._unshifted(claimed[number]))
            for number in sorted(claimed)
            if number < n_trials
        ]

    def wait(self) -> None:
        """Let other workers finish theirs."""
        self._turns.wait()

    def tell(
        self,
        number: int,
        score: float | tuple[float, ...],
        replications: int,
        violation: float | None = None,
    ) -> None:
        """Finish a trial; `violation`: what it lacks, where plans must hold something."""
        trial = optuna.Trial(self._study, self._identity(number))
        trial.set_user_attr("replications", replications)
        if violation is not None:
            trial.set_user_attr("violation", violation)
            if self._sampler in CONSTRAINED and not trial.constraints:
                trial.set_constraint("held", violation)
        self._study.tell(number, score, skip_if_finished=True)

    def _ask_one(self, number: int) -> dict[str, float]:
        if not _waits(self._trials()) and number < len(self._first):
            self._study.enqueue_trial(self._first[number])
        self._study.sampler = self._make_sampler(number)
        return dict(self._study.ask(self._space).params)

    def _values(self, trial: FrozenTrial) -> dict[str, float]:
        """The values of a trial that runs; those that a kill has left open are drawn as before."""
        missing = self._space.keys() - trial.params.keys()
        if not missing:
            return dict(trial.params)
        values = trial.system_attrs.get("fixed_params") or self._draw(trial)
        for name, kind in self._space.items():
            if name in missing:
                self._storage.set_trial_param(
                    trial._trial_id, name, kind.to_internal_repr(values[name]), kind
                )
        return {**{name: values[name] for name in self._space}, **trial.params}

    def _draw(self, trial: FrozenTrial) -> dict[str, float]:
        """What the sampler suggests for a trial of which nothing is known yet."""
        sampler, empty = self._make_sampler(trial.number), copy(trial)
        empty.params, empty.distributions = {}, {}
        sampler.before_trial(self._study, empty)
        space = sampler.infer_relative_search_space(self._study, empty)
        values = sampler.sample_relative(self._study, empty, space)
        for name, kind in self._space.items():
            if name not in values:
                values[name] = sampler.sample_independent(self._study, empty, name, kind)
        return values

    def _make_sampler(self, number: int) -> BaseSampler:
        digest = hashlib.sha256(f"{self._seed} {number}".encode()).digest()
        seed = int.from_bytes(digest[:4], "big")
        kind, settings = SAMPLER_KINDS[self._sampler]
        known = type("Known", (_Known, kind), {"space": dict(sorted(self._space.items()))})
        return known(seed=seed, **settings)  # type: ignore[no-any-return]

    def _told(self, trial: FrozenTrial) -> Told:
        attributes, values = trial.user_attrs, self._unshifted(trial.params)
        lack = attributes.get("violation", 0.0)
        scores = tuple(trial.values)
        return Told(trial.number, values, scores[0], attributes["replications"], lack, scores)

    def _unshifted(self, values: Mapping[str, float]) -> dict[str, float]:
        """Values as policies take them; what was shifted there and back is rounded."""
        shift = self._shift
        return {
            name: round(value - shift[name], DIGITS) if shift[name] else value
            for name, value in values.items()
        }

    def _identity(self, number: int) -> int:
        return next(t._trial_id for t in self._trials() if t.number == number)

    def _running(self) -> list[FrozenTrial]:
        return [trial for trial in self._trials() if trial.state == TrialState.RUNNING]

    def _trials(self) -> list[FrozenTrial]:
        return self._study.get_trials(deepcopy=False)


@contextmanager
def open_study(
    where: str | None,
    question: Mapping[str, Any],
    parameters: Sequence[Parameter],
    first: Sequence[Mapping[str, float]],
    keep: bool = True,
    n_goals: int = 1,
    is_beside: bool = False,
) -> Iterator[Study]:
    """A study in a journal file, in a PostgreSQL database, or in memory where there is neither.

    Raises OptimizeError where the place cannot be used, or holds a study of another question; where
    nobody keeps such studies (`keep` is false), a new one takes its place, and a notice says so.
    """
    asked, kind = (question, parameters, first), (n_goals, is_beside)
    if where is None:
        yield Study(optuna.storages.InMemoryStorage(), *asked, "study", Alone(), *kind)
    elif is_url(where):
        with open_database(where) as (url, turns), _database(url, turns) as database:
            with turns.turn():
                study = Study(database, *asked, "study", turns, *kind)
            yield study
    else:
        with ExitStack() as stack:
            storage = stack.enter_context(open_journal(Path(where)))
            try:
                study = Study(storage, *asked, where, Alone(), *kind)
            except AnotherQuestion as error:
                if keep:
                    raise
                found = ", ".join(problem.found for problem in error.problems)
                logger.info(f"{where}: its trials are of another question ({found}): begun anew")
                Path(where).unlink()
                storage = stack.enter_context(open_journal(Path(where)))
                study = Study(storage, *asked, where, Alone(), *kind)
            yield study


@contextmanager
def _database(url: str, turns: Shared) -> Iterator[optuna.storages.RDBStorage]:
    """The storage in a database, whose tables one worker makes."""
    with turns.turn():
        storage = optuna.storages.RDBStorage(url)
    try:
        yield storage
    finally:
        storage.remove_session()
        storage.engine.dispose()


def _digest(question: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()[:16]


def _distribution(parameter: Parameter) -> FloatDistribution:
    low, high = parameter.low + parameter.shift, parameter.high + parameter.shift
    return FloatDistribution(low, high, log=parameter.is_factor)


def _waits(trials: list[FrozenTrial]) -> bool:
    return any(trial.state == TrialState.WAITING for trial in trials)


def _check_question(study: optuna.Study, question: Mapping[str, Any], where: str) -> None:
    """A new study keeps its question; an old one must have been asked the same."""
    asked = json.loads(json.dumps(question))
    kept = study.user_attrs.get(QUESTION)
    if kept is None:
        study.set_user_attr(QUESTION, asked)
        return
    differs = [key for key in {**kept, **asked} if kept.get(key) != asked.get(key)]
    cure = "name another file, or ask the same as before"
    problems = [
        Problem(
            where,
            f"a study goes on with the question it began with ({key})",
            f"there {key} is {kept.get(key)!r}, here {asked.get(key)!r}",
            cure,
        )
        for key in differs
    ]
    if problems:
        raise AnotherQuestion(*problems)
