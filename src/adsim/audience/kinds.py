"""Kinds of persons who live: those of a kind are alike in every place, and so exchangeable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adsim.audience.lookalike import distinct_patterns
from adsim.audience.membership import FACTORS, Audience, factors_of, holds
from adsim.audience.places import Places, list_places
from adsim.errors import MarketError, Problem
from adsim.scenario.conditions import crowd_order, names_in
from adsim.scenario.models import Crowd

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]

MOST_STOCKS = 1 << 17  # kinds x places: each is looked at in every hour of every history


@dataclass(frozen=True)
class Kinds:
    """K kinds of persons in P places.

    Attributes:
        places: The places.
        kind: int64[persons].
        place: int64[persons], at the start, before any burn-in.
        persons: int64[K, P], at the start, before any burn-in.
        mean: float64[K, P], mean persons on the first morning, burn-in passed.
        held_out: bool[K], who are never shown an ad.
        inside: bool[K, P, crowds], members of the crowds of persons in order of declaration.
        factors: float64[K, P, 5], the FACTORS of effects and states, not yet relative to the
            whole market.
    """

    places: Places
    kind: NDArray[np.int64]
    place: NDArray[np.int64]
    persons: NDArray[np.int64]
    mean: Floats
    held_out: Mask
    inside: Mask
    factors: Floats

    @property
    def searches(self) -> Floats:
        """float64[K, P], factor of a person's searches."""
        return self.factors[:, :, 0]


def find_kinds(audience: Audience) -> Kinds:
    """The kinds of an audience with a journey.

    Raises MarketError where there are more kinds and places than can be simulated.
    """
    journey = audience.scenario.journey
    assert journey is not None and audience.place is not None
    places = list_places(journey)
    conditions = _Conditions(audience, places)
    first, kind = conditions.kinds()
    n_kinds, n_places = len(first), len(places.state)
    _check(n_kinds, n_places)
    count = np.bincount(kind * n_places + audience.place, minlength=n_kinds * n_places)
    persons = count.reshape(n_kinds, n_places)
    mean = persons.astype(np.float64)
    for _ in range(journey.burn_in):
        mean = places.pass_midnight(mean)
    inside, factors = conditions.at(first)
    of_state = np.array([factors_of(state) for state in journey.states])
    held_out = audience.held_out[first]
    factors = factors * of_state[places.state]
    return Kinds(places, kind, audience.place, persons, mean, held_out, inside, factors)


def _check(n_kinds: int, n_places: int) -> None:
    if n_kinds * n_places > MOST_STOCKS:
        rule = f"kinds of persons x places of the journey must be at most {MOST_STOCKS:,}"
        found = f"are {n_kinds:,} x {n_places:,}"
        cure = "leave out or join crowds and effects, or shorten the days of states"
        raise MarketError(Problem("scenario.toml", rule, found, cure))


class _Conditions:
    """All conditions of a scenario, living ones at every place where they may differ."""

    def __init__(self, audience: Audience, places: Places) -> None:
        scenario = audience.scenario
        self.audience = audience
        self.places = places
        self.crowds = list(audience.members)
        self.effects = list(scenario.population.effects) if scenario.population else []
        living = living_names(audience)
        self.living = [c for c in crowd_order(scenario.crowds) if c.name in living]
        named = {n for c in self.living for n in names_in(c.where or "")}
        named |= {n for effect in self.effects for n in names_in(effect.where)}
        self.look = _looks(places, named)

    def kinds(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """A person of each kind, and the kind of each person."""
        told = [self.audience.held_out]
        for crowds, effects in self._looked_at(np.arange(self.audience.people.height)):
            masks = [*crowds.values(), *effects]
            told += [mask for mask in masks if mask.any() and not mask.all()]
        return distinct_patterns(told)

    def at(self, persons: NDArray[np.int64]) -> tuple[Mask, Floats]:
        """Memberships bool[persons, P, crowds] and factors float64[persons, P, 5] of effects."""
        looks = list(self._looked_at(persons))
        shape = (len(persons), len(looks))
        inside = np.zeros((*shape, len(self.crowds)), bool)
        factors = np.ones((*shape, len(FACTORS)))
        for look, (crowds, effects) in enumerate(looks):
            for place, name in enumerate(self.crowds):
                inside[:, look, place] = crowds[name]
            for effect, mask in zip(self.effects, effects, strict=True):
                factors[mask, look] *= factors_of(effect)
        return inside[:, self.look], factors[:, self.look]

    def _looked_at(
        self, persons: NDArray[np.int64]
    ) -> Iterator[tuple[Mapping[str, Mask], list[Mask]]]:
        """Crowds and effects that hold for persons, look by look."""
        living = {crowd.name for crowd in self.living}
        fixed = {n: m[persons] for n, m in self.audience.members.items() if n not in living}
        frame = self.audience.people[persons]
        frame = frame.with_columns(pl.Series(name, mask) for name, mask in fixed.items())
        for place in np.unique(self.look, return_index=True)[1]:
            here = self.places.columns(np.full(len(persons), place))
            seen = frame.with_columns(here)
            crowds = dict(fixed)
            for crowd in self.living:
                crowds[crowd.name] = self._inside(seen, crowd)
                seen = seen.with_columns(pl.Series(crowd.name, crowds[crowd.name]))
            yield crowds, [self._effect(seen, number) for number in range(len(self.effects))]

    def _inside(self, frame: pl.DataFrame, crowd: Crowd) -> Mask:
        return holds(frame, crowd.where or "", f"crowds.{crowd.name}.where")

    def _effect(self, frame: pl.DataFrame, number: int) -> Mask:
        return holds(frame, self.effects[number].where, f"population.effects.{number}.where")


def living_names(audience: Audience) -> set[str]:
    """Columns that live, and the crowds whose members change with them."""
    journey = audience.scenario.journey
    living = set() if journey is None else {journey.column, *journey.since_columns}
    for crowd in crowd_order(audience.scenario.crowds):
        if crowd.where and not crowd.frozen and living & set(names_in(crowd.where)):
            living.add(crowd.name)
    return living


def _looks(places: Places, named: set[str]) -> NDArray[np.int64]:
    """int64[P]: places that no condition tells apart have one number, from 0 in their order."""
    tells = np.array([state.since in named for state in places.journey.states])
    first = places.first[places.state]
    shown = np.where(tells[places.state], np.arange(len(first)), first)
    return np.asarray(np.unique(shown, return_inverse=True)[1])
