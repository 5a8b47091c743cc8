"""What histories of persons who live leave behind: who was where every morning, and at the end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from adsim.errors import Problem, SimulationError
from adsim.kernels import doors
from adsim.kernels.model import People
from adsim.kernels.random import make_luck
from adsim.results.tables import QUANTILES

if TYPE_CHECKING:
    from adsim.simulate.run import Run

SINGLE = np.dtype(np.int32)  # where each person is
DTYPES: dict[str, np.dtype[Any]] = {
    "expected": np.dtype(np.float64),
    "counts": np.dtype(np.int64),
    "events": SINGLE,
}


@dataclass(frozen=True)
class Diary:
    """The persons of one plan's histories: R replications, X kinds x places, n states.

    Stocks are int64, means (fidelity `expected`) float64. Fidelity `events` has int32 [R, N]
    instead of [R, X]: for each of N persons the number of the stock that it is in.

    Attributes:
        people: What is known of them.
        first_day: Day of the first morning.
        mornings: [R, days + 1, n] persons by state; the last morning is that after the last day.
        stocks: [R, X] or [R, N], the persons on the morning reached, at first on the first one.
    """

    people: People
    first_day: int
    mornings: np.ndarray
    stocks: np.ndarray

    def note(self, replication: int, day: int, stocks: np.ndarray) -> None:
        """Write down the persons of a morning."""
        n_places = self.people.places.size
        if stocks.dtype == SINGLE:
            by_place = np.bincount(stocks % n_places, minlength=n_places)
        else:
            by_place = stocks.reshape(-1, n_places).sum(axis=0)
        by_state = np.add.reduceat(by_place, self.people.first)
        self.mornings[replication, day - self.first_day] = by_state
        self.stocks[replication] = stocks


def open_diary(people: People, first_day: int, days: int, stocks: np.ndarray) -> Diary:
    """An empty diary of histories that begin with these persons, [R, X] or [R, N]."""
    shape = (len(stocks), days + 1, people.first.size)
    mornings = np.zeros(shape, np.int64 if stocks.dtype == SINGLE else stocks.dtype)
    return Diary(people, first_day, mornings, stocks.copy())


def open_stocks(people: People, fidelity: str, seed: int, replication: int) -> np.ndarray:
    """The persons of a history on the first morning, burn-in passed; none where nobody lives."""
    size = int(people.stocks["start"].sum()) if fidelity == "events" else people.stocks.size
    stocks: np.ndarray = np.zeros(size, DTYPES[fidelity])
    if people.stocks.size == 0:
        return stocks
    if fidelity == "expected":
        doors.open_mean_stocks(people, stocks)
    elif fidelity == "counts":
        doors.open_counted_stocks(people, make_luck(seed, replication), stocks)
    else:
        doors.open_single_persons(people, make_luck(seed, replication), stocks)
    return stocks


def journey_table(run: Run) -> pl.DataFrame:
    """One row a morning and state: day, state, persons, their quantiles, share; see `Run.journey`.

    Raises SimulationError where the scenario has no journey.
    """
    journey = run.scenario.journey
    if journey is None:
        rule, cure = "must have a [journey] for its states", "add one, or ask for a report"
        raise SimulationError(Problem("scenario", rule, "has none", cure))
    persons = run.diary.mornings
    start, names = run.scenario.scenario.start, journey.names()
    days = [start + timedelta(days=run.first_day + day) for day in range(persons.shape[1])]
    means = persons.mean(axis=0)
    columns = {
        "day": [day.isoformat() for day in days for _ in names],
        "state": names * len(days),
        "persons": means.ravel(),
    }
    if len(persons) > 1:
        for suffix, probability in QUANTILES.items():
            columns[f"persons_{suffix}"] = np.quantile(persons, probability, axis=0).ravel()
    columns["share"] = (means / means.sum(axis=1, keepdims=True)).ravel()
    return pl.DataFrame(columns)
