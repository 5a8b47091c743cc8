"""`adsim sweep` as a process: what it says, its exit codes, and its end at any moment."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

import adsim
from adsim import cli
from adsim.batch.folder import is_whole, open_folder
from adsim.cli import printing
from adsim.market.rivals import MOST_NAMED
from tests.batch.conftest import FILES, fill, is_running
from tests.batch.test_running import results_of
from tests.commands.shops import COMMAND, ENVIRONMENT, run_process

LONG = """
scenarios = ["shop"]
plans = ["today", "plans/bold"]
seeds = { first = 1, count = 10 }
replications = 100
set.auction.reserve_score = [2.0, 4.5]
"""
N_LONG = 40
PATIENCE_SECONDS = 60.0


@pytest.fixture
def long_world(world, write_sweep) -> Path:
    write_sweep(LONG)
    return world


@pytest.fixture(scope="session")
def whole(tmp_path_factory) -> dict[str, bytes]:
    """The results of the long sweep when nothing ends it early."""
    folder = tmp_path_factory.mktemp("whole")
    fill(folder, {**FILES, "sweep.toml": LONG})
    adsim.sweep(folder / "sweep.toml", folder / "out", workers=1)
    return results_of(folder / "out")


@contextmanager
def running(world: Path, *options: object) -> Iterator[subprocess.Popen[str]]:
    arguments = ["sweep", "sweep.toml", "--out", "out", *map(str, options)]
    with subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=world,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process


def wait_for_results(world: Path, count: int, process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < until:
        found = world / "out" / "results"
        if found.exists() and len([*found.iterdir()]) >= count:
            return
        time.sleep(0.005)


def children_of(pid: int) -> list[int]:
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_the_command_prints_a_row_a_cell_and_says_what_it_took(world, capsys):
    arguments = ["sweep", str(world / "sweep.toml"), "--out", str(world / "out"), "--workers", "1"]
    assert cli.run([*arguments, "--format", "json"]) == 0
    out, err = capsys.readouterr()
    rows = json.loads(out)
    assert len(rows) == 4
    assert {row["plan"] for row in rows} == {"today", "bold"}
    assert "8 tasks done, 0 failed" in err
    assert "8 tasks in" in err and "% of the workers' time" in err
    assert cli.run(arguments) == 0
    out, err = capsys.readouterr()
    assert "nothing was missing" in out and "mattered most" in out.lower()
    assert "more rows" not in err
    page = (world / "out" / "report.html").read_text(encoding="utf-8")
    assert "mattered most" in page and "--workers" not in page
    assert cli.run([*arguments, "--lang", "zh"]) == 0
    assert "什么影响最大" in (world / "out" / "report.html").read_text(encoding="utf-8")


def test_people_see_the_first_cells_and_programs_all(world, capsys, monkeypatch):
    monkeypatch.setattr(printing, "CELLS_PRINTED", 3)
    arguments = ["sweep", str(world / "sweep.toml"), "--out", str(world / "out"), "--workers", "1"]
    assert cli.run(arguments) == 0
    out, err = capsys.readouterr()
    assert out.count("bold  ") == 1 and f"1 more rows in {world / 'out'}/summary.csv" in err
    assert cli.run([*arguments, "--format", "csv"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 5


def test_tables_and_recipe_lie_beside_the_results(world):
    done = adsim.sweep(world / "sweep.toml", world / "out", workers=1)
    for name, table in done.tables.items():
        assert pl.read_csv(world / "out" / f"{name}.csv").height == table.height > 0
    recipe = (world / "out" / "recipe.json").read_text()
    assert json.loads(recipe)["currency"] == "CNY"
    assert str(world) not in recipe
    assert json.loads(recipe)["plans"] == ["today", "bold"]


def test_a_failing_task_is_recorded_and_the_exit_code_is_3(world, write_sweep, capsys):
    crowd = [f"r{number}" for number in range(MOST_NAMED + 1)]
    shop = {name.replace("shop/", "mob/"): text for name, text in FILES.items() if "shop/" in name}
    shop["mob/scenario.toml"] += "".join(f'[[rivals]]\nname = "{name}"\n' for name in crowd)
    rows = [f"{name},cup,exact,1.5,5,0.8\n" for name in crowd]
    shop["mob/rivals.csv"] = "rival,keyword,match_type,bid,quality,presence\n" + "".join(rows)
    fill(world, shop)
    path = write_sweep('scenarios = ["mob", "shop"]\nseeds = [1, 2]\nreplications = 2')
    arguments = ["sweep", str(path), "--out", str(world / "out"), "--workers", "1"]
    for _ in range(2):  # what failed is tried again
        assert cli.run(arguments) == 3
        out = capsys.readouterr().out
        assert "2 tasks done, 2 failed" in out
        assert (
            f"failed: mob today seed=1: rivals.csv: a query must be reached by at most {MOST_NAMED}"
            in out
        )
    done = adsim.load_sweep(world / "out")
    assert done.failed["scenario"].to_list() == ["mob", "mob"]
    assert done.table()["scenario"].to_list() == ["shop", "shop"]
    (world / "mob" / "rivals.csv").unlink()
    assert cli.run(arguments) == 0
    assert adsim.load_sweep(world / "out").failed.is_empty()


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        ({"out/notes.txt": "mine"}, "must be new, be empty or hold a recipe.json"),
        ({"out/recipe.json": "{}"}, "must be new, empty or that of a sweep"),
        ({"out": "mine"}, "an output folder must be a folder"),
    ],
)
def test_a_folder_with_something_else_is_left_alone(world, capsys, prepare, said):
    fill(world, prepare)
    assert cli.run(["sweep", str(world / "sweep.toml"), "--out", str(world / "out")]) == 2
    assert said in capsys.readouterr().err
    for name, text in prepare.items():
        assert (world / name).read_text() == text


def test_no_other_command_replaces_a_sweep(world, capsys):
    adsim.sweep(world / "sweep.toml", world / "out", workers=1)
    assert cli.run(["simulate", str(world / "shop"), "--out", str(world / "out")]) == 2
    assert "it holds a sweep" in capsys.readouterr().err
    assert len(results_of(world / "out")) == 8


def test_one_sweep_at_a_time_writes_in_a_folder(world, capsys):
    with open_folder(world / "out"):
        assert cli.run(["sweep", str(world / "sweep.toml"), "--out", str(world / "out")]) == 2
    assert "another sweep is writing in it" in capsys.readouterr().err
    assert not (world / "out" / "manifest.jsonl").exists()


def test_a_folder_that_has_only_begun_is_gone_on_with(world):
    with open_folder(world / "out"):
        pass
    assert adsim.sweep(world / "sweep.toml", world / "out", workers=1).table().height == 8


def test_ctrl_c_keeps_what_is_done(long_world):
    with running(long_world, "--workers", 2) as process:
        wait_for_results(long_world, 3, process)
        workers = children_of(process.pid)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert process.returncode == 130
    assert out == ""
    assert "finished tasks stay; the same command goes on from there" in err
    assert "Traceback" not in err
    assert not any(map(is_running, workers))
    assert 3 <= len(results_of(long_world / "out")) < N_LONG
    assert not (long_world / "out" / ".unfinished").exists()


def kill_and_go_on(world: Path, whole: dict[str, bytes], kills: int, luck: random.Random) -> None:
    """Kill the command that often, each time a bit further on; then let it end."""
    done: dict[str, int] = {}
    for number in range(kills):
        with running(world, "--workers", 2) as process:
            wait_for_results(world, number * N_LONG // (2 * kills), process)
            time.sleep(luck.uniform(0, 0.3))
            workers = children_of(process.pid) if process.poll() is None else []
            process.kill()
        until = time.monotonic() + PATIENCE_SECONDS
        while any(map(is_running, workers)) and time.monotonic() < until:
            time.sleep(0.01)
        assert not any(map(is_running, workers)), "a worker outlived its caller"
        results = world / "out" / "results"
        paths = {path.name: path for path in results.iterdir()} if results.exists() else {}
        assert all(map(is_whole, paths.values()))
        assert all(paths[name].stat().st_mtime_ns == time_ns for name, time_ns in done.items())
        done = {name: path.stat().st_mtime_ns for name, path in paths.items()}
    ended = run_process(["sweep", "sweep.toml", "--out", "out", "--workers", 2], world)
    assert ended.returncode == 0, ended.stderr
    assert f"{N_LONG - len(done)} tasks in" in ended.stdout or len(done) == N_LONG
    assert results_of(world / "out") == whole
    manifest = adsim.load_sweep(world / "out").manifest
    assert manifest["task"].n_unique() == manifest.height == N_LONG
    assert manifest["state"].unique().to_list() == ["done"]


@pytest.mark.parametrize("kills", [1, pytest.param(20, marks=pytest.mark.slow)])
def test_kill_9_loses_nothing_but_tasks_in_flight(long_world, whole, kills):
    kill_and_go_on(long_world, whole, kills, random.Random(kills))


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_bytes_though_a_worker_is_killed(long_world, whole):
    pytest.importorskip("distributed", reason="the extra cluster is not installed")
    meeting = long_world / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    quiet = {"env": ENVIRONMENT, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    common = ["--no-dashboard", "--scheduler-file", str(meeting)]
    place = ["--host", "127.0.0.1", "--port", "0"]
    processes = [subprocess.Popen([*dask, "scheduler", *place, *common], **quiet)]
    try:
        while not meeting.exists():
            time.sleep(0.05)
        address = json.loads(meeting.read_text())["address"]
        alone = ["--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", *common]
        processes += [subprocess.Popen([*dask, "worker", *alone], **quiet) for _ in range(2)]
        with running(long_world, "--cluster", address) as process:
            wait_for_results(long_world, 4, process)
            processes[1].kill()
            out, err = process.communicate()
    finally:
        for one in reversed(processes):
            one.kill()
            one.wait()
    assert process.returncode == 0, err
    assert f"{N_LONG} tasks done, 0 failed" in out
    assert "Traceback" not in err
    assert results_of(long_world / "out") == whole
