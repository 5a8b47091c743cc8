"""The book: which offers stand in which order, and what their tables charge."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import adsim
from adsim.kernels import auction, charges
from adsim.market.compile import compile_market
from adsim.scenario import todays_plan
from adsim.simulate.opening import open_plan
from tests.kernels.naive_days import World
from tests.kernels.worlds import needs_jit

pytestmark = needs_jit


def opened(scenario, plan=None):
    market = compile_market(scenario, [plan or todays_plan(scenario)])
    with ThreadPoolExecutor(2) as pool:
        book = open_plan(
            market.arrays, market.plans[0], pool, with_charge=True, with_prices=True
        ).book
    return World(market.arrays, market.plans[0]), book


def rows_of(world, book):
    """The entries of each row as the book holds them: ((query, side, block), offers)."""
    row = 0
    for block in range(world.plan.coefficient.shape[2]):
        for query in range(world.market.queries.size):
            for side in range(world.market.sides.size):
                yield (
                    (query, side, block),
                    book.entry[book.row_start[row] : book.row_start[row + 1]],
                )
                row += 1
    assert row == book.row_start.size - 1


SIZES = {"queries": 8, "keywords_per_query": 5, "head_keywords": 8, "campaigns": 4}


@pytest.fixture(scope="module")
def overlapping():
    scenario = adsim.synthetic_scenario(1, **SIZES).with_overrides(["auction.reserve_score=4"])
    return opened(scenario)


def test_entries_stand_best_first_one_a_campaign(overlapping):
    world, book = overlapping
    lengths = set()
    for place, entries in rows_of(world, book):
        offers = book.offers[entries]
        twin = world.entries(*place)
        assert offers["keyword"].tolist() == [entry.keyword for entry in twin]
        assert offers["bid"].tolist() == [entry.bid for entry in twin]
        assert offers["enters"].tolist() == [entry.enters for entry in twin]
        lengths.add(len(twin))
    assert len(lengths) > 1
    assert 0 < book.offers["enters"].mean() < 1


def test_offers_are_distinct_and_each_is_in_use(overlapping):
    _, book = overlapping
    pairs = book.offers[["link", "bid"]].tolist()
    assert len(set(pairs)) == len(pairs)
    assert (book.offers["bid"] > 0).all()
    assert set(book.entry.tolist()) <= set(range(book.offers.size))


def test_offers_have_the_outcomes_of_the_naive_auction(overlapping):
    world, book = overlapping
    for i in range(0, book.offers.size, 7):
        offer = book.offers[i]
        if not offer["enters"]:
            assert offer["shown"] == offer["examined"] == 0 and np.isnan(offer["charge"])
            continue
        slots, charge = world.outcome(offer["query"], offer["keyword"], offer["bid"])
        np.testing.assert_allclose(book.chance[i], slots, atol=1e-12)
        assert offer["shown"] == pytest.approx(sum(slots))
        assert offer["examined"] == pytest.approx(world.market.examination @ slots)
        assert offer["charge"] * 1e6 == pytest.approx(charge, rel=1e-7)


def test_equal_ad_ranks_are_ordered_by_stable_ids_not_rows():
    scenario = adsim.synthetic_scenario(2, **SIZES, quality_exponent=0.0, flat=True)
    keywords = scenario.tables.keywords.with_columns(bid=pl.lit(1.0))
    plan = replace(todays_plan(scenario), keywords=keywords)
    turned = replace(plan, keywords=keywords.reverse())
    orders = []
    for one in (plan, turned):
        world, book = opened(scenario, one)
        identity = world.market.keywords["identity"]
        rows = list(rows_of(world, book))
        orders.append([identity[book.offers["keyword"][entries]].tolist() for _, entries in rows])
    assert orders[0] == orders[1]
    assert all(order == sorted(order) for order in orders[0])
    assert max(map(len, orders[0])) > 1


@pytest.mark.parametrize("settings", [{}, {"charge_step": 0.05, "quality_exponent": 0.5}])
def test_tables_charge_what_inversion_charges(settings):
    scenario = adsim.synthetic_scenario(3, queries=6, **settings)
    world, book = opened(scenario)
    u = np.random.default_rng(1).uniform(size=200)
    by_table, direct = np.empty(u.size, np.int64), np.empty(u.size, np.int64)
    without = book.offers.copy()
    without["lowest"] = -1
    assert (book.offers["lowest"] >= 0).all()
    differing = 0
    for offer in range(book.offers.size):
        charges.draw_charges(world.market, book, offer, u, u.size, by_table)
        charges.draw_charges(world.market, book._replace(offers=without), offer, u, u.size, direct)
        differing += np.count_nonzero(by_table != direct)
        mean = book.offers["charge"][offer] * 1e6
        assert abs(direct.mean() - mean) < 6 * (direct.std() + 1) / np.sqrt(u.size)
    assert differing <= 1e-5 * u.size * book.offers.size  # a price within 1e-9 of a half


@pytest.mark.parametrize("sizes", [{"charge_step": 0.0}, {"named_rivals": 1}])
def test_without_a_grid_or_beside_named_rivals_charges_are_inverted(sizes):
    _, book = opened(adsim.synthetic_scenario(4, queries=3, **sizes))
    assert (book.offers["lowest"] == -1).all()
    assert book.below.size == 0


def test_caps_are_the_highest_multiples_of_the_step():
    world, book = opened(adsim.synthetic_scenario(5, queries=4, charge_step=0.1))
    caps, bids = book.offers["cap"], book.offers["bid"]
    assert (caps <= bids).all() and (caps % 100_000 == 0).all() and (bids - caps < 100_000).all()
    assert auction.charge_of(9.0, bids[0], world.market.rules.step) == caps[0]
