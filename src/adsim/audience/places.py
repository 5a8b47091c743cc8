"""Places of a journey: a state and the midnights spent in it; where persons are at the start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adsim.audience.persons import person_luck
from adsim.scenario import Scenario
from adsim.scenario.journeys import CAUSES, Journey

Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Places:
    """The P places of a journey with n states, state by state, rising in age.

    A state whose stays end has a place for each midnight of a stay, others have one.

    Attributes:
        journey: What declares them.
        state: int64[P].
        age: int64[P], midnights since coming in; 0 where stays do not end.
        first: int64[n], where one comes in.
    """

    journey: Journey
    state: Numbers
    age: Numbers
    first: Numbers

    @cached_property
    def next(self) -> Numbers:
        """int64[P]: where a midnight finds those that nothing else moves."""
        after = np.arange(len(self.state))
        names = self.journey.names()
        for number, state in enumerate(self.journey.states):
            if state.days is not None and state.then is not None:
                last = self.first[number] + state.days - 1
                after[self.first[number] : last] += 1
                after[last] = self.first[names.index(state.then)]
        return after

    @cached_property
    def moves(self) -> Floats:
        """float64[5, n, n]: chance by cause (see `CAUSES`), state and state that one goes to."""
        names = self.journey.names()
        moves = np.zeros((len(CAUSES), len(names), len(names)))
        for number, state in enumerate(self.journey.states):
            for cause, key in enumerate(CAUSES):
                for name, chance in state.row(key).items():
                    moves[cause, number, names.index(name)] = chance
        moves /= np.maximum(1.0, moves.sum(axis=-1, keepdims=True))  # 1.0000001 may pass
        return moves

    def pass_midnight(self, persons: Floats) -> Floats:
        """Mean persons float64[K, P] after a midnight."""
        daily = self.moves[CAUSES.index("daily")]
        after = np.zeros_like(persons)
        for place, state in enumerate(self.state):
            after[:, self.next[place]] += persons[:, place] * (1.0 - daily[state].sum())
            for target in np.flatnonzero(daily[state]):
                after[:, self.first[target]] += persons[:, place] * daily[state, target]
        return after

    def columns(self, place: Numbers) -> list[pl.Series]:
        """The living columns of persons in these places."""
        names = self.journey.names()
        states = pl.Series(self.journey.column, names, pl.Enum(names))
        living = [states.gather(self.state[place])]
        for column in self.journey.since_columns:
            holds = np.array([s.since == column for s in self.journey.states])[self.state[place]]
            age = pl.Series(column, self.age[place])
            living.append(age.set(pl.Series(~holds), None))
        return living


def list_places(journey: Journey) -> Places:
    """The places of a journey."""
    spans = [state.days or 1 for state in journey.states]
    first = np.cumsum([0, *spans[:-1]])
    state = np.repeat(np.arange(len(spans)), spans)
    return Places(journey, state, np.arange(len(state)) - first[state], first)


def start_places(scenario: Scenario, people: pl.DataFrame) -> Numbers:
    """int64[persons]: the place of each person before the first day and any burn-in.

    A trait says the state, shares deal it otherwise. The column `since` says the days spent there;
    without it a stay that ends has lasted any number of its days, each as likely. Who has stayed
    too long has gone on before.

    Args:
        people: The persons as they were drawn or brought; empty where there is no population.
    """
    journey = scenario.journey
    assert journey is not None
    places = list_places(journey)
    state = _start_states(scenario, journey, people)
    age = _start_ages(scenario, journey, people, state)
    names = journey.names()
    stays = np.array([s.days or np.inf for s in journey.states])
    then = np.array([names.index(s.then) if s.then else -1 for s in journey.states])
    for _ in journey.states:
        over = age >= stays[state]
        age[over] -= stays[state[over]]
        state[over] = then[state[over]]
    spans = np.where(np.isinf(stays), 1, stays)
    return np.asarray(places.first[state] + np.minimum(age, spans[state] - 1).astype(np.int64))


def _start_states(scenario: Scenario, journey: Journey, people: pl.DataFrame) -> Numbers:
    names = journey.names()
    if journey.trait is not None:
        trait = people[journey.trait].cast(pl.String).cast(pl.Enum(names))
        return trait.to_physical().cast(pl.Int64).to_numpy().copy()
    bounds = np.cumsum([state.share or 0.0 for state in journey.states])[:-1]
    size = people.height or journey.persons
    if scenario.population is None:
        u = (np.arange(size) + 0.5) / size
    else:
        u = person_luck(scenario.population.seed, "state of the journey", size)
    return np.searchsorted(bounds, u, side="right").astype(np.int64)


def _start_ages(
    scenario: Scenario, journey: Journey, people: pl.DataFrame, state: Numbers
) -> Floats:
    """Midnights since coming in, as whole floats."""
    age = np.zeros(len(state))
    for number, declared in enumerate(journey.states):
        inside = np.flatnonzero(state == number)
        if declared.days is None:
            continue
        age[inside] = np.floor(_spread(scenario, len(state), inside) * declared.days)
        if declared.since is not None and declared.since in people.columns:
            known = people[declared.since].cast(pl.Float64).to_numpy()[inside]
            given = ~np.isnan(known)
            age[inside[given]] = np.floor(np.maximum(known[given], 0.0))
    return age


def _spread(scenario: Scenario, size: int, inside: Sequence[int] | Numbers) -> Floats:
    """Numbers in (0, 1) for these persons: even, by luck where persons differ."""
    if scenario.population is None:
        return (np.arange(len(inside)) + 0.5) / max(1, len(inside))
    return person_luck(scenario.population.seed, "stay of the journey", size)[inside]
