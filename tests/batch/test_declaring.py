"""SWEEP.toml: the cells that it stands for, and every way in which it can be wrong."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adsim.batch.checking import read_sweep
from adsim.batch.declaring import declare_sweep, flat
from adsim.errors import BatchError

NAMES = st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=3, unique=True)
VALUES = st.lists(
    st.one_of(st.integers(0, 9), st.floats(0, 9), st.sampled_from(["x", "无"]), st.booleans()),
    min_size=1,
    max_size=3,
    unique_by=repr,
)
KEYS = st.dictionaries(st.sampled_from(["auction.slots", "demand.cv", "a.b.c"]), VALUES, max_size=2)
SEEDS = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=4, unique=True)


def override(key: str, value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else value
    return f'{key}="{text}"' if isinstance(text, str) and text in "x无" else f"{key}={text}"


def naive_tasks(raw: dict) -> list[tuple]:
    """The tasks of a grid by nested loops: scenario, plan, overrides, seed."""
    chosen: list[list[str]] = [[]]
    for key, values in raw.get("set", {}).items():
        chosen = [[*before, override(key, value)] for before in chosen for value in values]
    return [
        (scenario, plan, tuple(overrides), seed)
        for scenario in raw["scenarios"]
        for plan in raw["plans"]
        for overrides in chosen
        for seed in raw["seeds"]
    ]


def tasks_of(raw: dict) -> list[tuple]:
    declaration, problems = declare_sweep(raw, "sweep.toml", Path())
    assert declaration is not None, problems
    return [
        (cell.scenario, cell.plan, cell.overrides, seed)
        for cell, seeds in declaration.cells()
        for seed in seeds
    ]


@settings(max_examples=40)
@given(NAMES, NAMES, KEYS, SEEDS)
def test_the_grid_is_every_combination_once(scenarios, plans, settings, seeds):
    raw = {"scenarios": scenarios, "plans": plans, "set": settings, "seeds": seeds}
    assert tasks_of(raw) == naive_tasks(raw)


@settings(max_examples=40)
@given(st.lists(st.tuples(NAMES, KEYS, SEEDS), min_size=1, max_size=3))
def test_a_list_is_each_entry_with_its_seeds(entries):
    tasks = [
        {
            "scenario": names[0],
            "plan": names[-1],
            "set": {key: values[0] for key, values in settings.items()},
            "seeds": seeds,
        }
        for names, settings, seeds in entries
    ]
    expected = [
        (
            entry["scenario"],
            entry["plan"],
            tuple(override(key, value) for key, value in entry["set"].items()),
            seed,
        )
        for entry in tasks
        for seed in entry["seeds"]
    ]
    assert tasks_of({"tasks": tasks}) == expected


def test_a_list_takes_what_it_leaves_out_from_the_grid():
    raw = tomllib.loads("""
    seeds = [3, 4]
    fidelity = "events"
    replications = 5
    [[tasks]]
    scenario = "a"
    [[tasks]]
    scenario = "b"
    seeds = [9]
    replications = 2
    days = 3
    set.auction.slots = 2
    """)
    declaration, _ = declare_sweep(raw, "sweep.toml", Path())
    (first, first_seeds), (second, second_seeds) = declaration.cells()
    assert (first.plan, first.fidelity, first.replications, first.days) == (
        "today",
        "events",
        5,
        None,
    )
    assert (first_seeds, second_seeds) == ((3, 4), (9,))
    assert (second.fidelity, second.replications, second.days) == ("events", 2, 3)
    assert (first.labels, second.labels) == ((None,), (2.0,))


def test_seeds_may_be_a_range():
    raw = {"scenarios": ["a"], "seeds": {"first": 5, "count": 3}}
    assert [task[-1] for task in tasks_of(raw)] == [5, 6, 7]


def test_nested_keys_become_paths_and_names_with_dots_are_quoted():
    raw = tomllib.loads('campaigns."a.b".daily_budget = [1]\n"auction.slots" = [2]')
    assert flat(raw) == {'campaigns."a.b".daily_budget': [1], "auction.slots": [2]}


WRONG = [
    ("scenario = ['shop']", "scenario must be a known key, but is not; did you mean scenarios?"),
    ("scenarios = []", "must say what to run, but names no scenario"),
    ("scenarios = 'shop'", "scenarios must be a list"),
    ("scenarios = ['shop', 'shop']", "scenarios must hold each value once, but 'shop' is there 2"),
    ("scenarios = ['shop', './shop']", "scenarios must have names of their own, but shop and"),
    ("scenarios = ['shop']\nplans = []", "plans must have at least 1 values"),
    ("scenarios = ['shop']\nseeds = 3", "seeds must hold whole numbers from 0 to 4294967295, but"),
    ("scenarios = ['shop']\nseeds = []", "seeds must hold whole numbers from 0 to 4294967295, but"),
    ("scenarios = ['shop']\nseeds = [true]", "but holds true; write [1, 2, 3]"),
    ("scenarios = ['shop']\nseeds = [4294967296]", "but holds 4294967296; write [1, 2, 3]"),
    ("scenarios = ['shop']\nseeds = { first = 4294967295, count = 2 }", "holds 4294967296"),
    ("scenarios = ['shop']\nseeds = { first = 1, count = 0 }", "seeds must hold whole numbers"),
    ("scenarios = ['shop']\nseeds = { first = 1, cout = 2 }", "seeds must hold whole numbers"),
    ("scenarios = ['shop']\nseeds = [1, 1]", "seeds must hold each value once, but 1 is there 2"),
    ("scenarios = ['shop']\nfidelity = 'count'", "fidelity must be 'expected', 'counts' or"),
    ("scenarios = ['shop']\nfidelity = 'expected'\nseeds = [1, 2]", "seeds must hold one number"),
    ("scenarios = ['shop']\nreplications = 0", "replications must be >= 1, but is 0"),
    ("scenarios = ['shop']\ndays = 1.5", "days must be a whole number, but is 1.5"),
    ("scenarios = ['shop']\nby = ['campain']", "holds 'campain'; did you mean campaign?"),
    ("scenarios = ['shop']\nset.auction.slots = 3", "set.auction.slots must be a list of values"),
    ("scenarios = ['shop']\nset.auction.slots = []", "set.auction.slots must be a list of values"),
    ("scenarios = ['shop']\nset.auction.slots = [2, 2]", "set.auction.slots must hold each value"),
    ("scenarios = ['shop']\nset.auction = [{}]", "set.auction must be the path of a key"),
    ("tasks = [{ plan = 'today' }]", "tasks.0.scenario must be given, but is missing"),
    (
        "tasks = [{ scenario = 'shop', sed = 1 }]",
        "tasks.0.sed must be a known key, but is not; did",
    ),
    ("tasks = [{ scenario = 'shop', seeds = [-1] }]", "tasks.0.seeds must hold whole numbers"),
    ("tasks = [{ scenario = 'shop', set = { slots = 1 } }]", "tasks.0.set.slots must be the path"),
    ("scenarios = ", "must be valid TOML"),
    ("scenarios = ['mart']", "mart: must be a scenario folder, but is not there"),
    (
        "scenarios = ['shop']\nplans = ['plans/shy']",
        "plans/shy (in scenario shop): must be a folder",
    ),
    ("scenarios = ['shop']\nset.auction.slot = [1]", "set auction.slot=1: auction.slot must be a"),
    ("scenarios = ['shop']\nset.auction.slots = [2, 3]", "auction.examination must have exactly 3"),
    ("scenarios = ['shop']\nset.campaigns.tail.daily_budget = [1]", "campaigns.tail must be an"),
    (
        "scenarios = ['shop']\nset.auction.reserve_score = ['high']",
        "must be a number, but is 'high'",
    ),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_every_mistake_is_told_before_anything_runs(world, write_sweep, text, said):
    path = write_sweep(text)
    with pytest.raises(BatchError) as told:
        read_sweep(path)
    assert any(said in str(problem) for problem in told.value.problems), str(told.value)


def test_all_mistakes_are_told_at_once(write_sweep):
    path = write_sweep("""
    scenarios = ["shop", "mart"]
    plans = ["plans/bold", "plans/shy"]
    [set]
    auction.slots = [2, 3]
    demand.shock_cv = [-1.0, 0.5]
    """)
    with pytest.raises(BatchError) as told:
        read_sweep(path)
    said = str(told.value)
    for place in ("mart: must", "plans/shy", "auction.examination must", "shock_cv must be >= 0"):
        assert place in said
    assert len(said.splitlines()) == len(set(said.splitlines()))


def test_plans_are_checked_in_the_scenario_as_it_is_changed(world, write_sweep):
    path = write_sweep("""
    scenarios = ["shop"]
    plans = ["plans/bold"]
    set.auction.bid_max = [10.0, 2.5]
    """)
    with pytest.raises(BatchError) as told:
        read_sweep(path)
    (problem,) = told.value.problems
    assert "bold/keywords.csv row 1 (in scenario shop): bid must be <= 2.5" in str(problem)
