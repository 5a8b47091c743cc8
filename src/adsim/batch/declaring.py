"""SWEEP.toml: what it may say, and how its keys become cells of the grid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Annotated, Any

import tomlkit
from pydantic import BeforeValidator, Field, field_validator

from adsim.batch.tasks import Cell, Label
from adsim.errors import Problem
from adsim.results.registry import GROUPS
from adsim.scenario.declaring import shown, validate
from adsim.scenario.kinds import Declared, Name, Whole, broken
from adsim.scenario.text import name_cure
from adsim.simulate.settings import DEFAULT_REPLICATIONS, DEFAULT_SEED, LARGEST_SEED, Fidelity

TODAY = "today"
"""The plan that changes nothing."""

MOST_SEEDS = LARGEST_SEED + 1


def _seeds(value: object) -> object:
    """A list of seeds, or the list that `{ first = 1, count = 200 }` stands for."""
    rule = f"must hold whole numbers from 0 to {LARGEST_SEED}"
    cure = "write [1, 2, 3] or { first = 1, count = 20 }, say"
    listed = _range_of(value) if isinstance(value, Mapping) else value
    if not isinstance(listed, list | range) or not listed:
        raise broken(rule, f"is {shown(value)}", cure)
    for seed in listed:
        if type(seed) is not int or not 0 <= seed <= LARGEST_SEED:
            raise broken(rule, f"holds {shown(seed)}", cure)
    return tuple(listed)


def _range_of(table: Mapping[str, Any]) -> range | None:
    first, count = (table.get(name) for name in ("first", "count"))
    if set(table) != {"first", "count"} or not (type(first) is type(count) is int):
        return None
    return range(first, first + min(count, MOST_SEEDS))


Seeds = Annotated[
    tuple[int, ...],
    BeforeValidator(_seeds),
    Field(description="Whole numbers, or { first = 1, count = 20 }."),
]
Level = Annotated[Fidelity, Field(description="expected, counts or events.")]
Replications = Annotated[
    Whole, Field(ge=1, le=1_000_000, description="Histories of a task, each with its own luck.")
]
Days = Annotated[
    Whole | None, Field(ge=1, le=3660, description="Days to run; absent: as the scenario says.")
]


class TaskKeys(Declared):
    """One entry of [[tasks]]: a cell with its seeds; what it leaves out is as for the grid."""

    scenario: Name = Field(description="A scenario's folder.")
    plan: Name = Field(default=TODAY, description='A plan\'s folder, or "today".')
    settings: dict[str, Any] = Field(default={}, alias="set", description="Keys and their value.")
    seeds: Seeds | None = None
    fidelity: Level | None = None
    replications: Replications | None = None
    days: Days = None


class SweepKeys(Declared):
    """The whole of SWEEP.toml."""

    scenarios: tuple[Name, ...] = Field(default=(), description="Scenario folders.")
    plans: Annotated[tuple[Name, ...], Field(min_length=1)] = Field(
        default=(TODAY,), description='Plan folders, or "today".'
    )
    seeds: Seeds = (DEFAULT_SEED,)
    fidelity: Level = "counts"
    replications: Replications = DEFAULT_REPLICATIONS
    days: Days = None
    by: tuple[str, ...] = Field(default=(), description="Groups: a row for each of them.")
    settings: dict[str, Any] = Field(
        default={}, alias="set", description="Keys of the scenario and the list of their values."
    )
    tasks: tuple[dict[str, Any], ...] = Field(default=(), description="Cells beside the grid.")

    @field_validator("by")
    @classmethod
    def _known_groups(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in GROUPS:
                cure = name_cure(name, GROUPS, "use one of the known groups")
                raise broken(f"must be among {', '.join(GROUPS)}", f"holds {name!r}", cure)
        return names


@dataclass(frozen=True)
class Declaration:
    """A sweep as its file declares it.

    Attributes:
        folder: What paths in the file are relative to.
        keys: The keys of the file.
        entries: Its [[tasks]].
        settings: The keys that the grid varies, each with its values.
        varied: All keys that the grid or a task sets; the columns of the results.
    """

    folder: Path
    keys: SweepKeys
    entries: tuple[TaskKeys, ...]
    settings: dict[str, list[Any]]
    varied: tuple[str, ...]

    def scenarios(self) -> dict[str, str]:
        """Name of every scenario, and its path as it stands in the file."""
        paths = [*self.keys.scenarios, *(entry.scenario for entry in self.entries)]
        return {self.name(path): path for path in paths}

    def plans(self) -> dict[str, str]:
        """Name of every plan, in the order of the file, and its path as it stands there."""
        paths = [*(self.keys.plans if self.keys.scenarios else ())]
        paths += [entry.plan for entry in self.entries]
        return {self.name(path): path for path in paths}

    def name(self, path: str) -> str:
        """What results call a folder."""
        return TODAY if path == TODAY else (self.folder / path).resolve().name

    def cells(self) -> Iterator[tuple[Cell, tuple[int, ...]]]:
        """Every cell with its seeds: the grid, the last key fastest, then the [[tasks]]."""
        keys = self.keys
        for scenario, plan, *values in product(keys.scenarios, keys.plans, *self.settings.values()):
            chosen = dict(zip(self.settings, values, strict=True))
            yield self._cell(scenario, plan, chosen, keys), keys.seeds
        for entry in self.entries:
            cell = self._cell(entry.scenario, entry.plan, flat(entry.settings), entry)
            yield cell, entry.seeds or keys.seeds

    def _cell(
        self, scenario: str, plan: str, values: dict[str, Any], own: SweepKeys | TaskKeys
    ) -> Cell:
        common = self.keys
        return Cell(
            self.name(scenario),
            self.name(plan),
            tuple(f"{key}={as_toml_text(value)}" for key, value in values.items()),
            tuple(label(values[key]) if key in values else None for key in self.varied),
            own.fidelity or common.fidelity,
            own.replications or common.replications,
            own.days or common.days,
        )


def declare_sweep(
    raw: Mapping[str, Any], where: str, folder: Path
) -> tuple[Declaration | None, list[Problem]]:
    """Declaration of the keys of a SWEEP.toml, or every problem of the file itself."""
    keys, problems = validate(SweepKeys, raw, lambda _: where)
    entries = []
    for place, entry in enumerate(_entries(raw)):
        found, entry_problems = validate(TaskKeys, entry, lambda _: where, ("tasks", place))
        problems += entry_problems
        if found is not None:
            entries.append(found)
            problems += _key_problems(flat(found.settings), where, f"tasks.{place}.set")
    settings = flat(raw["set"]) if isinstance(raw.get("set"), Mapping) else {}
    problems += [
        *_key_problems(settings, where, "set"),
        *_list_problems(settings, where),
        *_repeat_problems(raw, settings, where),
        *_nothing_problems(raw, where),
    ]
    if keys is None or problems:
        return None, problems
    varied = dict.fromkeys([*settings, *(key for entry in entries for key in flat(entry.settings))])
    declaration = Declaration(folder, keys, tuple(entries), settings, tuple(varied))
    problems = [*_name_problems(declaration, where), *_luck_problems(declaration, where)]
    return (None if problems else declaration), problems


def _name_problems(declaration: Declaration, where: str) -> list[Problem]:
    """Different folders of one name: results could not tell them apart."""
    keys, entries = declaration.keys, declaration.entries
    problems = []
    for kind, paths in (
        ("scenarios", [*keys.scenarios, *(entry.scenario for entry in entries)]),
        ("plans", [*keys.plans, *(entry.plan for entry in entries)]),
    ):
        first: dict[str, str] = {}
        for path in dict.fromkeys(paths):
            name = declaration.name(path)
            if first.setdefault(name, path) != path:
                rule = f"{kind} must have names of their own"
                found = f"{first[name]} and {path} are both called {name}"
                problems.append(Problem(where, rule, found, "rename one of the folders"))
    return problems


def _luck_problems(declaration: Declaration, where: str) -> list[Problem]:
    for cell, seeds in declaration.cells():
        if cell.fidelity == "expected" and len(seeds) > 1:
            rule = "seeds must hold one number at fidelity expected, which has no luck"
            return [Problem(where, rule, f"hold {len(seeds)}", "give one, or choose counts")]
    return []


def flat(table: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """Nested tables as the dotted key paths that `--set` takes; names with a dot in quotes."""
    found: dict[str, Any] = {}
    for name, value in table.items():
        quoted = path and ("." in name or not name.strip())
        step = f'{path}."{name}"' if quoted else f"{path}.{name}" if path else name
        if isinstance(value, Mapping):
            found |= flat(value, step)
        else:
            found[step] = value
    return found


def as_toml_text(value: Any) -> str:
    """A value as it would stand in scenario.toml."""
    return str(tomlkit.item(value).as_string())


def label(value: Any) -> Label:
    """A value as a cell of a table: numbers as they are, all else as text."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return value if isinstance(value, str) else as_toml_text(value)


def _entries(raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The entries of [[tasks]], none where they are no list of tables (told elsewhere)."""
    entries = raw.get("tasks", [])
    is_list = isinstance(entries, list) and all(isinstance(entry, Mapping) for entry in entries)
    return entries if is_list else []


def _key_problems(settings: Mapping[str, Any], where: str, prefix: str) -> list[Problem]:
    rule = "must be the path of a key in a section of scenario.toml"
    cure = "write it like auction.reserve_score"
    return [
        Problem(where, f"{prefix}.{key} {rule}", "names no key in it", cure)
        for key in settings
        if "." not in key
    ]


def _list_problems(settings: Mapping[str, Any], where: str) -> list[Problem]:
    problems = []
    for key, values in settings.items():
        rule = f"set.{key} must be a list of values"
        if not isinstance(values, list):
            cure = "put it into [brackets], also where it is one"
            problems.append(Problem(where, rule, f"is {shown(values)}", cure))
        elif not values:
            problems.append(Problem(where, rule, "is empty", "give a value or leave the key out"))
    return problems


def _repeat_problems(
    raw: Mapping[str, Any], settings: Mapping[str, Any], where: str
) -> list[Problem]:
    """Values that stand twice in a list of the grid: their tasks would be the same."""
    lists = {name: raw.get(name) for name in ("scenarios", "plans", "seeds", "by")}
    lists |= {f"set.{key}": values for key, values in settings.items()}
    problems = []
    for name, values in lists.items():
        counts = Counter(map(repr, values)) if isinstance(values, list) else Counter()
        rule = f"{name} must hold each value once"
        problems += [
            Problem(where, rule, f"{text} is there {count} times", "keep one of them")
            for text, count in counts.items()
            if count > 1
        ]
    return problems


def _nothing_problems(raw: Mapping[str, Any], where: str) -> list[Problem]:
    if raw.get("scenarios") or raw.get("tasks"):
        return []
    cure = 'give scenarios = ["FOLDER"], or [[tasks]]'
    return [Problem(where, "must say what to run", "names no scenario", cure)]
