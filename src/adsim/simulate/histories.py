"""Runs histories: one (plan, replication) is one thread's work; only inputs are shared."""

from __future__ import annotations

import logging
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import numba
import numpy as np

from adsim.kernels import doors
from adsim.kernels.lives import SPARED
from adsim.kernels.model import Groups, Window
from adsim.kernels.random import make_luck
from adsim.kernels.tally import N_FIELDS
from adsim.market.compile import Market
from adsim.market.exposing import compile_levels
from adsim.simulate.diary import Diary, open_stocks
from adsim.simulate.opening import OpenPlan
from adsim.simulate.remembering import Memory, open_memory
from adsim.simulate.rotating import no_trials

Progress = Callable[[int, int], None]

LARGEST_IN_MEMORY = 1 << 28  # bytes of tallies; larger ones are kept in a temporary file
COMPILING_SECONDS = 1.0  # compilation that takes longer is announced
POLL_SECONDS = 0.1  # how long an interrupt may wait
LARGEST_QUEUE = 1000  # tasks that are waited for at once; more histories share tasks

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
    diary: Diary | None = None,
    log: np.ndarray | None = None,
    memory: Memory | None = None,
) -> np.ndarray:
    """The tallies of all plans and replications.

    Returns int64 (float64 for fidelity "expected") of shape (plans, replications, `size`,
    N_FIELDS); `expected` has one replication, which stands for the mean of all. Where persons live,
    the `diary` of a single plan holds those that begin, and is written; without one they begin as
    declared. Likewise the `log` of its creatives: trials of every morning (see `new_log`); and the
    `memory` of persons, where campaigns count impressions: without one they have seen nothing.
    """
    shape = (len(plans), len(replications), size, N_FIELDS)
    tallies = _room(shape, np.dtype(np.float64 if fidelity == "expected" else np.int64))
    histories = _Histories(
        market, plans, groups, fidelity, seed, replications, tallies, diary, log, memory
    )
    stop = threading.Event()

    def history(number: int) -> None:
        histories.play(*divmod(number, shape[1]), window, stop)

    for i in range(len(plans)):
        arguments = histories.arguments(i, histories.begin(i, 0), 0)
        compile_door(histories.door(i), fidelity, arguments(window))
    run_tasks(pool, history, shape[0] * shape[1], progress, stop)
    return tallies


def run_tasks(
    pool: ThreadPoolExecutor,
    task: Callable[[int], None],
    n_tasks: int,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Run the tasks 0 .. n_tasks - 1; where one fails or the caller is interrupted, `stop` is set.

    A task that takes long should look at `stop`; those that have not begun are left out.
    """
    stop = stop or threading.Event()

    def share(first: int, end: int) -> int:
        for number in range(first, end):
            if not stop.is_set():
                task(number)
        return end - first

    size_of_share = -(-n_tasks // LARGEST_QUEUE)
    tasks = [
        pool.submit(share, first, min(first + size_of_share, n_tasks))
        for first in range(0, n_tasks, size_of_share)
    ]
    try:
        _await(tasks, n_tasks, progress)
    except BaseException:
        stop.set()
        raise


@dataclass(frozen=True)
class _Histories:
    """All (plan, replication) of a run; the arguments are those of `run_histories`."""

    market: Market
    plans: Sequence[OpenPlan]
    groups: Groups
    fidelity: str
    seed: int
    replications: Sequence[int]
    tallies: np.ndarray
    diary: Diary | None
    log: np.ndarray | None
    memory: Memory | None

    def door(self, i: int) -> Any:
        """The door that a plan needs."""
        name = self.fidelity
        counts = self.plans[i].plan.exposure.cap.size > 0
        if name == "events":
            name = "persons" if counts or self.market.people.stocks.size else name
        elif counts:
            name = f"capped_{name}"
        return getattr(doors, f"run_{name}")

    def play(self, i: int, j: int, window: Window, stop: threading.Event) -> None:
        """Play one history day by day, so that an interrupt is heard."""
        begin = self.begin(i, j)
        stocks, seen, trials = begin
        of_day = self.arguments(i, begin, j)
        for day in range(window.first, window.last):
            if stop.is_set():
                return
            if self.diary is not None:
                self.diary.note(j, day, stocks)
            self.door(i)(*of_day(Window(day, day + 1)))
            if self.log is not None:
                self.log[j, day + 1 - window.first] = trials
        if self.diary is not None:
            self.diary.note(j, window.last, stocks)
        if self.memory is not None:
            self.memory.seen[j] = seen

    def persons(self, j: int) -> np.ndarray:
        """The persons with whom a replication begins."""
        if self.diary is not None:
            return np.array(self.diary.stocks[j])
        return open_stocks(self.market.people, self.fidelity, self.seed, self.replications[j])

    def begin(self, i: int, j: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """With what a history begins: its persons, what they have seen, and creatives' trials."""
        plan, stocks = self.plans[i].plan, self.persons(j)
        if self.memory is not None:
            seen = np.array(self.memory.seen[j])
        else:
            seen = open_memory(plan.exposure, self.fidelity, stocks)
        if self.log is not None:
            return stocks, seen, np.array(self.log[j, 0])
        return stocks, seen, no_trials(plan.rotation, self.fidelity)

    def arguments(
        self, i: int, begin: tuple[np.ndarray, np.ndarray, np.ndarray], j: int
    ) -> Callable[[Window], tuple[Any, ...]]:
        """What the door takes for some days.

        Where persons live, shares of searches are the history's own; where there are creatives, so
        are the offers.
        """
        stocks, seen, trials = begin
        plan, arrays, book = self.plans[i], self.market.arrays, self.plans[i].book
        if stocks.size:
            arrays = arrays._replace(share=arrays.share.copy())
        if trials.size:
            book = book._replace(offers=book.offers.copy())
        luck = () if self.fidelity == "expected" else (make_luck(self.seed, self.replications[j]),)
        known = (plan.plan, book, plan.rates, self.groups, *luck)
        tallies, people = self.tallies[i, j], self.market.people
        door = self.door(i)
        if door is doors.run_events:
            return lambda days: (arrays, *known, days, tallies, trials)
        counted: tuple[Any, ...] = ()
        if door is doors.run_persons:
            counted = (seen,)
        elif plan.plan.exposure.cap.size:
            n_kinds = len(seen) * (SPARED if stocks.size else 1)
            counted = (compile_levels(plan.plan.exposure, n_kinds), seen)
        return lambda days: (arrays, people, *known, days, *counted, tallies, stocks, trials)


def compile_door(door: Any, name: str, arguments: tuple[Any, ...]) -> None:
    """Compile a door for these arguments if it is not yet, and say so where it takes long."""
    if door.signatures:
        return
    notice = threading.Timer(COMPILING_SECONDS, _announce, (name,))
    notice.start()
    try:
        typeof: Any = numba.typeof
        door.compile(tuple(typeof(argument) for argument in arguments))
    finally:
        notice.cancel()


@cache
def _announce(name: str) -> None:
    """Once in a process, though several doors share a name."""
    logger.info(f"compiling the {name} kernel, once (cached afterwards) ...")


def _room(shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray:
    if np.prod(shape, dtype=np.float64) * dtype.itemsize <= LARGEST_IN_MEMORY:
        return np.zeros(shape, dtype)
    with tempfile.TemporaryFile(prefix="adsim-") as file:
        return np.memmap(file, dtype, "w+", shape=shape)  # the mapping outlives the closed file


def _await(tasks: list[Future[int]], n_histories: int, progress: Progress | None) -> None:
    waiting = set(tasks)
    n_done = 0
    while waiting:
        done, waiting = wait(waiting, POLL_SECONDS)
        n_done += sum(task.result() for task in done)
        if progress is not None and done:
            progress(n_done, n_histories)
