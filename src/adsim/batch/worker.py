"""`python -m adsim.batch.worker FD`: a worker process of a sweep, at the other end of a pipe."""

from __future__ import annotations

import logging
import os
import pickle
import sys
import threading
import warnings
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any


class Line(logging.Handler):
    """The pipe to the caller, which takes what is said and what the rooms have to tell."""

    def __init__(self, connection: Connection[Any, Any]) -> None:
        super().__init__()
        self._connection = connection

    def say(self, thing: object) -> None:
        with self.lock:  # type: ignore[union-attr]  # notices come from other threads
            self._connection.send(thing)

    def emit(self, record: logging.LogRecord) -> None:
        self._connection.send(record.getMessage())  # a handler is called under its lock


def _end_with_the_caller() -> None:
    """Leave when the caller is gone, even in the middle of a task: when it dies, stdin ends."""
    sys.stdin.buffer.read()
    os._exit(1)


def main() -> None:
    """Say that one is ready, hear the worlds, then report task by task on every chunk."""
    threading.Thread(target=_end_with_the_caller, daemon=True).start()
    warnings.simplefilter("ignore", UserWarning)  # the caller has told them
    from adsim.batch.worlds import Runner

    connection = Connection(int(sys.argv[1]))
    line = Line(connection)
    logging.getLogger("adsim").addHandler(line)
    logging.getLogger("adsim").setLevel(logging.INFO)
    line.say(None)
    runner = Runner(pickle.loads(connection.recv_bytes()))
    with suppress(EOFError, OSError):  # the caller is gone
        while True:
            for task in connection.recv():
                line.say(runner.attempt(task))


if __name__ == "__main__":
    main()
