"""Where tasks run: one interface; here the one that runs them in this very process."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from types import TracebackType
from typing import Protocol, Self

from adsim.batch.chunks import Chunks
from adsim.batch.tasks import Outcome
from adsim.batch.worlds import Runner, Worlds


class Executor(Protocol):
    """A place to run tasks; a context manager that leaves no worker behind.

    Attributes:
        workers: How many tasks run at the same time.
    """

    workers: int

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def run(self, chunks: Chunks) -> Iterator[Outcome | None]:
        """Take chunks as there is room for them, and give outcomes as they come.

        None comes while there is no outcome, so that a caller can show that the work goes on.
        """
        ...


class InProcess:
    """One task after the other, here."""

    workers = 1

    def __init__(self, worlds: Worlds) -> None:
        self._runner = Runner(worlds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return

    def run(self, chunks: Chunks) -> Iterator[Outcome]:
        """The outcome of every task, in their order."""
        while chunk := chunks.take():
            for task in chunk:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", UserWarning)  # told once, before the sweep
                    outcome = self._runner.attempt(task)
                yield outcome
