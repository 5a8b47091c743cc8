"""Runs histories: one (plan, replication) is one thread's work; only inputs are shared."""

from __future__ import annotations

import logging
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

import numba
import numpy as np

from adsim.kernels import doors
from adsim.kernels.model import Groups, Market, Window
from adsim.kernels.random import make_luck
from adsim.kernels.tally import N_FIELDS
from adsim.simulate.opening import OpenPlan

Progress = Callable[[int, int], None]

LARGEST_IN_MEMORY = 1 << 28  # bytes of tallies; larger ones are kept in a temporary file
COMPILING_SECONDS = 1.0  # compilation that takes longer is announced
POLL_SECONDS = 0.1  # how long an interrupt may wait

logger = logging.getLogger(__name__)


def count_threads(threads: int | None) -> int:
    """The number of threads asked for, by default all that this process may use."""
    return threads or len(os.sched_getaffinity(0))


@contextmanager
def thread_pool(threads: int | None) -> Iterator[ThreadPoolExecutor]:
    """A pool whose waiting work is dropped when the caller is interrupted."""
    pool = ThreadPoolExecutor(count_threads(threads))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def run_histories(
    market: Market,
    plans: Sequence[OpenPlan],
    groups: Groups,
    size: int,
    window: Window,
    *,
    fidelity: str,
    seed: int,
    replications: Sequence[int],
    pool: ThreadPoolExecutor,
    progress: Progress | None = None,
) -> np.ndarray:
    """The tallies of all plans and replications.

    Returns int64 (float64 for fidelity "expected") of shape (plans, replications, `size`,
    N_FIELDS); `expected` has one replication, which stands for the mean of all.
    """
    shape = (len(plans), len(replications), size, N_FIELDS)
    tallies = _room(shape, np.dtype(np.float64 if fidelity == "expected" else np.int64))
    door: Any = getattr(doors, f"run_{fidelity}")
    stop = threading.Event()

    def arguments(i: int, j: int, day: Window) -> tuple[Any, ...]:
        plan = plans[i]
        luck = () if fidelity == "expected" else (make_luck(seed, replications[j]),)
        known = (market, plan.plan, plan.book, plan.rates, groups)
        return (*known, *luck, day, tallies[i, j])

    def history(i: int, j: int) -> None:
        for day in range(window.first, window.last):  # day by day, so that an interrupt is heard
            if stop.is_set():
                return
            door(*arguments(i, j, Window(day, day + 1)))

    compile_door(door, fidelity, arguments(0, 0, window))
    tasks = [pool.submit(history, i, j) for i in range(shape[0]) for j in range(shape[1])]
    try:
        _await(tasks, progress)
    except BaseException:
        stop.set()
        raise
    return tallies


def compile_door(door: Any, name: str, arguments: tuple[Any, ...]) -> None:
    """Compile a door for these arguments if it is not yet, and say so where it takes long."""
    if door.signatures:
        return
    notice = threading.Timer(
        COMPILING_SECONDS,
        logger.info,
        (f"compiling the {name} kernel, once (cached afterwards) ...",),
    )
    notice.start()
    try:
        typeof: Any = numba.typeof
        door.compile(tuple(typeof(argument) for argument in arguments))
    finally:
        notice.cancel()


def _room(shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray:
    if np.prod(shape, dtype=np.float64) * dtype.itemsize <= LARGEST_IN_MEMORY:
        return np.zeros(shape, dtype)
    with tempfile.TemporaryFile(prefix="adsim-") as file:
        return np.memmap(file, dtype, "w+", shape=shape)  # the mapping outlives the closed file


def _await(tasks: list[Future[None]], progress: Progress | None) -> None:
    waiting = set(tasks)
    while waiting:
        done, waiting = wait(waiting, POLL_SECONDS)
        for task in done:
            task.result()
        if progress is not None and done:
            progress(len(tasks) - len(waiting), len(tasks))
