"""Opens the book of a plan in a market: every offer valued once, before any history runs."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from adsim.kernels import doors
from adsim.kernels.charges import GUIDE
from adsim.kernels.model import OFFER, Book, Market, PlanArrays

OFFERS_A_TASK = 4096


@dataclass(frozen=True)
class OpenPlan:
    """A plan, its book and its mean spend in micros by campaign and hour block (float64[C, B])."""

    plan: PlanArrays
    book: Book
    rates: np.ndarray


def open_plans(
    market: Market,
    plans: Sequence[PlanArrays],
    pool: ThreadPoolExecutor,
    *,
    with_charge: bool,
    with_prices: bool,
) -> list[OpenPlan]:
    """Open plans side by side, each on one thread; a single one on all of them."""
    how = {"with_charge": with_charge, "with_prices": with_prices}
    if len(plans) == 1:
        return [open_plan(market, plans[0], pool, **how)]
    tasks = [pool.submit(open_plan, market, plan, None, **how) for plan in plans]
    return [task.result() for task in tasks]


def open_plan(
    market: Market,
    plan: PlanArrays,
    pool: ThreadPoolExecutor | None,
    *,
    with_charge: bool,
    with_prices: bool,
) -> OpenPlan:
    """Value all offers of a plan, on the threads of a pool or, without one, on this thread.

    `with_charge` works out mean charges, `with_prices` the tables that clicks draw charges from.
    """
    with_charge = with_charge or bool(plan.standard.any())
    n_campaigns, n_sides, n_blocks = plan.coefficient.shape
    offer_at = np.empty((market.links.size, n_sides, n_blocks), np.int64)
    room = np.zeros(_most_offers(market, plan), OFFER)
    offers = room[: doors.list_plan_offers(market, plan, room, offer_at)].copy()
    chance = np.zeros((offers.size, market.examination.size))
    view = np.tile(market.examination, (offers.size if _views_differ(market) else 1, 1))
    _value_offers(market, offers, chance, view, with_charge, pool)
    row_start = np.empty(n_blocks * market.cell_identity.size + 1, np.int64)
    entry = np.empty(offer_at.size, np.int64)
    doors.rank_plan_entries(market, offers, offer_at, row_start, entry)
    below, guide = _price_tables(market, offers, with_prices)
    book = Book(row_start, entry[: row_start[-1]].copy(), offers, chance, view, below, guide)
    rates = np.zeros((n_campaigns, n_blocks))
    if with_charge:
        rates = doors.mean_spend(market, book, n_blocks, np.ones(n_campaigns))
    return OpenPlan(plan, book, rates)


def _views_differ(market: Market) -> bool:
    """Whether a slot is not worth the same to every offer; see `kernels/views.py`."""
    return market.rules.promoted_slots > 0 or bool(market.queries["leaves"].any())


def _value_offers(
    market: Market,
    offers: np.ndarray,
    chance: np.ndarray,
    view: np.ndarray,
    with_charge: bool,
    pool: ThreadPoolExecutor | None,
) -> None:
    if pool is None:
        doors.value_plan_offers(market, offers, chance, view, 0, offers.size, with_charge)
        return
    tasks = [
        pool.submit(
            doors.value_plan_offers,
            market,
            offers,
            chance,
            view,
            first,
            min(first + OFFERS_A_TASK, offers.size),
            with_charge,
        )
        for first in range(0, offers.size, OFFERS_A_TASK)
    ]
    for task in tasks:
        task.result()


def _most_offers(market: Market, plan: PlanArrays) -> int:
    distinct = np.array([np.unique(campaign).size for campaign in plan.coefficient], np.int64)
    return int(distinct[market.keywords["campaign"][market.links]].sum())


def _price_tables(
    market: Market, offers: np.ndarray, wanted: bool
) -> tuple[np.ndarray, np.ndarray]:
    rows = doors.size_price_tables(market, offers) if wanted else 0
    below = np.empty(rows)
    guide = np.empty(GUIDE * rows, np.int32)
    if wanted:
        doors.fill_price_tables(market, offers, below, guide)
    return below, guide
