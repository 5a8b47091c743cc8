"""Histories of a category under several plans, on threads, each with its own luck."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adsim.kernels import doors
from adsim.kernels import media as kernel
from adsim.media.compile import VALUES, prices
from adsim.money import to_micros_array
from adsim.scenario.media.models import MediaScenario
from adsim.simulate.histories import Progress, compile_door, run_tasks, thread_pool

BUYERS, UNITS, REVENUE, OTHER_BUYERS, N_SALES = 0, 1, 2, 3, 4
"""The sales of a period; revenue in micros. The kernel's fields of each medium follow."""


@dataclass(frozen=True)
class Histories:
    """What has happened, plan by plan.

    Attributes:
        totals: float64[plans, replications, N_SALES + M x N_MEDIUM_FIELDS], sums from the first
            measured period to the end; whole numbers but for what media report.
        persons: float64[plans, replications, V], mean of every value over those periods.
        series: float64[replications, T, ...], the first plan period by period.
        shares: float64[replications, T, V], persons of the first plan.
    """

    totals: np.ndarray
    persons: np.ndarray
    series: np.ndarray
    shares: np.ndarray


def run_media_histories(
    scenario: MediaScenario,
    world: kernel.MediaWorld,
    plans: Sequence[kernel.MediaPlan],
    *,
    is_mean: bool,
    seed: int,
    replications: int,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Histories:
    """Every plan under the luck of every replication, common to all plans."""
    n_periods = world.rate.size
    width = N_SALES + world.media.size * kernel.N_MEDIUM_FIELDS
    first = scenario.window[0]
    price = to_micros_array(prices(scenario))
    done = Histories(
        np.zeros((len(plans), replications, width)),
        np.zeros((len(plans), replications, len(VALUES))),
        np.zeros((replications, n_periods, width)),
        np.zeros((replications, n_periods, len(VALUES))),
    )

    def history(number: int) -> None:
        plan, replication = divmod(number, replications)
        luck = kernel.make_media_luck(seed, replication, is_mean)
        raw = np.zeros((n_periods, width - N_SALES + kernel.N_SALES_FIELDS))
        persons = np.zeros((n_periods, len(VALUES)))
        doors.run_media(world, plans[plan], luck, raw, persons)
        series = _with_revenue(raw, price)
        done.totals[plan, replication] = series[first:].sum(axis=0)
        done.persons[plan, replication] = persons[first:].mean(axis=0)
        if plan == 0:
            done.series[replication], done.shares[replication] = series, persons

    example = (np.zeros((1, width)), np.zeros((1, len(VALUES))))
    compile_door(
        doors.run_media, "media", (world, plans[0], kernel.make_media_luck(0, 0, True), *example)
    )
    with thread_pool(threads) as pool:
        run_tasks(pool, history, len(plans) * replications, progress)
    return done


def _with_revenue(raw: np.ndarray, price: np.ndarray) -> np.ndarray:
    """The kernel's series with the revenue of every period behind the units, in micros."""
    revenue = raw[:, kernel.UNITS] * price
    return np.insert(raw, REVENUE, revenue, axis=1)
