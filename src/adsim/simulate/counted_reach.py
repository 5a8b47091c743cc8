"""Reach under frequency caps and of persons who live: counted one by one (fidelity `events`).

Who sees an ad depends on what that person has seen, or where it is by then, so there is no closed
form; the histories are played once more, to the same bytes, with every campaign counting its
impressions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adsim.errors import Problem, SimulationError
from adsim.kernels import doors
from adsim.kernels.exposure import EVER
from adsim.kernels.model import NO_CAP, Exposure, Window
from adsim.kernels.random import make_luck
from adsim.kernels.tally import N_FIELDS
from adsim.results.registry import TIMES
from adsim.simulate.grouping import group_rows
from adsim.simulate.histories import run_tasks, thread_pool
from adsim.simulate.reaching import DAY, Exposures, Floats
from adsim.simulate.remembering import Memory

LARGEST_COUNT = 2 << 30  # bytes
MOST_KEPT = 255  # impressions of a campaign: more are as many


@dataclass(frozen=True)
class CountedExposures(Exposures):
    """The impressions of a run by person and campaign, and by day where days are asked for."""

    @cached_property
    def windows(self) -> list[Window]:
        """The spans that are counted apart."""
        first, last = self.run.first_day, self.run.last_day
        if DAY not in self.by:
            return [Window(first, last)]
        return [Window(day, day + 1) for day in range(first, last)]

    @cached_property
    def seen(self) -> NDArray[np.uint8]:
        """uint8[replications, spans, persons, campaigns]."""
        run = self.run
        counted = run.opened.plan.exposure
        plan = run.opened.plan._replace(exposure=_counting_all(counted))
        n_persons, n_campaigns = len(run.seen(0)), plan.exposure.counter.size
        shape = (run.replications, len(self.windows), n_persons, n_campaigns)
        _check_room(shape)
        found = np.zeros(shape, np.uint8)
        groups = group_rows(run.market, run.first_day, run.last_day, ()).groups

        def play(replication: int) -> None:
            seen = Memory(counted, run.seen(replication)[None]).under(plan.exposure).seen[0]
            known = (
                run.market.arrays._replace(share=run.market.arrays.share.copy()),
                run.market.people,
                plan,
                run.opened.book._replace(offers=run.opened.book.offers.copy()),
                run.opened.rates,
                groups,
                make_luck(run.seed, replication),
            )
            tallies = np.zeros((1, N_FIELDS), np.int64)
            begin = (run.stocks(replication), run.first_trials[replication].copy())
            for span, window in enumerate(self.windows):
                before = seen[:, :, EVER].copy()
                doors.run_persons(*known, window, seen, tallies, *begin)
                found[replication, span] = np.minimum(seen[:, :, EVER] - before, MOST_KEPT)

        with thread_pool(run.threads) as pool:
            run_tasks(pool, play, run.replications)
        return found

    @cached_property
    def cell(self) -> NDArray[np.int64]:
        """int64[persons], as the kernels number them; those who live have no cell of their own."""
        if self.run.scenario.journey is not None:
            return np.zeros(self.seen.shape[2], np.int64)
        return np.repeat(self.kinds["cell"], self.kinds["persons"])

    def counted(self, rows: pl.DataFrame) -> Floats:
        names = [campaign.name for campaign in self.run.plan.campaigns]
        if "campaign" in rows.columns:
            asked = set(rows["campaign"])
            names = [name if name in asked else "" for name in names]
        columns = np.flatnonzero([name != "" for name in names])
        spans = self._spans(rows)
        lives = self.run.scenario.journey is not None
        inside = lives | np.isin(self.cell, rows["cell"].to_numpy())
        found = np.zeros((self.run.replications, TIMES + 1))
        for replication, seen in enumerate(self.seen):
            chosen = seen[np.ix_(spans, inside, columns)]
            times = chosen.sum(axis=(0, 2), dtype=np.int64)
            found[replication] = np.bincount(np.minimum(times, TIMES), minlength=TIMES + 1)
        found[:, 0] += len(inside) - inside.sum()
        return found

    def _spans(self, rows: pl.DataFrame) -> NDArray[np.int64]:
        """Which spans the days of the rows are."""
        if DAY not in self.by:
            return np.zeros(1, np.int64)
        start, asked = self.run.scenario.scenario.start, set(rows[DAY])
        days = [(start + timedelta(days=window.first)).isoformat() for window in self.windows]
        return np.flatnonzero([day in asked for day in days])

    def persons(self, group: tuple[Any, ...]) -> int:
        if self.run.scenario.journey is not None:
            return int(self.seen.shape[2])
        return super().persons(group)


def _check_room(shape: tuple[int, ...]) -> None:
    """Refuse what would not fit into a usual memory."""
    size = math.prod(shape)
    if size > LARGEST_COUNT:
        rule = "must count at most 2 GB, a byte for each replication, person, campaign and day"
        found, cure = f"needs {size / 2**30:.1f} GB", "run fewer replications, or leave day out"
        raise SimulationError(Problem("reach", rule, found, cure))


def _counting_all(exposure: Exposure) -> Exposure:
    """Every campaign counts; those without a cap have none then, either."""
    known = exposure.counter >= 0
    n_campaigns = known.size
    cap, days = np.full(n_campaigns, NO_CAP), np.ones(n_campaigns, np.int64)
    tired = np.ones((n_campaigns, exposure.tired.shape[1]))
    counter = exposure.counter[known]
    cap[known], days[known] = exposure.cap[counter], exposure.days[counter]
    tired[known] = exposure.tired[counter]
    everybody = np.arange(n_campaigns)
    return exposure._replace(counter=everybody, cap=cap, days=days, tired=tired)
