"""What may be asked, every way to ask it wrongly, and the window it is asked for."""

from __future__ import annotations

import datetime

import pytest

import adsim
from adsim.errors import OptimizeError, ScenarioError
from adsim.optimize.aims.limits import Limit
from adsim.optimize.aims.question import Question
from tests.optimize.conftest import COARSE


@pytest.fixture(scope="module")
def shop():
    sizes = {"queries": 6, "campaigns": 2, "days": 2, "budget_share": 0.6}
    shop = adsim.synthetic_scenario(3, **sizes, **COARSE)
    keys = ["demand.calendar=[{ date = 2025-11-11, factor = 3.0 }]", "scenario.start=2025-06-02"]
    return shop.with_overrides(keys)


def places(**arguments):
    return [problem.where for problem in Question(**arguments).problems()]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"goal": "sales"}, ["goal"]),
        ({"goal": "roi", "target_roi": 3.0}, ["target_roi"]),
        ({"goal": "revenue", "target_roi": 3.0, "target_cpa": 9.0}, ["target_roi"]),
        ({"target_roi": 0}, ["target_roi"]),
        ({"target_cpa": float("inf")}, ["target_cpa"]),
        ({"goal": "profit", "reach": ("revenue", 5.0)}, ["reach"]),
        ({"target_roi": 2.0, "reach": ("revenue", 5.0)}, ["reach"]),
        ({"reach": ("roi", 5.0)}, ["reach"]),
        ({"reach": ("revenue", -5.0)}, ["reach"]),
        ({"reach": "revenue"}, ["reach"]),
        ({"start": "2025-13-01"}, ["start"]),
        ({"start": datetime.datetime(2025, 1, 1)}, ["start"]),
        ({"days": 0}, ["days"]),
        ({"days": 1.5, "budget": -1, "goal": "x"}, ["goal", "budget", "days"]),
        ({"limits": "limits.csv"}, ["limits"]),
        ({"limits": Limit(keep=True), "goal": "x"}, ["goal", "limits"]),
        ({"goal": "profit_roi", "budget": 0}, []),
        ({"reach": ("orders", 5), "start": "2025-01-01", "days": 3}, []),
    ],
)
def test_every_way_to_ask_wrongly_is_told(arguments, told):
    assert places(**arguments) == told


def test_a_window_has_its_own_days_and_calendar(shop):
    best = adsim.optimize(shop, start="2025-11-10", days=3, replications=4, trials=0)
    assert (best.scenario.scenario.start, best.scenario.scenario.days) == (
        datetime.date(2025, 11, 10),
        3,
    )
    today = best.baselines.row(0, named=True)
    there = shop.with_overrides(["scenario.start=2025-11-10", "scenario.days=3"])
    report = adsim.simulate(there, fidelity="expected").report()
    assert today["value"] == pytest.approx(report["profit"][0], rel=1e-12)
    assert best.recipe()["question"] == {"start": "2025-11-10", "days": 3}
    same = adsim.optimize(there, replications=4, trials=0)
    assert (same.plan, same.value, same.bound) == (best.plan, best.value, best.bound)
    assert best.why[0] == same.why[0]
    with pytest.raises(ScenarioError):
        adsim.optimize(shop, start=datetime.date(1800, 1, 1), trials=0)


def test_a_target_is_held_to_the_last_digit_and_noise_is_told(shop):
    free = adsim.simulate(shop, adsim.optimize(shop, goal="revenue", replications=4, trials=0).plan)
    roi = 1.3 * free.report()["roi"][0]
    best = adsim.optimize(shop, goal="revenue", target_roi=roi, replications=8, trials=0)
    assert best.is_met
    report = adsim.simulate(shop, best.plan, fidelity="expected").report()
    assert report["roi"][0] >= roi
    assert any(line.startswith("roi: asked for") and "with noise" in line for line in best.why)
    assert any("one percent looser would bring +" in line for line in best.why)
    assert best.gap <= 0.2


def test_a_plan_of_today_that_breaks_the_target_is_no_answer(shop):
    today = adsim.simulate(shop, fidelity="expected").report()["cpa"][0]
    best = adsim.optimize(shop, goal="orders", target_cpa=0.8 * today, replications=8, trials=0)
    assert any("today's bids do not hold" in line for line in best.why)
    report = adsim.simulate(shop, best.plan, fidelity="expected").report()
    assert report["cpa"][0] <= 0.8 * today


def test_the_least_spend_that_reaches_an_amount(shop):
    today = adsim.simulate(shop, fidelity="expected").report()
    best = adsim.optimize(shop, reach=("revenue", today["revenue"][0]), replications=16, trials=0)
    report = adsim.simulate(shop, best.plan, fidelity="expected").report()
    assert report["revenue"][0] >= today["revenue"][0]
    assert best.goal == "spend" and best.value == pytest.approx(report["spend"][0])
    assert best.bound * (1 - 1e-9) <= best.value < today["spend"][0]
    assert any("one percent more revenue would cost" in line for line in best.why)


def test_what_cannot_be_had_is_said_with_the_nearest(shop):
    best = adsim.optimize(shop, reach=("revenue", 1e7), replications=4, trials=0)
    assert not best.is_met and best.goal == "revenue"
    assert "no plan found has the revenue of 10,000,000.00 CNY" in best.why[0]
    assert f"{best.bound:,.2f}" in best.why[0]
    best = adsim.optimize(shop, goal="orders", target_roi=1e5, replications=4, trials=0)
    assert not best.is_met and best.goal == "roi"
    assert "no plan found has the roi of 100,000.00" in best.why[0]
    assert len(best.explain("zh")) == len(best.why)


def test_limits_are_kept_and_those_that_bind_are_priced(shop):
    limits = [Limit(change_max=0.05, pause=False)]
    best = adsim.optimize(shop, limits=limits, replications=8, trials=0)
    today, new = best.changes["bid_today"], best.changes["bid_new"]
    assert ((new - today).abs() <= 0.05 * today * (1 + 1e-12)).all() and (new > 0).all()
    assert any("limits[0] (change_max, pause) keeps" in line for line in best.why)
    free = adsim.optimize(shop, replications=8, trials=0)
    assert free.value >= best.value
    with pytest.raises(OptimizeError, match=r"limits\[0\]: campaign must be one of the account"):
        adsim.optimize(shop, limits=[Limit(campaign="none", keep=True)], trials=0)


@pytest.mark.parametrize(
    "question",
    [
        {"goal": "revenue", "target_roi": 5.0},
        pytest.param({"reach": ("orders", 1.0)}, marks=pytest.mark.slow),
        pytest.param({"goal": "profit_roi"}, marks=pytest.mark.slow),
    ],
)
def test_every_mode_gives_the_same_plan_on_one_and_two_threads(shop, question):
    one, two = (
        adsim.optimize(shop, replications=4, threads=n, **question, trials=0) for n in (1, 2)
    )
    assert one.plan == two.plan and one.why == two.why
    assert (one.value, one.bound) == (two.value, two.bound)
    assert one.baselines.equals(two.baselines)


def test_progress_rises_from_the_first_step_to_the_last(shop):
    told = []

    def tell(done, total):
        told.append((done, total))

    adsim.optimize(shop, replications=4, trials=0, progress=tell)
    done = [one for one, _ in told]
    assert done == sorted(done)
    assert {total for _, total in told} == {12} and done[-1] == 12
    assert any(0 < one <= 4 for one in done)
