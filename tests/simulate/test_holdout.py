"""People who are never shown an ad."""

from __future__ import annotations

import numpy as np
import pytest

import adsim
from adsim.audience.cells import audience_cells
from adsim.audience.membership import gather_audience
from adsim.kernels import tally
from adsim.market.compile import compile_market
from adsim.market.sides import list_sides
from adsim.scenario import todays_plan
from tests.audience.shops import shop
from tests.simulate.worlds import world


@pytest.mark.parametrize("fidelity", ["expected", "counts", "events"])
def test_those_held_out_are_an_audience_of_their_own_without_ads(fidelity):
    scenario = world({"organic": 0.05, "crowds": 1}).with_overrides(["scenario.holdout=0.25"])
    run = adsim.simulate(scenario, fidelity=fidelity, replications=10)
    report = run.report(["audience"])
    assert set(report["audience"]) == {"none", "crowd 1", "holdout", "crowd 1+holdout"}
    held = report["audience"].str.contains("holdout")
    out, shown = report.filter(held), report.filter(~held)
    assert out["eligible"].sum() == out["impressions"].sum() == out["orders"].sum() == 0
    assert out["organic_orders"].sum() > 0 < shown["orders"].sum()
    assert out["searches"].sum() == pytest.approx(0.25 * report["searches"].sum(), rel=0.02)
    assert shown["eligible"].sum() == pytest.approx(shown["searches"].sum(), rel=0.2)


def test_others_are_as_they_would_be_in_a_smaller_market():
    plain = world({"organic": 0.05, "crowds": 1})
    held = plain.with_overrides(["scenario.holdout=0.25"])
    whole, part = (adsim.simulate(s, fidelity="expected").tallies()[0][0, 0] for s in (plain, held))
    assert part[tally.ORDERS] == pytest.approx(0.75 * whole[tally.ORDERS])
    assert part[tally.SEARCHES] == pytest.approx(whole[tally.SEARCHES])


def test_persons_are_held_out_by_luck_of_their_own():
    scenario = shop()
    held = scenario.with_overrides(["scenario.holdout=0.2"])
    people = gather_audience(held)
    assert people.held_out.mean() == pytest.approx(0.2, abs=4.5 * np.sqrt(0.16 / 5_000))
    assert not gather_audience(scenario).held_out.any()
    more = held.with_overrides(["scenario.holdout=0.3"])
    assert (gather_audience(more).held_out >= people.held_out).all()
    cells = audience_cells(held)
    out = np.array(["holdout" in crowds for crowds in cells.members])
    assert cells.persons[out].sum() == people.held_out.sum()
    assert cells.share.sum() == pytest.approx(1.0)
    for name, inside in people.members.items():
        both = [name in crowds and "holdout" in crowds for crowds in cells.members]
        assert cells.persons[both].sum() == (inside & people.held_out).sum()


def test_no_coefficient_reaches_them():
    held = shop().with_overrides(["scenario.holdout=0.2"])
    market = compile_market(held, [todays_plan(held)])
    out = market.sides.held_out
    assert out.any() and (market.plans[0].coefficient[:, out] == 0).all()
    assert (market.plans[0].coefficient[:, ~out] > 0).any()
    assert not list_sides(shop()).held_out.any()
