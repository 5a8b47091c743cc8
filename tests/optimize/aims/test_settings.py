"""Settings to try beside bids: every way to write them, and to write them wrongly."""

from __future__ import annotations

import pytest

import adsim
from adsim.errors import OptimizeError
from adsim.optimize.aims.settings import list_settings, parse_vary, vary_problems
from tests.audience.shops import shop as shop_with_persons


@pytest.fixture(scope="module")
def shop():
    return adsim.synthetic_scenario(3, queries=4, campaigns=2, crowds=1, budget_share=0.5)


@pytest.fixture(scope="module")
def persons():
    return shop_with_persons()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a.b=1,2,none", ("a.b", ["1", "2", "none"])),
        ('a."x, y".c = 1 , 2', ('a."x, y".c', ["1", "2"])),
        ("h=[1,2],[3, 4]", ("h", ["[1,2]", "[3, 4]"])),
        ('p={ x = 1, y = 2 },"a, b"', ("p", ["{ x = 1, y = 2 }", '"a, b"'])),
    ],
)
def test_values_are_told_apart(text, told):
    assert parse_vary(text) == told


@pytest.mark.parametrize("wrong", ["a.b", "=1", "a=", "scenario.days=1,2", "population.size=5"])
def test_what_is_no_setting_is_told(wrong):
    assert [problem.where for problem in vary_problems([wrong])] == [f"vary {wrong}"]
    assert [problem.where for problem in vary_problems(wrong)] == ["vary"]
    assert [problem.where for problem in vary_problems(["a=1", "a=2"])] == ["vary"]


def test_todays_values_come_first_and_once(shop):
    cvr = shop.crowds[0].cvr
    key, own = "campaigns.campaign 1.daily_budget", shop.campaigns[0].daily_budget
    found = list_settings(shop, [f"{key}=7,{own},none", f"crowds.{shop.crowds[0].name}.cvr=9"])
    assert not found[0].changed and all(one.changed for one in found[1:])
    assert [one.values[key] for one in found] == [str(own)] * 2 + ["7"] * 2 + ["none"] * 2
    assert [one.scenario.campaigns[0].daily_budget for one in found[::2]] == [own, 7.0, None]
    assert [one.scenario.crowds[0].cvr for one in found[:2]] == [cvr, 9.0]
    assert [list(one.steps) for one in found[:3]] == [[], [f"crowds.{shop.crowds[0].name}.cvr"], []]


def test_without_a_cap_its_period_makes_no_settings(persons):
    name = persons.campaigns[0].name
    texts = [f"campaigns.{name}.frequency_cap=2,none", f"campaigns.{name}.cap_days=1,7"]
    found = list_settings(persons, texts)
    caps = [(one.scenario.campaigns[0].frequency_cap, one.scenario.campaigns[0].cap_days)
            for one in found]  # fmt: skip
    assert caps == [(None, 1), (2, 1), (2, 7)]
    again = list_settings(found[2].scenario, [f"campaigns.{name}.frequency_cap=none"])
    assert again[1].scenario.campaigns == persons.campaigns


def test_every_wrong_value_is_told_at_once(shop):
    texts = ["campaigns.campaign 1.daily_budget=-1,2", "campaigns.other.daily_budget=1", "x.y=1"]
    with pytest.raises(OptimizeError) as raised:
        list_settings(shop, texts)
    told = [problem.where for problem in raised.value.problems]
    assert told == [
        "vary campaigns.campaign 1.daily_budget=-1",
        "vary campaigns.other.daily_budget=1",
        "vary x.y=1",
    ]


def test_too_many_combinations_are_told(shop):
    texts = [f"campaigns.campaign {n}.daily_budget=1,2,3,4" for n in (1, 2)]
    with pytest.raises(OptimizeError, match=r"at most 16 combinations.*but makes 25 \(5 x 5\)"):
        list_settings(shop, texts)
