"""Workers that die, tasks that fail, and how chunks are cut."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import adsim
from adsim.batch import cluster, machine
from adsim.batch.chunks import LARGEST, Chunks
from adsim.batch.executors import InProcess
from adsim.batch.processes import Processes
from adsim.batch.tasks import Cell, Outcome, Task
from adsim.batch.worlds import Worlds
from adsim.errors import BatchError
from adsim.simulate.recipe import versions
from tests.batch.conftest import is_running
from tests.batch.poison import Poison
from tests.commands.shops import ENVIRONMENT


def make_tasks(*poisons: str) -> list[Task]:
    return [
        Task(f"{seed}", Cell("shop", "today", (f"poison={poison}",), (), "counts", 2, None), seed)
        for seed, poison in enumerate(poisons)
    ]


@pytest.fixture
def worlds(world) -> Worlds:
    shop = Poison(adsim.load_scenario(world / "shop"))
    return Worlds({"shop": shop}, {}, {}, (), versions())


def outcomes(executor, tasks: list[Task], workers: int) -> dict[str, Outcome]:
    with executor as running:
        found = running.run(Chunks(iter(tasks), len(tasks), workers))
        return {outcome.task.id: outcome for outcome in found if outcome is not None}


def test_a_failing_task_is_noted_and_the_others_go_on(worlds):
    found = outcomes(InProcess(worlds), make_tasks("none", "broken", "none"), 1)
    assert found["1"].error == "ZeroDivisionError: bad luck"
    assert found["1"].data is None
    assert all(found[key].data and found[key].error is None for key in "02")


@pytest.mark.slow
def test_a_task_that_kills_its_workers_is_given_up_and_the_others_go_on(worlds):
    tasks = make_tasks("none", "deadly", "none", "none", "broken", "none")
    found = outcomes(Processes(worlds, 2), tasks, 2)
    assert set(found) == set("012345")
    assert "died 3 times (killed by signal 9)" in found["1"].error
    assert found["4"].error == "ZeroDivisionError: bad luck"
    assert all(found[key].data for key in "0235")


def test_leaving_early_ends_the_workers(worlds):
    with Processes(worlds, 2) as running:
        found = running.run(Chunks(iter(make_tasks(*["slow"] * 4)), 4, 2))
        next(found)
        pids = [worker._process.pid for worker in running._crew]
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_workers_that_cannot_start_are_told(worlds, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(BatchError, match="must start, but 3 of them ended at once \\(exit code 1"):
        outcomes(Processes(worlds, 1), make_tasks("none"), 1)


def endless() -> Iterator[Task]:
    while True:
        yield from make_tasks("none")


def test_chunks_grow_to_a_second_and_shrink_to_the_end():
    chunks = Chunks(endless(), 4000, 2)
    (task,) = chunks.take()
    chunks.learn(Outcome(task, 0.01))
    assert len(chunks.take()) == 100
    for _ in range(100):
        chunks.learn(Outcome(task, 5.0))
    assert len(chunks.take()) == 1
    for _ in range(100):
        chunks.learn(Outcome(task, 1e-9))
    assert len(chunks.take()) == (4000 - 102) // 4 < LARGEST


def test_chunks_take_no_more_than_they_hand_out():
    taken = []

    def noted() -> Iterator[Task]:
        for task in make_tasks(*["none"] * 50):
            taken.append(task.id)
            yield task

    chunks = Chunks(noted(), 50, 1)
    chunks.take()
    assert len(taken) == 1
    assert chunks.left == 49


def test_workers_are_one_a_core_but_only_as_many_as_memory_holds(worlds, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    need = machine.worker_bytes(worlds)
    for memory, workers in ((None, 8), (100 * need, 8), (3 * need, 3), (0, 1)):
        monkeypatch.setattr(machine, "available_memory", lambda memory=memory: memory)
        assert machine.default_workers(worlds) == workers


def test_memory_of_a_container_counts(tmp_path, monkeypatch):
    limit, used, info = tmp_path / "max", tmp_path / "current", tmp_path / "meminfo"
    info.write_text("MemTotal: 9 kB\nMemAvailable:    4096 kB\n")
    limit.write_text("3000000\n")
    used.write_text("1000000\n")
    monkeypatch.setattr(machine, "MEMORY_FILE", info)
    monkeypatch.setattr(machine, "GROUP_FILES", ((limit, used),))
    assert machine.available_memory() == 2_000_000
    limit.write_text("max\n")
    assert machine.available_memory() == 4096 << 10


@pytest.mark.parametrize("address", ["blah", "tcp://127.0.0.1:1"])
def test_a_cluster_that_is_not_there_is_told(worlds, monkeypatch, address):
    pytest.importorskip("distributed", reason="the extra cluster is not installed")
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    with pytest.raises(BatchError, match=f"{address}: must be a running scheduler"):
        outcomes(cluster.Cluster(worlds, address), [], 1)


def test_a_missing_package_is_told(worlds, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BatchError, match="--cluster: needs Dask, but the package distributed is"):
        outcomes(cluster.Cluster(worlds, "tcp://127.0.0.1:8786"), [], 1)


def test_a_killed_worker_costs_nothing_but_time(worlds):
    """A worker is killed from outside in the middle of its work; its task is done by another."""
    tasks = make_tasks(*["none"] * 30)
    with Processes(worlds, 2) as running:
        victim = running._crew[0]._process.pid
        timer = threading.Timer(0.2, os.kill, (victim, signal.SIGKILL))
        found = {}
        started = time.monotonic()
        for outcome in running.run(Chunks(iter(tasks), 30, 2)):
            if outcome is not None:
                found[outcome.task.id] = outcome
                if len(found) == 1:
                    timer.start()
                time.sleep(0.02)
        timer.join()
    assert time.monotonic() - started < 60
    assert len(found) == 30
    assert all(outcome.data for outcome in found.values())


ORPHANS = """
import sys
import adsim
from adsim.batch.chunks import Chunks
from adsim.batch.processes import Processes
from adsim.batch.worlds import Worlds
from adsim.simulate.recipe import versions
from tests.batch.poison import Poison
from tests.batch.test_executors import make_tasks

shop = Poison(adsim.load_scenario(sys.argv[1]))
with Processes(Worlds({"shop": shop}, {}, {}, (), versions()), 1) as running:
    for _ in running.run(Chunks(iter(make_tasks("slow")), 1, 1)):
        if running._crew[0].tasks:
            print(running._crew[0]._process.pid, flush=True)
"""


def test_a_worker_ends_with_its_caller_in_the_middle_of_a_task(world):
    repository = Path(__file__).parents[2]
    path = os.pathsep.join([ENVIRONMENT["PYTHONPATH"], str(repository)])
    command = [sys.executable, "-c", ORPHANS, str(world / "shop")]
    environment = {**ENVIRONMENT, "PYTHONPATH": path}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as caller:
        pid = int(caller.stdout.readline())
        caller.kill()
    until = time.monotonic() + 20
    while is_running(pid) and time.monotonic() < until:
        time.sleep(0.01)
    assert not is_running(pid)
