"""Frequency caps and fatigue: exact with persons, the same law without."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
import pytest

from adsim.errors import ScenarioError, SimulationError
from adsim.kernels import tally
from adsim.kernels.trace import LOST_TO_BUDGET, LOST_TO_CAP, LOST_TO_RANK, SHOWN
from adsim.scenario import load_plan, load_scenario
from adsim.simulate import counted_reach, simulate
from tests.audience.shops import shop
from tests.simulate.test_events import traced
from tests.simulate.test_fidelities import FIELDS, REPLICATIONS, limit
from tests.simulate.worlds import CASCADE, PROMOTED, with_auction

BUSY = {"searches": 2000.0, "population": {"size": 3000}}
SCENES = {
    "cap of one": ({}, {"frequency_cap": 1, "cap_days": 2}),
    "cap and fatigue": ({"shock_cv": 0.5}, {"frequency_cap": 2, "fatigue": 0.1}),
    "fatigue": ({"campaigns": 1}, {"fatigue": 0.2, "fatigue_floor": 0.3}),
    "many campaigns": ({"campaigns": 3, "keywords_per_query": 4}, {"frequency_cap": 1}),
    "cap and budgets": ({"budget_share": 0.5}, {"frequency_cap": 1}),
    "cap in promoted slots": (
        {"auction": {**CASCADE, **PROMOTED}, "budget_share": 0.5},
        {"frequency_cap": 1},
    ),
    "cap and paced": (
        {"budget_share": 0.4, "delivery": "standard"},
        {"frequency_cap": 2, "cap_days": 3},
    ),
}
TRACED = {
    **SCENES,
    "among rivals": ({"named_rivals": 3, "budget_share": 0.2}, {"frequency_cap": 1}),
    "tired among rivals": ({"named_rivals": 3}, {"fatigue": 0.3}),
    "tired in promoted slots of a cascade": (
        {"auction": {**CASCADE, **PROMOTED}, "budget_share": 0.3},
        {"fatigue": 0.3},
    ),
    "capped in promoted slots among rivals": (
        {"auction": {**CASCADE, **PROMOTED}, "named_rivals": 3},
        {"frequency_cap": 1},
    ),
}


def capped(sizes, **keys):
    """A busy shop whose campaigns have these keys."""
    sizes = {**BUSY, "campaigns": 2, "keywords_per_query": 3, "days": 3, **sizes}
    auction = sizes.pop("auction", {})
    made = with_auction(shop(**sizes), **auction)
    campaigns = tuple(campaign.model_copy(update=keys) for campaign in made.campaigns)
    return made.model_copy(update={"campaigns": campaigns})


@pytest.mark.parametrize("fidelity", ["counts", "events"])
@pytest.mark.parametrize(
    "sizes", [{}, {"budget_share": 0.3}, {"budget_share": 0.3, "delivery": "standard"}]
)
def test_a_cap_that_never_binds_changes_no_byte(sizes, fidelity):
    recipe = {"fidelity": fidelity, "replications": 2}
    free = simulate(capped({**sizes, "searches": 200.0}), **recipe).tallies(["keyword"])[0]
    wide = capped({**sizes, "searches": 200.0}, frequency_cap=20, cap_days=3)
    assert np.array_equal(simulate(wide, **recipe).tallies(["keyword"])[0], free)


@pytest.mark.filterwarnings("ignore:fidelity")
def test_a_cap_that_never_binds_changes_no_rivals():
    sizes = {"named_rivals": 4, "budget_share": 0.2, "searches": 100.0}
    free = simulate(capped(sizes), fidelity="events", replications=2).tallies(["keyword"])[0]
    wide = simulate(capped(sizes, frequency_cap=1000), fidelity="events", replications=2)
    assert np.array_equal(wide.tallies(["keyword"])[0], free)


@pytest.mark.parametrize("name", TRACED)
def test_tallies_equal_the_sum_of_single_auctions(name):
    sizes, keys = TRACED[name]
    scenario = capped({**sizes, "searches": 1000.0, "days": 2}, **keys)
    run = simulate(scenario, fidelity="events", replications=1, seed=3)
    total = run.tallies()[0][0, 0]
    rows = traced(run, total[tally.SEARCHES])
    assert rows["charge"].sum() == total[tally.SPEND]
    assert rows["clicked"].sum() == total[tally.CLICKS]
    assert rows["ordered"].sum() == total[tally.ORDERS]
    for outcome, field in (
        (SHOWN, tally.IMPRESSIONS),
        (LOST_TO_RANK, tally.LOST_TO_RANK),
        (LOST_TO_BUDGET, tally.LOST_TO_BUDGET),
        (LOST_TO_CAP, tally.LOST_TO_CAP),
    ):
        assert (rows["outcome"] == outcome).sum() == total[field]
    assert total[tally.LOST_TO_CAP] > 0 or "frequency_cap" not in keys


@pytest.mark.parametrize(("cap", "days"), [(1, 1), (3, 2)])
def test_nobody_sees_more_than_the_cap(cap, days):
    """The naive twin: walk the searches in time, and count for each person."""
    scenario = capped({"campaigns": 1}, frequency_cap=cap, cap_days=days)
    run = simulate(scenario, fidelity="events", replications=1)
    rows = traced(run, run.tallies()[0][0, 0, tally.SEARCHES])
    seen = Counter()
    for row in rows[rows["link"] >= 0]:
        period = (row["person"], row["day"] // days)
        assert (row["outcome"] == LOST_TO_CAP) == (seen[period] >= cap)
        seen[period] += row["outcome"] == SHOWN
    assert max(seen.values()) == cap


def test_tired_persons_click_as_told():
    """False alarm: 1e-3 over the numbers of impressions seen before."""
    scenario = capped({"campaigns": 1, "days": 6, "devices": 0}, fatigue=0.3, fatigue_floor=0.2)
    scenario = scenario.model_copy(
        update={"population": scenario.population.model_copy(update={"effects": ()})}
    )
    run = simulate(scenario, fidelity="events", replications=1)
    rows = traced(run, run.tallies()[0][0, 0, tally.SEARCHES])
    rows = rows[rows["outcome"] == SHOWN]
    offers = run.opened.book.offers
    examination = run.market.arrays.examination
    ctr = offers["ctr"][rows["offer"]] * examination[rows["slot"]]
    seen = Counter()
    before = np.zeros(len(rows), int)
    for i, person in enumerate(rows["person"]):
        before[i] = seen[person]
        seen[person] += 1
    chance = ctr * np.maximum(0.2, 0.7**before)
    for level in range(8):
        here = before == level
        error = (rows["clicked"][here].sum() - chance[here].sum()) / chance[here].sum() ** 0.5
        assert here.any() and abs(error) < limit(8, 10_000)


@pytest.mark.parametrize("name", SCENES)
def test_counts_and_events_have_one_law(name):
    sizes, keys = SCENES[name]
    scenario = capped(sizes, **keys)
    fields = [*FIELDS, tally.LOST_TO_CAP]
    both = [
        simulate(scenario, fidelity=f, replications=REPLICATIONS, seed=11).tallies()[0][:, 0]
        for f in ("counts", "events")
    ]
    a, b = (drawn[:, fields].astype(float) for drawn in both)
    error = np.sqrt((a.var(axis=0, ddof=1) + b.var(axis=0, ddof=1)) / REPLICATIONS)
    bound = limit(len(SCENES) * len(fields), 2 * REPLICATIONS - 2)
    assert (np.abs(a.mean(axis=0) - b.mean(axis=0)) <= bound * error + 1e-9).all()


@pytest.mark.parametrize("name", ["cap of one", "fatigue", "many campaigns"])
def test_expected_is_the_mean_of_events(name):
    sizes, keys = SCENES[name]
    scenario = capped(sizes, **keys)
    fields = [*FIELDS, tally.LOST_TO_CAP]
    mean = simulate(scenario, fidelity="expected").tallies()[0][0, 0, fields]
    drawn = simulate(scenario, fidelity="events", replications=REPLICATIONS, seed=12)
    drawn = drawn.tallies()[0][:, 0, fields].astype(float)
    error = drawn.std(axis=0, ddof=1) / REPLICATIONS**0.5
    assert (np.abs(drawn.mean(axis=0) - mean) <= limit(36, REPLICATIONS - 1) * error + 1e-9).all()


@pytest.mark.parametrize("cap", [1, 3])
def test_expected_impressions_are_those_that_persons_may_see(cap):
    """Over one period: a person has min(cap, Poisson) impressions."""
    sizes = {"campaigns": 1, "keywords_per_query": 1}
    free = simulate(capped(sizes), fidelity="expected").reach()
    times = free.select(f"times_{k}" for k in range(1, 11)).row(0)
    wanted = sum(min(cap, k) * persons for k, persons in enumerate(times, 1))
    run = simulate(capped(sizes, frequency_cap=cap, cap_days=3), fidelity="expected")
    assert run.report()["impressions"][0] == pytest.approx(wanted, rel=1e-9)


def test_expected_fatigue_is_an_exponential():
    """Poisson exposures N(t): the mean of (1 - f)^N over time is (1 - exp(-f m)) / (f m)."""
    sizes = {"campaigns": 1, "flat": True, "population": {"size": 3000, "effects": ()}}
    free = simulate(capped(sizes), fidelity="expected").report()
    m = free["impressions"][0] / 3000
    tired = simulate(capped(sizes, fatigue=0.25, fatigue_floor=0.0), fidelity="expected").report()
    factor = -np.expm1(-0.25 * m) / (0.25 * m)
    assert tired["clicks"][0] == pytest.approx(free["clicks"][0] * factor, rel=1e-6)
    assert tired["impressions"][0] == pytest.approx(free["impressions"][0], rel=1e-12)


@pytest.mark.parametrize("fidelity", ["counts", "events"])
def test_threads_and_days_change_nothing(fidelity):
    scenario = capped({"searches": 300.0, "days": 4}, frequency_cap=1, cap_days=2)
    recipe = {"fidelity": fidelity, "replications": 4}
    whole = simulate(scenario, threads=1, **recipe).tallies(["keyword", "day"])[0]
    again = simulate(scenario, threads=2, **recipe).tallies(["keyword", "day"])[0]
    assert np.array_equal(whole, again)
    first = simulate(scenario, days=2, **recipe)
    rest = simulate(scenario, days=2, fidelity=fidelity, state=first.state)
    parts = first.tallies()[0] + rest.tallies()[0]
    assert np.array_equal(parts[:, 0], whole.sum(axis=1))


def test_shares_add_up_to_the_eligible_searches():
    for fidelity in ("expected", "counts", "events"):
        run = simulate(capped({"budget_share": 0.5}, frequency_cap=1), fidelity=fidelity)
        row = run.report().row(0, named=True)
        lost = row["lost_to_rank"] + row["lost_to_budget"] + row["lost_to_cap"]
        assert row["impression_share"] + lost == pytest.approx(1.0, rel=1e-12)
        assert row["lost_to_cap"] > 0 and row["lost_to_budget"] > 0


def test_what_cannot_be_kept_is_refused():
    many = capped({"campaigns": 4}, frequency_cap=30)
    with pytest.raises(SimulationError, match="events"):
        simulate(many, replications=1)
    assert simulate(many, fidelity="events", replications=1).report().height == 1


CAPPED = """
[population]
size = 100
columns.tier.values = [1, 2]
"""


@pytest.fixture
def folder(tmp_path):
    from shutil import copytree

    return copytree("scenarios/smallest", tmp_path / "shop")


def test_declarations_that_make_no_sense_are_refused(folder):
    for keys, told in (
        (["frequency_cap=3"], "must come with a [population] or [journey]"),
        (["fatigue=0.1"], "must come with a [population] or [journey]"),
        (["cap_days=3"], "only with a frequency_cap"),
        (["fatigue_floor=0.3"], "only with fatigue"),
        (["frequency_cap=0"], ">= 1"),
    ):
        with pytest.raises(ScenarioError) as refusal:
            load_scenario(folder, [f"campaigns.core.{key}" for key in keys])
        assert told in str(refusal.value)


def test_a_plan_decides_on_caps_and_not_on_fatigue(folder):
    file = folder / "scenario.toml"
    file.write_text(file.read_text(encoding="utf-8") + CAPPED, encoding="utf-8")
    name = load_scenario(folder).campaigns[0].name
    scenario = load_scenario(folder, [f"campaigns.{name}.frequency_cap=2"])
    plan = folder / "plan"
    plan.mkdir()
    toml = plan / "plan.toml"
    for cap in ("5", '"unlimited"'):
        toml.write_text(f'[[campaigns]]\nname = "{name}"\nfrequency_cap = {cap}\n', "utf-8")
        assert load_plan(plan, scenario).campaigns[0].frequency_cap in (5, None)
    toml.write_text(f'[[campaigns]]\nname = "{name}"\nfatigue = 0.2\n', "utf-8")
    with pytest.raises(Exception, match="no plan decides"):
        load_plan(plan, scenario)


def test_the_trace_tells_persons_of_the_population():
    run = simulate(capped({}, frequency_cap=1), fidelity="events", replications=1)
    table = run.trace(2000)
    assert table["person"].is_between(0, 2999).all()
    assert "lost to cap" in table["outcome"]
    from adsim.audience.membership import gather_audience

    audience = gather_audience(run.scenario)
    inside = pl.Series(audience.members["carted"])
    assert inside.gather(table["person"]).equals(table["audience"].str.contains("carted"))


def test_reach_under_a_cap_is_counted():
    keys = {"frequency_cap": 2, "cap_days": 3}
    run = simulate(capped({}, **keys), fidelity="events", replications=3)
    table, account = run.reach("campaign"), run.reach()
    assert table["times_3"].to_list() == [0, 0] and (table["times_2"] > 0).all()
    shown = run.report("campaign")["impressions"]
    assert (table["times_1"] + 2 * table["times_2"]).to_list() == pytest.approx(shown.to_list())
    common = run.overlap("campaign").drop("campaign").to_numpy()
    reached = table["reached"].to_numpy()
    assert np.diag(common) == pytest.approx(reached) and common[0, 1] > 0
    assert reached.sum() - common[0, 1] == pytest.approx(account["reached"][0])
    crowds = run.reach("crowd")
    assert (crowds["reached"] <= crowds["persons"]).all()
    assert run.reach("audience")["reached"].sum() == pytest.approx(account["reached"][0])


def test_reach_under_a_cap_is_counted_by_day():
    sizes = {"days": 2, "searches": 100.0}
    run = simulate(capped(sizes, frequency_cap=2), fidelity="events", replications=2)
    table, by_day = run.reach(["day", "campaign"]), run.reach("day")
    shown = run.report(["day", "campaign"])
    assert table["day"].to_list() == shown["day"].to_list()
    assert (table["times_1"] + 2 * table["times_2"]).to_list() == pytest.approx(
        shown["impressions"].to_list()
    )
    assert by_day["reached_to_date"].to_list() == pytest.approx(
        [by_day["reached"][0], run.reach()["reached"][0]]
    )
    assert by_day["reached"].sum() > by_day["reached_to_date"][1]


def test_what_does_not_fit_into_memory_is_not_counted(monkeypatch):
    monkeypatch.setattr(counted_reach, "LARGEST_COUNT", 10_000)
    run = simulate(capped({"days": 2}, frequency_cap=2), fidelity="events", replications=1)
    with pytest.raises(SimulationError, match="at most 2 GB"):
        run.reach("day")


def test_counted_reach_has_the_law_of_the_closed_form():
    """Where no cap binds; false alarm 1e-3."""
    sizes = {"searches": 300.0}
    closed = simulate(capped(sizes), fidelity="events", replications=40).reach()
    wide = capped(sizes, frequency_cap=1000)
    counted = simulate(wide, fidelity="events", replications=40).reach()
    assert counted["impressions"][0] == closed["impressions"][0]
    persons = closed["reached"][0]
    error = (persons * (1 - persons / 3000) / 40) ** 0.5
    assert abs(counted["reached"][0] - persons) < limit(1, 10_000) * error
    assert counted["reached"][0] != persons


def test_reach_under_a_cap_refuses_what_it_cannot_count():
    with pytest.raises(SimulationError, match="fidelity: must be events"):
        simulate(capped({}, frequency_cap=1), replications=1).reach()
    run = simulate(capped({}, frequency_cap=1), fidelity="events", replications=1)
    with pytest.raises(SimulationError, match="campaign, day, crowd, audience"):
        run.reach("keyword")
