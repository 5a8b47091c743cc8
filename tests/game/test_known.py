"""The keyword world of the TAC Ad Auctions game gives its known numbers.

Numbers are the facts of its 2009 server configuration and closed forms of them (large populations).
False alarms: each test takes FALSE_ALARM over all of its comparisons (Bonferroni), on fixed seeds.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri, stdtrit

from adsim.game import Bids, load_game, play
from adsim.kernels.game import sale_chance, with_odds
from adsim.scenario import shipped_games
from tests.kernels.worlds import needs_jit

pytestmark = needs_jit

TAC = shipped_games()["tac"]
FALSE_ALARM = 1e-3
NORMAL = {"NS": 0.903955, "IS": 0.011299, "F0": 0.022599, "F1": 0.018832, "F2": 0.043315}
IN_BURST = {"NS": 0.32, "IS": 0.08, "F0": 0.16, "F1": 0.133333, "F2": 0.306667}
AFTER_FIVE = {"NS": 0.957881, "IS": 0.012078, "F0": 0.017970, "F1": 0.008220, "F2": 0.003851}
CALM = ("bursts.chance=0.0", "bursts.again=0.0")
STORM = ("bursts.chance=1.0", "bursts.again=1.0")
BASE = {"F0": 0.6, "F1": 1.2, "F2": 2.0}
MID_RANGE = (
    *CALM,
    *(f"classes.{name}.effect={e}" for name, e in (("F0", 0.25), ("F1", 0.35), ("F2", 0.45))),
    *(f"classes.{name}.continuation={c}" for name, c in (("F0", 0.35), ("F1", 0.45), ("F2", 0.55))),
    *(f"classes.{name}.reserve={r}" for name, r in (("F0", 0.185), ("F1", 0.375), ("F2", 0.53))),
    "page.promoted=1",
    "page.promoted_extra=0.25",
    "game.capacities=[]",
    "page.squashing=0.5",
)
GAMES = 8


def near(found, expected, error, count):
    limit = -ndtri(FALSE_ALARM / 2 / count)
    assert (np.abs(np.asarray(found) - expected) <= limit * np.asarray(error) + 1e-6).all()


def silent(game):
    return {each.name: lambda day, report: None for each in game.advertisers}


def matrix(game, in_burst):
    names = [state.name for state in game.states]
    rows = [(state.burst if in_burst else None) or state.daily for state in game.states]
    return np.array([[row.get(name, 0.0) for name in names] for row in rows])


@pytest.mark.parametrize(("in_burst", "expected"), [(False, NORMAL), (True, IN_BURST)])
def test_stationary_shares_of_the_declared_rows(in_burst, expected):
    rows = matrix(load_game(TAC), in_burst)[:5, :5]  # nobody buys: nobody comes to T
    shares = np.linalg.matrix_power(rows, 2000)[0]
    assert shares == pytest.approx(list(expected.values()), abs=5e-7)
    after = np.eye(5)[0] @ np.linalg.matrix_power(matrix(load_game(TAC), False)[:5, :5], 5)
    assert after == pytest.approx(list(AFTER_FIVE.values()), abs=5e-7)
    assert 90_000 * after[1:].sum() == pytest.approx(3790.7, abs=0.05)


@pytest.mark.parametrize(
    ("weather", "start", "expected"),
    [(CALM, NORMAL, NORMAL), (STORM, IN_BURST, IN_BURST), (CALM, {"NS": 1.0}, AFTER_FIVE)],
)
def test_shares_of_users_who_meet_no_ads(weather, start, expected):
    """Stationary ones stay for 25 days; five virtual days lead from all-NS to theirs."""
    shares = [f"states.{name}.share={start.get(name, 0.0)}" for name in NORMAL]
    days = () if start == {"NS": 1.0} else ("game.virtual_days=25",)
    game = load_game(TAC, [*weather, *shares, *days])
    run = play(game, agents=silent(game), games=4, days=1, seed=3)
    persons = np.sum([each.persons[0] for each in run.played], axis=0)
    p = np.array(list(expected.values()))
    n = persons.sum()
    near(persons[:5] / n, p, np.sqrt(p * (1 - p) / n), p.size)
    assert persons[5] == 0


def test_odds_and_discount():
    assert with_odds.py_func(0.11, 1.6) == pytest.approx(0.16510, abs=5e-6)
    assert with_odds.py_func(0.23, 1.6) == pytest.approx(0.32337, abs=5e-6)
    assert with_odds.py_func(0.36, 1.6) == pytest.approx(0.47368, abs=5e-6)
    for over, factor in ((10, 0.96071), (50, 0.81840), (200, 0.44861), (-5, 1.0)):
        assert sale_chance(1.0, 0.996, over, 1.0) == pytest.approx(factor, abs=5e-6)


class Aimed:
    """One advertiser whose ads for F2 queries are for their product, or for another one."""

    offset = 0

    def __call__(self, day, report):
        setup = report.setup
        products = [" ".join(each) for each in setup.game.products]
        moved = products[self.offset :] + products[: self.offset]
        ads = {f"F2 {name}": aim for name, aim in zip(products, moved, strict=True)}
        return Bids({"F2": 3.0}, ads)


class Amiss(Aimed):
    offset = 4


@pytest.mark.parametrize(
    ("effect", "promoted", "agent", "expected"),
    [
        (0.25, 1, None, 0.3333),
        (0.45, 1, None, 0.5510),
        (0.25, 1, Aimed, 0.4286),
        (0.45, 1, Aimed, 0.6480),
        (0.25, 0, Amiss, 0.1818),
        (0.45, 0, Amiss, 0.3529),
    ],
)
def test_click_chances(effect, promoted, agent, expected):
    changes = [f"classes.F2.effect={effect}", f"page.promoted={promoted}", "classes.F2.cvr=0.0"]
    game = everybody_f2(changes)
    only = agent or (lambda day, report: {"F2": 3.0})
    run = play(game, agents=silent(game) | {"t15": only}, games=1, days=3)
    row = run.classes.row(2, named=True)
    error = np.sqrt(expected * (1 - expected) / row["impressions"])
    near(row["ctr"], expected, error + 5e-5, 6)


def everybody_f2(changes):
    moves = ["states.NS.share=0.0", "states.F2.share=1.0", "states.F2.daily={F2=1.0}"]
    lots = ["game.capacities=[]", "advertisers.t15.component=tv", "advertisers.t15.maker=pg"]
    return load_game(TAC, [*moves, *lots, *changes, "states.T.daily={T=1.0}"])


def test_the_own_component_sells_more_and_the_own_maker_brings_more():
    game = everybody_f2([])
    run = play(game, agents=silent(game) | {"t15": lambda d, r: {"F2": 3.0}}, games=1, days=2)
    fields = run.played[0].ads[:, 0].sum(axis=0)[7:]  # F2 queries, product by product
    is_tv = np.array([component == "tv" for _, component in game.products])
    for mine, cvr in ((is_tv, 0.47368), (~is_tv, 0.36)):
        clicks, orders = fields[mine, 1].sum(), fields[mine, 2].sum()
        near(orders / clicks, cvr, np.sqrt(cvr * (1 - cvr) / clicks), 2)
    is_pg = np.array([maker == "pg" for maker, _ in game.products])
    np.testing.assert_array_equal(fields[:, 4], fields[:, 2] * np.where(is_pg, 14e6, 10e6))


def test_ctr_by_slot_where_nobody_buys():
    changes = ["classes.F2.effect=0.45", "classes.F2.continuation=0.55", "classes.F2.cvr=0.0"]
    game = everybody_f2([*changes, "page.promoted=0"])
    agents = {each.name: lambda day, report: {"F2": 2.0} for each in game.advertisers}
    run = play(game, agents=agents, games=1, days=4)
    rows = run.slots.filter(run.slots["class"] == "F2")
    p = np.array([0.45, 0.2475, 0.136125, 0.07486875, 0.0411778125])
    near(rows["ctr"].to_numpy(), p, np.sqrt(p * (1 - p) / rows["impressions"].to_numpy()), 5)


@pytest.fixture(scope="module")
def mid_range():
    game = load_game(TAC, MID_RANGE)
    names = [each.name for each in game.advertisers]
    agents = {
        name: lambda day, report, i=i: {k: base * (1.4 - 0.1 * i) for k, base in BASE.items()}
        for i, name in enumerate(names)
    }
    nothing = {"maker": "none", "component": "none"}
    plain = [each.model_copy(update=nothing) for each in game.advertisers]
    game = game.model_copy(update={"advertisers": tuple(plain)})
    return play(game, agents=agents, games=GAMES, seed=5)


TABLE = {
    "F0": (
        [0.78, 0.72, 0.66, 0.60, 0.54],
        [0.250000, 0.085468, 0.029222, 0.009992, 0.003417],
        [0.092881, 0.092474, 0.092059, 0.091637, 0.091206],
    ),
    "F2": (
        [2.6, 2.4, 2.2, 2.0, 1.8],
        [0.551020, 0.216366, 0.107791, 0.054118, 0.027384],
        [0.228290, 0.209338, 0.193669, 0.177789, 0.161944],
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_slots_at_mid_range_parameters(mid_range, name):
    cpc, ctr, cvr = map(np.array, TABLE[name])
    rows = mid_range.slots.filter(mid_range.slots["class"] == name)
    assert rows["cpc"].to_numpy() == pytest.approx(cpc, rel=1e-12)
    impressions, clicks = (GAMES * rows[key].to_numpy() for key in ("impressions", "clicks"))
    near(rows["ctr"].to_numpy(), ctr, np.sqrt(ctr * (1 - ctr) / impressions), 10)
    near(rows["cvr"].to_numpy(), cvr, np.sqrt(cvr * (1 - cvr) / clicks), 10)


def test_searches_and_shares_at_mid_range_parameters(mid_range):
    """Against the spread between games; five last digits of the shares are those of the table."""
    days = 60
    searches = np.array([each.searches for each in mid_range.played]) / days
    found = {"F0": searches[:, :1].sum(axis=1), "F2": searches[:, 7:].sum(axis=1)}
    limit = -stdtrit(GAMES - 1, FALSE_ALARM / 2 / 8)
    for name, expected in (("F0", 2269.4), ("F2", 965.3)):
        error = found[name].std(ddof=1) / np.sqrt(GAMES)
        assert abs(found[name].mean() - expected) < limit * error + 0.05
    shares = np.array([each.persons[1:].mean(axis=0) for each in mid_range.played]) / 90_000
    error = shares.std(axis=0, ddof=1) / np.sqrt(GAMES)
    expected = [0.9410, 0.0118, 0.0213, 0.0127, 0.0069, 0.0063]
    assert (np.abs(shares.mean(axis=0) - expected) < limit * error + 5e-5).all()
