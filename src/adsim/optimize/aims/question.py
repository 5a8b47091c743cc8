"""What is asked of `optimize`: the goal, the money, what must hold, and when."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from adsim.errors import Problem
from adsim.optimize.aims.goals import GOAL_NAMES, GOALS, VOLUMES, Aim, GoalName, Target
from adsim.optimize.aims.limits import Limit
from adsim.scenario import Scenario
from adsim.scenario.arguments import whole_problems

MOST_DAYS = 3660


@dataclass(frozen=True)
class Question:
    """The arguments of `optimize` that say what a good plan is.

    Attributes:
        goal: What to maximize; profit where nothing is asked for. None with `reach`.
        budget: The account's total a day, beside the campaigns' own; None = today's.
        target_roi, target_cpa: The return that the plan must have over the window: revenue / spend
            at least, or spend / orders at most.
        reach: (metric, amount): spend as little as reaches the amount in the window.
        limits: Limits on bids.
        start, days: The window: its first day and length; None = the scenario's.
    """

    goal: GoalName | None = None
    budget: float | None = None
    target_roi: float | None = None
    target_cpa: float | None = None
    reach: tuple[str, float] | None = None
    limits: Sequence[Limit] = ()
    start: datetime.date | str | None = None
    days: int | None = None

    def problems(self) -> list[Problem]:
        """Everything that is wrong with it, whatever the scenario."""
        told = [*self._goal_problems(), *self._number_problems(), *self._window_problems()]
        if isinstance(self.limits, list | tuple):
            return told
        rule, found = "must be a list of Limit", f"is of type {type(self.limits).__name__}"
        cure = "read a file with adsim.optimize.aims.limits.load_limits, or make a list"
        return [*told, Problem("limits", rule, found, cure)]

    def aim(self) -> Aim:
        """What the search is after."""
        if self.reach is not None:
            return Aim(GOALS[self.reach[0]], reach=float(self.reach[1]))
        targets: list[tuple[Literal["roi", "cpa"], float | None]] = [
            ("roi", self.target_roi),
            ("cpa", self.target_cpa),
        ]
        given = [Target(metric, float(value)) for metric, value in targets if value is not None]
        return Aim(GOALS[self.goal or "profit"], given[0] if given else None)

    def world(self, scenario: Scenario) -> Scenario:
        """The scenario in the window asked for. Raises ScenarioError where no such day is."""
        keys = {"start": self.start, "days": self.days}
        given = [f"scenario.{key}={value}" for key, value in keys.items() if value is not None]
        return scenario.with_overrides(given) if given else scenario

    def recipe(self) -> dict[str, Any]:
        """What was asked, for the recipe; what was left out is not there."""
        asked = {
            name: getattr(self, name)
            for name in ("goal", "budget", "target_roi", "target_cpa", "reach", "days")
        }
        asked["start"] = None if self.start is None else str(self.start)
        limits = [
            {name: one for name, one in vars(limit).items() if one is not None and name != "where"}
            for limit in self.limits
        ]
        return {name: one for name, one in asked.items() if one is not None} | (
            {"limits": limits} if limits else {}
        )

    def _goal_problems(self) -> Iterator[Problem]:
        if self.goal is not None and self.goal not in GOAL_NAMES:
            rule = f"must be one of {', '.join(GOAL_NAMES)}"
            yield Problem("goal", rule, f"is {self.goal!r}", "choose one of them")
        targets = [name for name in ("target_roi", "target_cpa") if getattr(self, name) is not None]
        if len(targets) == 2:
            cure = "give one of the two"
            yield Problem("target_roi", "must come without target_cpa", "both are there", cure)
        if targets and self.goal in GOAL_NAMES and self.goal not in VOLUMES:
            rule = f"must come with a goal of {', '.join(VOLUMES)}"
            yield Problem(targets[0], rule, f"goal is {self.goal}", "choose one of them")
        if self.reach is not None:
            for name in ("goal", *targets):
                if name in targets or self.goal is not None:
                    cure = "leave one of the two out"
                    yield Problem("reach", f"must come without {name}", "both are there", cure)

    def _number_problems(self) -> Iterator[Problem]:
        if self.budget is not None and not (_is_number(self.budget) and self.budget >= 0):
            rule = "must be an amount of money >= 0"
            yield Problem("budget", rule, f"is {self.budget!r}", "give one or leave it out")
        for name in ("target_roi", "target_cpa"):
            value = getattr(self, name)
            if value is not None and not (_is_number(value) and value > 0):
                cure = "give one or leave it out"
                yield Problem(name, "must be a number > 0", f"is {value!r}", cure)
        if self.reach is not None and not _is_reach(self.reach):
            rule = f"must be a metric of {', '.join(VOLUMES)} and an amount > 0"
            cure = 'give ("revenue", 20000), say'
            yield Problem("reach", rule, f"is {self.reach!r}", cure)

    def _window_problems(self) -> Iterator[Problem]:
        if self.start is not None and not _is_date(self.start):
            rule, cure = "must be a date such as 2025-11-01", "give one or leave it out"
            yield Problem("start", rule, f"is {self.start!r}", cure)
        yield from whole_problems(("days", self.days, 1, MOST_DAYS))


def _is_number(value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value)  # type: ignore[arg-type]


def _is_reach(value: object) -> bool:
    if not isinstance(value, tuple | list) or len(value) != 2 or value[0] not in VOLUMES:
        return False
    return _is_number(value[1]) and value[1] > 0


def _is_date(value: object) -> bool:
    if isinstance(value, str):
        try:
            datetime.date.fromisoformat(value)
        except ValueError:
            return False
        return True
    return isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)
