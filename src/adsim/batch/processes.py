"""Local processes: fresh interpreters that get the worlds once and then chunk after chunk.

A worker is a new interpreter, as multiprocessing's `spawn` makes it, so that no thread or lock of
the caller is copied; but the caller's own script is not run again in it, so that a sweep may stand
in a script, a notebook or a prompt as it is. Each worker has a pipe of its own: when it dies, the
task that it was at is known.
"""

from __future__ import annotations

import logging
import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from multiprocessing import Pipe
from multiprocessing.connection import wait
from types import TracebackType
from typing import Self

from adsim.batch.chunks import Chunks
from adsim.batch.tasks import Outcome, Task
from adsim.batch.worlds import Worlds
from adsim.errors import BatchError, Problem

BEAT_SECONDS = 0.5
DEATHS = 3  # workers that a task may take with it before it is given up
logger = logging.getLogger(__name__)

SINGLE = ("NUMBA_NUM_THREADS", "POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class Processes:
    """Workers on this machine, one thread each."""

    def __init__(self, worlds: Worlds, workers: int) -> None:
        self.workers = workers
        self._worlds = pickle.dumps(worlds, protocol=pickle.HIGHEST_PROTOCOL)
        self._crew: list[_Worker] = []
        self._again: deque[Task] = deque()
        self._deaths: dict[str, int] = {}
        self._stillborn = 0

    def __enter__(self) -> Self:
        self._crew = [_Worker() for _ in range(self.workers)]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in self._crew:
            worker.end()

    def run(self, chunks: Chunks) -> Iterator[Outcome | None]:
        """Outcomes as they come; a task whose worker died is tried again on a new one."""
        while True:
            self._hand_out(chunks)
            if not (chunks.left or self._again or any(worker.tasks for worker in self._crew)):
                return
            of_pipe = {worker.connection: worker for worker in self._crew}
            for pipe in wait(list(of_pipe), BEAT_SECONDS):
                worker = of_pipe[pipe]  # type: ignore[index]
                try:
                    yield worker.hear(self._worlds)
                except (EOFError, OSError):
                    yield self._bury(worker)
            yield None

    def _hand_out(self, chunks: Chunks) -> None:
        for worker in self._crew:
            if worker.idle:
                chunk = [self._again.popleft()] if self._again else chunks.take()
                if chunk:
                    worker.give(chunk)

    def _bury(self, worker: _Worker) -> Outcome | None:
        """Put a new worker in the place of a dead one, and its tasks back; or give one up."""
        worker.end()
        self._crew[self._crew.index(worker)] = _Worker()
        if not worker.tasks:
            self._count_stillborn(worker)
            return None
        guilty = worker.tasks.popleft()
        self._again.extend(worker.tasks)
        deaths = self._deaths[guilty.id] = self._deaths.get(guilty.id, 0) + 1
        if deaths < DEATHS:
            self._again.append(guilty)
            return None
        said = f"its worker died {deaths} times ({worker.farewell}); it may need more memory"
        return Outcome(guilty, 0.0, error=said)

    def _count_stillborn(self, worker: _Worker) -> None:
        self._stillborn += 1
        if self._stillborn >= DEATHS:
            found = f"{self._stillborn} of them ended at once ({worker.farewell})"
            cure = "see what they said on stderr, or use --workers 1"
            raise BatchError(Problem("--workers", "worker processes must start", found, cure))


class _Worker:
    """One process, its pipe, and the tasks that it has not reported yet."""

    def __init__(self) -> None:
        self.connection, theirs = Pipe()
        self.tasks: deque[Task] = deque()
        self.idle = False
        self._process = subprocess.Popen(
            [sys.executable, "-m", "adsim.batch.worker", str(theirs.fileno())],
            env=_environment(),
            stdin=subprocess.PIPE,
            pass_fds=(theirs.fileno(),),
            start_new_session=True,  # Ctrl-C is for the caller, who ends its workers
        )
        theirs.close()

    def hear(self, worlds: bytes) -> Outcome | None:
        """An outcome; or None, when the worker is ready to be told the worlds, or gives notice."""
        said = self.connection.recv()
        if isinstance(said, str):
            _pass_on(said)
            return None
        if said is None:
            self.connection.send_bytes(worlds)
            self.idle = True
            return None
        outcome: Outcome = said
        self.tasks.popleft()
        self.idle = not self.tasks
        return outcome

    def give(self, chunk: list[Task]) -> None:
        self.tasks.extend(chunk)
        self.idle = False
        with suppress(OSError):  # it has just died: its pipe says so when it is read
            self.connection.send(chunk)

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()
        self.connection.close()

    @property
    def farewell(self) -> str:
        code = self._process.returncode
        return f"killed by signal {-code}" if code is not None and code < 0 else f"exit code {code}"


@cache
def _pass_on(notice: str) -> None:
    """Tell once what every worker has to tell, such as that it compiles something."""
    logger.info(notice)


def _environment() -> dict[str, str]:
    """The caller's environment and search path, one thread for every library."""
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return {**os.environ, "PYTHONPATH": path, **dict.fromkeys(SINGLE, "1")}
