"""Rules that join the states of a journey with each other, the population and the queries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from adsim.errors import Problem
from adsim.scenario.declaring import KeyPath, WhereOf
from adsim.scenario.journeys import CAUSES, STATE, Journey, State
from adsim.scenario.kinds import SHARE_TOLERANCE
from adsim.scenario.populations import Population
from adsim.scenario.tables import Sheet
from adsim.scenario.text import name_cure, normalize

Broken = tuple[KeyPath, str, str, str]
"""A key path within [journey], then rule, found and cure."""


def check_journey(
    raw: Mapping[str, Any],
    where: WhereOf,
    journey: Journey | None,
    population: Population | None,
    people: pl.DataFrame | None,
    queries: Sheet | None,
) -> list[Problem]:
    """All problems between states, and between them and the rest of the scenario.

    Args:
        raw: Keys of scenario.toml, valid or not.
        where: File or option that a key path comes from.
        journey: The valid [journey]; None where there is none or it has mistakes.
        population: The valid [population]; None where there is none or it has mistakes.
        people: Persons of the table; None where they are unknown.
        queries: The table of queries; None where it could not be read.
    """
    if journey is None:
        return []
    broken = [*_targets(journey), *_shares(journey)]
    if queries is not None:
        broken += _queries(journey, queries)
    if "population" not in raw:
        broken += _without_population(journey)
    elif population is not None and people is not None:
        broken += _within_population(journey, population, people)
    problems = []
    for keys, rule, found, cure in broken:
        path = ("journey", *keys)
        problems.append(Problem(where(path), f"{'.'.join(map(str, path))} {rule}", found, cure))
    return problems


def _key(state: State, *keys: str) -> KeyPath:
    return ("states", state.name, *keys)


def _targets(journey: Journey) -> Iterator[Broken]:
    """States that are spoken of, but not declared."""
    names = journey.names()
    for state in journey.states:
        for key in (*CAUSES, "then"):
            spoken_of = [state.then or ""] if key == "then" else state.row(key)
            for name in spoken_of:
                if name and name not in names:
                    cure = name_cure(name, names, "declare it under [[journey.states]]")
                    yield _key(state, key), "must name states", f"{name} is none", cure


def _shares(journey: Journey) -> Iterator[Broken]:
    given = [state for state in journey.states if state.share is not None]
    if journey.trait is not None:
        for state in given:
            cure = "leave it out; the trait says who is where"
            yield _key(state, "share"), "must be absent where the journey has a trait", "is", cure
        return
    for state in journey.states:
        if state.share is None:
            cure = "add it, or name a column of the population as journey.trait"
            yield _key(state, "share"), "must be given without a trait", "is missing", cure
    total = sum(state.share or 0.0 for state in given)
    if len(given) == len(journey.states) and abs(total - 1.0) > SHARE_TOLERANCE:
        cure = f"divide each by {total:.9g}" if total > 0 else "give shares above 0"
        yield ("states",), "must have shares that sum to 1", f"sum to {total:.9g}", cure


def _queries(journey: Journey, queries: Sheet) -> Iterator[Broken]:
    """Names that are neither a query nor a query group."""
    columns = (queries.frame["query"], queries.frame["query_group"])
    known = list(dict.fromkeys(name for column in columns for name in column if name))
    spelled = set(map(normalize, known))
    for state in journey.states:
        for name in state.queries:
            if normalize(name) not in spelled:
                cure = name_cure(name, known, "name one of queries.csv")
                rule = "must name queries or query groups of queries.csv"
                yield _key(state, "queries"), rule, f"{name} is none", cure


def _without_population(journey: Journey) -> Iterator[Broken]:
    if journey.trait is not None:
        cure = "add [population], or leave trait out and give each state a share"
        yield ("trait",), "must be a column of the population", "there is no population", cure
    for state in journey.states:
        if state.since == STATE:
            cure = "choose another name"
            yield _key(state, "since"), "must not be the column of the states", "is", cure


def _within_population(
    journey: Journey, population: Population, people: pl.DataFrame
) -> Iterator[Broken]:
    """Columns that do not fit; `people` is the user's table where there is one."""
    schema = dict(people.schema) if population.table else _drawn_types(population)
    if "persons" in journey.model_fields_set:
        cure = "leave it out; the population has a size"
        yield ("persons",), "must be absent beside a population", "is given", cure
    if journey.trait is None and STATE in schema:
        cure = f"rename the column, or write trait = {STATE!r}"
        yield (), f"must have a trait where the population has a column {STATE}", "has none", cure
    elif journey.trait is not None:
        yield from _trait(journey, journey.trait, population, people, schema)
    numbers = [n for n, t in schema.items() if t.is_numeric() and n != journey.trait]
    for state in journey.states:
        if state.since is not None and state.since not in numbers:
            cure = name_cure(state.since, numbers, "name one")
            rule = "must be a column of numbers of the population"
            yield _key(state, "since"), rule, f"is {state.since!r}", cure


def _drawn_types(population: Population) -> dict[str, Any]:
    return {name: column.dtype for name, column in population.columns.items()}


def _trait(
    journey: Journey,
    trait: str,
    population: Population,
    people: pl.DataFrame,
    schema: Mapping[str, Any],
) -> Iterator[Broken]:
    texts = [name for name, dtype in schema.items() if isinstance(dtype, pl.Enum)]
    if trait not in texts:
        cure = name_cure(trait, texts, "name one that has texts as values")
        yield ("trait",), "must be a column of texts of the population", f"is {trait!r}", cure
        return
    names = journey.names()
    for value in schema[trait].categories:
        if value not in names:
            cure = "declare it under [[journey.states]]"
            yield ("states",), f"must hold every value of {trait}", f"{value!r} is none", cure
    if _may_be_missing(trait, population, people):
        cure = f"give everybody a value of {trait}"
        yield ("trait",), "must be known of every person", "is missing for some", cure


def _may_be_missing(trait: str, population: Population, people: pl.DataFrame) -> bool:
    if population.table:
        return people[trait].null_count() > 0
    column = population.columns[trait]
    return any((column.spread(case).missing or 0.0) > 0 for case in ("", *column.cases))
