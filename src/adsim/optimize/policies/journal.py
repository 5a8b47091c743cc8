"""The journal file of a study: one process at a time, whole lines only."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.storages.journal._file import BaseJournalFileLock

from adsim.errors import OptimizeError, Problem


class _Held(BaseJournalFileLock):
    """A lock that is held already, from opening to closing the file."""

    def acquire(self) -> bool:
        return True

    def release(self) -> None:
        """Nothing: other processes are kept out until the file is closed."""


class _Journal(JournalFileBackend):
    """Every line goes to the system at once, and to the disk as soon as the system likes.

    A killed process loses none; waiting for the disk took longer than the sampler.
    """

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        super().__init__(str(path), _Held())
        self._file = file

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        lines = [json.dumps(log, separators=(",", ":")) + "\n" for log in logs]
        self._file.write("".join(lines).encode())
        self._file.flush()


@contextmanager
def open_journal(path: Path) -> Iterator[JournalStorage]:
    """The storage in a journal file, which is made where there is none.

    The system frees the file when this process ends, however it ends; a line that a kill has cut
    off is dropped. Raises OptimizeError where the file cannot be written, is no journal, or is in
    use by another process.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
    except OSError as error:
        found = f"cannot be opened ({error.strerror})"
        raise _cannot_use(path, found, "name a file that you may write") from error
    with file:
        yield _read(path, file)


def _read(path: Path, file: IO[bytes]) -> JournalStorage:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _check_first_line(path)
        _drop_torn_line(path)
        return JournalStorage(_Journal(path, file))
    except BlockingIOError as error:
        raise _cannot_use(path, "is in use by another search", "wait until it ends") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        cure = "name the file of a study, or one that is not there yet"
        raise _cannot_use(path, "holds something else", cure) from error


def _check_first_line(path: Path) -> None:
    """Refuse another file before it is changed: the storage reads past a last line of any kind."""
    with path.open("rb") as file:
        if line := file.readline():
            json.loads(line)["op_code"]


def _drop_torn_line(path: Path) -> None:
    text = path.read_bytes()
    whole = text.rfind(b"\n") + 1
    if whole < len(text):
        if not whole:
            raise ValueError("not one whole line")
        with path.open("r+b") as file:
            file.truncate(whole)


def _cannot_use(path: Path, found: str, cure: str) -> OptimizeError:
    return OptimizeError(Problem(str(path), "must be the journal file of a study", found, cure))
