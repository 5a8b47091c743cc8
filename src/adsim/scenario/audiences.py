"""Rules that join crowds, effects and the columns of the population."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from adsim.errors import Problem
from adsim.scenario.conditions import (
    Broken,
    broken_condition,
    circle_of,
    crowds_behind,
    people_in,
)
from adsim.scenario.declaring import KeyPath, WhereOf, alone
from adsim.scenario.journeys import Journey
from adsim.scenario.models import Crowd
from adsim.scenario.populations import Effect, Population
from adsim.scenario.text import name_cure


def check_audiences(
    raw: Mapping[str, Any],
    where: WhereOf,
    population: Population | None,
    people: pl.DataFrame | None,
    journey: Journey | None = None,
) -> list[Problem]:
    """All problems of crowds of persons and of effects.

    Args:
        raw: Keys of scenario.toml, valid or not; crowds with mistakes of their own are left out.
        where: File or option that a key path comes from.
        population: The valid [population]; None where there is none or it has mistakes.
        people: Persons of the table; None where they are unknown.
        journey: The valid [journey]; None where there is none or it has mistakes.
    """
    crowds = _valid_crowds(raw)
    if "population" not in raw and "journey" not in raw:
        cure = "add [population], or give the crowd a share"
        broken = "must have a [population] to be made of", "there is none", cure
        return [_problem(where, crowd, broken) for crowd in crowds if people_in(crowd)]
    if ("population" in raw and (population is None or people is None)) or (
        "journey" in raw and journey is None
    ):
        return []
    traits = traits_of(population, people, journey)
    effects = population.effects if population else ()
    return [*_effects(where, effects, traits), *_crowds(where, crowds, traits)]


def traits_of(
    population: Population | None, people: pl.DataFrame | None, journey: Journey | None
) -> pl.DataFrame:
    """A frame without rows that has the columns of the persons with their types."""
    traits = pl.DataFrame()
    if population is not None and population.table:
        assert people is not None
        traits = people.clear()
    elif population is not None:
        traits = pl.DataFrame(schema={name: c.dtype for name, c in population.columns.items()})
    return traits if journey is None else traits.with_columns(*living_columns(journey))


def living_columns(journey: Journey) -> list[pl.Series]:
    """The columns that a journey moves, without rows: the state and the days since coming in."""
    state = pl.Series(journey.column, [], pl.Enum(journey.names()))
    since = [name for name in journey.since_columns if name != journey.column]
    return [state, *(pl.Series(name, [], pl.Int64) for name in since)]


def _valid_crowds(raw: Mapping[str, Any]) -> list[Crowd]:
    entries = raw.get("crowds", ())
    entries = entries if isinstance(entries, list | tuple) else ()
    crowds = (alone(Crowd, entry) for entry in entries)
    return [crowd for crowd in crowds if crowd is not None]


def _problem(where: WhereOf, crowd: Crowd, broken: Broken, *keys: str) -> Problem:
    path: KeyPath = ("crowds", crowd.name, *keys)
    rule, found, cure = broken
    return Problem(where(path), f"{'.'.join(map(str, path))} {rule}", found, cure)


def _effects(where: WhereOf, effects: Sequence[Effect], traits: pl.DataFrame) -> Iterator[Problem]:
    for place, effect in enumerate(effects):
        broken = broken_condition(effect.where, traits)
        if broken is not None:
            rule, found, cure = broken
            key = f"population.effects.{place}.where"
            yield Problem(where(("population", "effects", place)), f"{key} {rule}", found, cure)


def _crowds(where: WhereOf, crowds: Sequence[Crowd], traits: pl.DataFrame) -> Iterator[Problem]:
    circle = circle_of(crowds)
    if circle:
        found = f"{' -> '.join(circle)} are"
        rule = "crowds must not be made from each other in a circle"
        yield Problem(where(("crowds",)), rule, found, "change one of their conditions")
    for crowd in crowds:
        if crowd.name in traits.columns and people_in(crowd):
            broken = "must not bear the name of a column", "does", "rename it"
            yield _problem(where, crowd, broken, "name")
    names = {c.name for c in crowds if people_in(c)} - set(traits.columns)
    known = traits.with_columns(pl.lit(None, pl.Boolean).alias(name) for name in sorted(names))
    for crowd in crowds:
        if people_in(crowd):
            yield from _members(where, crowd, crowds, known.drop(crowd.name, strict=False), traits)


def _members(
    where: WhereOf,
    crowd: Crowd,
    crowds: Sequence[Crowd],
    known: pl.DataFrame,
    traits: pl.DataFrame,
) -> Iterator[Problem]:
    """Problems of who is in a crowd; `known` has the columns and crowds that it may be made of."""
    key = "lookalike" if crowd.lookalike else "where"
    shares = {c.name for c in crowds if not people_in(c)} - set(known.columns)
    found = [name for name in crowds_behind(crowd) if name in shares]
    if found:
        cure = f"give {found[0]} a where of its own"
        broken = "must be made of crowds of persons", f"{found[0]} is a share of searches", cure
        yield _problem(where, crowd, broken, key)
    elif crowd.where is not None:
        wrong = broken_condition(crowd.where, known)
        if wrong is not None:
            yield _problem(where, crowd, wrong, key)
    else:
        seeds = [c.name for c in crowds if people_in(c) and c.name != crowd.name]
        yield from _unknown(where, crowd, "lookalike", [crowd.lookalike or ""], seeds)
        yield from _unknown(where, crowd, "traits", crowd.traits, traits.columns)


def _unknown(
    where: WhereOf, crowd: Crowd, key: str, names: Sequence[str], known: Sequence[str]
) -> Iterator[Problem]:
    rule = f"must name {'another crowd of persons' if key == 'lookalike' else 'columns'}"
    for name in names:
        if name not in known:
            cure = name_cure(name, known, "use one that is there")
            yield _problem(where, crowd, (rule, f"{name} is none", cure), key)
