"""A Dask cluster: the worlds go to it once, as a task of their own, then chunk after chunk.

The scheduler keeps what a task was called with. So worlds that die with their worker are made again
on another one, and nothing is read from a disk that workers would have to share.
"""

from __future__ import annotations

import pickle
import threading
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self

from adsim.batch.chunks import Chunks
from adsim.batch.tasks import Outcome, Task
from adsim.batch.worlds import Runner, Worlds
from adsim.errors import BatchError, Problem
from adsim.simulate.recipe import versions

CONNECT_SECONDS = 10
BEAT_SECONDS = 0.5
CHUNKS_A_THREAD = 2  # one that runs, one that waits beside it

_thread = threading.local()


class Cluster:
    """The workers of a Dask scheduler, one task at a time on each of their threads."""

    def __init__(self, worlds: Worlds, address: str) -> None:
        self.workers = 0
        self._worlds = worlds
        self._address = address
        self._client: Any = None
        self._again: deque[Task] = deque()
        self._ended: SimpleQueue[Any] = SimpleQueue()

    def __enter__(self) -> Self:
        self._client = _connect(self._address)
        try:
            self.workers = self._count_threads()
            self._check_versions()
            packed = zlib.compress(pickle.dumps(self._worlds), 1)
            self._remote = self._client.submit(_unpack, packed, pure=False)
        except BaseException:
            self._client.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()  # the scheduler drops what nobody waits for any more

    def run(self, chunks: Chunks) -> Iterator[Outcome | None]:
        """Outcomes as they come; Dask gives a chunk whose worker died to another one."""
        waiting: dict[Any, list[Task]] = {}
        while True:
            while len(waiting) < CHUNKS_A_THREAD * self.workers and (chunk := self._take(chunks)):
                waiting[self._submit(chunk)] = chunk
            if not waiting:
                return
            try:
                future = self._ended.get(timeout=BEAT_SECONDS)
            except Empty:
                yield None
            else:
                yield from self._outcomes(future, waiting.pop(future))

    def _take(self, chunks: Chunks) -> list[Task]:
        return [self._again.popleft()] if self._again else chunks.take()

    def _submit(self, chunk: list[Task]) -> Any:
        future = self._client.submit(run_chunk, self._remote, chunk, pure=False)
        future.add_done_callback(self._ended.put)  # called in a thread of the client's
        return future

    def _outcomes(self, future: Any, chunk: list[Task]) -> Sequence[Outcome]:
        """What a chunk came to; one that killed its workers goes on task by task."""
        if future.status == "finished":
            outcomes: list[Outcome] = future.result()
            return outcomes
        if future.status != "error":
            found, cure = f"is gone ({future.status})", "start it again, then run the same command"
            raise BatchError(Problem(self._address, "the scheduler must stay", found, cure))
        if len(chunk) > 1:
            self._again.extend(chunk)
            return ()
        said = " ".join(str(future.exception()).split())
        return [Outcome(chunk[0], 0.0, error=f"the cluster gave it up: {said}")]

    def _count_threads(self) -> int:
        from distributed import TimeoutError as NoWorker

        try:
            self._client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except (NoWorker, TimeoutError) as error:
            found, cure = "has none", f"start one: dask worker {self._address}"
            raise BatchError(Problem(self._address, "must have a worker", found, cure)) from error
        return sum(self._client.nthreads().values())

    def _check_versions(self) -> None:
        """Numbers depend on versions: what a worker has must be what this process has."""
        problems = []
        for worker, found in self._client.run(versions, on_error="return").items():
            if found != self._worlds.versions:
                rule = f"worker must have {_words(self._worlds.versions)}"
                cure = "install the same versions there"
                said = f"has {_words(found)}" if isinstance(found, dict) else f"says {found}"
                problems.append(Problem(worker, rule, said, cure))
        if problems:
            raise BatchError(*problems)


def run_chunk(worlds: Worlds, chunk: Sequence[Task]) -> list[Outcome]:
    """Runs on a worker: a runner a thread keeps the market that its last task has compiled."""
    if getattr(_thread, "worlds", None) is not worlds:
        if worlds.versions != versions():
            raise RuntimeError(f"this worker has {_words(versions())}")
        _thread.worlds, _thread.runner = worlds, Runner(worlds)
    return [_thread.runner.attempt(task) for task in chunk]


def _unpack(packed: bytes) -> Worlds:
    worlds: Worlds = pickle.loads(zlib.decompress(packed))
    return worlds


def _words(found: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in sorted(found.items()))


def _connect(address: str) -> Any:
    try:
        from distributed import Client
        from distributed.comm.addressing import parse_address, parse_host_port
    except ImportError as error:
        found = "the package distributed is not installed"
        cure = "install it (the extra `cluster`), or leave --cluster out"
        raise BatchError(Problem("--cluster", "needs Dask", found, cure)) from error
    try:
        parse_host_port(parse_address(address)[1])  # the client takes long over a wrong address
        connect: Any = Client
        return connect(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        found = f"cannot be reached ({' '.join(str(error).split()) or type(error).__name__})"
        cure = "start it with `dask scheduler`, and give the address that it prints"
        raise BatchError(Problem(address, "must be a running scheduler", found, cure)) from error
