"""A sweep from the file to the results: the same bytes as one by one, nothing run twice."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import adsim
from adsim.batch.worlds import Runner


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
