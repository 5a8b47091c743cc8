"""Events against the trace, which plays the same searches one by one in order of time."""

from __future__ import annotations

import numpy as np
import pytest

from adsim.errors import SimulationError
from adsim.kernels import doors, tally
from adsim.kernels.model import Window
from adsim.kernels.random import make_luck
from adsim.kernels.trace import LOST_TO_BUDGET, LOST_TO_RANK, SHOWN, TRACE
from adsim.simulate import Run, simulate
from tests.simulate.worlds import BOUND, CASCADE, FREE, PROMOTED, world

CASES = {
    **{name: FREE[name] for name in ("overlapping keywords", "named rivals", "tables")},
    **BOUND,
    "named rivals run out": {
        "named_rivals": 4, "budget_share": 0.1, "shock_cv": 0.5, "keywords_per_query": 2,
    },
    "paced among named rivals": {
        "named_rivals": 3, "budget_share": 0.1, "delivery": "standard", "keywords_per_query": 3,
        "charge_step": 0.0,
    },
    "cascade and promoted slots among named rivals that run out": {
        "auction": {**CASCADE, **PROMOTED}, "readers": (0.5, 0.4), "named_rivals": 3,
        "budget_share": 0.1, "delivery": "standard", "keywords_per_query": 3,
    },
    "organic orders, no budget": FREE["organic orders"],
    "organic orders among named rivals that run out": {
        "organic": 0.05, "named_rivals": 3, "budget_share": 0.1, "delivery": "standard",
        "keywords_per_query": 3,
    },
}  # fmt: skip


def traced(run: Run, size: int) -> np.ndarray:
    rows = np.zeros(size + 1, TRACE)
    window = Window(run.first_day, run.last_day)
    opened = run.opened
    market = run.market.arrays._replace(share=run.market.arrays.share.copy())
    world = (market, run.market.people, opened.plan, opened.book, opened.rates)
    begin = (run.seen(0), run.stocks(0), run.first_trials[0].copy())
    return rows[: doors.trace_events(*world, make_luck(run.seed, 0), window, *begin, rows)]


@pytest.mark.parametrize("name", CASES)
def test_tallies_equal_the_sum_of_single_auctions(name):
    run = simulate(world(CASES[name]), fidelity="events", replications=1, seed=3)
    total = run.tallies()[0][0, 0]
    rows = traced(run, total[tally.SEARCHES])
    assert len(rows) == total[tally.SEARCHES]
    assert rows["charge"].sum() == total[tally.SPEND]
    assert rows["clicked"].sum() == total[tally.CLICKS]
    assert rows["carted"].sum() == total[tally.CARTS]
    assert rows["ordered"].sum() == total[tally.ORDERS]
    assert rows["organic"].sum() == total[tally.ORGANIC_ORDERS]
    assert (rows["slot"] + 1).sum() == total[tally.POSITION_SUM]
    assert (rows["outcome"] == SHOWN).sum() == total[tally.IMPRESSIONS]
    assert (rows["outcome"] == LOST_TO_RANK).sum() == total[tally.LOST_TO_RANK]
    assert (rows["outcome"] == LOST_TO_BUDGET).sum() == total[tally.LOST_TO_BUDGET]
    assert (rows["link"] >= 0).sum() == total[tally.ELIGIBLE]


@pytest.mark.parametrize("name", ["all run out", "named rivals run out"])
def test_keywords_equal_the_sum_of_single_auctions(name):
    run = simulate(world(CASES[name]), fidelity="events", replications=1, seed=4)
    tallies, labels = run.tallies(["keyword"])
    rows = traced(run, tallies[0, :, tally.SEARCHES].sum())
    keyword = run.market.arrays.links[rows["link"]][rows["link"] >= 0]
    spend = np.bincount(keyword, rows["charge"][rows["link"] >= 0], len(run.market.keywords))
    named = labels["campaign"].is_not_null().to_numpy()
    assert (
        sorted(tallies[0, named, tally.SPEND])
        == sorted(spend[spend >= 0].astype(int))[-named.sum() :]
    )


def test_nothing_happens_after_the_budget_is_gone():
    """Invariant 15 of validation.md section 15."""
    run = simulate(world({"campaigns": 1, "budget_share": 0.1}), fidelity="events", replications=1)
    total = run.tallies()[0][0, 0]
    rows = traced(run, total[tally.SEARCHES])
    last_click = np.flatnonzero(rows["charge"])[-1]
    after = rows[last_click + 1 :]
    assert set(after["outcome"][after["link"] >= 0]) == {LOST_TO_BUDGET}
    assert total[tally.SPEND] == run.opened.plan.budget[0]  # to the micro, the whole budget


def test_trace_tells_the_first_auctions():
    run = simulate(world(FREE["overlapping keywords"]), fidelity="events", replications=1)
    table = run.trace(50)
    assert table.height == 50
    assert table["time"].is_sorted()
    shown = table.filter(outcome="shown")
    assert shown["position"].min() >= 1
    assert table.filter(table["outcome"] != "shown")["position"].null_count() == 50 - shown.height
    assert table.filter(~table["clicked"])["charge"].sum() == 0
    assert table["query"].is_in(run.scenario.tables.queries["query"]).all()


def test_trace_needs_events():
    run = simulate(world(FREE["plain"]), fidelity="counts", replications=1)
    with pytest.raises(SimulationError, match=r"fidelity: must be events .* is counts"):
        run.trace()
