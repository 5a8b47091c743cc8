"""A scenario folder into a `Scenario`, with every problem of all its files at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

import polars as pl

from adsim.errors import Problem, ScenarioError
from adsim.scenario.arguments import several
from adsim.scenario.auctions import Auction
from adsim.scenario.audiences import check_audiences
from adsim.scenario.checks import check_campaigns, check_rotations, check_tables
from adsim.scenario.columns import CREATIVES, RIVAL_TABLES, TABLES, TableSpec
from adsim.scenario.declaring import KeyPath, alone, as_toml, declare, read_toml
from adsim.scenario.journeys import Journey
from adsim.scenario.markets import list_markets, read_markets
from adsim.scenario.models import Declaration
from adsim.scenario.overrides import Overrides, apply_overrides
from adsim.scenario.people import read_people
from adsim.scenario.plans import read_plan
from adsim.scenario.populations import Population
from adsim.scenario.reading import cells_of
from adsim.scenario.scenario import Scenario
from adsim.scenario.states import check_journey
from adsim.scenario.tables import (
    Sheet,
    Tables,
    empty_frame,
    filled,
    read_sheet,
    sheet_of,
    typed_sheet,
)
from adsim.scenario.text import closest, name_cure

FILE = "scenario.toml"
PeopleOf = Callable[[Population], tuple[pl.DataFrame | None, list[Problem]]]


def load_scenario(path: str | PathLike[str], overrides: str | Overrides = ()) -> Scenario:
    """The scenario of a folder.

    Args:
        path: The folder that holds scenario.toml and the tables.
        overrides: Keys to change, ``{"auction.reserve_score": 3.0}`` say, or texts such as
            ``campaigns.core.daily_budget=500``, one or several (see `apply_overrides`).

    Raises ScenarioError with every problem of all files.
    """
    scenario, problems = read_scenario(Path(path), several(overrides))
    if scenario is None or problems:
        raise ScenarioError(*problems)
    return scenario


def make_scenario(keys: Mapping[str, Any], **tables: pl.DataFrame) -> Scenario:
    """A scenario of Python objects, under the rules of one of files.

    Args:
        keys: What scenario.toml would hold: dictionaries and lists, days as datetime.date; those
            of another scenario are ``scenario.declared()``.
        tables: Frames by the names of `Tables`: queries and keywords, and where needed negatives,
            links, rival_keywords, rival_tables and creatives, with the columns of their files.

    Raises ScenarioError with every problem of keys and tables. A population with a table of its
    own persons needs a folder.
    """
    every = {spec.name: pl.DataFrame() for spec in TABLES}
    sheets, problems = _given_sheets(every | tables)
    raw = as_toml(dict(keys))
    declaration, people, problems = _assemble(raw, "keys", (), sheets, problems, _no_people)
    if declaration is None or problems:
        raise ScenarioError(*problems)
    return _scenario(declaration, sheets, people)


def _given_sheets(
    tables: Mapping[str, object],
) -> tuple[dict[str, Sheet | None], list[Problem]]:
    """Frames of Python as sheets by the names of their tables; one without rows is no sheet."""
    specs = {spec.name: spec for spec in TABLES}
    sheets: dict[str, Sheet | None] = {}
    problems = []
    for name, frame in tables.items():
        spec = specs.get(name)
        if spec is None:
            cure = name_cure(name, specs, f"use one of {', '.join(specs)}")
            problems.append(Problem(name, "must be a table of a scenario", "is not", cure))
            continue
        sheets[name], found = _given_sheet(frame, spec)
        problems += found
    return sheets, problems


def _given_sheet(frame: object, spec: TableSpec) -> tuple[Sheet | None, list[Problem]]:
    if not isinstance(frame, pl.DataFrame):
        found = f"is of type {type(frame).__module__}.{type(frame).__qualname__}"
        cure = "convert it with polars.DataFrame or polars.from_pandas"
        return None, [Problem(spec.name, "must be a polars DataFrame", found, cure)]
    if not frame.is_empty():
        return typed_sheet(spec.name, cells_of(frame), spec)
    lack = Problem(spec.name, "must have rows", "has none", "give it a row at least")
    return None, [lack] if spec.required else []


def _no_people(_: Population) -> tuple[pl.DataFrame | None, list[Problem]]:
    rule, cure = "population.table must be absent without a folder", "load the scenario from one"
    return None, [Problem("keys", rule, "is there", cure)]


def check_scenario(
    path: str | PathLike[str],
    plan: str | PathLike[str] | None = None,
    overrides: Sequence[str] = (),
) -> list[Problem]:
    """Every problem of a scenario folder and, where given, of a plan folder for it.

    Where the scenario itself has problems, the plan is checked file by file, not against it.
    """
    scenario, problems = read_scenario(Path(path), overrides)
    if scenario is not None:
        problems += read_markets(list_markets(Path(path)), scenario)[1]
    return problems if plan is None else problems + read_plan(Path(plan), scenario)[1]


def read_scenario(folder: Path, overrides: Overrides = ()) -> tuple[Scenario | None, list[Problem]]:
    """The scenario of a folder, None where there are problems, and the problems."""
    if not folder.is_dir():
        found = "is a file" if folder.exists() else "is not there"
        cure = "give the folder that holds scenario.toml"
        return None, [Problem(str(folder), "must be a scenario folder", found, cure)]
    needed = [FILE, *(spec.file for spec in TABLES if spec.required)]
    if not any((folder / name).exists() for name in needed):
        found, cure = f"holds no {FILE}", f"give the folder that holds {FILE}"
        return None, [Problem(str(folder), "must be a scenario folder", found, cure)]
    raw = read_toml(folder / FILE)
    sheets, table_problems = _read_sheets(folder)
    if isinstance(raw, Problem):
        return None, [raw, *table_problems]
    where = str(folder / FILE)
    people_of = partial(read_people, folder)
    declaration, people, problems = _assemble(
        raw, where, overrides, sheets, table_problems, people_of
    )
    if declaration is None or problems:
        return None, problems
    return _scenario(declaration, sheets, people), []


def change_scenario(
    scenario: Scenario, overrides: Overrides, tables: Mapping[str, pl.DataFrame]
) -> Scenario:
    """A copy of a scenario with keys and tables changed: see `Scenario.with_overrides`."""
    sheets: dict[str, Sheet | None] = {}
    for spec in TABLES:
        frame = getattr(scenario.tables, spec.name)
        sheets[spec.name] = None if frame.is_empty() else sheet_of(spec, frame)
    given, problems = _given_sheets(tables)
    raw = as_toml(scenario.declared())
    people_of = partial(_people_at_hand, scenario)
    declaration, people, problems = _assemble(
        raw, FILE, overrides, sheets | given, problems, people_of
    )
    if declaration is None or problems:
        raise ScenarioError(*problems)
    return _scenario(declaration, sheets | given, people)


def _people_at_hand(
    scenario: Scenario, population: Population
) -> tuple[pl.DataFrame | None, list[Problem]]:
    """The persons of a scenario in memory; how their table was read cannot be changed any more."""
    read = scenario.population
    for key in ("table", "types", "required"):
        if read is None or getattr(population, key) != getattr(read, key):
            cure = "change it in the folder, or give it to load_scenario"
            rule = f"population.{key} must stay as the table was read"
            return None, [Problem("--set", rule, "is changed", cure)]
    return scenario.tables.people, []


def _assemble(
    raw: dict[str, Any],
    where: str,
    overrides: Overrides,
    sheets: dict[str, Sheet | None],
    table_problems: Sequence[Problem],
    people_of: PeopleOf,
) -> tuple[Declaration | None, pl.DataFrame, list[Problem]]:
    """Overrides, then all rules of scenario.toml, then the rules between it and the tables."""
    raw, origins, problems = apply_overrides(raw, overrides)
    where_of = place_names(where, origins)
    declaration, key_problems = declare(raw, where_of)
    auction = declaration.auction if declaration else alone(Auction, raw.get("auction", {}))
    population = declaration.population if declaration else alone(Population, raw.get("population"))
    journey = declaration.journey if declaration else alone(Journey, raw.get("journey"))
    people, people_problems = _read_people(population, people_of)
    problems = [
        *problems,
        *key_problems,
        *check_campaigns(raw, where_of),
        *check_rotations(raw, where_of, _creatives(sheets["creatives"], table_problems)),
        *table_problems,
        *check_tables(raw, auction, sheets),
        *people_problems,
        *check_journey(raw, where_of, journey, population, people, sheets["queries"]),
        *check_audiences(raw, where_of, population, people, journey),
    ]
    return declaration, pl.DataFrame() if people is None else people, problems


def _creatives(sheet: Sheet | None, problems: Sequence[Problem]) -> pl.DataFrame | None:
    """The creatives of creatives.csv: none where there is no such file, None where it is broken."""
    if sheet is not None:
        return sheet.frame
    is_broken = any(CREATIVES.file in problem.where for problem in problems)
    return None if is_broken else empty_frame(CREATIVES)


def _read_people(
    population: Population | None, people_of: PeopleOf
) -> tuple[pl.DataFrame | None, list[Problem]]:
    """Persons that are brought along: no rows where they are drawn, None where they are unknown."""
    if population is None:
        return None, []
    return people_of(population) if population.table else (pl.DataFrame(), [])


def place_names(where: str, origins: dict[KeyPath, str]) -> Callable[[KeyPath], str]:
    """Names the override that a key comes from, and the file for all other keys."""

    def place(path: KeyPath) -> str:
        for length in range(len(path), 0, -1):
            if path[:length] in origins:
                return origins[path[:length]]
        return where

    return place


def _read_sheets(folder: Path) -> tuple[dict[str, Sheet | None], list[Problem]]:
    sheets: dict[str, Sheet | None] = {}
    problems: list[Problem] = []
    for spec in TABLES:
        path = folder / spec.file
        sheets[spec.name] = None
        if path.exists() or spec.required:
            sheets[spec.name], found = read_sheet(path, spec)
            problems += found
    return sheets, problems + _misspelt_files(folder)


def _misspelt_files(folder: Path) -> list[Problem]:
    """Tables that would be overlooked because their name is nearly, not quite, a table's.

    Names are compared without their endings, which would make all of them alike.
    """
    known = {Path(spec.file).stem: spec.file for spec in TABLES}
    problems = []
    for path in sorted(folder.glob("*.csv")):
        nearest = None if path.stem in known else closest(path.stem, known)
        meant = known.get(nearest or "")
        if meant is not None and not (folder / meant).exists():
            cure = f"did you mean {meant}? If not, choose a name less like it"
            problems.append(Problem(str(path), "must be a known table", "is not", cure))
    return problems


def _scenario(
    declaration: Declaration, sheets: dict[str, Sheet | None], people: pl.DataFrame
) -> Scenario:
    frames = {}
    for spec in TABLES:
        sheet = sheets[spec.name]
        frames[spec.name] = empty_frame(spec) if sheet is None else filled(sheet.frame, spec)
    frames[RIVAL_TABLES.name] = frames[RIVAL_TABLES.name].sort("name", "probability")
    return Scenario(**dict(declaration), tables=Tables(**frames, people=people))
