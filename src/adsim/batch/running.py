"""`sweep`: check everything, find out what is missing, run that, keep each task as it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from os import PathLike
from time import perf_counter
from typing import Any

from adsim.batch.checking import Job, read_sweep
from adsim.batch.chunks import Chunks
from adsim.batch.executors import Executor, InProcess
from adsim.batch.folder import SweepFolder, check_sweep_folder, open_folder
from adsim.batch.machine import default_workers
from adsim.batch.processes import Processes
from adsim.batch.sweeps import Effort, Sweep, load_sweep
from adsim.batch.tasks import Task
from adsim.errors import BatchError, Problem
from adsim.scenario.arguments import whole_problems

Progress = Callable[[int, int], None]


def sweep(
    source: str | PathLike[str] | Mapping[str, Any],
    out: str | PathLike[str],
    workers: int | None = None,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> Sweep:
    """Run what a SWEEP.toml, or a dictionary of its keys, asks for and `out` does not hold yet.

    One task (a scenario, a plan, settings and a seed) leaves one Parquet file. A task that fails is
    noted, and tried again by the next call; the others go on. Whatever ends a sweep, finished tasks
    stay, and the next call goes on from there. Neither the number of workers nor the order of their
    work changes a byte of the results.

    Parameters
    ----------
    source
        The SWEEP.toml; paths in it are relative to its folder. Or what it would hold:
        ``{"scenarios": ["shop"], "seeds": range(1, 21), "set": {"auction.slots": [3, 4]}}``, with
        paths relative to the working directory.
    out
        A folder: new, empty, or that of an earlier sweep.
    workers
        Local processes of one thread each; 1 = this process. By default one a core, fewer where
        memory is short.
    cluster
        Address of a Dask scheduler whose workers are to do it, such as "tcp://10.0.0.1:8786"; they
        need adsim in the same version, but no common disk.
    progress
        Called with (tasks finished, tasks to run).

    Raises
    ------
    BatchError
        Every mistake in the file, its scenarios, plans and settings; arguments out of range.
    OutputError
        Where `out` holds something else, or cannot be written.
    """
    _check(workers, cluster)
    check_sweep_folder(out)
    job = read_sweep(source)
    with open_folder(out) as folder:
        missing = folder.settle(job.tasks(), job.recipe())
        effort = _run(job, folder, missing, workers, cluster, progress)
        done = load_sweep(out, effort)
        for name, table in done.tables.items():
            folder.write_text(f"{name}.csv", table.write_csv())
    return done


def _check(workers: int | None, cluster: str | None) -> None:
    problems = whole_problems(("workers", workers, 1, 1024))
    if workers is not None and cluster is not None:
        found, cure = "both are given", "a cluster has its own number of workers: leave it out"
        problems.append(Problem("workers", "must be given without a cluster", found, cure))
    if problems:
        raise BatchError(*problems)


def _run(
    job: Job,
    folder: SweepFolder,
    missing: dict[str, None],
    workers: int | None,
    cluster: str | None,
    progress: Progress | None,
) -> Effort:
    """Run the missing tasks, keep what they leave, and count what it took."""
    count, finished, busy, started = len(missing), 0, 0.0, perf_counter()
    if not count:
        return Effort(0, 0.0, 0.0, 0)
    with _executor(job, count, workers, cluster) as executor:
        chunks = Chunks(_tasks(job, missing), count, executor.workers)
        for outcome in executor.run(chunks):
            if outcome is not None:
                folder.keep(outcome)
                chunks.learn(outcome)
                finished += 1
                busy += outcome.seconds
            if progress is not None:
                progress(finished, count)
        return Effort(count, perf_counter() - started, busy, executor.workers)


def _tasks(job: Job, missing: dict[str, None]) -> Iterator[Task]:
    """The missing tasks, each once, though the grid and the list may both name it."""
    for task in job.tasks():
        if task.id in missing:
            del missing[task.id]
            yield task


def _executor(job: Job, count: int, workers: int | None, cluster: str | None) -> Executor:
    if cluster is not None:
        from adsim.batch.cluster import Cluster

        return Cluster(job.worlds, cluster)
    chosen = min(count, workers or default_workers(job.worlds))
    return InProcess(job.worlds) if chosen == 1 else Processes(job.worlds, chosen)
