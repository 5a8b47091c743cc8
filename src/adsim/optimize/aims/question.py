"""What is asked of `optimize`: the goal, the money, what must hold, and when."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from adsim.errors import Problem
from adsim.optimize.aims.fronts import Axis, front_problems, parse_axis
from adsim.optimize.aims.goals import (
    CAUSED,
    GOAL_NAMES,
    GOALS,
    REPORTED,
    VOLUMES,
    Aim,
    GoalName,
    Target,
    Worst,
)
from adsim.optimize.aims.limits import Limit
from adsim.optimize.aims.risk import Risk, parse_risk
from adsim.optimize.aims.settings import vary_problems
from adsim.optimize.aims.variants import variant_rule_problems
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
        risk: cvar:PART, loss:SHARE or worst (see `adsim.optimize.aims.risk`); None = the mean.
        worst_of: Variants of the scenario that the plan must stand beside the scenario itself.
        front: Two goals that a front of plans is drawn over; None = no front.
        vary: Settings to try beside bids (see `adsim.optimize.aims.settings`).
    """

    goal: GoalName | None = None
    budget: float | None = None
    target_roi: float | None = None
    target_cpa: float | None = None
    reach: tuple[str, float] | None = None
    limits: Sequence[Limit] = ()
    start: datetime.date | str | None = None
    days: int | None = None
    risk: str | None = None
    worst_of: Sequence[str] = ()
    front: Sequence[str] | None = None
    vary: Sequence[str] = ()

    def problems(self, n_markets: int = 0) -> list[Problem]:
        """Everything that is wrong with it, whatever the scenario; so many markets are given."""
        told = [*self._goal_problems(), *self._number_problems(), *self._window_problems()]
        told += [*self._risk_problems(n_markets), *self._front_problems()]
        told += [*vary_problems(self.vary), *self._vary_problems()]
        if isinstance(self.limits, list | tuple):
            return told
        rule, found = "must be a list of Limit", f"is of type {type(self.limits).__name__}"
        cure = "read a file with adsim.optimize.aims.limits.load_limits, or make a list"
        return [*told, Problem("limits", rule, found, cure)]

    def problems_in(self, scenario: Scenario) -> Iterator[Problem]:
        """What a scenario cannot answer."""
        if not self._counts_caused:
            return
        where, asked = ("goal", self.goal) if self.reach is None else ("reach", self.reach[0])
        if not scenario.has_organic:
            rule, found = f"{asked} needs orders that come without a click", "there are none"
            cure = "give queries.csv a column organic, or ask for what is attributed: profit, say"
            yield Problem(where, rule, found, cure)
        if scenario.journey is not None:
            rule = f"{asked} needs persons that stay what they are"
            cure = "ask for what is attributed, or leave out the [journey]"
            yield Problem(where, rule, "the scenario has a [journey]", cure)

    @property
    def _counts_caused(self) -> bool:
        asked = self.goal if self.reach is None else self.reach[0]
        return isinstance(asked, str) and asked.startswith(CAUSED)

    def aim(self) -> Aim:
        """What the search is after."""
        if self.reach is not None:
            return Aim(GOALS[self.reach[0]], reach=float(self.reach[1]))
        goal, risk = GOALS[self.goal or "profit"], self.wanted_risk()
        targets: list[tuple[Literal["roi", "caused_roi", "cpa"], float | None]] = [
            ("caused_roi" if goal.is_caused else "roi", self.target_roi),
            ("cpa", self.target_cpa),
        ]
        given = [Target(metric, float(value)) for metric, value in targets if value is not None]
        if risk is not None and risk.kind == "worst":
            goal = Worst(**vars(goal))
        return Aim(goal, given[0] if given else None, risk=risk)

    def axes(self) -> tuple[Axis, Axis] | None:
        """What the front is drawn over."""
        if self.front is None:
            return None
        first, second = (parse_axis(name, self.goal) for name in self.front)
        return first, second

    def wanted_risk(self) -> Risk | None:
        """The risk that counts, of a question without problems; variants stand for `worst`."""
        found = parse_risk(self.risk or "worst")
        assert isinstance(found, Risk)
        return found if self.risk is not None or self.worst_of else None

    def world(self, scenario: Scenario) -> Scenario:
        """The scenario in the window asked for. Raises ScenarioError where no such day is."""
        keys = {"start": self.start, "days": self.days}
        given = [f"scenario.{key}={value}" for key, value in keys.items() if value is not None]
        return scenario.with_overrides(given) if given else scenario

    def recipe(self) -> dict[str, Any]:
        """What was asked, for the recipe; what was left out is not there."""
        asked = {
            name: getattr(self, name)
            for name in ("goal", "budget", "target_roi", "target_cpa", "reach", "days", "risk")
        }
        asked["start"] = None if self.start is None else str(self.start)
        limits = [
            {name: one for name, one in vars(limit).items() if one is not None and name != "where"}
            for limit in self.limits
        ]
        lists = {"limits": limits, "worst_of": list(self.worst_of)}
        lists |= {"front": list(self.front or ()), "vary": list(self.vary)}
        told = {name: one for name, one in asked.items() if one is not None}
        return told | {name: one for name, one in lists.items() if one}

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
        if self.target_cpa is not None and self._counts_caused:
            cure = "give target_roi, which is then of caused orders, too"
            rule = "must come with a goal of attributed orders"
            yield Problem("target_cpa", rule, f"goal is {self.goal}", cure)
        if self.reach is not None:
            for name in ("goal", *targets):
                if name in targets or self.goal is not None:
                    cure = "leave one of the two out"
                    yield Problem("reach", f"must come without {name}", "both are there", cure)

    def _risk_problems(self, n_markets: int) -> Iterator[Problem]:
        if isinstance(self.worst_of, str):
            yield Problem("worst_of", "must be a list of texts", "is one text", "put it in a list")
            return
        yield from variant_rule_problems(self.worst_of)
        found = parse_risk(self.risk) if self.risk is not None else None
        if isinstance(found, Problem):
            yield found
            return
        if found is None and not self.worst_of:
            return
        where = "risk" if self.risk is not None else "worst_of"
        if self.goal in GOAL_NAMES and self.goal not in VOLUMES:
            rule = f"must come with a goal of {', '.join(VOLUMES)}"
            yield Problem(where, rule, f"goal is {self.goal}", "choose one of them")
        if self.reach is not None:
            yield Problem(where, "must come without reach", "both are there", "leave one out")
        if isinstance(found, Risk) and found.kind != "worst":
            if self.goal in VOLUMES and self.goal not in REPORTED:
                rule = f"{found.kind} must come with a goal of {', '.join(REPORTED)}"
                yield Problem("risk", rule, f"goal is {self.goal}", "choose one of them")
            if self.worst_of:
                cure = "give worst, or leave the variants out"
                yield Problem("risk", "must be worst with worst_of", f"is {self.risk}", cure)
            return
        yield from self._worst_problems(where, n_markets)

    def _front_problems(self) -> Iterator[Problem]:
        if self.front is None:
            return
        yield from front_problems(self.front, self.goal)
        if self.goal in GOAL_NAMES and self.goal not in REPORTED:
            rule = f"must come with a goal of {', '.join(REPORTED)}"
            yield Problem("front", rule, f"goal is {self.goal}", "choose one of them")
        for name in ("target_roi", "target_cpa", "reach", "risk", "worst_of"):
            if getattr(self, name):
                cure = "leave one of the two out"
                yield Problem("front", f"must come without {name}", "both are there", cure)

    def _vary_problems(self) -> Iterator[Problem]:
        for name in ("risk", "worst_of", "front"):
            if self.vary and getattr(self, name):
                cure = "leave one of the two out"
                yield Problem("vary", f"must come without {name}", "both are there", cure)

    def _worst_problems(self, where: str, n_markets: int) -> Iterator[Problem]:
        cure = "leave one of the two out"
        for name in ("target_roi", "target_cpa"):
            if getattr(self, name) is not None:
                rule = f"the worst scenario must come without {name}"
                yield Problem(where, rule, "both are there", cure)
        if self.worst_of and n_markets:
            yield Problem("worst_of", "must come without markets", "both are there", cure)
        if not self.worst_of and n_markets < 2:
            rule = "worst needs several scenarios"
            yield Problem(where, rule, "there is one", "add worst_of rivals=1.3, say, or markets")

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
