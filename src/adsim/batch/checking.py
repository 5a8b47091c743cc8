"""A whole sweep read and checked: nothing runs before every world of it is known to be sound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

from adsim.batch.declaring import TODAY, Declaration, as_toml_text, declare_sweep, flat
from adsim.batch.tasks import Identity, Task
from adsim.batch.worlds import PlanFiles, Worlds, read_plan_files
from adsim.errors import BatchError, Problem, ScenarioError
from adsim.scenario import Scenario
from adsim.scenario.declaring import as_toml, read_toml
from adsim.scenario.loading import read_scenario
from adsim.scenario.plans import read_draft
from adsim.simulate.recipe import versions
from adsim.simulate.run import warn_of_unlimited_rivals

SHOWN_AT_MOST = 50  # problems of worlds; one wrong value can spoil every cell of a large grid


@dataclass(frozen=True)
class Job:
    """A sweep that can be run.

    Attributes:
        declaration: What the file says.
        worlds: What workers need.
        identity: What tasks are named by.
    """

    declaration: Declaration
    worlds: Worlds
    identity: Identity

    def tasks(self) -> Iterator[Task]:
        """Every task, one at a time, in the order of the file; seeds are innermost."""
        for cell, seeds in self.declaration.cells():
            yield from self.identity.tasks(cell, seeds)

    def recipe(self) -> dict[str, Any]:
        """All that the results depend on; no clock time, no path."""
        keys, name = self.declaration.keys, self.declaration.name
        entries = [
            {
                **entry.model_dump(exclude_none=True, exclude={"settings"}),
                "scenario": name(entry.scenario),
                "plan": name(entry.plan),
                "set": {key: as_toml_text(value) for key, value in flat(entry.settings).items()},
            }
            for entry in self.declaration.entries
        ]
        settings = self.declaration.settings.items()
        currencies = {world.scenario.currency for world in self.worlds.scenarios.values()}
        return {
            **self.worlds.versions,
            "scenarios": [*self.identity.scenarios],
            "plans": [*self.identity.plans],
            "digests": {"scenarios": self.identity.scenarios, "plans": self.identity.plans},
            "grid": {
                "scenarios": [name(path) for path in keys.scenarios],
                "plans": [name(path) for path in keys.plans],
                "set": {key: [as_toml_text(value) for value in values] for key, values in settings},
            },
            "tasks": entries,
            **keys.model_dump(include={"seeds", "fidelity", "replications", "days", "by"}),
            "currency": currencies.pop() if len(currencies) == 1 else None,
            "varied": self.worlds.varied,
        }


def read_sweep(source: str | PathLike[str] | Mapping[str, Any]) -> Job:
    """The sweep of a SWEEP.toml, whose paths are relative to its folder, or of its keys in Python.

    Raises BatchError with every problem of the file, the scenarios, the plans and the settings.
    """
    if isinstance(source, Mapping):
        raw, where, folder = as_toml(dict(source)), "sweep", Path()
    else:
        raw, where, folder = read_toml(Path(source)), str(source), Path(source).parent
    if isinstance(raw, Problem):
        raise BatchError(raw)
    declaration, problems = declare_sweep(raw, where, folder)
    if declaration is None:
        raise BatchError(*problems)
    scenarios, problems = _read_scenarios(declaration)
    problems += _world_problems(declaration, scenarios, where)
    if problems:
        raise BatchError(*problems)
    _warn(declaration, scenarios)
    return _job(declaration, scenarios)


def _read_scenarios(declaration: Declaration) -> tuple[dict[str, Scenario], list[Problem]]:
    scenarios, problems = {}, []
    for name, path in declaration.scenarios().items():
        scenario, found = read_scenario(declaration.folder / path)
        problems += found
        if scenario is not None and not found:
            scenarios[name] = scenario
    return scenarios, problems


def _world_problems(
    declaration: Declaration, scenarios: dict[str, Scenario], where: str
) -> list[Problem]:
    """What is wrong with a scenario under a cell's settings, or with a plan in it, each once."""
    folders = {name: declaration.folder / path for name, path in declaration.plans().items()}
    drafts = {name: read_draft(folder) for name, folder in folders.items() if name != TODAY}
    found: dict[Problem, None] = {}
    for (name, overrides), plans in _distinct_worlds(declaration).items():
        scenario = scenarios.get(name)
        try:
            scenario = scenario and scenario.with_overrides(overrides)
        except ScenarioError as error:  # its plans are checked without the overrides
            place = f"{where}, scenario {name}"
            found |= dict.fromkeys(_placed(problem, place) for problem in error.problems)
        for plan in plans:
            if plan != TODAY:
                draft, problems = drafts[plan]
                broken = draft.within(scenario)[1] if draft and scenario else []
                told = [*problems, *broken]
                found |= dict.fromkeys(_in_scenario(problem, name) for problem in told)
    return _first_of([*found], where)


def _distinct_worlds(
    declaration: Declaration,
) -> dict[tuple[str, tuple[str, ...]], dict[str, None]]:
    """The plans of every scenario under every overrides."""
    worlds: dict[tuple[str, tuple[str, ...]], dict[str, None]] = {}
    for cell, _ in declaration.cells():
        worlds.setdefault((cell.scenario, cell.overrides), {})[cell.plan] = None
    return worlds


def _placed(problem: Problem, place: str) -> Problem:
    return replace(problem, where=f"{place}, {problem.where.removeprefix('--')}")


def _in_scenario(problem: Problem, name: str) -> Problem:
    return replace(problem, where=f"{problem.where} (in scenario {name})")


def _first_of(problems: list[Problem], where: str) -> list[Problem]:
    more = len(problems) - SHOWN_AT_MOST
    if more <= 0:
        return problems
    rest = Problem(where, "all settings must hold", f"{more} more do not", "correct them likewise")
    return [*problems[:SHOWN_AT_MOST], rest]


def _warn(declaration: Declaration, scenarios: dict[str, Scenario]) -> None:
    fidelities = {(cell.scenario, cell.fidelity) for cell, _ in declaration.cells()}
    for name, fidelity in sorted(fidelities):
        warn_of_unlimited_rivals(scenarios[name], fidelity)


def _job(declaration: Declaration, scenarios: dict[str, Scenario]) -> Job:
    plans: dict[str, PlanFiles] = {}
    for name, path in declaration.plans().items():
        if name != TODAY:
            plans[name] = read_plan_files(declaration.folder / path)
    varied = dict.fromkeys(declaration.varied, True)
    for cell, _ in declaration.cells():
        for key, label in zip(varied, cell.labels, strict=True):
            varied[key] &= not isinstance(label, str)
    by = declaration.keys.by
    worlds = Worlds(scenarios, plans, varied, by, versions())
    common = {"versions": worlds.versions, "varied": varied, "by": by}
    digests = {name: scenario.digest() for name, scenario in scenarios.items()}
    plan_digests = {
        name: plans[name].digest() if name in plans else None for name in declaration.plans()
    }
    return Job(declaration, worlds, Identity(digests, plan_digests, common))
