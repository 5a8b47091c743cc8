"""Opens the book of a plan in a market: every offer valued once, before any history runs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from adsim.kernels import doors
from adsim.kernels.book import Book, Offers
from adsim.kernels.model import Market, PlanArrays

OFFERS_A_TASK = 4096


@dataclass(frozen=True)
class OpenPlan:
    """A plan, its book and its mean spend in micros by campaign and hour block."""

    plan: PlanArrays
    book: Book
    rates: np.ndarray


def open_plan(market: Market, plan: PlanArrays, pool: ThreadPoolExecutor, with_charge: bool) -> OpenPlan:
    """Value all offers of a plan; `with_charge` where mean charges are of use."""
    with_charge = with_charge or bool(plan.standard.any())
    offers, offer_at = _list_offers(market, plan)
    first = range(0, offers.link.size, OFFERS_A_TASK)
    tasks = [
        pool.submit(
            doors.value_plan_offers, market, offers, i, min(i + OFFERS_A_TASK, offers.link.size), with_charge
        )
        for i in first
    ]
    for task in tasks:
        task.result()
    row_start, entry = doors.rank_plan_entries(market, offers, offer_at)
    book = Book(row_start, entry, offers, doors.list_plan_prices(market, offers))
    n_campaigns, _, n_blocks = plan.coefficient.shape
    rates = np.zeros((n_campaigns, n_blocks))
    if with_charge:
        rates = doors.mean_spend(market, book, n_blocks, np.ones(n_campaigns))
    return OpenPlan(plan, book, rates)


def _list_offers(market: Market, plan: PlanArrays) -> tuple[Offers, np.ndarray]:
    account = market.account
    distinct = np.array([np.unique(campaign).size for campaign in plan.coefficient], np.int64)
    most = int(distinct[account.campaign[account.link_keyword]].sum())
    link, query, bid, offer_at = doors.list_plan_offers(market, plan, most)
    slots = market.auction.examination.size
    offers = Offers(
        link=link,
        query=query,
        bid=bid,
        enters=np.zeros(link.size, np.bool_),
        rank=np.zeros(link.size),
        level=np.zeros(link.size),
        chance=np.zeros((link.size, slots)),
        shown=np.zeros(link.size),
        examined=np.zeros(link.size),
        charge=np.full(link.size, np.nan),
    )
    return offers, offer_at
