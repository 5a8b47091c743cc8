"""The published model that categories follow, and what its public implementation has answered.

Source: Zhang and Vaver, "Introduction to the Aggregate Marketing System Simulator", Google, 2017,
with the example of its implementation, version 1.0.
"""

from __future__ import annotations

import numpy as np
import pytest

from adsim.media.auctions import click_terms
from adsim.media.compile import compile_plan, compile_world
from adsim.media.histories import SALES_FIELDS, run_media_histories
from adsim.scenario import shipped_media
from adsim.scenario.media import load_media
from adsim.scenario.media.states import STATES
from tests.kernels.worlds import needs_jit

EXAMPLE = shipped_media()["category_brand"] / "linear_band.toml"


def test_there_are_198_states():
    assert len(set(STATES)) == 198


def test_the_band_of_paid_search():
    """Share of voice and cost of a click in the band .8 to 1.2 of the implementation."""
    band = ["search.search.band.low=0.8", "search.search.band.high=1.2"]
    search = load_media(EXAMPLE, band).search[0]
    shown, examined, charge = click_terms(search, np.array([0.5, 0.9, 1.0, 2.0]))
    np.testing.assert_allclose(shown, [0.0, 0.25, 0.5, 1.0], atol=1e-12)
    np.testing.assert_array_equal(examined, shown)
    np.testing.assert_allclose(charge[1:] / 1e6, [0.9, 1.0, 1.2], atol=1e-12)


@needs_jit
def test_the_return_on_television_in_the_fourth_year():
    """5.573 for all of it, 3.534 for its last 5 %: a run whose random series are not kept.

    The season without noise and the same television every week come within 1 % of both.
    """
    scenario = load_media(EXAMPLE)
    plans = [compile_plan(scenario, {"tv": level}) for level in (1.0, 0.0, 0.95)]
    world = compile_world(scenario)
    done = run_media_histories(scenario, world, plans, is_mean=True, seed=0, replications=1)
    revenue, spend = done.sales[:, 0, SALES_FIELDS.index("revenue")], done.spend[:, 0]
    returns = (revenue[0] - revenue[1:]) / (spend[0] - spend[1:])
    assert returns.tolist() == pytest.approx([5.573, 3.534], rel=0.01)
