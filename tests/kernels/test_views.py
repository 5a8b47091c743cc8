"""Cascades and promoted slots: views and mean charges against pages read one by one."""

from __future__ import annotations

import numpy as np
import pytest

from adsim.kernels import auction, doors, views
from adsim.kernels.model import OFFER
from tests.kernels.naive import Auction, Rivals
from tests.kernels.naive_views import Readers
from tests.kernels.worlds import market_of, needs_jit, records

FAN = (1.0, 0.7, 0.5, 0.4)
EVEN = (1.0,) * 4
LOGNORMAL = Rivals(4, "lognormal", 4, 0.6)
TABLE = Rivals(3, "table", table=((0.0, 1.0), (0.4, 3.0), (0.4, 5.0), (1.0, 9.0)))
NAMED = ((7.0, 0.5), (5.0, 0.8), (3.5, 0.9))
GAMES = {
    "cascade": Readers(Auction(LOGNORMAL, 1.0, examination=EVEN), 0.6, 0.4, 0.5),
    "promoted": Readers(
        Auction(LOGNORMAL, 1.0, examination=FAN),
        promoted_slots=2,
        promoted_reserve=5.0,
        promotion=1.5,
    ),
    "both": Readers(
        Auction(LOGNORMAL, 1.0, step=0.01, examination=EVEN), 0.7, 0.5, 0.6, 2, 5.0, 3.0
    ),
    "both, named rivals": Readers(
        Auction(LOGNORMAL, 1.0, step=0.05, examination=EVEN, named=NAMED),
        0.7, 0.5, 0.6, 2, 5.0, 3.0,
    ),
    "both, table, named rivals": Readers(
        Auction(TABLE, 1.0, examination=EVEN, named=NAMED), 0.7, 0.5, 0.6, 1, 5.0, 3.0
    ),
    "all slots, a cap of the bid": Readers(
        Auction(LOGNORMAL, 1.0, 0.2, 0.4, 0.01, EVEN), 0.5, 0.3, 0.3, 4, 2.0, 1.5
    ),
    "nobody goes on": Readers(Auction(LOGNORMAL, examination=EVEN), 0.0, 0.3, 0.3, 1, 4.0, 1.5),
    "nobody buys": Readers(Auction(LOGNORMAL, examination=EVEN), 1.0, 0.3, 0.0, 1, 4.0, 1.5),
    "no rivals": Readers(Auction(Rivals(0), 1.0, examination=EVEN), 0.5, 0.3, 0.3, 2, 4.0, 1.5),
    "only named rivals": Readers(
        Auction(Rivals(0), examination=EVEN, named=NAMED), 0.5, 0.3, 0.3, 2, 5.0, 1.5
    ),
}  # fmt: skip
WEIGHT = 2.0
CTR = 0.3
BIDS = (0.9, 2.4, 2.5, 2.6, 4.0)  # ad ranks from below to above the promoted reserves


def market(game: Readers):
    plain = market_of(game.auction, (WEIGHT,))
    queries = plain.queries.copy()
    queries["ctr"] = CTR
    queries["leaves"] = game.leaves(False)
    queries["leaves_promoted"] = game.leaves(True)
    rules = plain.rules._replace(
        promoted_slots=game.promoted_slots,
        promoted_reserve=game.promoted_reserve,
        promotion=game.promotion,
    )
    return plain._replace(rules=rules, queries=queries)


def valued(game: Readers, bids=BIDS):
    rows = np.zeros(len(bids), OFFER)
    rows["bid"] = np.round(np.array(bids) * 1e6)
    offers = records([tuple(row) for row in rows], OFFER)
    chance, view = np.zeros((2, len(bids), len(game.auction.examination)))
    doors.value_plan_offers(market(game), offers, chance, view, 0, len(bids), True)
    return offers, chance, view


@needs_jit
@pytest.mark.parametrize("name", GAMES)
def test_offers_are_those_of_pages_read_one_by_one(name):
    game = GAMES[name]
    offers, chance, view = valued(game)
    for i, bid in enumerate(BIDS):
        clicks = game.clicks(bid * WEIGHT, CTR)
        assert CTR * chance[i] * view[i] == pytest.approx(clicks, rel=1e-9, abs=1e-12)
        assert CTR * offers["examined"][i] == pytest.approx(sum(clicks), rel=1e-9)
        mean = game.mean_charge(WEIGHT, bid, CTR)
        assert offers["charge"][i] == pytest.approx(mean, rel=1e-7)
    if game.promoted_slots:
        assert 0.0 == offers["promoted"][0] < offers["promoted"][-1] <= 1.0


def test_published_ctr_by_slot():
    """validation.md section 12: c = .45, gamma = .55, nobody converts."""
    game = Readers(Auction(Rivals(0), examination=(1.0,) * 5), 0.55, 0.45, 0.0)
    leaves = game.leaves(False)
    found = [0.45 * views.page_view(1.0, leaves, leaves, 0, 1.0, k) for k in range(5)]
    assert found == pytest.approx([0.45, 0.2475, 0.1361, 0.0749, 0.0412], abs=5e-5)


@pytest.mark.parametrize(("ctr", "promoted"), [(0.25, 1 / 3), (0.45, 0.5510)])
def test_published_click_chance_of_a_promoted_ad(ctr, promoted):
    assert ctr * views.odds_factor(ctr, 1.5) == pytest.approx(promoted, abs=5e-5)


@pytest.mark.parametrize("ctr", [0.0, 0.02, 0.5, 1.0])
def test_the_odds_map_multiplies_odds(ctr):
    moved = ctr * views.odds_factor(ctr, 1.5)
    assert moved * (1 - ctr) == pytest.approx(1.5 * ctr * (1 - moved))


@needs_jit
def test_a_click_in_a_promoted_slot_costs_the_promoted_reserve_or_more():
    lone = Readers(Auction(Rivals(0), 1.0, examination=EVEN), 1.0, 0.0, 0.0, 1, 4.0, 1.5)
    offers, _, _ = valued(lone, (1.9, 2.0, 3.0))
    assert offers["charge"] == pytest.approx([0.51, 2.0, 2.01])  # increment 0.01, at most the bid
    assert offers["least"].tolist() == [0, 2_000_000, 2_010_000]
    assert offers["promoted"].tolist() == [0.0, 1.0, 1.0]


def test_a_reserve_met_but_for_rounding_is_met():
    rules = market_of(Auction(Rivals(0), 0.7 * 3)).rules
    rules = rules._replace(promoted_slots=1, promoted_reserve=2.1)
    assert auction.money_of(700_000) * 3.0 < 2.1
    assert views.may_be_promoted(rules, auction.money_of(700_000) * 3.0)
