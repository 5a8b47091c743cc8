"""What a run is asked for: its settings, and the state of the run that it carries on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from adsim.errors import Problem, SimulationError
from adsim.results.registry import GROUPS
from adsim.scenario import Scenario
from adsim.scenario.arguments import whole_problems
from adsim.simulate.remembering import Memory

Fidelity = Literal["expected", "counts", "events"]

DEFAULT_SEED = 7
DEFAULT_REPLICATIONS = 64
LARGEST_SEED = 2**32 - 1


@dataclass(frozen=True)
class RunState:
    """Where a run stands after its last day; give it to `simulate` to carry on.

    Budgets start afresh at local midnight, so between days there is nothing else to keep but

    - `persons`, those of a journey: int64 (means: float64) [replications, kinds x places], in
      `events` int32 [replications, persons], the kind and place of each;
    - `trials`, what creatives have brought so far: int64 (means: float64) [replications, creatives,
      N_TRIED], see `adsim.kernels.rotating`;
    - `memory`, how often persons have seen campaigns with a cap or fatigue.
    """

    next_day: int
    seed: int
    replications: int
    fidelity: Fidelity
    scenario: str  # digest
    persons: np.ndarray | None = field(default=None, repr=False, compare=False)
    trials: np.ndarray | None = field(default=None, repr=False, compare=False)
    memory: Memory | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Settings:
    """What a run is to do; days first_day .. last_day - 1."""

    fidelity: Fidelity
    replications: int
    seed: int
    first_day: int
    last_day: int
    persons: np.ndarray | None = None
    trials: np.ndarray | None = None
    memory: Memory | None = None


def settle(
    scenario: Scenario,
    fidelity: Fidelity,
    replications: int | None,
    seed: int | None,
    days: int | None,
    state: RunState | None,
    threads: int | None,
    by: Sequence[str],
) -> Settings:
    """What the arguments of `simulate` ask for; raises SimulationError for all that are wrong."""
    problems = []
    if fidelity not in ("expected", "counts", "events"):
        rule = "must be expected, counts or events"
        problems.append(Problem("fidelity", rule, f"is {fidelity!r}", "choose one of them"))
    problems += whole_problems(
        ("replications", replications, 1, 1_000_000),
        ("seed", seed, 0, LARGEST_SEED),
        ("days", days, 1, 3660),
        ("threads", threads, 1, 1024),
    )
    if problems:
        raise SimulationError(*problems)
    check_groups(by)
    if state is not None:
        return _continued(scenario, state, fidelity, replications, seed, days)
    return Settings(
        fidelity,
        1 if fidelity == "expected" else int(replications or DEFAULT_REPLICATIONS),
        DEFAULT_SEED if seed is None else int(seed),
        0,
        int(days or scenario.scenario.days),
    )


def _continued(
    scenario: Scenario,
    state: RunState,
    fidelity: Fidelity,
    replications: int | None,
    seed: int | None,
    days: int | None,
) -> Settings:
    problems = []
    for name, given, kept in (
        ("scenario", scenario.digest(), state.scenario),
        ("seed", seed, state.seed),
        ("replications", replications, state.replications),
        ("fidelity", None if fidelity == "counts" else fidelity, state.fidelity),
    ):
        if given is not None and given != kept:
            rule = "must be the one of the run that is carried on"
            cure = "leave it out or start a new run"
            problems.append(Problem(name, rule, f"is {given!r}, there {kept!r}", cure))
    if problems:
        raise SimulationError(*problems)
    last_day = state.next_day + (days or scenario.scenario.days)
    luck = (state.replications, state.seed)
    days_of = (state.next_day, last_day)
    return Settings(state.fidelity, *luck, *days_of, state.persons, state.trials, state.memory)


def check_groups(by: Sequence[str], known: Collection[str] = GROUPS.keys()) -> None:
    """Raise SimulationError for every name that is no group of a report."""
    unknown = [name for name in by if name not in known]
    if unknown:
        rule = f"must be among {', '.join(known)}"
        raise SimulationError(
            *(Problem("by", rule, f"is {name!r}", "choose one of them") for name in unknown)
        )
