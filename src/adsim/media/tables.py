"""Declared transitions as arrays over the 198 states."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from adsim.scenario.media.models import MediaScenario
from adsim.scenario.media.states import BRAND, DIMENSIONS, MOVABLE, PLACE, STATES, State, changed

MOST_TARGETS = 5
Row = dict[State, float]


class Tables:
    """Tables of transitions, one after the other, each under the name that keys its luck.

    Attributes:
        names: The name of every table.
        chance: float64[X, S, 5], chance of a target given that none before it was it.
        target: int64[X, S, 5], state of each target.
    """

    def __init__(self) -> None:
        self.names: list[tuple[str, ...]] = []
        self._rows: list[list[Row]] = []

    def __len__(self) -> int:
        return len(self.names)

    def add(self, name: tuple[str, ...], row_of: Callable[[State], Row]) -> None:
        """Add a table by where it sends persons of a state: chances that sum to 1."""
        self.names.append(name)
        self._rows.append([row_of(state) for state in STATES])

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """`chance` and `target`."""
        shape = (len(self), len(STATES), MOST_TARGETS)
        chance, target = np.zeros(shape), np.zeros(shape, np.int64)
        for table, rows in enumerate(self._rows):
            for place, row in enumerate(rows):
                chances = conditional(list(row.values()))
                chance[table, place, : len(row)] = chances
                target[table, place, : len(row)] = [PLACE[state] for state in row]
        return chance, target


def conditional(chances: list[float]) -> list[float]:
    """Each chance given that none before it has come true; the last above 0 is exactly 1."""
    last = max(place for place, chance in enumerate(chances) if chance > 0)
    left, found = 1.0, []
    for place, chance in enumerate(chances):
        found.append(1.0 if place == last else min(1.0, chance / left) if chance > 0 else 0.0)
        left -= chance
    return [*found[: last + 1], *(0.0 for _ in found[last + 1 :])]


def list_tables(scenario: MediaScenario) -> tuple[Tables, list[int]]:
    """All tables, and where those of each thing that moves persons begin (the end last)."""
    tables = Tables()
    begins = []
    sales = scenario.sales
    for add in (
        lambda: tables.add(("market", "entering"), _entering(scenario)),
        lambda: tables.add(("market", "leaving"), _leaving),
        lambda: _add_natural(tables, scenario),
        lambda: _add_purchase(tables, "sales", sales.moves),
        lambda: _add_purchase(tables, "rival", sales.rival.moves),
        *(_adder(tables, medium) for medium in scenario.all_media),
    ):
        begins.append(len(tables))
        add()
    return tables, [*begins, len(tables)]


def _adder(tables: Tables, medium: Any) -> Callable[[], None]:
    return lambda: _add_moves(tables, ("medium", medium.name), medium.moves, MOVABLE)


def _entering(scenario: MediaScenario) -> Callable[[State], Row]:
    """Into the market; who has a need begins at some activity."""
    activities = scenario.market.entering.full()

    def row(state: State) -> Row:
        arrived = changed(state, market="in")
        if state[1] == "satiated":
            return {arrived: 1.0}
        return {changed(arrived, activity=name): p for name, p in activities.items()}

    return row


def _leaving(state: State) -> Row:
    return {changed(state, market="out", activity="inactive"): 1.0}


def _needing(scenario: MediaScenario) -> Callable[[State], Row]:
    """The need of the satiated returns."""
    share = scenario.market.need_returns
    activities = scenario.market.entering.full()

    def row(state: State) -> Row:
        if state[1] == "unsatiated" or share == 0:
            return {state: 1.0}
        stay = {state: 1.0 - share} if share < 1 else {}
        wanting = changed(state, satiation="unsatiated")
        if state[0] == "out":
            return {**stay, wanting: share}
        return stay | {changed(wanting, activity=k): share * p for k, p in activities.items()}

    return row


def _add_natural(tables: Tables, scenario: MediaScenario) -> None:
    tables.add(("natural", "satiation"), _needing(scenario))
    _add_moves(tables, ("natural",), scenario.natural, MOVABLE, scenario.natural.carry_over)


def _add_purchase(tables: Tables, name: str, moves: Any) -> None:
    def satiated(state: State) -> Row:
        return {changed(state, satiation="satiated", activity="inactive"): 1.0}

    tables.add((name, "satiation"), satiated)
    _add_moves(tables, (name,), moves, BRAND)


def _add_moves(
    tables: Tables, name: tuple[str, ...], moves: Any, dimensions: tuple[str, ...], keep: Any = None
) -> None:
    for dimension in dimensions:
        rows = getattr(moves, dimension, None)
        if rows is not None:
            kept = getattr(keep, dimension, 0.0)
            tables.add((*name, dimension), _moving(dimension, rows, kept))


def _moving(dimension: str, rows: Any, kept: float) -> Callable[[State], Row]:
    """Moves within one dimension, as far as a state's other values allow them."""
    place = list(DIMENSIONS).index(dimension)

    def row(state: State) -> Row:
        own = state[place]
        declared = getattr(rows, own) or rows.any
        if declared is None:
            return {state: 1.0}
        found: Row = {}
        for value, chance in _kept(declared.full(), own, kept):
            target = _nearest(state, dimension, value)
            found[target] = found.get(target, 0.0) + chance
        return found

    return row


def _kept(chances: dict[str, float], own: str, kept: float) -> Iterator[tuple[str, float]]:
    if kept > 0:
        yield own, kept
    for value, chance in chances.items():
        if kept < 1:
            yield value, (1.0 - kept) * chance


def _nearest(state: State, dimension: str, value: str) -> State:
    """Where a move ends that may lead to no valid state.

    Persons out of the market or satiated stay inactive, the loyal stay favorable, and who would
    become loyal without being favorable becomes a switcher (Zhang and Vaver 2017).
    """
    target = changed(state, **{dimension: value})
    if target in PLACE:
        return target
    return changed(state, loyalty="switcher") if dimension == "loyalty" else state
