"""Who is in which crowd, and what each person's traits make of searches, clicks and orders."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars.exceptions import PanicException, PolarsError

from adsim.audience.lookalike import expand
from adsim.audience.persons import make_people, person_luck
from adsim.audience.places import list_places, start_places
from adsim.errors import MarketError, Problem
from adsim.scenario import Scenario
from adsim.scenario.conditions import crowd_order, first_line, parse_condition, people_in
from adsim.scenario.journeys import State
from adsim.scenario.populations import Effect

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]
Factors = tuple[Floats, Floats, Floats, Floats, Floats]
TINY = 1e-300
FACTORS = ("searches", "ctr", "cvr", "organic", "order_value")


def factors_of(who: Effect | State) -> list[float]:
    """The factors of an effect or a state, in the order of FACTORS."""
    return [getattr(who, name) for name in FACTORS]


@dataclass(frozen=True)
class Audience:
    """The persons of a scenario, their crowds and what their traits do.

    Attributes:
        scenario: What declares them.
        people: A row a person, a column a trait; columns that a journey moves as at the start.
        place: int64[persons], place of the journey before any burn-in; None without a journey.
    """

    scenario: Scenario
    people: pl.DataFrame
    place: NDArray[np.int64] | None = None

    @cached_property
    def members(self) -> dict[str, Mask]:
        """bool[persons] of each crowd of persons, in the order of the declaration."""
        found: dict[str, Mask] = {}
        frame = self.people
        for crowd in crowd_order(self.scenario.crowds):
            if crowd.lookalike is None:
                place = f"crowds.{crowd.name}.where"
                inside = holds(frame, crowd.where or "", place)
            else:
                inside = expand(self.scenario, crowd, self.people, found).members
            found[crowd.name] = inside
            frame = frame.with_columns(pl.Series(crowd.name, inside))
        return {c.name: found[c.name] for c in self.scenario.crowds if people_in(c)}

    @cached_property
    def held_out(self) -> Mask:
        """bool[persons] of those who are never shown an ad."""
        share, size = self.scenario.scenario.holdout, self.people.height
        if share == 0.0:
            return np.zeros(size, bool)
        seed = self.scenario.population.seed if self.scenario.population else 0
        return np.asarray(person_luck(seed, "\0holdout", size) < share)  # no column is named so

    @cached_property
    def weights(self) -> Weights:
        """What each person weighs in searches, clicks and orders."""
        factors = np.ones((self.people.height, len(FACTORS)))
        population = self.scenario.population
        for place, effect in enumerate(population.effects if population else ()):
            inside = holds(self.people, effect.where, f"population.effects.{place}.where")
            factors[inside] *= factors_of(effect)
        if self.place is not None and self.scenario.journey is not None:
            of_state = np.array([factors_of(state) for state in self.scenario.journey.states])
            factors *= of_state[list_places(self.scenario.journey).state[self.place]]
        searches, ctr, cvr, organic, value = np.ascontiguousarray(factors.T)
        orders = searches * ctr * cvr
        return Weights(searches, searches * ctr, orders, searches * cvr * organic, orders * value)


@dataclass(frozen=True)
class Weights:
    """float64[persons] each: what a person does, relative to others where all see the same ads.

    Attributes:
        searches: Searches.
        clicks: Searches x CTR factor.
        orders: Clicks x CVR factor.
        organic: Organic orders where there are no ads: searches x CVR factor x organic factor.
        revenue: Orders x order value.
    """

    searches: NDArray[np.float64]
    clicks: NDArray[np.float64]
    orders: NDArray[np.float64]
    organic: NDArray[np.float64]
    revenue: NDArray[np.float64]

    def factors(self, group: NDArray[np.int64], size: int) -> Factors:
        """Share of searches, then the factors of CTR, CVR, organic orders and order value, of each
        of `size` groups of persons.

        The factors are means: of CTR and organic orders over searches, of CVR over clicks, of the
        value over orders. They are relative to the whole market, whose means are then 1:
        queries.csv and prices speak of all persons together.

        Args:
            group: int64[persons], 0 .. size - 1.
        """
        searches, clicks, orders, organic, revenue = (
            np.bincount(group, weights, size).astype(np.float64)
            for weights in (self.searches, self.clicks, self.orders, self.organic, self.revenue)
        )
        ctr = ratio(clicks, searches) / (clicks.sum() / searches.sum())
        cvr = ratio(orders, clicks) / (orders.sum() / clicks.sum())
        by_itself = ratio(organic, searches) / max(organic.sum() / searches.sum(), TINY)
        value = ratio(revenue, orders) / max(revenue.sum() / orders.sum(), TINY)
        return searches / searches.sum(), ctr, cvr, by_itself, value


def ratio(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    """above / below, and 0 where there is nothing below."""
    return np.divide(above, below, out=np.zeros(len(below)), where=below > 0)


def gather_audience(scenario: Scenario) -> Audience:
    """The persons of a scenario; raises MarketError where they cannot be made."""
    people, place = make_people(scenario), None
    if scenario.journey is not None:
        place = start_places(scenario, people)
        living = list_places(scenario.journey).columns(place)
        people = people.with_columns(living) if people.width else pl.DataFrame(living)
    audience = Audience(scenario, people, place)
    if audience.people.height and not audience.weights.orders.any():
        found, cure = "leave nobody who searches, clicks and orders", "give some a factor above 0"
        rule = "effects and states must leave somebody"
        raise MarketError(Problem("scenario.toml", rule, found, cure))
    return audience


def holds(people: pl.DataFrame, condition: str, place: str) -> Mask:
    """bool[persons]: for whom a condition is true; unknown is not true."""
    try:
        held = people.with_columns(parse_condition(condition).alias("\0"))["\0"]
    except (PolarsError, PanicException) as error:
        rule = f"{place} must be true or false for every person"
        found = f"cannot be told: {first_line(error)}"
        raise MarketError(Problem("scenario.toml", rule, found, "correct the condition")) from error
    return held.fill_null(False).to_numpy()
