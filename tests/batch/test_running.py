"""A sweep from the file to the results: the same bytes as one by one, nothing run twice."""

from __future__ import annotations

import tracemalloc
from itertools import islice
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import adsim
from adsim.batch.checking import read_sweep
from adsim.batch.folder import open_folder
from adsim.batch.worlds import Runner
from adsim.errors import BatchError


@pytest.fixture
def runs(monkeypatch) -> list[str]:
    """The tasks that run in this process, as they run."""
    seen: list[str] = []
    attempt = Runner.attempt

    def noted(self, task):
        seen.append(task.id)
        return attempt(self, task)

    monkeypatch.setattr(Runner, "attempt", noted)
    return seen


def results_of(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (out / "results").iterdir()}


def test_results_are_those_of_simulate_one_by_one(world):
    done = adsim.sweep(world / "sweep.toml", world / "out", workers=1)
    table = done.table()
    assert table.height == 8
    for row in table.iter_rows(named=True):
        reserve = row["auction.reserve_score"]
        shop = adsim.load_scenario(world / "shop", [f"auction.reserve_score={reserve}"])
        plan = None if row["plan"] == "today" else adsim.load_plan(world / "plans/bold", shop)
        report = adsim.simulate(shop, plan, replications=3, seed=row["seed"]).report()
        assert_frame_equal(pl.DataFrame([row]).select(report.columns), report, check_exact=True)


def test_keys_of_python_are_those_of_a_file(world, monkeypatch):
    from_file = adsim.sweep(world / "sweep.toml", world / "out", workers=1)
    monkeypatch.chdir(world)
    keys = {
        "scenarios": ["shop"],
        "plans": ("today", "plans/bold"),
        "seeds": range(1, 3),
        "replications": 3,
        "set": {"auction.reserve_score": np.array([2.0, 4.5])},
    }
    table = adsim.sweep(keys, "made", workers=1).table().drop("task")
    assert_frame_equal(table, from_file.table().drop("task"), check_exact=True)
    with pytest.raises(BatchError, match=r"sweep: seed must be a known key.* did you mean seeds"):
        adsim.sweep(keys | {"seed": 3}, "made")


def test_a_second_call_runs_nothing_and_a_longer_list_only_what_is_new(world, write_sweep, runs):
    text = (world / "sweep.toml").read_text()
    adsim.sweep(world / "sweep.toml", world / "out", workers=1)
    assert len(runs) == len(set(runs)) == 8
    before = results_of(world / "out")
    adsim.sweep(world / "sweep.toml", world / "out", workers=1)
    assert len(runs) == 8
    path = write_sweep(text.replace("[1, 2]", "[1, 2, 3]"))
    longer = adsim.sweep(path, world / "out", workers=1)
    assert len(runs) == 12
    assert longer.table().height == 12
    assert results_of(world / "out").items() > before.items()


def test_a_changed_scenario_makes_new_tasks_and_the_old_ones_come_back(world, runs):
    shop = world / "shop" / "scenario.toml"
    text = shop.read_text()
    adsim.sweep(world / "sweep.toml", world / "out", workers=1)
    before = results_of(world / "out")
    shop.write_text(text.replace("60.0", "61.0"))
    adsim.sweep(world / "sweep.toml", world / "out", workers=1)
    assert len(runs) == 16
    assert results_of(world / "out").keys().isdisjoint(before)
    shop.write_text(text)
    adsim.sweep(world / "sweep.toml", world / "out", workers=1)
    assert len(runs) == 16
    assert results_of(world / "out") == before


def test_any_number_of_workers_leaves_the_same_bytes(world):
    adsim.sweep(world / "sweep.toml", world / "one", workers=1)
    adsim.sweep(world / "sweep.toml", world / "three", workers=3)
    for name in ("recipe.json", "summary.csv", "effects.csv", "ranks.csv"):
        assert (world / "one" / name).read_bytes() == (world / "three" / name).read_bytes()
    assert results_of(world / "one") == results_of(world / "three")


def test_memory_of_planning_does_not_grow_with_the_tasks(write_sweep):
    """100,000 tasks pass one at a time: what is held is the list of seeds, not the tasks."""
    job = read_sweep(
        write_sweep("""
        scenarios = ["shop"]
        seeds = { first = 1, count = 1000 }
        [set]
        auction.reserve_score = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
        demand.shock_cv = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
        """)
    )
    tracemalloc.start()
    ids = {hash(task.id) for task in islice(job.tasks(), 1000)}
    before = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    assert sum(1 for _ in job.tasks()) == 100_000
    after = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(ids) == 1000
    assert after - before < 100_000


def test_a_driver_holds_only_the_names_of_tasks(tmp_path, write_sweep):
    job = read_sweep(write_sweep("scenarios = ['shop']\nseeds = { first = 1, count = 20_000 }"))
    tracemalloc.start()
    with open_folder(tmp_path / "out") as folder:
        missing = folder.settle(job.tasks(), job.recipe())
        held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert len(missing) == 20_000
    assert held / len(missing) < 300


def test_versions_seeds_and_content_name_a_task(world, write_sweep):
    """Whatever changes a number changes the name of the task; a name in another folder does not."""
    path = world / "sweep.toml"

    def ids() -> set[str]:
        return {task.id for task in read_sweep(path).tasks()}

    first = ids()
    assert len(first) == 8
    text = path.read_text()
    for old, new in (("replications = 3", "replications = 4"), ("[1, 2]", "[8, 9]")):
        write_sweep(text.replace(old, new))
        assert ids().isdisjoint(first)
    write_sweep(text)
    bold = world / "plans" / "bold" / "keywords.csv"
    bold.write_text(bold.read_text().replace("3.00", "3.01"))
    assert len(ids() & first) == 4
    bold.write_text(bold.read_text().replace("3.01", "3.00"))
    assert ids() == first
    (world / "moved").mkdir()
    for name in ("shop", "plans", "sweep.toml"):
        (world / name).rename(world / "moved" / name)
    path = world / "moved" / "sweep.toml"
    assert ids() == first


def test_a_broken_file_is_run_again(world, runs):
    adsim.sweep(world / "sweep.toml", world / "out", workers=1)
    before = results_of(world / "out")
    name, data = next(iter(before.items()))
    (world / "out" / "results" / name).write_bytes(data[:-10])
    with (world / "out" / "manifest.jsonl").open("a") as file:
        file.write('{"task": "cut o')
    done = adsim.sweep(world / "sweep.toml", world / "out", workers=1)
    assert len(runs) == 9
    assert results_of(world / "out") == before
    assert done.manifest.height == 8


def test_tasks_that_grid_and_list_both_name_are_run_once(world, write_sweep, runs):
    path = write_sweep("""
    scenarios = ["shop"]
    seeds = [1, 2]
    replications = 2
    [[tasks]]
    scenario = "shop"
    [[tasks]]
    scenario = "shop"
    plan = "plans/rich"
    replications = 1
    """)
    done = adsim.sweep(path, world / "out", workers=1)
    assert len(runs) == 4
    table = done.table()
    assert table["plan"].to_list() == ["today", "today", "rich", "rich"]
    assert table["profit_low"].is_null().to_list() == [False, False, True, True]


def test_other_fidelities_and_groups(world, write_sweep):
    for fidelity in ("expected", "events"):
        path = write_sweep(f"""
        scenarios = ["shop"]
        fidelity = "{fidelity}"
        replications = 2
        by = ["keyword", "hour"]
        """)
        table = adsim.sweep(path, world / fidelity, workers=1).table()
        shop = adsim.load_scenario(world / "shop")
        report = adsim.simulate(shop, fidelity=fidelity, replications=2).report(["keyword", "hour"])
        assert_frame_equal(table.select(report.columns), report, check_row_order=False)
        assert table["replications"].unique().to_list() == [1 if fidelity == "expected" else 2]


def test_a_setting_of_numbers_and_words_is_a_column_of_words(world, write_sweep):
    path = write_sweep("""
    scenarios = ["shop"]
    replications = 1
    set.campaigns.core.daily_budget = [5, "unlimited"]
    """)
    column = adsim.sweep(path, world / "out", workers=1).table()["campaigns.core.daily_budget"]
    assert column.to_list() == ["5.0", "unlimited"]


@pytest.mark.parametrize("options", [{"workers": 0}, {"workers": 2, "cluster": "tcp://x:1"}])
def test_arguments_out_of_range_are_told(world, options):
    with pytest.raises(BatchError, match="workers"):
        adsim.sweep(world / "sweep.toml", world / "out", **options)
    assert not (world / "out").exists()


def test_no_folder_of_a_sweep_is_told(world):
    with pytest.raises(BatchError, match="must be the folder of a sweep, but holds no manifest"):
        adsim.load_sweep(world)


def test_named_rivals_without_budgets_are_told_once(world, write_sweep):
    toml = world / "shop" / "scenario.toml"
    toml.write_text(toml.read_text() + '[[rivals]]\nname = "r"\ndaily_budget = 5.0\n')
    rows = "rival,keyword,match_type,bid,quality,presence\nr,cup,exact,1.5,5,0.8\n"
    (world / "shop" / "rivals.csv").write_text(rows)
    with pytest.warns(UserWarning, match="without their budgets") as told:
        adsim.sweep(world / "sweep.toml", world / "out", workers=1)
    assert len(told) == 1
