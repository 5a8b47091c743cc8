"""Premiums by crowd: as they are set, and as the worth of clicks prices them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from adsim.optimize.policies.crowds import (
    MOST_CROWDS,
    Audiences,
    crowd_parameters,
    list_audiences,
    premiums_at,
)
from adsim.scenario.models import Campaign, Crowd


def parameters_of(names, *campaigns):
    scenario = SimpleNamespace(crowds=[Crowd(name=name, share=0.1) for name in names])
    return tuple(crowd_parameters(scenario, SimpleNamespace(campaigns=campaigns)))


def test_premiums_are_absolute_and_one_that_is_hardly_there_is_not_used():
    campaign = Campaign(name="a", premiums={"x": 0.3, "y": 0.2})
    parameters = parameters_of("xyz", campaign, Campaign(name="b", premiums={"x": 0.1}))
    assert [one.neutral for one in parameters] == [0.2, 0.1, 0.0]
    assert premiums_at(campaign, parameters, {}) == campaign.premiums
    assert premiums_at(campaign, parameters, {"premium.x": 0.2}) == campaign.premiums
    moved = premiums_at(campaign, parameters, {"premium.x": 1.23456, "premium.y": 0.04})
    assert moved == {"x": 1.23, "y": 0.0}
    assert premiums_at(campaign, parameters, {"premium.z": 10.0}) == {"x": 0.3, "y": 0.2, "z": 10.0}


def test_a_campaign_uses_the_ten_highest_premiums():
    campaign = Campaign(name="a")
    names = [f"crowd {number}" for number in range(MOST_CROWDS + 3)]
    values = {f"premium.{name}": 0.1 * (1 + i) for i, name in enumerate(names)}
    used = premiums_at(campaign, parameters_of(names, campaign), values)
    assert sorted(used) == sorted(names[3:])


def test_the_best_premiums_follow_the_worth_of_a_click():
    members = ((), ("x",), ("y",), ("x", "y"))
    cells = Audiences(members, np.array([80.0, 10.0, 5.0, 2.0]), np.array([1, 3, 1.5, 3]), 0.0)
    premiums, bid = cells.price(["x", "y"])
    assert premiums["x"] == pytest.approx(2.0, rel=0.05)
    assert premiums["y"] == pytest.approx(0.5, rel=0.05)
    assert bid == pytest.approx(1.0, rel=0.02)
    assert cells.base({}) == pytest.approx(np.average(cells.worth, weights=cells.clicks))


def test_a_crowd_that_is_worth_no_more_than_others_is_not_used():
    cells = Audiences(((), ("x",), ("y",)), np.array([80.0, 10.0, 10.0]), np.array([1, 0.9, 4]), 0)
    assert cells.price(["x", "y"])[0]["x"] == 0.0
    alone, _ = cells.price(["x", "y"], bid=2.0)  # bids are high for all but y
    assert alone["x"] == 0.0 and alone["y"] == pytest.approx(1.0, rel=0.05)


def test_devices_are_summed_up():
    sides = ((("x",), "pc"), ((), "pc"), (("x",), "phone"), ((), "phone"))
    cells = list_audiences(sides, np.array([1.0, 2, 3, 4]), np.array([1.0, 1, 5, 1]), 0.5)
    assert cells.members == (("x",), ())
    assert cells.clicks.tolist() == [4, 6] and cells.worth.tolist() == [4, 1]
