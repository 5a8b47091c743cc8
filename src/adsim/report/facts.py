"""What was done, in a line of facts: shop, window, plans, fidelity, luck, currency."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from adsim.report.words import Words
from adsim.scenario import Scenario, todays_plan
from adsim.simulate.recipe import plan_digest
from adsim.simulate.run import Run

Facts = list[tuple[str, str]]


def window(words: Words, scenario: Scenario, first_day: int, last_day: int) -> str:
    """The dates of days first_day .. last_day - 1."""
    start = scenario.scenario.start
    first, last = (start + timedelta(days=day) for day in (first_day, last_day - 1))
    if first == last:
        return words("one_day", first=first)
    return words("days", count=last_day - first_day, first=first, last=last)


def run_facts(words: Words, run: Run) -> Iterator[tuple[str, str]]:
    """The facts of a run but for its plan."""
    scenario = run.scenario
    yield words("shop"), scenario.scenario.name
    yield words("window"), window(words, scenario, run.first_day, run.last_day)
    yield words("fidelity"), run.fidelity
    if run.fidelity != "expected":
        yield words("replications"), f"{run.replications:,}"
        yield words("seed"), str(run.seed)
    yield words("keywords_count"), f"{run.plan.keywords.height:,}"
    yield words("currency"), words.currency(scenario.scenario.currency)


def plan_name(words: Words, run: Run) -> str:
    """The plan's own name; whatever is the same as today's is called that."""
    today = plan_digest(run.scenario, todays_plan(run.scenario))
    same = plan_digest(run.scenario, run.plan) == today
    return words("today") if same else run.plan.name


def plan_names(words: Words, a: Run, b: Run) -> tuple[str, str]:
    """Two names that differ."""
    names = plan_name(words, a), plan_name(words, b)
    return names if names[0] != names[1] else (f"{names[0]} A", f"{names[1]} B")
