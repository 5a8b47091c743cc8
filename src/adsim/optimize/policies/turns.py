"""Who may take a trial up: one process alone, or workers that share a PostgreSQL database.

Workers hold locks that the server frees the moment their connection ends, however they end
(advisory locks, PostgreSQL manual 13.3.5): one lock is held while trials are asked, so that each
worker takes its own; one lock a worker says that it is alive, so that the trials of a dead one are
taken up by the next.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from adsim.errors import OptimizeError, Problem

if TYPE_CHECKING:
    from psycopg import Connection

SCHEMES = ("postgresql://", "postgres://")
ASKING, ALIVE = 0x61647301, 0x61647302  # first keys of the locks
WAIT_SECONDS = 0.5


class Alone:
    """One process: every trial that runs is its own."""

    worker: int | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Nobody else is there."""
        yield

    def may_take(self, worker: int | None) -> bool:
        """Trials that a killed process left are this one's."""
        return True

    def wait(self) -> None:
        """Nothing to wait for."""


class Shared:
    """Workers on one database, each known by a number."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection
        self.worker: int = secrets.randbelow(2**31)
        self._run("SELECT pg_advisory_lock(%s, %s)", ALIVE, self.worker)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """No other worker asks meanwhile."""
        self._run("SELECT pg_advisory_lock(%s, 0)", ASKING)
        try:
            yield
        finally:
            self._run("SELECT pg_advisory_unlock(%s, 0)", ASKING)

    def may_take(self, worker: int | None) -> bool:
        """Whether the worker of a trial that runs is dead; to be asked in one's turn."""
        if worker is None or worker == self.worker:
            return True
        if not self._run("SELECT pg_try_advisory_lock(%s, %s)", ALIVE, worker):
            return False
        self._run("SELECT pg_advisory_unlock(%s, %s)", ALIVE, worker)
        return True

    def wait(self) -> None:
        """Let others go on."""
        time.sleep(WAIT_SECONDS)

    def _run(self, statement: str, *keys: int) -> Any:
        row = self._connection.execute(statement, keys).fetchone()
        return row and row[0]


def is_url(where: str) -> bool:
    """Whether a study is named by the address of a database."""
    return "://" in where


@contextmanager
def open_database(url: str) -> Iterator[tuple[str, Shared]]:
    """The address for the storage, and the worker's locks, until it is done.

    Raises OptimizeError where the address is of another kind, the driver is missing, or the server
    does not let us in.
    """
    if not url.startswith(SCHEMES):
        rule = "must be a file or begin with postgresql://"
        found = f"begins with {url.split('://')[0]}://"
        raise OptimizeError(Problem("study", rule, found, "give postgresql://USER@HOST/DATABASE"))
    try:
        import psycopg
    except ImportError as error:
        cure = "install the extra: pip install '.[postgresql]'"
        rule = "a study in PostgreSQL needs its driver"
        raise OptimizeError(Problem("study", rule, "psycopg is not installed", cure)) from error
    try:
        connection = psycopg.connect(url, autocommit=True)
    except psycopg.Error as error:
        found = "does not: " + (str(error).strip().splitlines() or ["no answer"])[-1].rstrip(".")
        rule = "the database must let us in"
        cure = "check server, user and database name"
        raise OptimizeError(Problem("study", rule, found, cure)) from error
    with connection:
        yield "postgresql+psycopg://" + url.split("://", 1)[1], Shared(connection)
