"""What a test of creatives takes before it begins, or what can be found for a given sum or time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor, isfinite
from typing import Any

import polars as pl

from adsim.creatives.options import number_problem, plan_number_problems
from adsim.creatives.power import lift_found, trials_needed
from adsim.creatives.texts import Say, speaker
from adsim.errors import CreativeError, Problem
from adsim.results.heads import Lang

GOALS = ("ctr", "cvr", "orders")
"""What a test can be planned for."""

USUAL_LIFT = 0.2
MOST_IMPRESSIONS = 10**12


@dataclass(frozen=True)
class CreativePlan:
    """A test before it begins.

    Attributes:
        table: One row: goal, creatives, rate (of the goal), lift, power, alpha, impressions_each
            (of a creative), impressions, clicks, spend (null without a cost per click), days
            (null without impressions a day).
    """

    table: pl.DataFrame

    @property
    def sentences(self) -> tuple[str, ...]:
        """The same in words, and how it was found, in English."""
        return self.explain()

    def explain(self, lang: Lang = "en") -> tuple[str, ...]:
        """The same in words, and how it was found, in English or Chinese."""
        return tuple(_sentences(speaker(lang), self.table.row(0, named=True)))


@dataclass(frozen=True)
class _Asked:
    """The question; the units of `plan_creative_test`."""

    ctr: float
    lift: float | None
    creatives: int
    goal: str
    cvr: float | None
    cpc: float | None
    impressions_a_day: float | None
    budget: float | None
    days: float | None
    power: float
    alpha: float

    @property
    def rate(self) -> float:
        """Of the goal."""
        return {"ctr": self.ctr, "cvr": self.cvr or 0.0}.get(
            self.goal, self.ctr * (self.cvr or 0.0)
        )

    @property
    def trials_an_impression(self) -> float:
        return self.ctr if self.goal == "cvr" else 1.0


def plan_creative_test(
    ctr: float,
    lift: float | None = None,
    creatives: int = 4,
    *,
    goal: str = "ctr",
    cvr: float | None = None,
    cpc: float | None = None,
    impressions_a_day: float | None = None,
    budget: float | None = None,
    days: float | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
) -> CreativePlan:
    """Impressions, days and money that a test takes, or the lift that can be found with them.

    Parameters
    ----------
    ctr
        Expected clicks / impressions.
    lift
        Relative lead of the best creative over all others that is to be found, 0.2 by default;
        absent with `budget` or `days`, which then say what can be found.
    creatives
        How many are shown, each equally often.
    goal
        ctr (clicks / impressions), cvr (orders / clicks) or orders (orders / impressions).
    cvr
        Expected orders / clicks, needed for cvr and orders.
    cpc, impressions_a_day
        Cost of a click and impressions a day of all creatives together, for money and days.
    budget, days
        Money or days that there are; the one that ends first counts.
    power, alpha
        Chance of finding the lift, and greatest chance of naming a creative that is not better than
        all others, whatever the truth (`power.py` has test and sources).

    Raises
    ------
    CreativeError
        With every number that is out of its range or missing.
    """
    asked = _Asked(
        ctr, lift, creatives, goal, cvr, cpc, impressions_a_day, budget, days, power, alpha
    )
    if problems := [*_range_problems(asked)] or [*_fit_problems(asked)]:
        raise CreativeError(*problems)
    each, found = _sized(asked)
    impressions = each * creatives
    clicks = impressions * ctr
    row = {
        "goal": goal,
        "creatives": creatives,
        "rate": asked.rate,
        "lift": found,
        "power": power,
        "alpha": alpha,
        "impressions_each": each,
        "impressions": impressions,
        "clicks": clicks,
        "spend": None if cpc is None else clicks * cpc,
        "days": None if impressions_a_day is None else ceil(impressions / impressions_a_day),
    }
    table = pl.DataFrame([row], schema_overrides={"spend": pl.Float64, "days": pl.Int64})
    return CreativePlan(table)


def _range_problems(asked: _Asked) -> Iterator[Problem]:
    ranges = (
        ("ctr", asked.ctr, 1e-9, 0.999, False),
        ("cvr", asked.cvr, 1e-9, 0.999, True),
        ("cpc", asked.cpc, 0, 1e9, True),
        ("impressions_a_day", asked.impressions_a_day, 1, MOST_IMPRESSIONS, True),
        ("budget", asked.budget, 0, 1e12, True),
        ("days", asked.days, 1, 3660, True),
    )
    for name, value, low, high, optional in ranges:
        if (not optional or value is not None) and (
            problem := number_problem(name, value, low, high)
        ):
            yield problem
    lift = USUAL_LIFT if asked.lift is None else asked.lift
    yield from filter(None, plan_number_problems(lift, asked.power, asked.alpha))
    whole = isinstance(asked.creatives, int) and not isinstance(asked.creatives, bool)
    if not (whole and 2 <= asked.creatives <= 1000):
        rule, found = "must be a whole number from 2 to 1000", f"is {asked.creatives!r}"
        yield Problem("creatives", rule, found, "give 4, say")
    if asked.goal not in GOALS:
        rule = f"must be {', '.join(GOALS[:-1])} or {GOALS[-1]}"
        yield Problem("goal", rule, f"is {asked.goal!r}", "give one of them")


def _fit_problems(asked: _Asked) -> Iterator[Problem]:
    """What does not go together, where each number alone is in its range."""
    if asked.goal != "ctr" and asked.cvr is None:
        yield Problem("cvr", f"must be given for goal {asked.goal}", "is missing", "give 0.03, say")
    limited = asked.budget is not None or asked.days is not None
    if limited and asked.lift is not None:
        rule, cure = "must be given without budget or days", "leave out the one to be found"
        yield Problem("lift", rule, "is given with them", cure)
    if asked.budget is not None and not asked.cpc:
        yield Problem("cpc", "must be > 0 with a budget", f"is {asked.cpc}", "give 1.5, say")
    if asked.days is not None and asked.impressions_a_day is None:
        rule = "must be given with days"
        yield Problem("impressions_a_day", rule, "is missing", "give 10000, say")
    lift = USUAL_LIFT if asked.lift is None else asked.lift
    if (asked.cvr is not None or asked.goal == "ctr") and asked.rate * (1 + lift) >= 1:
        rule, cure = "must leave the lifted rate below 1", "give a smaller lift or rate"
        yield Problem("lift", rule, f"gives {asked.rate * (1 + lift):.3g}", cure)


def _sized(asked: _Asked) -> tuple[int, float]:
    """Impressions of each creative, and the lift that they find."""
    if asked.budget is None and asked.days is None:
        lift = USUAL_LIFT if asked.lift is None else asked.lift
        trials = trials_needed(asked.rate, lift, asked.creatives, asked.power, asked.alpha)
        each = trials / asked.trials_an_impression
        if not isfinite(each) or each > MOST_IMPRESSIONS:
            rule = f"must need no more than {MOST_IMPRESSIONS:,} impressions a creative"
            raise CreativeError(Problem("lift", rule, "needs more", "give a larger lift or rate"))
        return ceil(each - 1e-6), lift
    limits = []
    if asked.budget is not None and asked.cpc:
        limits.append(asked.budget / (asked.ctr * asked.cpc))
    if asked.days is not None and asked.impressions_a_day is not None:
        limits.append(asked.days * asked.impressions_a_day)
    each = floor(min(limits) / asked.creatives + 1e-6)
    found = float("inf")
    if each >= 1:
        trials = each * asked.trials_an_impression
        found = lift_found(trials, asked.rate, asked.creatives, asked.power, asked.alpha)
    if not isfinite(found):
        named = "budget" if asked.budget is not None else "days"
        rule, cure = "must be enough to find some lift", "give more, or fewer creatives"
        raise CreativeError(Problem(named, rule, f"buys {each:,} impressions each", cure))
    return each, found


def _sentences(say: Say, row: dict[str, Any]) -> Iterator[str]:
    spend, days = row["spend"], row["days"]
    yield say(
        "plan",
        creatives=row["creatives"],
        each=f"{row['impressions_each']:,}",
        impressions=f"{row['impressions']:,}",
        clicks=f"{row['clicks']:,.0f}",
        spend="" if spend is None else say("plan_spend", spend=f"{spend:,.2f}"),
        days="" if days is None else say("plan_days", days=f"{days:,}"),
        measure=say(row["goal"]),
        lift=f"{row['lift']:.1%}",
        rate=f"{row['rate']:.3%}",
        power=f"{row['power']:.0%}",
    )
    yield say("plan_test", alpha=f"{row['alpha']:.1%}")
    yield say("plan_rule")
