"""Persons who live one by one: `events` against `counts`, `expected` and single auctions."""

from __future__ import annotations

import numpy as np
import pytest

from adsim.audience.membership import gather_audience
from adsim.kernels import tally
from adsim.kernels.trace import LOST_TO_BUDGET, LOST_TO_RANK, SHOWN
from adsim.scenario.populations import Population
from adsim.simulate import simulate
from tests.audience.shops import CROWDS, EFFECTS, TRAITS
from tests.audience.test_living import FROZEN, LIVES
from tests.simulate.lives import STATES, shop
from tests.simulate.test_events import traced
from tests.simulate.test_fidelities import FIELDS, limit

REPLICATIONS = 80
BUYERS = (
    LIVES["states"][0] | {"impression": {"visited": 0.1}, "order": {"bought": 1.0}},
    LIVES["states"][1] | {"days": 3, "cart": {"carted": 0.5}},
    LIVES["states"][2] | {"click": {"carted": 1.0}, "order": {"bought": 0.9, "new": 0.1}},
    LIVES["states"][3] | {"daily": {"new": 0.3}},
)
CASES = {
    "every mechanism": {"journey": {"burn_in": 1}},
    "crowds that live": {
        "states": BUYERS,
        "crowds": (*CROWDS, FROZEN),
        "population": Population(size=900, columns=TRAITS, effects=EFFECTS),
        "journey": {"trait": "relation"},
    },
    "budgets": {"budget_share": 0.3, "campaigns": 2, "keywords_per_query": 2},
    "paced under shocks": {"budget_share": 0.4, "delivery": "standard", "shock_cv": 0.5},
    "organic without keywords": {"states": STATES, "query_groups": 1, "unmatched": True},
}
TRACED = {**CASES, "rivals run out": {"named_rivals": 3, "budget_share": 0.2}}


def made(case):
    """The shop of a case; `unmatched` takes the keywords away, all but the first."""
    sizes = dict(case)
    bare = sizes.pop("unmatched", False)
    scenario = shop(**sizes)
    if bare:
        tables = scenario.tables
        few = tables.__class__(**{**vars(tables), "keywords": tables.keywords.head(1)})
        scenario = scenario.model_copy(update={"tables": few})
    return scenario


@pytest.mark.parametrize("name", CASES)
def test_events_and_counts_have_one_law(name):
    """z tests of all totals and of the persons by morning and state, means and spreads.

    False alarm 1e-3 over all cases; spreads by squares about the common mean.
    """
    drawn = []
    for fidelity in ("counts", "events"):
        run = simulate(made(CASES[name]), fidelity=fidelity, replications=REPLICATIONS, seed=11)
        mornings = run.diary.mornings.reshape(REPLICATIONS, -1)
        drawn.append(np.hstack([run.tallies()[0][:, 0, FIELDS], mornings]).astype(float))
    a, b = drawn
    center = (a.mean(axis=0) + b.mean(axis=0)) / 2
    bound = limit(2 * len(CASES) * len(center), 2 * REPLICATIONS - 2)
    for x, y in ((a, b), ((a - center) ** 2, (b - center) ** 2)):
        error = np.sqrt((x.var(axis=0, ddof=1) + y.var(axis=0, ddof=1)) / REPLICATIONS)
        assert (np.abs(x.mean(axis=0) - y.mean(axis=0)) <= bound * error + 1e-9).all()
    assert (a[:, -1] != a[0, -1]).any() and a[:, FIELDS.index(tally.ORGANIC_ORDERS)].any()


@pytest.mark.parametrize("name", ["every mechanism", "crowds that live"])
def test_expected_is_the_mean_of_events(name):
    """Where nothing couples persons; false alarm 1e-3 over both cases."""
    mean = simulate(made(CASES[name]), fidelity="expected")
    run = simulate(made(CASES[name]), fidelity="events", replications=REPLICATIONS, seed=12)
    means = np.append(mean.tallies()[0][0, 0, FIELDS], mean.diary.mornings)
    mornings = run.diary.mornings.reshape(REPLICATIONS, -1)
    drawn = np.hstack([run.tallies()[0][:, 0, FIELDS], mornings]).astype(float)
    error = drawn.std(axis=0, ddof=1) / REPLICATIONS**0.5
    bound = limit(2 * len(means), REPLICATIONS - 1)
    assert (np.abs(drawn.mean(axis=0) - means) <= bound * error + 1e-9).all()


@pytest.mark.parametrize("name", TRACED)
def test_tallies_equal_the_sum_of_single_auctions(name):
    run = simulate(made(TRACED[name]), fidelity="events", replications=1, seed=3)
    total = run.tallies()[0][0, 0]
    rows = traced(run, total[tally.SEARCHES])
    assert len(rows) == total[tally.SEARCHES]
    for column, field in (
        ("charge", tally.SPEND),
        ("clicked", tally.CLICKS),
        ("carted", tally.CARTS),
        ("ordered", tally.ORDERS),
        ("organic", tally.ORGANIC_ORDERS),
    ):
        assert rows[column].sum() == total[field]
    for outcome, field in (
        (SHOWN, tally.IMPRESSIONS),
        (LOST_TO_RANK, tally.LOST_TO_RANK),
        (LOST_TO_BUDGET, tally.LOST_TO_BUDGET),
    ):
        assert (rows["outcome"] == outcome).sum() == total[field]


def test_a_search_of_the_first_hour_is_made_by_somebody_of_its_crowds():
    scenario = made(CASES["crowds that live"])
    table = simulate(scenario, fidelity="events", replications=1, days=1).trace(100)
    first = table.filter(table["time"].dt.hour() == 0)
    members = gather_audience(scenario).members
    for person, audience in zip(first["person"], first["audience"], strict=True):
        inside = [name for name, mask in members.items() if mask[person]]
        assert audience == ("+".join(inside) or "none")
    assert first["audience"].n_unique() > 2


def test_a_trace_begins_where_the_run_was_carried_on():
    whole = simulate(shop(), fidelity="events", replications=1)
    first = simulate(shop(), fidelity="events", replications=1, days=1)
    rest = simulate(shop(), state=first.state, days=1)
    searches = int(first.tallies()[0][0, 0, tally.SEARCHES])
    assert rest.trace(500).equals(whole.trace(searches + 500)[searches:])
