"""What may be asked of a test or of a plan for one, and what is out of range."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np

from adsim.creatives.goals import GOALS
from adsim.errors import Problem

PRIORS = ("auto", "table", "published", "flat")


@dataclass(frozen=True)
class Options:
    """How a test is judged; all but the goal have a default that is said in the answer.

    Attributes:
        goal: One of `GOALS`.
        prior: Where the spread between creatives comes from: one of `PRIORS`, or the spread.
        control: Creative that lifts are over; None = the best other one.
        care: Expected loss, as a share of the best's value, that is too small to care about.
        lift, power, alpha: What the number of impressions still needed is for.
        order_cv: Coefficient of variation of the value of one order.
    """

    goal: str = "ctr"
    prior: str | float = "auto"
    control: str | None = None
    care: float = 0.01
    lift: float = 0.2
    power: float = 0.8
    alpha: float = 0.05
    order_cv: float = 1.0

    def problems(self) -> list[Problem]:
        """Every option that is out of its range."""
        found = [
            _word_problem("goal", self.goal, tuple(GOALS)),
            _prior_problem(self.prior),
            number_problem("care", self.care, 0, 1),
            *plan_number_problems(self.lift, self.power, self.alpha),
            number_problem("order_cv", self.order_cv, 0.01, 10),
        ]
        return [problem for problem in found if problem is not None]


def number_problem(name: str, value: object, low: float, high: float) -> Problem | None:
    """What is wrong with a number that must be in [low, high]."""
    is_number = isinstance(value, int | float | np.integer | np.floating)
    if is_number and not isinstance(value, bool) and low <= float(str(value)) <= high:
        return None
    rule = f"must be a number from {low:g} to {high:g}"
    return Problem(name, rule, f"is {value!r}", "give one or leave it out")


def plan_number_problems(lift: object, power: object, alpha: object) -> list[Problem | None]:
    """What is wrong with the numbers that a test's size depends on."""
    return [
        number_problem("lift", lift, 0.001, 10),
        number_problem("power", power, 0.5, 0.999),
        number_problem("alpha", alpha, 1e-6, 0.5),
    ]


def _word_problem(name: str, value: object, known: tuple[str, ...]) -> Problem | None:
    if value in known:
        return None
    close = get_close_matches(str(value), known, n=1)
    cure = f"did you mean {close[0]}?" if close else "give one of them"
    return Problem(name, f"must be {', '.join(known[:-1])} or {known[-1]}", f"is {value!r}", cure)


def _prior_problem(prior: object) -> Problem | None:
    if isinstance(prior, str):
        rule = _word_problem("prior", prior, PRIORS)
        return rule and Problem(
            "prior", f"{rule.rule}, or a spread such as 0.236", rule.found, rule.cure
        )
    return number_problem("prior", prior, 0.001, 1.5)
