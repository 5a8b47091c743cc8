"""Shops with a journey, and the lives of their persons as a Markov chain written from the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from adsim.scenario import Scenario, synthetic_scenario
from adsim.scenario.journeys import Journey, State
from adsim.scenario.models import Crowd
from adsim.scenario.populations import Population
from adsim.simulate import Run

STATES: tuple[dict[str, Any], ...] = (
    {
        "name": "new", "share": 0.8, "impression": {"seen": 0.3}, "click": {"visited": 0.9},
        "order": {"bought": 1.0}, "daily": {"gone": 0.01},
    },
    {"name": "seen", "share": 0.1, "ctr": 1.3, "days": 2, "then": "new", "click": {"visited": 1.0}},
    {
        "name": "visited", "share": 0.08, "searches": 3.0, "ctr": 1.4, "cvr": 2.0, "days": 3,
        "then": "new", "click": {"visited": 1.0}, "cart": {"visited": 0.2, "carted": 0.8},
        "order": {"bought": 1.0}, "daily": {"new": 0.1},
    },
    {
        "name": "carted", "share": 0.02, "searches": 4.0, "cvr": 4.0, "organic": 1.5,
        "order": {"bought": 1.0}, "daily": {"visited": 0.2, "new": 0.1},
    },
    {"name": "bought", "share": 0.0, "searches": 0.5, "days": 2, "then": "new"},
    {"name": "gone", "share": 0.0, "searches": 0.2},
)  # fmt: skip
"""Every mechanism once; "gone" absorbs."""


def shop(
    states: Sequence[dict[str, Any]] = STATES,
    crowds: Sequence[dict[str, Any]] = (),
    population: Population | None = None,
    journey: dict[str, Any] | None = None,
    **sizes: Any,
) -> Scenario:
    """A synthetic shop of few persons who search, click, cart and order much."""
    given = {"queries": 3, "searches": 1500.0, "crowds": 0, "devices": 2, "days": 2} | sizes
    made = synthetic_scenario(3, **given)
    persons: dict[str, Any] = {} if population else {"persons": 600}
    products = tuple(p.model_copy(update={"cart_rate": 0.3}) for p in made.products)
    queries = made.tables.queries.with_columns(
        pl.lit(products[0].name).alias("organic_product"), ctr=0.3, cvr=0.2, organic=0.01
    )
    return made.model_copy(
        update={
            "products": products,
            "population": population,
            "crowds": tuple(Crowd(**crowd) for crowd in crowds),
            "journey": Journey(**(persons | {"states": tuple(states)} | (journey or {}))),
            "tables": replace(made.tables, queries=queries),
        }
    )


class Chain:
    """The life of one person of a shop without traits, budgets and shocks: exact probabilities.

    A place is (state, midnights there). The events of a person in an hour are independent Poisson
    numbers: orders, carts without an order, clicks without either, impressions without all.
    """

    def __init__(self, run: Run) -> None:
        journey = run.scenario.journey
        assert journey is not None
        self.run = run
        self.states = journey.states
        self.names = journey.names()
        self.places = [(s, age) for s, d in enumerate(self.states) for age in range(d.days or 1)]
        shares = np.array([state.share for state in self.states])
        size = journey.persons
        bounds = np.searchsorted(np.cumsum(shares)[:-1], (np.arange(size) + 0.5) / size, "right")
        self.persons = np.zeros(len(self.places))
        for number, state in enumerate(self.states):
            count = int((bounds == number).sum())
            for rank in range(count):
                age = int((rank + 0.5) / count * (state.days or 1))
                self.persons[self.places.index((number, age))] += 1
        self.midnight = np.array([self._row(place, self._after_midnight) for place in self.places])
        self.burnt = np.linalg.matrix_power(self.midnight, journey.burn_in)
        self.start, self.persons = self.persons, self.persons @ self.burnt
        self.means = self._market_means()

    def mornings(self, days: int) -> np.ndarray:
        """Mean persons by morning and state: float64[days + 1, n]."""
        return np.array([self._by_state(self.persons @ self.after(d)) for d in range(days + 1)])

    def variance(self, days: int) -> np.ndarray:
        """Variance of the persons in each state after so many days: persons are independent."""
        after = np.array([self._by_state(row) for row in self.burnt @ self.after(days)])
        return self.start @ (after * (1.0 - after))

    @cache  # noqa: B019
    def after(self, days: int) -> np.ndarray:
        """P(place after so many days | place)."""
        moved = np.eye(len(self.places))
        for day in range(days):
            for hour in range(24):
                moved = moved @ self.hour(day, hour)
            moved = moved @ self.midnight
        return moved

    def hour(self, day: int, hour: int) -> np.ndarray:
        """P(place after the hour | place)."""
        rates = self.rates(day, hour)
        return np.array([self._row(p, lambda p: self._after_hour(p, rates)) for p in self.places])

    def _row(self, place: tuple[int, int], ways: Any) -> np.ndarray:
        row = np.zeros(len(self.places))
        for target, chance in ways(place):
            row[self.places.index(target)] += chance
        assert row.sum() <= 1 + 1e-9
        return row

    def _after_hour(self, place: tuple[int, int], rates: np.ndarray) -> list:
        state = self.states[place[0]]
        ways, left = [], 1.0
        rows = (state.order, state.cart, state.click, state.impression)
        for rate, row in zip(rates[place[0]], rows, strict=True):
            some = left * (1.0 - np.exp(-rate))
            left -= some
            ways += [((self.names.index(name), 0), some * p) for name, p in row.items()]
            ways.append((place, some * (1.0 - sum(row.values()))))
        return [*ways, (place, left)]

    def _after_midnight(self, place: tuple[int, int]) -> list:
        state, age = self.states[place[0]], place[1]
        ways = [((self.names.index(name), 0), p) for name, p in state.daily.items()]
        if state.days is None:
            stays = place
        elif age + 1 < state.days:
            stays = (place[0], age + 1)
        else:
            stays = (self.names.index(state.then), 0)
        return [*ways, (stays, 1.0 - sum(state.daily.values()))]

    def _by_state(self, by_place: np.ndarray) -> np.ndarray:
        state = [state for state, _ in self.places]
        return np.bincount(state, by_place, len(self.states))

    def _market_means(self) -> dict[str, float]:
        """Means over the first morning: what the factors of queries.csv are relative to."""
        by_state = self._by_state(self.persons)
        searches = by_state * [s.searches for s in self.states]
        clicks = searches * [s.ctr for s in self.states]
        orders = clicks * [s.cvr for s in self.states]
        organic = searches * [s.cvr * s.organic for s in self.states]
        return {
            "ctr": clicks.sum() / searches.sum(),
            "cvr": orders.sum() / clicks.sum(),
            "organic": organic.sum() / searches.sum(),
        }

    def rates(self, day: int, hour: int) -> np.ndarray:
        """float64[n, 4]: a person's mean events in an hour, by state; the first entry stands."""
        market, opened = self.run.market.arrays, self.run.opened
        weekday = (market.weekday + day) % 7
        block = opened.plan.block[weekday * 24 + hour]
        found = np.zeros((len(self.states), 4))
        for q, query in enumerate(self.run.scenario.tables.queries.iter_rows(named=True)):
            searches = query["daily_searches"] * market.hour_factor[day, hour]
            for device in self.run.scenario.devices:
                side = self.run.market.sides.devices.index(device.name)
                row = (block * len(market.queries) + q) * len(market.sides) + side
                entries = opened.book.entry[
                    opened.book.row_start[row] : opened.book.row_start[row + 1]
                ]
                best = opened.book.offers[entries[0]] if len(entries) else None
                for number in range(len(self.states)):
                    own = self._person_searches(query, number) * searches * device.share
                    found[number] += self._events(own, number, device, query, best)
        return found

    def _person_searches(self, query: dict[str, Any], number: int) -> float:
        """A person's share of the searches of a query."""
        weights = np.array([s.searches * _wish(s, query) for s in self.states])
        return weights[number] / (self._by_state(self.persons) @ weights)

    def _events(self, searches: float, number: int, device: Any, query: dict, best: Any):
        state = self.states[number]
        by_itself = state.cvr * state.organic / self.means["organic"] * device.cvr * device.organic
        organic = min(1.0, query["organic"] * by_itself)
        if best is None or not best["enters"]:
            return np.array([searches * organic, 0.0, 0.0, 0.0])
        ctr = min(1.0, best["ctr"] * state.ctr / self.means["ctr"] * device.ctr)
        cvr = min(1.0, best["cvr"] * state.cvr / self.means["cvr"] * device.cvr)
        clicks = searches * best["examined"] * ctr
        cart = clicks * (1 - cvr) * best["cart_rate"]
        plain = clicks * (1 - cvr) * (1 - best["cart_rate"])
        seen = (searches * best["shown"] - clicks) * (1 - organic)
        return np.array([clicks * cvr + (searches - clicks) * organic, cart, plain, seen])


def _wish(state: State, query: dict[str, Any]) -> float:
    names = dict.fromkeys([query["query"], query["query_group"]])
    return float(np.prod([state.queries.get(name, 1.0) for name in names]))
