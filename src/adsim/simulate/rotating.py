"""What histories know of creatives: trials at their start, and a log of them morning by morning."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from adsim.errors import Problem, SimulationError
from adsim.kernels.model import TURNS, Rotation
from adsim.kernels.rotating import N_TRIED
from adsim.scenario import Plan, Scenario


def has_trials(rotation: Rotation, fidelity: str) -> bool:
    """Whether histories keep trials: not where means follow from the shares of the opening."""
    if fidelity != "expected":
        return rotation.creatives.size > 0
    return bool((rotation.creatives["wear"] > 0).any() or (rotation.groups["how"] == TURNS).any())


def no_trials(rotation: Rotation, fidelity: str) -> np.ndarray:
    """The trials with which a history begins, [m, N_TRIED]; no rows where it keeps none."""
    rows = rotation.creatives.size if has_trials(rotation, fidelity) else 0
    return np.zeros((rows, N_TRIED), np.float64 if fidelity == "expected" else np.int64)


def new_log(first: np.ndarray, days: int) -> np.ndarray:
    """An empty log of R histories that begin with these trials: [R, days + 1, m, N_TRIED].

    Row d holds the trials on the morning of day d of the run, the last those after its last day.
    """
    log = np.zeros((len(first), days + 1, *first.shape[1:]), first.dtype)
    log[:, 0] = first
    return log


def check_shares(scenario: Scenario, plan: Plan, fidelity: str) -> None:
    """Raise SimulationError for all that means in closed form cannot follow."""
    problems = list(_chancy(scenario, plan)) if fidelity == "expected" else []
    if problems:
        raise SimulationError(*problems)


def _chancy(scenario: Scenario, plan: Plan) -> Iterator[Problem]:
    cure = 'simulate with fidelity="counts", or rotate otherwise'
    is_capped = any(campaign.counts_exposures for campaign in plan.campaigns)
    if is_capped and (scenario.tables.creatives["wear"] > 0).any():
        rule = "must have no wear beside caps or fatigue at fidelity expected"
        yield Problem("creatives.csv", rule, "has some", 'simulate with fidelity="counts"')
    for campaign in plan.campaigns:
        for group, rotation in campaign.rotations.items():
            where = f"campaigns.{campaign.name}.rotations.{group}"
            found = f"is {rotation.how}"
            if rotation.how in ("optimized", "test"):
                rule = "must follow no luck (equal, only, turns) at fidelity expected"
                yield Problem(where, rule, found, cure)
            elif rotation.how == "turns" and is_capped:
                rule = "must be equal or only beside caps or fatigue at fidelity expected"
                yield Problem(where, rule, found, cure)
