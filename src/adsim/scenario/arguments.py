"""Arguments given in Python: what must be loaded, and what must be a whole number."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from numbers import Integral
from typing import TypeVar

import polars as pl

from adsim.errors import Problem
from adsim.scenario.plans import Plan
from adsim.scenario.scenario import Scenario
from adsim.scenario.tables import Sheet

Many = TypeVar("Many", bound=Collection[str])


def loaded_problems(scenario: object, **plans: object) -> list[Problem]:
    """Arguments that are no scenario or no plan: a path, say, that has not been loaded.

    And numbers of plans that are not finite: whoever replaces columns of a plan passes every check
    of `load_plan`.
    """
    problems = []
    if not isinstance(scenario, Scenario):
        found = f"is of type {type(scenario).__name__}"
        cure = "load it with adsim.load_scenario(FOLDER)"
        problems.append(Problem("scenario", "must be a Scenario", found, cure))
    for name, plan in plans.items():
        if not isinstance(plan, Plan):
            found = f"is of type {type(plan).__name__}"
            cure = "load it with adsim.load_plan(FOLDER, scenario)"
            problems.append(Problem(name, "must be a Plan", found, cure))
        else:
            problems += _infinite_numbers(name, plan.keywords)
    return problems


def _infinite_numbers(name: str, keywords: pl.DataFrame) -> list[Problem]:
    """Cells of a plan's keywords that are NaN or infinite."""
    sheet = Sheet(name, keywords, pl.int_range(1, keywords.height + 1, eager=True))
    problems = []
    for column in keywords.select(pl.col(pl.Float64)).iter_columns():
        rule = f"{column.name} of its keywords must be finite"
        cure = "correct it; adsim.make_plan checks all cells"
        problems += sheet.problems(~column.is_finite(), rule, partial(_found, column), cure)
    return problems


def _found(column: pl.Series, line: int) -> str:
    return f"is {column[line]}"


def whole_problems(*ranges: tuple[str, object, int, int]) -> list[Problem]:
    """Arguments, each (name, value, low, high), that are not None and no whole number in range."""
    problems = []
    for name, value, low, high in ranges:
        if value is not None and not (isinstance(value, Integral) and low <= int(value) <= high):
            rule = f"must be a whole number from {low} to {high}"
            problems.append(Problem(name, rule, f"is {value!r}", "give one or leave it out"))
    return problems


def several(names: str | Many) -> tuple[str, ...] | Many:
    """A single text as a list of one: `by="campaign"` means `by=["campaign"]`."""
    return (names,) if isinstance(names, str) else names
