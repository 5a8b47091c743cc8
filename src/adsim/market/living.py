"""Declared -> arrays: persons who live, and how searches divide among sides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adsim.audience.living import LivingCells, living_cells
from adsim.errors import MarketError, Problem
from adsim.kernels import model
from adsim.market.ids import mixed_ids, stable_ids
from adsim.market.sides import Sides
from adsim.market.text import normalize
from adsim.scenario import Scenario
from adsim.scenario.journeys import Journey


@dataclass(frozen=True)
class Searchers:
    """Who searches.

    Attributes:
        share: float64[V, S], share of a mean day's searches of a query on the first morning.
        kind: int64[Q], which row of `share` holds for a query.
        people: The persons behind it; empty where they do not live.
    """

    share: np.ndarray
    kind: np.ndarray
    people: model.People


def compile_people(scenario: Scenario, sides: Sides) -> Searchers:
    """The searchers of a scenario; raises MarketError where nobody searches a query."""
    if scenario.journey is None:
        none = np.zeros(scenario.tables.queries.height, np.int64)
        return Searchers(sides.share[None, :], none, _nobody())
    cells = living_cells(scenario)
    weights, kind = _query_weights(scenario, cells)
    everybody = weights @ np.bincount(cells.wishes, cells.searches, weights.shape[1])
    _check(scenario, kind, everybody)
    of_side = np.array(sides.cell)
    reach = weights[:, cells.wishes[of_side]] * sides.share / everybody[:, None]
    people = _people(scenario.journey, cells, of_side, reach)
    return Searchers(reach * cells.searches[of_side], kind, people)


def _query_weights(scenario: Scenario, cells: LivingCells) -> tuple[np.ndarray, np.ndarray]:
    """float64[V, distinct wishes of states], V ways in which a query weighs; int64[Q], which."""
    assert scenario.journey is not None
    queries = scenario.tables.queries
    weights = np.ones((queries.height, int(cells.state_wishes.max()) + 1))
    for state, wish in zip(scenario.journey.states, cells.state_wishes, strict=True):
        factors = {normalize(name): factor for name, factor in state.queries.items()}
        for row, names in enumerate(zip(queries["query"], queries["query_group"], strict=True)):
            keys = dict.fromkeys(normalize(name) for name in names if name)
            weights[row, wish] = np.prod([factors.get(key, 1.0) for key in keys])
    distinct, kind = np.unique(weights, axis=0, return_inverse=True)
    return distinct, kind.ravel()


def _check(scenario: Scenario, kind: np.ndarray, everybody: np.ndarray) -> None:
    queries = scenario.tables.queries["query"]
    lost = [queries[row] for row in range(len(queries)) if everybody[kind[row]] <= 0.0]
    if lost:
        rule = "journey.states must leave somebody who searches each query on the first morning"
        found = f"leave nobody for {', '.join(lost[:5])}{', ...' if len(lost) > 5 else ''}"
        cure = "raise a factor above 0 or leave the queries out of queries.csv"
        raise MarketError(Problem("scenario.toml", rule, found, cure))


def _people(
    journey: Journey, cells: LivingCells, of_side: np.ndarray, reach: np.ndarray
) -> model.People:
    kinds, places = cells.kinds, cells.kinds.places
    stocks = np.zeros(kinds.persons.size, model.STOCK)
    stocks["start"] = kinds.persons.ravel()
    stocks["searches"] = kinds.searches.ravel()
    stocks["cell"] = cells.cell.ravel()
    names = [journey.states[state].name for state in places.state]
    ids = stable_ids(["place"] * len(names), names, [str(age) for age in places.age])
    stocks["identity"] = mixed_ids(cells.kind_identity()[:, None], ids[None, :]).ravel()
    table = np.zeros(len(names), model.PLACE)
    table["state"], table["next"] = places.state, places.next
    return model.People(
        stocks=stocks,
        at=(kinds.kind * len(names) + kinds.place).astype(np.int32),
        places=table,
        first=places.first,
        moves=places.moves,
        cell=of_side,
        reach=np.ascontiguousarray(reach),
        burn_in=journey.burn_in,
    )


def _nobody() -> model.People:
    none = np.zeros(0, np.int64)
    return model.People(
        stocks=np.zeros(0, model.STOCK),
        at=np.zeros(0, np.int32),
        places=np.zeros(0, model.PLACE),
        first=none,
        moves=np.zeros((0, 0, 0)),
        cell=none,
        reach=np.zeros((0, 0)),
        burn_in=0,
    )
