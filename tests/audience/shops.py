"""Small shops with persons, and the slow, obvious way from persons to cells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from adsim.scenario import Scenario, synthetic_scenario
from adsim.scenario.models import Crowd
from adsim.scenario.populations import Population

TRAITS: dict[str, Any] = {
    "tier": {"values": [1, 2, 3], "weights": [5, 3, 2]},
    "relation": {
        "values": ["new", "visited", "carted"],
        "weights": [8, 3, 1],
        "given": "tier",
        "cases": {"3": {"weights": [3, 2, 2]}},
    },
    "days": {
        "family": "exponential",
        "scale": 20.0,
        "whole": True,
        "given": "relation",
        "cases": {"new": {"missing": 1.0}},
    },
    "member": {"values": [True, False], "weights": [1, 4]},
}
EFFECTS = (
    {"where": "tier = 3", "searches": 2.0, "cvr": 1.5},
    {"where": "relation = 'carted'", "ctr": 1.4, "cvr": 3.0},
    {"where": "days <= 10", "searches": 1.3, "ctr": 1.2},
)
CROWDS = (
    {"name": "recent", "where": "days <= 10"},
    {"name": "carted", "where": "relation = 'carted'"},
    {"name": "rich new", "where": "tier = 3 AND NOT recent AND relation <> 'carted'"},
)


def shop(
    crowds: Sequence[dict[str, Any]] = CROWDS,
    population: dict[str, Any] | None = None,
    people: pl.DataFrame | None = None,
    **sizes: Any,
) -> Scenario:
    """A synthetic shop with persons; no check of the conditions, which loading makes."""
    keys = {"size": 5_000, "columns": TRAITS, "effects": EFFECTS} | (population or {})
    if people is not None:
        keys = {"table": "people.csv", "effects": keys["effects"]}
    made = synthetic_scenario(3, **({"queries": 4, "crowds": 0, "devices": 2} | sizes))
    tables = made.tables if people is None else replace(made.tables, people=people)
    return made.model_copy(
        update={
            "population": Population(**keys),
            "crowds": tuple(Crowd(**crowd) for crowd in crowds),
            "tables": tables,
        }
    )


Person = dict[str, Any]
Rule = Callable[[Person], bool]

RULES: dict[str, Rule] = {  # CROWDS, person by person
    "recent": lambda p: p["days"] is not None and p["days"] <= 10,
    "carted": lambda p: p["relation"] == "carted",
    "rich new": lambda p: p["tier"] == 3 and not RULES["recent"](p) and p["relation"] != "carted",
}


def naive_factors(person: Person) -> tuple[float, float, float]:
    """Searches, CTR and CVR factor of a person under EFFECTS."""
    searches, ctr, cvr = 1.0, 1.0, 1.0
    if person["tier"] == 3:
        searches, cvr = 2.0 * searches, 1.5 * cvr
    if person["relation"] == "carted":
        ctr, cvr = 1.4 * ctr, 3.0 * cvr
    if RULES["recent"](person):
        searches, ctr = 1.3 * searches, 1.2 * ctr
    return searches, ctr, cvr


def naive_cells(people: pl.DataFrame) -> dict[tuple[str, ...], tuple[int, float, float, float]]:
    """Persons, share of searches, CTR and CVR factor of each cell of CROWDS under EFFECTS."""
    sums: dict[tuple[str, ...], list[float]] = defaultdict(lambda: [0.0] * 4)
    for person in people.iter_rows(named=True):
        searches, ctr, cvr = naive_factors(person)
        crowds = tuple(name for name, holds in RULES.items() if holds(person))
        parts = (1.0, searches, searches * ctr, searches * ctr * cvr)
        sums[crowds] = [a + b for a, b in zip(sums[crowds], parts, strict=True)]
    _, searches, clicks, orders = (sum(column) for column in zip(*sums.values(), strict=True))
    return {
        crowds: (
            round(n),
            s / searches,
            (c / s) / (clicks / searches),
            (o / c) / (orders / clicks),
        )
        for crowds, (n, s, c, o) in sums.items()
    }
