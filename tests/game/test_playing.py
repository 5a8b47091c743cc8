"""Games played by declared strategies and by agents in Python, and their tables."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from adsim.errors import SimulationError
from adsim.game import Bids, load_game, play
from adsim.game.agents import Clicks
from adsim.game.rounds import Round
from tests.game.naive import odds
from tests.kernels.worlds import needs_jit

pytestmark = needs_jit

SMALL = Path(__file__).parent / "small.toml"
TABLES = ("advertisers", "classes", "slots", "states", "days", "by_game")


@pytest.fixture(scope="module")
def run():
    return play(SMALL, games=6, seed=3)


def test_threads_change_nothing_and_seeds_do(run):
    again = play(SMALL, games=6, seed=3, threads=3)
    for name in TABLES:
        assert getattr(again, name).equals(getattr(run, name))
    assert not play(SMALL, games=6, seed=4).advertisers.equals(run.advertisers)
    one = play(SMALL, games=1, seed=3)
    assert one.by_game.equals(run.by_game.filter(pl.col("game") == 0))
    assert one.advertisers["profit_low"].null_count() == 4


def test_tables_tell_the_same_of_the_same_games(run):
    profit = run.advertisers["revenue"] - run.advertisers["spend"]
    assert run.advertisers["profit"].to_list() == pytest.approx(profit.to_list())
    for table in (run.classes, run.slots):
        for name in ("impressions", "clicks", "orders", "spend", "revenue"):
            assert table[name].sum() == pytest.approx(run.advertisers[name].sum())
    by_game = run.by_game.group_by("advertiser", maintain_order=True).agg(pl.col("profit").mean())
    assert by_game["profit"].to_list() == pytest.approx(run.advertisers["profit"].to_list())
    days = run.days.group_by("advertiser", maintain_order=True).agg(pl.col("profit").sum())
    assert days["profit"].to_list() == pytest.approx(run.advertisers["profit"].to_list())
    shares = run.states.group_by("day").agg(pl.col("share").sum())
    assert shares["share"].to_list() == pytest.approx([1.0] * 13)
    assert run.states["day"].to_list()[:4] == [-1] * 4


def test_the_lots_of_a_game(run):
    """Every lot within its band, and dealt anew in each game."""
    rows = run.by_game
    assert rows.filter(advertiser="steady")["maker"].to_list() == ["ha"] * 6
    assert rows.filter(advertiser="steady")["component"].null_count() == 6
    keen = rows.filter(advertiser="keen")
    assert {(a, b) for a, b in zip(keen["maker"], keen["component"], strict=True)} != {
        ("ha", "cup")
    }
    open_ones = rows.filter(pl.col("advertiser").is_in(["keen", "calm"]))
    for _, dealt in open_ones.group_by("game"):
        assert sorted(dealt["capacity"]) == [2, 4]
    assert rows["squashing"].n_unique() == 6
    game = load_game(SMALL, ["page.squashing_root=1.0"])
    lots = [Round(game, 1, number).lots for number in range(200)]
    chi = np.array([each.squashing for each in lots])
    assert chi.min() > 0 and chi.max() < 1 and chi.mean() == pytest.approx(0.5, abs=0.09)  # z 4.4
    promoted = np.bincount([each.promoted for each in lots])
    assert promoted.size == 3 and promoted.min() > 35  # of 66.7 each; false alarms: 1e-6
    effects = np.array([each.effect for each in lots])[:, :, 0]
    assert effects.min() >= 0.3 and effects.max() <= 0.5
    assert effects.mean() == pytest.approx(0.4, abs=4.5 * 0.2 / math.sqrt(12 * effects.size))


def test_chi_has_its_distribution():
    """P(U^(1/4) < .5) = .0625, median .8409; binomial z of 4.5 over 600 games."""
    game = load_game(SMALL)
    from adsim.game.lots import draw_lots

    chi = np.array([draw_lots(game, 2, number).squashing for number in range(600)])
    for below, p in ((0.5, 0.0625), (0.8409, 0.5)):
        assert abs((chi < below).mean() - p) < 4.5 * math.sqrt(p * (1 - p) / 600)


def test_what_a_click_is_worth():
    game = load_game(SMALL)
    setup = Round(game, 1, 0).setups[0]
    assert (setup.maker, setup.component) == ("ha", None)
    setup = Round(load_game(SMALL, ["advertisers.steady.component=pot"]), 1, 0).setups[0]
    worth = dict(zip(setup.queries, Clicks(setup).worth(2), strict=True))
    p = 0.5 * 0.7**2
    assert worth["whole ha pot"] == pytest.approx(odds(p, 1.6) * 14)
    assert worth["whole be cup"] == pytest.approx(p * 10)
    half = 0.4 * 0.7**2
    assert worth["half ha"] == pytest.approx((odds(half, 1.6) + half) / 2 * 14)
    assert worth["half pot"] == pytest.approx(odds(half, 1.6) * 12)


def test_agents_hear_what_happened_as_late_as_declared():
    """What an agent is told is what the tallies hold, `delay` days later."""
    told = {}

    def listen(day, report):
        told[day] = report
        return {"half": 1.0, "whole": 2.0} if day == 0 else None

    game = load_game(SMALL, ["game.delay=2"])
    played = play(game, agents={"even": listen}, games=1).played[0]
    assert told[2].day == -1 and not told[2].impressions.any() and np.isnan(told[2].position).all()
    for day in range(3, 12):
        fields = played.ads[day - 3, 2]
        report = told[day]
        assert report.day == day - 3
        columns = (report.impressions, report.clicks, report.orders)
        np.testing.assert_array_equal(np.transpose(columns), fields[:, :3])
        np.testing.assert_allclose(report.cost * 1e6, fields[:, 3])
        np.testing.assert_allclose(report.revenue * 1e6, fields[:, 4])
        seen = fields[:, 0] > 0
        np.testing.assert_allclose(
            report.position[seen], (fields[:, 5] / fields[:, 0].clip(1))[seen]
        )
        window = played.ads[max(0, day - 5) : day - 2, 2, :, 2]
        assert report.sold == window.sum()
    assert sum(report.clicks.sum() for report in told.values()) > 0
    row = told[11].rows()[5]
    assert row["query"] == "whole ha cup" and set(row) >= {"impressions", "cost", "position"}


def test_an_agent_that_does_the_same_as_a_strategy_earns_the_same(run):
    def even(day, report):
        return Bids({"half": 1.0, "whole": 2.0})

    again = play(SMALL, agents={"even": even}, games=6, seed=3)
    assert again.advertisers.equals(run.advertisers)
    assert again.recipe()["agents"] == ["even"]


class Counting:
    """Remembers its own days only where it is made anew for each game."""

    def __init__(self):
        self.days = 0

    def __call__(self, day, report):
        assert self.days == day
        self.days += 1
        assert report.setup.own_product in (None, *map(" ".join, report.setup.game.products))
        return Bids({"half": 1.0, "half ha": 0.0}, {"half be": "be cup"}, {"half be": 0.0}, 5.0)


def test_a_class_of_agents_is_made_for_each_game():
    played = play(SMALL, agents={"calm": Counting}, games=5, threads=2).played
    ads = np.array([each.ads for each in played])[:, :, 3]
    assert ads[..., 0].sum(axis=(0, 1)).tolist()[1:3] == [0, 0], "no bid; and no money"
    assert ads[..., 0].sum(axis=(0, 1))[3:5].min() > 0
    assert ads[..., 3].sum(axis=2).max() < 6e6


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (3, "an answer must be Bids, but is of type int"),
        ({"hal": 1.0}, "bids must be of queries or classes, but 'hal' is none; did you mean half"),
        ({"half": -1}, "bids of half must be money from 0"),
        ({"half": float("nan")}, "but is nan"),
        ({"half": True}, "but is True"),
        ({"half": "1"}, "but is '1'"),
        (Bids({}, {"half": "ha pan"}), "ads of half must be for a product, but is 'ha pan'"),
        (Bids({}, {}, {"half": -2.0}), "limits of half must be money from 0, but is -2.0"),
        (Bids({}, {}, {}, -1.0), "budget must be money from 0"),
        (Bids([1.0]), "bids must be a mapping"),
    ],
)
def test_what_is_wrong_with_an_answer(answer, said):
    with pytest.raises(SimulationError) as error:
        play(SMALL, agents={"calm": lambda day, report: answer}, games=1)
    assert said in str(error.value) and "agent calm, day 0" in str(error.value)


def test_what_is_wrong_with_the_question():
    with pytest.raises(SimulationError) as error:
        play(SMALL, games=0, days=0, seed=-1, threads=0)
    assert len(error.value.problems) == 4
    with pytest.raises(SimulationError) as error:
        play(SMALL, agents={"clam": 3})
    assert "did you mean calm" in str(error.value) and "must be a function" in str(error.value)
    with pytest.raises(SimulationError, match="days: must be at most 900 for so many users"):
        play(load_game(SMALL, ["game.users=250000"]), days=901)
    with pytest.raises(SimulationError, match="agents: must be a dict, but is of type int"):
        play(SMALL, agents=3)
    with pytest.raises(SimulationError, match="must come with a file"):
        play(load_game(SMALL), overrides=["page.slots=2"])
    with pytest.raises(SimulationError, match="must be at most"):
        play(SMALL, games=1_000_000, days=10_000)


def test_a_game_without_bids():
    run = play(
        SMALL, agents={n: lambda d, r: {} for n in ("steady", "keen", "even", "calm")}, games=2
    )
    assert run.advertisers["profit"].to_list() == [0.0] * 4
    assert run.advertisers["ctr"].null_count() == 4
    assert run.classes["searches"].min() > 0 and run.classes["cpc"].null_count() == 3
    assert run.sentences() and run.sentences("zh")
