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

SALES_FIELDS = ("buyers", "units", "rival_buyers", "revenue")
MEDIUM_FIELDS = ("spend", "impressions", "clicks", "reached", "moved", "reported", "reported_value")
"""What a period leaves, in the order of the arrays: persons, units, and money in micros."""

SPEND = MEDIUM_FIELDS.index("spend")


@dataclass(frozen=True)
class Series:
    """One history, period by period: sales float64[T, 4], media float64[T, M, 7], persons [T, V].

    Whole numbers but for the exposures bought and the sales that search media report, which are
    means given the history.
    """

    sales: np.ndarray
    media: np.ndarray
    persons: np.ndarray


@dataclass(frozen=True)
class Histories:
    """All histories.

    Attributes:
        sales: float64[plans, R, 4], sums from the first measured period to the end.
        spend: float64[plans, R], money of all media in those periods, micros.
        media: float64[plans, R, M, 7], sums over the measured periods.
        persons: float64[plans, R, V], mean persons of every value over the measured periods.
        first: The histories of the first plan.
    """

    sales: np.ndarray
    spend: np.ndarray
    media: np.ndarray
    persons: np.ndarray
    first: Sequence[Series]


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
    begin, end = scenario.window
    price = to_micros_array(prices(scenario))
    shape = (len(plans), replications)
    sales = np.zeros((*shape, len(SALES_FIELDS)))
    media = np.zeros((*shape, world.media.size, len(MEDIUM_FIELDS)))
    spend = np.zeros(shape)
    persons = np.zeros((*shape, len(VALUES)))
    first: dict[int, Series] = {}

    def history(number: int) -> None:
        plan, replication = divmod(number, replications)
        luck = kernel.make_media_luck(seed, replication, is_mean)
        series = play(world, plans[plan], luck, price)
        sales[plan, replication] = series.sales[begin:].sum(axis=0)
        spend[plan, replication] = series.media[begin:, :, SPEND].sum()
        media[plan, replication] = series.media[begin:end].sum(axis=0)
        persons[plan, replication] = series.persons[begin:end].mean(axis=0)
        if plan == 0:
            first[replication] = series

    luck = kernel.make_media_luck(seed, 0, is_mean)
    compile_door(doors.run_media, "media", (world, plans[0], luck, *_room(world)))
    with thread_pool(threads) as pool:
        run_tasks(pool, history, shape[0] * shape[1], progress)
    return Histories(
        sales, spend, media, persons, [first[number] for number in range(replications)]
    )


def play(
    world: kernel.MediaWorld, plan: kernel.MediaPlan, luck: kernel.MediaLuck, price: np.ndarray
) -> Series:
    """One history; `price` int64[T] in micros."""
    raw, persons = _room(world)
    doors.run_media(world, plan, luck, raw, persons)
    counts, media = np.split(raw, [kernel.N_SALES_FIELDS], axis=1)
    media = media.reshape(len(price), -1, kernel.N_MEDIUM_FIELDS)
    revenue = counts[:, kernel.UNITS] * price
    value = media[:, :, kernel.REPORTED] * price[:, None]
    return Series(
        np.column_stack([counts, revenue]),
        np.concatenate([media, value[:, :, None]], axis=2),
        persons,
    )


def _room(world: kernel.MediaWorld) -> tuple[np.ndarray, np.ndarray]:
    n_fields = kernel.N_SALES_FIELDS + world.media.size * kernel.N_MEDIUM_FIELDS
    return np.zeros((world.rate.size, n_fields)), np.zeros((world.rate.size, len(VALUES)))
