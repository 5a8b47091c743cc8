"""What a careful buyer may ask, every way to ask it wrongly, and how gains are ranked by it."""

from __future__ import annotations

import numpy as np
import pytest

import adsim
from adsim.errors import OptimizeError, Problem
from adsim.optimize.aims.goals import GOALS, blend
from adsim.optimize.aims.question import Question
from adsim.optimize.aims.risk import Risk, parse_risk, worst_values
from adsim.optimize.aims.variants import parse_variant, vary_scenario


@pytest.mark.parametrize(
    ("text", "risk"),
    [
        ("cvar", Risk("cvar", 0.1)),
        ("cvar:0.05", Risk("cvar", 0.05)),
        ("loss:0.2", Risk("loss", 0.2)),
        ("worst", Risk("worst")),
    ],
)
def test_a_risk_is_read(text, risk):
    assert parse_risk(text) == risk


@pytest.mark.parametrize("text", ["mean", "cvar:", "cvar:x", "cvar:0.9", "loss:0", "worst:1", 3])
def test_a_risk_that_is_none_is_told(text):
    assert isinstance(parse_risk(text), Problem)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"risk": "var"}, ["risk"]),
        ({"risk": "worst"}, ["risk"]),
        ({"risk": "cvar", "goal": "roi"}, ["risk"]),
        ({"risk": "loss", "reach": ("revenue", 9.0)}, ["risk"]),
        ({"risk": "cvar", "worst_of": ["rivals=2"]}, ["risk"]),
        ({"worst_of": ["cvr=0.5"], "goal": "roi"}, ["worst_of"]),
        ({"worst_of": ["rivals=2"], "target_roi": 2.0}, ["worst_of"]),
        ({"worst_of": ["rivals=2", "rivals=2.0"]}, ["worst_of"]),
        ({"worst_of": ["money=2", "cvr=0"]}, ["worst_of money=2", "worst_of cvr=0"]),
        ({"worst_of": ["cvr=0.5,cvr=0.6"]}, ["worst_of cvr=0.5,cvr=0.6"]),
        ({"worst_of": "cvr=0.5"}, ["worst_of"]),
        ({"worst_of": [f"cvr=0.{i + 10}" for i in range(16)]}, ["worst_of"]),
        ({"risk": "cvar", "target_roi": 2.0}, []),
        ({"worst_of": ["demand=0.8,cvr=0.9"]}, []),
    ],
)
def test_every_way_to_ask_wrongly_is_told(asked, told):
    assert [problem.where for problem in Question(**asked).problems()] == told


def test_variants_need_no_markets_beside_them():
    question = Question(worst_of=["cvr=0.5"])
    assert [problem.rule for problem in question.problems(3)] == ["must come without markets"]
    assert not Question(risk="worst").problems(2)


def test_variants_that_a_scenario_cannot_have_are_told_at_once():
    shop = adsim.synthetic_scenario(3, queries=4)
    with pytest.raises(OptimizeError) as raised:
        adsim.optimize(shop, worst_of=["ctr=90", "cvr=90,demand=2"], trials=0)
    places = [problem.where for problem in raised.value.problems]
    assert places == ["worst_of ctr=90", "worst_of cvr=90,demand=2"]


def test_a_variant_multiplies_columns_of_queries():
    shop = adsim.synthetic_scenario(3, queries=4)
    varied = vary_scenario(shop, "demand=0.5, rivals=1.2").tables.queries
    queries = shop.tables.queries
    assert parse_variant("demand=0.5, rivals=1.2") == {"demand": 0.5, "rivals": 1.2}
    assert varied["daily_searches"].to_list() == (queries["daily_searches"] * 0.5).to_list()
    assert varied["rivals"].to_list() == (queries["rivals"] * 1.2).to_list()
    assert varied["cvr"].equals(queries["cvr"])


def test_the_worst_market_is_the_one_with_the_least_mean():
    gains, market = np.array([1.0, 8.0, 3.0, 6.0, 5.0]), np.array([0, 1, 0, 1, 0])
    values = worst_values(gains, market)
    assert values.mean() == pytest.approx(3.0)
    assert values.tolist() == pytest.approx([3 - 10 / 3, 3, 3, 3, 3 + 10 / 3])


def test_losses_must_be_a_standard_error_below_the_level():
    risk = Risk("loss", 0.05)
    profits = np.append(-np.ones(4), np.ones(124))
    assert risk.lack(profits) > 0, "4 of 128, and sqrt(.05 / 128) on top, pass 5 %"
    assert risk.lack(np.append(-np.ones(3), np.ones(125))) == 0
    assert Risk("cvar").lack(-np.ones(8)) == 0


def test_a_blend_adds_up():
    products = np.zeros(2, [("price", "i8"), ("unit_cost", "i8")])
    products["price"], products["unit_cost"] = [10_000_000, 20_000_000], [4_000_000, 0]
    goal = blend(GOALS["profit"], ("revenue", 0.5), ("clicks", 0.1), ("spend", -0.25))
    assert goal.order_worth(products).tolist() == [11, 30]
    assert (goal.click, goal.spend) == (0.1, 1.25)
