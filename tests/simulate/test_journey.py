"""Persons who live: flows, fidelities against the exact lives of single persons, carried on."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.special import ndtri
from scipy.stats import chi2

from adsim.errors import SimulationError
from adsim.scenario import todays_plan
from adsim.simulate import Run, simulate
from tests.simulate.lives import STATES, Chain, shop

FALSE_ALARM = 1e-4  # chance that a correct engine fails any comparison of one test (Bonferroni)


def wishful_shop(**more):
    """A shop whose visitors search one query and one group of queries more than others."""
    made = shop(**more)
    queries = made.tables.queries
    names = {queries["query"][0]: 4.0, queries["query_group"][1] or queries["query"][1]: 0.2}
    return shop([*STATES[:2], {**STATES[2], "queries": names}, *STATES[3:]], **more)


@pytest.fixture(scope="module")
def means() -> Run:
    return simulate(wishful_shop(journey={"burn_in": 2}), fidelity="expected")


@pytest.fixture(scope="module", params=["counts", "events"])
def counted(request) -> Run:
    scenario = wishful_shop(journey={"burn_in": 2})
    return simulate(scenario, fidelity=request.param, replications=400, seed=5)


def test_means_are_those_of_independent_lives(means):
    chain = Chain(means)
    found = means.diary.mornings[0]
    assert found == pytest.approx(chain.mornings(2), rel=1e-9, abs=1e-9)
    assert np.abs(found[2] - found[0]).max() > 50, "nothing moves: the case tests nothing"


def test_samples_have_the_means_and_variances_of_independent_lives(counted):
    """z and chi-square tests of every state and morning; burn-in makes the first one random."""
    chain = Chain(counted)
    found = counted.diary.mornings
    mean = chain.mornings(2)
    limit = -ndtri(FALSE_ALARM / mean.size / 2)
    free = len(found) - 1
    for day in range(3):
        variance = chain.variance(day)
        error = np.sqrt(variance / len(found))
        assert (np.abs(found[:, day].mean(axis=0) - mean[day]) <= limit * error + 1e-9).all()
        often = mean[day] > 20  # fewer persons are no normal variable
        ratio = found[:, day].var(axis=0, ddof=1)[often] / variance[often]
        tail = FALSE_ALARM / mean.size / 2
        assert (chi2.ppf(tail, free) / free < ratio).all()
        assert (ratio < chi2.isf(tail, free) / free).all()


@pytest.mark.parametrize("fidelity", ["counts", "expected", "events"])
def test_persons_never_appear_or_vanish(fidelity):
    run = simulate(shop(), fidelity=fidelity, replications=8)
    persons = run.diary.mornings.sum(axis=-1)
    assert persons == pytest.approx(600) if fidelity == "expected" else (persons == 600).all()
    assert (run.diary.stocks >= 0).all()
    table = run.journey()
    assert table.columns[:3] == ["day", "state", "persons"]
    assert table["day"].unique(maintain_order=True).to_list() == [
        "2025-06-01",
        "2025-06-02",
        "2025-06-03",
    ]
    assert table.group_by("day").agg(pl.col("share").sum())["share"].to_list() == pytest.approx(
        [1.0] * 3
    )
    assert ("persons_low" in table.columns) == (fidelity != "expected")


@pytest.mark.parametrize("fidelity", ["counts", "expected", "events"])
def test_a_run_carried_on_is_the_unbroken_run(fidelity):
    scenario = shop(journey={"burn_in": 1}, budget_share=0.5)
    whole = simulate(scenario, fidelity=fidelity, replications=3, days=3, by="day")
    first = simulate(scenario, fidelity=fidelity, replications=3, days=1, by="day")
    rest = simulate(scenario, state=first.state, days=2, by="day")
    assert (rest.diary.mornings == whole.diary.mornings[:, 1:]).all()
    assert (rest.tallies(["day"])[0] == whole.tallies(["day"])[0][:, 1:]).all()
    assert (rest.state.persons == whole.state.persons).all()
    assert whole.report(["keyword"]).equals(whole.report(["keyword"]))  # run again, the same


@pytest.mark.parametrize("fidelity", ["counts", "events"])
def test_threads_change_nothing(fidelity):
    one, two = (simulate(shop(), fidelity=fidelity, replications=6, threads=n) for n in (1, 2))
    assert one.journey().equals(two.journey())
    assert one.report(["keyword"]).equals(two.report(["keyword"]))


def test_a_state_without_a_way_out_keeps_its_persons():
    run = simulate(shop(days=4), replications=6)
    gone = run.diary.mornings[:, :, 5]
    assert (np.diff(gone, axis=1) >= 0).all() and gone[:, -1].sum() > 0


def test_a_state_nobody_enters_stays_empty():
    empty = {"name": "empty", "share": 0.0, "daily": {"new": 0.5}}
    for fidelity in ("counts", "expected"):
        run = simulate(shop([*STATES, empty]), fidelity=fidelity, replications=2)
        assert (run.diary.mornings[:, :, 6] == 0).all()


def test_a_stay_longer_than_the_run_does_not_end():
    states = [
        {"name": "in", "share": 0.0, "days": 30, "then": "out"},
        {"name": "out", "share": 1.0, "click": {"in": 1.0}},
    ]
    run = simulate(shop(states, days=4), replications=4)
    assert (np.diff(run.diary.mornings[:, :, 0], axis=1) > 0).all()


def test_buyers_leave_the_pool():
    """Orders send persons out of "visited" and nothing else does, so without orders it is fuller.

    Paired by luck: with CVR 0 nobody is in "bought", with today's somebody is.
    """
    scenario = shop(journey={"persons": 20_000})
    queries = scenario.tables.queries.with_columns(cvr=0.0, organic=0.0)
    tables = scenario.tables.__class__(**{**vars(scenario.tables), "queries": queries})
    unsold = scenario.model_copy(update={"tables": tables})
    bought, unbought = (
        simulate(s, replications=8).diary.mornings[:, -1] for s in (scenario, unsold)
    )
    assert (unbought[:, 4] == 0).all() and (bought[:, 4] > 0).all()
    assert (unbought[:, 2] + unbought[:, 3] > bought[:, 2] + bought[:, 3]).all()


def test_higher_bids_today_fill_the_pool_of_tomorrow():
    scenario = shop(journey={"persons": 20_000}, days=1)
    today = todays_plan(scenario)
    bid = today.keywords["bid"]
    plans = [
        today.__class__(**{**vars(today), "keywords": today.keywords.with_columns(bid=bid * scale)})
        for scale in (0.5, 1.0, 2.0)
    ]
    visited = [simulate(scenario, plan, replications=8).diary.mornings[:, -1, 2] for plan in plans]
    assert (visited[0] < visited[1]).all() and (visited[1] < visited[2]).all()


def test_shares_of_the_start_are_those_of_the_first_morning():
    scenario = wishful_shop(journey={"burn_in": 2}, days=1)
    market = simulate(scenario, fidelity="expected").market.arrays
    assert market.share.sum(axis=1) == pytest.approx([1.0] * len(market.share))
    assert len(market.share) > 1


def test_a_journey_is_asked_for_in_vain_where_there_is_none():
    plain = shop().model_copy(update={"journey": None})
    with pytest.raises(
        SimulationError, match=r"must have a \[journey\] for its states, but has none"
    ):
        simulate(plain, fidelity="expected", days=1).journey()
    assert simulate(plain, fidelity="expected", days=1).state.persons is None
