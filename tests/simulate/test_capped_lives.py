"""Persons who live and count impressions: caps, fatigue, reach and runs carried on."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from adsim.errors import SimulationError
from adsim.kernels import tally
from adsim.kernels.exposure import EVER, SEEN
from adsim.kernels.model import NO_CAP
from adsim.kernels.trace import LOST_TO_CAP, SHOWN
from adsim.results.registry import TIMES
from adsim.scenario import todays_plan
from adsim.scenario.populations import Population
from adsim.simulate import reach_curve, simulate
from tests.audience.shops import CROWDS, EFFECTS, TRAITS
from tests.audience.test_living import FROZEN, LIVES
from tests.simulate.lives import shop
from tests.simulate.test_events import traced
from tests.simulate.test_fidelities import FIELDS, limit

REPLICATIONS = 80
BUYERS = (
    LIVES["states"][0] | {"impression": {"visited": 0.1}, "order": {"bought": 1.0}},
    LIVES["states"][1] | {"days": 3, "cart": {"carted": 0.5}},
    LIVES["states"][2] | {"click": {"carted": 1.0}, "order": {"bought": 0.9, "new": 0.1}},
    LIVES["states"][3] | {"daily": {"new": 0.3}},
)
SCENES = {
    "cap of two": (
        {"campaigns": 2, "keywords_per_query": 3, "journey": {"persons": 3000}},
        {"frequency_cap": 2, "cap_days": 3},
    ),
    "cap and fatigue": (
        {"campaigns": 1, "searches": 400.0, "days": 3, "journey": {"persons": 3000, "burn_in": 1}},
        {"frequency_cap": 3, "fatigue": 0.2, "cap_days": 2},
    ),
    "crowds that live": (
        {
            "states": BUYERS,
            "crowds": (*CROWDS, FROZEN),
            "population": Population(size=3000, columns=TRAITS, effects=EFFECTS),
            "journey": {"trait": "relation"},
        },
        {"frequency_cap": 2},
    ),
    "cap and budgets": (
        {"budget_share": 0.4, "campaigns": 2, "keywords_per_query": 2,
         "journey": {"persons": 3000}},
        {"frequency_cap": 2},
    ),
    "fatigue, paced under shocks": (
        {"campaigns": 1, "budget_share": 0.4, "delivery": "standard", "shock_cv": 0.5,
         "journey": {"persons": 3000}},
        {"fatigue": 0.3, "fatigue_floor": 0.3},
    ),
}  # fmt: skip


def capped(sizes, **keys):
    """A shop of persons who live, whose campaigns have these keys."""
    made = shop(**sizes)
    campaigns = tuple(campaign.model_copy(update=keys) for campaign in made.campaigns)
    return made.model_copy(update={"campaigns": campaigns})


def scene(name):
    sizes, keys = SCENES[name]
    return capped(sizes, **keys)


def drawn(scenario, fidelity):
    """float64[replications, numbers]: totals, and persons by state of every later morning."""
    run = simulate(scenario, fidelity=fidelity, replications=REPLICATIONS, seed=11)
    totals = run.tallies()[0][:, 0, [*FIELDS, tally.LOST_TO_CAP]]
    return np.hstack([totals, run.diary.mornings.reshape(len(totals), -1)]).astype(float)


HEAVY = {"cap of two", "crowds that live"}  # many levels and places: seconds
NAMES = [pytest.param(name, marks=pytest.mark.slow if name in HEAVY else ()) for name in SCENES]


@pytest.mark.parametrize("name", NAMES)
def test_counts_and_events_have_one_law(name):
    """z tests of totals and persons, means and spreads; false alarm 1e-3 over all scenes."""
    a, b = drawn(scene(name), "counts"), drawn(scene(name), "events")
    center = (a.mean(axis=0) + b.mean(axis=0)) / 2
    bound = limit(2 * len(SCENES) * len(center), 2 * REPLICATIONS - 2)
    for x, y in ((a, b), ((a - center) ** 2, (b - center) ** 2)):
        error = np.sqrt((x.var(axis=0, ddof=1) + y.var(axis=0, ddof=1)) / REPLICATIONS)
        assert (np.abs(x.mean(axis=0) - y.mean(axis=0)) <= bound * error + 1e-9).all()
    assert a[:, len(FIELDS)].any() == ("frequency_cap" in SCENES[name][1])


@pytest.mark.parametrize("name", ["cap of two", "cap and fatigue", "crowds that live"])
def test_expected_is_the_mean_of_events(name):
    """Where nothing couples persons; false alarm 1e-3 over the scenes."""
    mean, events = drawn(scene(name), "expected")[0], drawn(scene(name), "events")
    error = events.std(axis=0, ddof=1) / REPLICATIONS**0.5
    bound = limit(3 * len(mean), REPLICATIONS - 1)
    assert (np.abs(events.mean(axis=0) - mean) <= bound * error + 1e-9).all()


@pytest.mark.parametrize("fidelity", ["counts", "expected", "events"])
def test_nobody_vanishes_and_nobody_forgets(fidelity):
    """Persons by level are those by place; impressions seen are those shown."""
    sizes = {"campaigns": 1, "days": 3, "journey": {"burn_in": 1}}
    scenario = capped(sizes, frequency_cap=3, cap_days=9)
    run = simulate(scenario, fidelity=fidelity, replications=4)
    assert run.diary.mornings.sum(axis=-1) == pytest.approx(600)
    memory, shown = run.memory.seen, run.tallies()[0][:, 0, tally.IMPRESSIONS]
    if fidelity == "events":
        assert (memory[..., SEEN] == memory[..., EVER]).all() and memory.max() == 3
        assert (memory[..., EVER].sum(axis=(1, 2)) == shown).all()
    else:
        assert memory.sum(axis=-1) == pytest.approx(run.diary.stocks)
        assert memory.sum(axis=1) @ np.arange(4) == pytest.approx(shown, rel=0.02)


def test_nobody_who_lives_sees_more_than_the_cap():
    scenario = capped({"campaigns": 1, "days": 3}, frequency_cap=2, cap_days=2)
    run = simulate(scenario, fidelity="events", replications=1)
    rows = traced(run, run.tallies()[0][0, 0, tally.SEARCHES])
    seen = Counter()
    for row in rows[rows["link"] >= 0]:
        period = (row["person"], row["day"] // 2)
        assert (row["outcome"] == LOST_TO_CAP) == (seen[period] >= 2)
        seen[period] += row["outcome"] == SHOWN
    assert max(seen.values()) == 2
    total = run.tallies()[0][0, 0]
    for column, field in (("charge", tally.SPEND), ("organic", tally.ORGANIC_ORDERS)):
        assert rows[column].sum() == total[field]


@pytest.mark.parametrize("fidelity", ["counts", "expected", "events"])
@pytest.mark.parametrize("lives", [True, False], ids=["lives", "stays"])
def test_a_run_carried_on_within_a_period_is_the_unbroken_run(fidelity, lives):
    from tests.simulate.test_caps import capped as capped_shop

    keys = {"frequency_cap": 2, "cap_days": 7, "fatigue": 0.2}
    scenario = (capped if lives else capped_shop)({"searches": 300.0, "campaigns": 1}, **keys)
    recipe = {"fidelity": fidelity, "replications": 2, "by": "day"}
    whole = simulate(scenario, days=4, **recipe)
    first = simulate(scenario, days=1, **recipe)
    then = simulate(scenario, days=1, state=first.state, by="day", fidelity=fidelity)
    last = simulate(scenario, days=2, state=then.state, by="day", fidelity=fidelity)
    parts = [run.tallies(["day"])[0] for run in (first, then, last)]
    assert (np.concatenate(parts, axis=1) == whole.tallies(["day"])[0]).all()
    assert (last.state.memory.seen == whole.state.memory.seen).all()
    assert whole.tallies()[0][:, :, tally.LOST_TO_CAP].all()
    if fidelity == "events":
        searches = int(first.tallies()[0][0, 0, tally.SEARCHES])
        assert then.trace(200).equals(whole.trace(searches + 200)[searches:])


@pytest.mark.parametrize("fidelity", ["counts", "events"])
def test_threads_change_nothing(fidelity):
    scenario = capped({"searches": 300.0, "campaigns": 1}, frequency_cap=1, fatigue=0.1)
    one, two = (simulate(scenario, fidelity=fidelity, replications=6, threads=n) for n in (1, 2))
    assert one.journey().equals(two.journey())
    assert one.report(["keyword"]).equals(two.report(["keyword"]))


def test_a_crowd_of_nobody_and_one_of_everybody_change_nothing_in_events():
    """Each person's luck is its own: where midnights alone move, each life stays what it was."""
    states = [state | {"daily": {"visited": 0.3, "carted": 0.2}} for state in LIVES["states"][:1]]
    states += [state | {"daily": {"new": 0.25}} for state in LIVES["states"][1:]]
    still = [
        {key: value for key, value in state.items() if key not in ("click", "cart", "order")}
        for state in states
    ]
    people = Population(size=900, columns=TRAITS, effects=EFFECTS)
    crowds = [
        (),
        CROWDS,
        (*CROWDS, {"name": "nobody", "where": "tier > 3"}),
        (*CROWDS, {"name": "all", "where": "tier > 0"}),
    ]
    lives = [
        simulate(
            shop(still, some, people, {"trait": "relation", "burn_in": 2}),
            fidelity="events", replications=2,
        )
        for some in crowds
    ]  # fmt: skip
    places = [run.state.persons % run.market.people.places.size for run in lives]
    assert all((found == places[0]).all() for found in places[1:])
    assert (places[0] != lives[0].market.people.at % lives[0].market.people.places.size).any()
    assert (lives[1].tallies()[0] == lives[2].tallies()[0]).all()


def test_reach_of_persons_who_live_is_counted():
    scenario = capped({"campaigns": 2, "keywords_per_query": 3}, frequency_cap=2, cap_days=9)
    run = simulate(scenario, fidelity="events", replications=3)
    table, account = run.reach("campaign"), run.reach()
    assert account["persons"][0] == 600 and (table["reached"] <= 600).all()
    assert table["times_3"].to_list() == [0, 0] and (table["times_2"] > 0).all()
    shown = run.report("campaign")["impressions"].to_list()
    assert (table["times_1"] + 2 * table["times_2"]).to_list() == pytest.approx(shown)
    common = run.overlap("campaign").drop("campaign").to_numpy()
    both = table["reached"].sum() - common[0, 1]
    assert both == pytest.approx(account["reached"][0]) and common[0, 1] > 0


def test_reach_is_that_of_the_days_of_the_run():
    free = shop(days=2)
    whole = simulate(free, fidelity="events", replications=2)
    first = simulate(free, fidelity="events", replications=2, days=1)
    rest = simulate(free, fidelity="events", state=first.state, days=1)
    times = [f"times_{k}" for k in range(1, TIMES + 1)]
    reached = [run.reach()["reached"][0] for run in (whole, first, rest)]
    by_day = whole.reach("day")
    assert by_day["reached"].to_list() == reached[1:]
    assert by_day["reached_to_date"].to_list() == [reached[1], reached[0]]
    assert max(reached[1:]) < reached[0] < sum(reached[1:])
    shown = [run.reach()["impressions"][0] for run in (whole, first, rest)]
    assert shown[0] == pytest.approx(shown[1] + shown[2])
    assert whole.reach().select(times).sum_horizontal()[0] == pytest.approx(reached[0])


def test_reach_of_persons_who_live_refuses_what_it_cannot_count():
    with pytest.raises(SimulationError, match=r"must be events for reach beside a \[journey\]"):
        simulate(shop(), replications=1).reach()
    run = simulate(shop(), fidelity="events", replications=1)
    with pytest.raises(SimulationError, match="whose persons come and go"):
        run.reach("audience")


def test_the_curve_of_persons_who_live_passes_through_today():
    scenario = capped({"searches": 100.0}, frequency_cap=2)
    curve = reach_curve(scenario, [0.5, 1.0, 2.0], replications=4)
    assert curve["reached"].is_sorted() and curve["spend"].is_sorted()
    today = simulate(scenario, fidelity="events", replications=4)
    assert curve["reached"][1] == today.reach()["reached"][0]


def test_a_campaign_that_comes_to_have_a_cap_counts_from_then_on():
    for fidelity in ("events", "counts"):
        tired = simulate(capped({"campaigns": 1}, fatigue=0.3), fidelity=fidelity, replications=2)
        plan = replace(
            todays_plan(tired.scenario),
            campaigns=tuple(
                c.model_copy(update={"frequency_cap": 1}) for c in tired.plan.campaigns
            ),
        )
        later = simulate(tired.scenario, plan, state=tired.state, fidelity=fidelity, days=1)
        again = simulate(tired.scenario, plan, fidelity=fidelity, replications=2, days=1)
        shown = [run.tallies()[0][:, 0, tally.IMPRESSIONS].mean() for run in (later, again)]
        assert shown[0] == pytest.approx(shown[1], rel=0.2)
        ctr = [run.report()["ctr"][0] for run in (later, again)]
        assert ctr[0] < ctr[1], "fatigue is forgotten"


def test_a_lower_cap_finds_what_was_seen():
    for fidelity in ("events", "counts"):
        wide = simulate(
            capped({"campaigns": 1}, frequency_cap=4, cap_days=9), fidelity=fidelity, days=1,
            replications=2,
        )  # fmt: skip
        exposure = wide.opened.plan.exposure
        memory = wide.memory.under(exposure._replace(cap=np.array([2])))
        if fidelity == "events":
            assert (memory.seen == wide.memory.seen).all()
        else:
            old, new = wide.memory.seen[0].sum(axis=0), memory.seen[0].sum(axis=0)
            assert new == pytest.approx([old[0], old[1], old[2:].sum()])
        none = wide.memory.under(exposure._replace(cap=np.array([NO_CAP])))
        assert none.seen.shape[-2 if fidelity == "events" else -1] == 1
