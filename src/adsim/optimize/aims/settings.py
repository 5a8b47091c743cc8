"""Settings to try beside bids: caps, the size of a lookalike, any key of scenario.toml.

`KEY=VALUE,VALUE,...` names a key as `--set` does and values of it; `none` is no cap, no budget.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod

from adsim.errors import OptimizeError, Problem, ScenarioError
from adsim.scenario import Scenario
from adsim.scenario.overrides import value_at
from adsim.scenario.plans import NO_DECISIONS

MOST_SETTINGS = 16
NOT_DECIDED = ("scenario", "population", "journey")  # tables of keys that say what is, or when
VALUE = re.compile(r'(?:\[[^\]]*\]|\{[^}]*\}|"[^"]*"|[^,\[{"])+')
NONE = "none"
CAP, PERIOD = ".frequency_cap", ".cap_days"


@dataclass(frozen=True)
class Setting:
    """One combination of values.

    Attributes:
        scenario: The scenario with them.
        values: All of them by key, as they are written.
        changed: Those that differ from today's.
    """

    scenario: Scenario
    values: Mapping[str, str] = field(default_factory=dict)
    changed: Mapping[str, str] = field(default_factory=dict)

    @property
    def steps(self) -> dict[str, str]:
        """What differs from today and no plan can set: it has to be done elsewhere."""
        return {key: value for key, value in self.changed.items() if not is_of_plan(key)}


def is_of_plan(key: str) -> bool:
    """Whether plan.toml can hold a key."""
    first, *_, last = key.split(".")
    return first in ("campaigns", "account") and last not in NO_DECISIONS


def parse_vary(text: str) -> tuple[str, list[str]]:
    """The key, and its values in order."""
    key, _, values = text.partition("=")
    return key.strip(), [value.strip() for value in VALUE.findall(values)]


def vary_problems(texts: object) -> Iterator[Problem]:
    """What is wrong with settings to try, whatever the scenario."""
    if isinstance(texts, str) or not isinstance(texts, Sequence):
        yield Problem("vary", "must be a list of texts", f"is {texts!r}", "put it in a list")
        return
    parsed = [parse_vary(str(text)) for text in texts]
    cure = 'give "campaigns.core.frequency_cap=1,2,3,none", say'
    for text, (key, values) in zip(texts, parsed, strict=True):
        if not key or not values:
            yield Problem(f"vary {text}", "must be KEY=VALUE,VALUE,...", "is not", cure)
        elif key.split(".")[0] in NOT_DECIDED:
            rule = "must be a setting that somebody chooses"
            yield Problem(f"vary {text}", rule, f"{key} is not", "vary a cap or a lookalike's size")
    keys = [key for key, _ in parsed]
    if len(set(keys)) < len(keys):
        yield Problem("vary", "must name each key once", "names one twice", "join its values")


def list_settings(scenario: Scenario, texts: Sequence[str]) -> list[Setting]:
    """All combinations, today's first. One setting where nothing varies.

    Raises OptimizeError with every value that the scenario does not take, and where there are too
    many combinations.
    """
    columns = [_values_of(scenario, *parse_vary(text)) for text in texts]
    problems = [problem for column in columns for problem in column.problems]
    count = prod(len(column.values) for column in columns)
    if count > MOST_SETTINGS:
        each = " x ".join(str(len(column.values)) for column in columns)
        rule = f"must make at most {MOST_SETTINGS} combinations, today's values among them"
        cure = "leave some values out"
        problems.append(Problem("vary", rule, f"makes {count} ({each})", cure))
    if problems:
        raise OptimizeError(*problems)
    known: dict[str, Setting] = {}
    for values in product(*(column.values for column in columns)):
        both = list(zip(columns, values, strict=True))
        changed = {column.key: value for column, value in both if value != column.values[0]}
        try:
            world = scenario.with_overrides(_overrides(scenario, changed)) if changed else scenario
        except ScenarioError as error:
            problems += [_renamed(problem, changed) for problem in error.problems]
        else:
            written = {column.key: value for column, value in both}
            known.setdefault(world.digest(), Setting(world, written, changed))
    if problems:
        raise OptimizeError(*problems)
    return list(known.values())


@dataclass(frozen=True)
class _Column:
    """A key, its values with today's first, and which of them are wrong."""

    key: str
    values: list[str]
    problems: list[Problem]


def _values_of(scenario: Scenario, key: str, values: list[str]) -> _Column:
    today = value_at(scenario.model_dump(by_alias=True), key)
    base = scenario
    if key.endswith(PERIOD) and not _has_cap(scenario, key, {}):  # one of another value varied
        base = scenario.with_overrides([f"{key.removesuffix(PERIOD)}{CAP}=1"])
    others, problems, digest = [], [], base.digest()
    for value in dict.fromkeys(values):
        try:
            if base.with_overrides(_overrides(base, {key: value})).digest() != digest:
                others.append(value)
        except ScenarioError as error:
            problems += [_renamed(problem, {key: value}) for problem in error.problems]
    return _Column(key, [NONE if today is None else f"{today}", *others], problems)


def _renamed(problem: Problem, values: Mapping[str, str]) -> Problem:
    told = ", ".join(f"{key}={value}" for key, value in values.items())
    return Problem(f"vary {told}", problem.rule, problem.found, problem.cure)


def _overrides(scenario: Scenario, changed: Mapping[str, str]) -> list[str]:
    """As `--set` has them; where there is no cap, its period is of no use and may not stand."""
    written = []
    for key, value in changed.items():
        if not key.endswith(PERIOD) or _has_cap(scenario, key, changed):
            written.append(f"{key}={'unlimited' if value == NONE else value}")
        if key.endswith(CAP) and value == NONE:
            written.append(f"{key.removesuffix(CAP)}{PERIOD}=1")
    return written


def _has_cap(scenario: Scenario, period: str, changed: Mapping[str, str]) -> bool:
    key = f"{period.removesuffix(PERIOD)}{CAP}"
    return changed.get(key, value_at(scenario.declared(), key)) not in (None, NONE)
