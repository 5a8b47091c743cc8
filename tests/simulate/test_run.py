"""Runs: reproducible, additive, resumable, and clear about what they are not given."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adsim.errors import SimulationError
from adsim.kernels import tally
from adsim.scenario import todays_plan
from adsim.simulate import simulate
from tests.simulate.worlds import BOUND, FREE, world

ALL_GROUPS = ["campaign", "ad_group", "keyword", "query", "audience", "device", "day", "hour"]


def tallies_of(scenario, **settings):
    return simulate(scenario, **{"replications": 3, "seed": 5, **settings}).tallies(["keyword"])[0]


@pytest.mark.parametrize("fidelity", ["expected", "counts", "events"])
def test_threads_do_not_change_a_byte(fidelity):
    scenario = world(BOUND["all run out"])
    one = tallies_of(scenario, fidelity=fidelity, threads=1)
    two = tallies_of(scenario, fidelity=fidelity, threads=2)
    assert one.tobytes() == two.tobytes()


@pytest.mark.parametrize("fidelity", ["counts", "events"])
def test_days_split_and_rejoined_give_the_same_tallies(fidelity):
    scenario = world({**BOUND["shocks and budgets"], "days": 4, "searches": 100.0})
    whole = simulate(scenario, fidelity=fidelity, replications=2)
    first = simulate(scenario, fidelity=fidelity, replications=2, days=1)
    rest = simulate(scenario, state=first.state, days=3)
    by = ["keyword"]
    joined = first.tallies(by)[0] + rest.tallies(by)[0]
    assert np.array_equal(whole.tallies(by)[0], joined)
    assert rest.report(["day"])["day"].to_list() == ["2025-06-02", "2025-06-03", "2025-06-04"]


@pytest.mark.parametrize("fidelity", ["counts", "events"])
def test_another_seed_gives_another_history_and_replications_differ(fidelity):
    scenario = world(FREE["plain"])
    a = tallies_of(scenario, fidelity=fidelity)
    assert not np.array_equal(a, tallies_of(scenario, fidelity=fidelity, seed=6))
    assert not np.array_equal(a[0], a[1])
    longer = tallies_of(scenario, fidelity=fidelity, replications=5)
    assert np.array_equal(a, longer[:3])


@pytest.mark.parametrize("fidelity", ["counts", "events"])
def test_a_keyword_elsewhere_leaves_the_luck_of_others_alone(fidelity):
    scenario = world({**FREE["plain"], "keywords_per_query": 1})
    keywords = scenario.tables.keywords
    with_one_less = todays_plan(scenario)
    paused = keywords.with_columns(
        status=pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("paused")).otherwise("status")
    )
    plan = type(with_one_less)("less", paused, scenario.campaigns, None)
    settings = {"fidelity": fidelity, "replications": 3}
    before = simulate(scenario, **settings).report(["keyword"])
    after = simulate(scenario, plan, **settings).report(["keyword"])
    first = keywords["keyword"][0]
    same = pl.col("keyword") != first
    assert before.filter(same).equals(after.filter(same))
    assert before.filter(~same)["clicks"].sum() > 0
    assert after.filter(keyword=first)["clicks"].sum() == 0


@pytest.mark.parametrize("fidelity", ["counts", "events"])
def test_keyword_and_bidder_order_do_not_matter(fidelity):
    scenario = world(FREE["overlapping keywords"])
    plan = todays_plan(scenario)
    turned = type(plan)("turned", plan.keywords.reverse(), plan.campaigns, None)
    key = ["campaign", "ad_group", "keyword", "match_type"]
    a = simulate(scenario, plan, fidelity, replications=2).report(["keyword"]).sort(key)
    b = simulate(scenario, turned, fidelity, replications=2).report(["keyword"]).sort(key)
    assert a.equals(b)


@settings(max_examples=15)
@given(st.lists(st.sampled_from(ALL_GROUPS), unique=True), st.sampled_from(["counts", "events"]))
def test_every_grouping_adds_up_to_the_total(by, fidelity):
    """Invariant 24: keywords add up to the campaigns, campaigns to the account."""
    scenario = world({**BOUND["all run out"], "queries": 4, "days": 2, "searches": 50.0})
    run = simulate(scenario, fidelity=fidelity, replications=2)
    tallies, labels = run.tallies(by)
    assert np.array_equal(tallies.sum(axis=1), run.tallies()[0][:, 0])
    assert labels.height == tallies.shape[1] or not by
    if by:
        assert labels.is_duplicated().sum() == 0


@pytest.mark.parametrize("recipe", [*FREE.values(), *BOUND.values()], ids=[*FREE, *BOUND])
@pytest.mark.parametrize("fidelity", ["counts", "events"])
@pytest.mark.filterwarnings("ignore:fidelity")
def test_counts_nest_and_shares_add_up(recipe, fidelity):
    """Invariants 1, 2, 13, 22 and 25 of validation.md section 15, in every keyword and hour."""
    scenario = world(recipe)
    run = simulate(scenario, fidelity=fidelity, replications=2)
    cells = run.tallies(["keyword", "audience", "device", "hour"])[0]
    get = [cells[..., field] for field in range(tally.N_FIELDS)]
    assert (np.stack(get) >= 0).all()
    assert (get[tally.ELIGIBLE] <= get[tally.SEARCHES]).all()
    assert (get[tally.CLICKS] <= get[tally.IMPRESSIONS]).all()
    assert (get[tally.ORDERS] <= get[tally.CLICKS]).all()
    assert (get[tally.CARTS] <= get[tally.CLICKS]).all()
    lost = get[tally.LOST_TO_RANK] + get[tally.LOST_TO_BUDGET]
    assert np.array_equal(get[tally.IMPRESSIONS] + lost, get[tally.ELIGIBLE])
    assert (get[tally.POSITION_SUM] >= get[tally.IMPRESSIONS]).all()
    assert (get[tally.POSITION_SUM] <= get[tally.IMPRESSIONS] * scenario.auction.slots).all()
    offers = run.opened.book.offers
    assert (get[tally.SPEND] <= get[tally.CLICKS] * offers["cap"].max()).all()
    budget = run.opened.plan.budget
    spend, labels = run.tallies(["campaign", "day"])
    for i, campaign in enumerate(scenario.campaigns):
        rows = (labels["campaign"] == campaign.name).fill_null(False).to_numpy()
        assert (spend[:, rows, tally.SPEND] <= budget[i]).all()
    assert (run.tallies(["day"])[0][..., tally.SPEND] <= budget[-1]).all()


def test_a_demand_beyond_the_budget_spends_all_of_it():
    """Invariants 13 and 17: the whole limit is spent, to the micro, in every replication."""
    scenario = world({"campaigns": 1, "budget_share": 0.05})
    for fidelity in ("counts", "events"):
        run = simulate(scenario, fidelity=fidelity, replications=8)
        assert (run.tallies()[0][:, 0, tally.SPEND] == run.opened.plan.budget[0]).all()


def test_a_world_without_ads_runs():
    """Invariant 27."""
    scenario = world(FREE["plain"])
    plan = todays_plan(scenario)
    paused = plan.keywords.with_columns(status=pl.lit("paused"))
    nothing = type(plan)("nothing", paused, plan.campaigns, None)
    for fidelity in ("expected", "counts", "events"):
        table = simulate(scenario, nothing, fidelity, replications=2).report()
        assert table["searches"][0] > 0
        assert table["clicks"][0] == table["spend"][0] == table["eligible"][0] == 0
        assert table["roi"][0] is None
        assert table["impression_share"][0] is None


def test_draws_are_not_reused_between_steps():
    """Invariant 20: over seeds the orders of a flat world vary like a Poisson number.

    With 400 replications the variance over the mean has a standard error of .07; the bounds are
    4.5 of them: false alarm below 1e-5.
    """
    scenario = world(FREE["plain"])
    for fidelity in ("counts", "events"):
        orders = simulate(scenario, fidelity=fidelity, replications=400).tallies()[0][
            :, 0, tally.ORDERS
        ]
        assert 0.68 < orders.var(ddof=1) / orders.mean() < 1.32


def test_report_has_null_keywords_only_for_searches_without_one():
    scenario = world(FREE["plain"])
    covered = simulate(scenario, replications=2).report(["keyword"])
    assert covered["keyword"].null_count() == 0
    plan = todays_plan(scenario)
    fewer = type(plan)("fewer", plan.keywords.head(3), plan.campaigns, None)
    table = simulate(scenario, fewer, replications=2).report(["keyword"])
    outside = table.filter(pl.col("keyword").is_null())
    assert outside.height == 1
    assert outside["eligible"][0] == 0
    assert outside["searches"][0] > 0


@pytest.mark.parametrize("fidelity", ["expected", "counts"])
def test_replications_are_told_one_by_one(fidelity):
    run = simulate(world(BOUND["shocks and budgets"]), fidelity=fidelity, replications=3)
    each = run.report(["replication", "campaign"])
    whole = run.report("campaign")
    assert not [name for name in each.columns if name.endswith(("_low", "_high"))]
    assert each["replication"].to_list() == sorted([*range(run.replications)] * whole.height)
    found = each.group_by("campaign", maintain_order=True).agg(pl.mean("clicks", "spend"))
    for name in ("campaign", "clicks", "spend"):
        assert found[name].to_list() == pytest.approx(whole[name].to_list())
    clicks = run.report("replication")["clicks"].to_list()
    assert clicks == run.tallies()[0][:, 0, tally.CLICKS].tolist()
    with pytest.raises(SimulationError, match="hour, replication, but is 'replicaton'"):
        run.report("replicaton")


def test_days_and_hours_are_labeled():
    scenario = world({**FREE["plain"], "days": 3})
    run = simulate(scenario, replications=2)
    start = scenario.scenario.start
    assert isinstance(start, date)
    assert run.report(["day"])["day"][0] == start.isoformat()
    assert run.report(["hour"])["hour"].to_list() == list(range(24))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"fidelity": "rough"}, "fidelity: must be expected, counts or events, but is 'rough'"),
        ({"replications": 0}, "replications: must be a whole number from 1"),
        ({"replications": 2.5}, "replications: must be a whole number"),
        ({"seed": -1}, "seed: must be a whole number from 0 to 4294967295"),
        ({"seed": 2**32}, "seed: must be a whole number"),
        ({"days": 0}, "days: must be a whole number from 1"),
        ({"threads": 0}, "threads: must be a whole number from 1"),
        ({"by": ["color"]}, "by: must be among campaign"),
    ],
)
def test_arguments_out_of_range_are_told(arguments, message):
    with pytest.raises(SimulationError) as caught:
        simulate(world(FREE["plain"]), **arguments)
    assert message in str(caught.value)


def test_all_bad_arguments_are_told_at_once():
    with pytest.raises(SimulationError) as caught:
        simulate(world(FREE["plain"]), replications=0, seed=-1, days=0)
    assert len(caught.value.problems) == 3


def test_a_run_is_carried_on_only_as_it_began():
    scenario = world(FREE["plain"])
    state = simulate(scenario, replications=2, seed=1).state
    with pytest.raises(SimulationError) as caught:
        simulate(scenario, state=state, seed=2, replications=3)
    assert len(caught.value.problems) == 2
    with pytest.raises(SimulationError, match="scenario: must be the one"):
        simulate(world(FREE["gamma"]), state=state)


def test_rivals_without_their_budgets_are_warned_of():
    scenario = world({"named_rivals": 1, "budget_share": 0.1})
    with pytest.warns(UserWarning, match="named rivals bid without their budgets"):
        simulate(scenario, replications=1)
