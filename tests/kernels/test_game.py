"""Games of the kernel against users followed one by one; what holds in every game."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from adsim.game.rounds import Round
from adsim.kernels import game as kernel
from adsim.kernels import random
from adsim.scenario.game import load_game
from tests.game.naive import NaiveGame
from tests.kernels.worlds import needs_jit

pytestmark = needs_jit

SMALL = Path(__file__).parents[1] / "game" / "small.toml"
FIELDS = {
    "impressions": kernel.IMPRESSIONS,
    "clicks": kernel.CLICKS,
    "orders": kernel.ORDERS,
    "spend": kernel.SPEND,
    "revenue": kernel.REVENUE,
    "positions": kernel.POSITIONS,
}


def play(game, seed, number, agents=None):
    """A game, and what was bid on each of its days."""
    playing = Round(game, seed, number)
    bids = []
    of_day = playing.of_day

    def noted(day, asked):
        bids.append(kernel.Bids(*(array.copy() for array in asked)))
        return of_day(day, asked)

    playing.of_day = noted
    return playing.play(agents or {}, threading.Event()), bids


def compare_with_twin(game, seed, number):
    played, bids = play(game, seed, number)
    twin = NaiveGame(game, played.lots, seed, number, bids).play()
    assert played.searches.tolist() == [twin.searches[q] for q in twin.queries]
    names = [state.name for state in game.states]
    assert played.persons.tolist() == [[each[name] for name in names] for each in twin.persons]
    for name, field in FIELDS.items():
        ads = np.zeros(played.ads.shape[:3], np.int64)
        for (day, a, query), fields in twin.ads.items():
            ads[day, a, twin.queries.index(query)] = fields[name]
        np.testing.assert_array_equal(played.ads[..., field], ads, name)
        if name != "positions":
            slots = np.zeros(played.slots.shape[:2], np.int64)
            for (query, slot), fields in twin.slots.items():
                slots[twin.queries.index(query), slot] = fields[name]
            np.testing.assert_array_equal(played.slots[..., field], slots, name)
    return played


@pytest.mark.parametrize("number", range(4))
def test_users_followed_one_by_one_do_the_same(number):
    played = compare_with_twin(load_game(SMALL), 5, number)
    totals = played.ads.sum(axis=(0, 1, 2))
    assert (totals > 0).all(), "nothing happens: the case tests nothing"
    steady = played.ads[:, 0, :, kernel.SPEND]
    assert (steady.sum(axis=1) >= 6e6).any(), "no limit is reached"


def test_equal_bids_stand_in_an_order_by_lot():
    game = load_game(
        SMALL,
        [
            "advertisers.steady.strategy.limit=9.0",
            "classes.whole.effect=0.5",
            "page.slots=1",
            "page.promoted=0",
        ],
    )
    played = compare_with_twin(game, 6, 0)
    first = played.ads[:, [0, 2], 5:, kernel.IMPRESSIONS].sum(axis=2)
    assert (first[:, 0] > 0).any() and (first[:, 1] > 0).any()


def test_a_single_user_and_a_full_page():
    compare_with_twin(load_game(SMALL, ["game.users=1", "page.slots=20"]), 5, 0)
    compare_with_twin(load_game(SMALL, ["game.users=5", "page.promoted=3"]), 5, 1)


@pytest.mark.parametrize("number", range(3))
def test_what_holds_in_every_game(number):
    game = load_game(SMALL, ["game.users=400"])
    played, bids = play(game, 8, number)
    ads = played.ads
    assert (played.persons.sum(axis=1) == 4 * 400).all() and (played.persons >= 0).all()
    assert (ads[..., kernel.ORDERS] <= ads[..., kernel.CLICKS]).all()
    assert (ads[..., kernel.CLICKS] <= ads[..., kernel.IMPRESSIONS]).all()
    bid = np.array([each.bid for each in bids])
    assert (ads[..., kernel.SPEND] <= bid * ads[..., kernel.CLICKS]).all()
    np.testing.assert_array_equal(ads.sum(axis=(0, 1))[:, :5], played.slots.sum(axis=1)[:, :5])
    assert (played.slots[:, 0, kernel.IMPRESSIONS] <= played.searches).all()
    whole = np.array([each.limit for each in bids])
    past = ads[..., kernel.SPEND] - whole
    assert (past < bid).all(), "a limit is passed by less than one click"


def test_other_bids_meet_the_same_users():
    """Where nobody buys, ads move nobody."""
    silent = {each: lambda day, report: {} for each in ("steady", "keen", "even", "calm")}
    game = load_game(SMALL, [f"classes.{name}.cvr=0.0" for name in ("any", "half", "whole")])
    with_ads, without = play(game, 5, 0)[0], play(game, 5, 0, silent)[0]
    assert with_ads.ads.any() and not without.ads.any()
    np.testing.assert_array_equal(with_ads.persons, without.persons)
    np.testing.assert_array_equal(with_ads.searches, without.searches)


def test_a_state_without_a_way_out_and_one_that_nobody_enters():
    changes = ["states.gone.daily={gone=1.0}", "states.wants.daily={wants=1.0}"]
    game = load_game(SMALL, [*changes, "states.looks.daily={looks=1.0}", "game.users=300"])
    persons = play(game, 5, 0)[0].persons
    gone = persons[:, 3]
    assert (np.diff(gone) >= 0).all() and gone[-1] > 0
    lonely = load_game(
        SMALL,
        [
            "states.out.daily={out=0.9,looks=0.1}",
            "states.out.burst={out=1.0}",
            "states.looks.daily={looks=1.0}",
        ],
    )
    assert (play(lonely, 5, 0)[0].persons[:, 2] == 0).all()


def test_the_decisions_of_a_game_are_nobody_elses():
    own = {kernel.LOTS, kernel.BURST, kernel.MOVE, kernel.SEARCH, kernel.READ, kernel.TIE}
    others = {int(v) for k, v in vars(random).items() if k.isupper() and isinstance(v, np.int64)}
    assert len(own) == 6 and not own & others and max(own) < 256
