"""Tasks in chunks that are worth their journey: as many at a time as fill about a second."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from adsim.batch.tasks import Outcome, Task

SECONDS = 1.0
LARGEST = 1000
MEMORY = 0.8  # weight of what was known about the length of tasks before the last one


class Chunks:
    """Hands out the tasks of an iterator, never more than asked for; learns how long they take.

    The first chunks hold one task each; the last ones are small, so that workers end together.

    Attributes:
        left: Tasks that are not handed out yet.
    """

    def __init__(self, tasks: Iterator[Task], count: int, workers: int) -> None:
        self._tasks = tasks
        self.left = count
        self._workers = workers
        self._seconds: float | None = None

    def take(self) -> list[Task]:
        """The next chunk; empty when all tasks are handed out."""
        chunk = list(islice(self._tasks, self._size()))
        self.left -= len(chunk)
        return chunk

    def learn(self, outcome: Outcome) -> None:
        """Take the time of a task into account."""
        known = outcome.seconds if self._seconds is None else self._seconds
        self._seconds = MEMORY * known + (1 - MEMORY) * outcome.seconds

    def _size(self) -> int:
        if self._seconds is None:
            return 1
        fair = self.left // (2 * self._workers)
        return max(1, min(LARGEST, fair, int(SECONDS / max(self._seconds, 1e-6))))
