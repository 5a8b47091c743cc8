"""Creatives under the optimizer: closed forms where shares are steady, a warning where not."""

from __future__ import annotations

import pytest

import adsim
from tests.simulate.test_creatives import HOWS, shop

SIZES = {"days": 1, "queries": 4, "keywords_per_query": 1, "campaigns": 1, "shock_cv": 0.0}


@pytest.mark.parametrize("how", ["equal", "only"])
def test_the_bound_holds_for_creatives_whose_shares_are_steady(how):
    """No budget binds: what means bring at the bids found is what the bound was proved with."""
    scenario = shop(HOWS[how], **SIZES)
    best = adsim.optimize(scenario, trials=0, replications=64)
    means = adsim.simulate(scenario, best.plan, fidelity="expected").report()
    assert means["profit"][0] == pytest.approx(best.value, rel=1e-6)
    assert best.value <= best.bound * (1 + 1e-9)
    assert best.gap < 0.02


@pytest.mark.slow
def test_a_test_is_held_at_its_opening_and_said_so():
    scenario = shop(HOWS["test"], **SIZES)
    with pytest.warns(UserWarning, match="optimize once the winner is known"):
        best = adsim.optimize(scenario, trials=4, replications=4)
    assert best.comparison.height > 0
