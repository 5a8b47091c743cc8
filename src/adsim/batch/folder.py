"""The folder of a sweep: one file a task, written whole or not at all, and what became of each.

recipe.json       what the results depend on
manifest.jsonl    a line a finished task: settings, state, error, seconds; the last one holds
results/          task=ID.parquet of every task of the sweep that is done, and nothing else
other_results/    files of tasks that the sweep no longer has; they come back when it has them
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import IO, Any

from adsim.batch.tasks import Outcome, Task
from adsim.errors import BatchError, OutputError, Problem
from adsim.results.files import MANIFEST, RECIPE, check_folder, recipe_text

RESULTS = "results"
OTHER_RESULTS = "other_results"
UNFINISHED = ".unfinished"
LOCK = ".lock"
PARQUET_MARK = b"PAR1"  # the first and the last bytes of a whole Parquet file


class SweepFolder:
    """A folder that grows task by task; whoever has it open is its only writer."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._manifest: IO[str] | None = None

    def settle(self, tasks: Iterable[Task], recipe: Mapping[str, Any]) -> dict[str, None]:
        """Make the folder that of these tasks; returns the ids of those that are not done.

        The manifest then tells of the tasks that are done, in the order of the tasks.
        """
        seconds = {line["task"]: line["seconds"] for line in read_manifest(self.path)}
        missing: dict[str, None] = {}
        done: set[str] = set()
        with self._replacing(MANIFEST) as file:
            for task in tasks:
                if task.id in done or task.id in missing:
                    continue
                if self._holds(task):
                    done.add(task.id)
                    file.write(_line(task, "done", seconds.get(task.id)))
                else:
                    missing[task.id] = None
        self._set_aside(done)
        with self._replacing(RECIPE) as file:
            file.write(recipe_text(recipe))
        self._manifest = (self.path / MANIFEST).open("a", encoding="utf-8", newline="\n")
        return missing

    def keep(self, outcome: Outcome) -> None:
        """Write what a task left: first its file, then its line."""
        task = outcome.task
        if outcome.data is not None:
            self._write(task.file_name, outcome.data)
        state = "failed" if outcome.data is None else "done"
        assert self._manifest is not None
        self._manifest.write(_line(task, state, outcome.seconds, outcome.error))
        self._manifest.flush()

    def write_text(self, name: str, text: str) -> None:
        """Write a file beside the results, in one step."""
        with self._replacing(name) as file:
            file.write(text)

    def close(self) -> None:
        if self._manifest is not None:
            self._manifest.close()

    def _holds(self, task: Task) -> bool:
        """Whether the file of a task is there and whole; it may come back from aside."""
        path = self.path / RESULTS / task.file_name
        aside = self.path / OTHER_RESULTS / task.file_name
        if not path.exists() and aside.exists():
            aside.rename(path)
        return path.exists() and is_whole(path)

    def _set_aside(self, done: set[str]) -> None:
        """Move files of no task of this sweep out of the way of who reads the results folder."""
        wanted = {f"task={one}.parquet" for one in done}
        for path in (self.path / RESULTS).iterdir():
            if path.name not in wanted:
                (self.path / OTHER_RESULTS).mkdir(exist_ok=True)
                path.replace(self.path / OTHER_RESULTS / path.name)

    def _write(self, name: str, data: bytes) -> None:
        new = self.path / UNFINISHED / name
        with new.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())  # or a power cut could leave a name without its content
        new.rename(self.path / RESULTS / name)

    @contextmanager
    def _replacing(self, name: str) -> Iterator[IO[str]]:
        new = self.path / UNFINISHED / name
        with new.open("w", encoding="utf-8", newline="\n") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        new.rename(self.path / name)


@contextmanager
def open_folder(out: str | PathLike[str]) -> Iterator[SweepFolder]:
    """The folder of a sweep, to write in: a new one, an empty one, or one that has begun.

    Raises OutputError where it holds something else or cannot be written, BatchError where another
    sweep is writing in it.
    """
    check_sweep_folder(out)
    path = Path(out).resolve()
    with _open_lock(out, path) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # a killed process lets go of it
        except OSError as error:
            raise BatchError(_busy(out)) from error
        folder = SweepFolder(path)
        try:
            for name in (RESULTS, UNFINISHED):
                (path / name).mkdir(exist_ok=True)
            yield folder
        finally:
            folder.close()
            shutil.rmtree(path / UNFINISHED, ignore_errors=True)


def _open_lock(out: str | PathLike[str], path: Path) -> IO[str]:
    """The file that is locked, and that marks the folder as ours from its first moment on."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        return (path / LOCK).open("w")
    except OSError as error:
        raise OutputError(_cannot_write(out, error)) from error


def check_sweep_folder(out: str | PathLike[str]) -> None:
    """Raise OutputError where no sweep can write; to be called before long work."""
    path = Path(out)
    if any((path / name).is_file() for name in (LOCK, MANIFEST)):
        if not os.access(path, os.W_OK | os.X_OK):
            raise OutputError(_cannot_write(out, PermissionError(13, "Permission denied")))
        return
    check_folder(out)
    if (path / RECIPE).exists():
        found = "holds the result of another command"
        cure = "name another folder, or move this one away"
        raise OutputError(Problem(str(out), "must be new, empty or that of a sweep", found, cure))


def read_manifest(folder: Path) -> Iterator[dict[str, Any]]:
    """The lines of a manifest in their order; one that a killed process cut off is none."""
    path = folder / MANIFEST
    if not path.exists():
        return
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.endswith("\n"):
                yield json.loads(line)


def is_whole(path: Path) -> bool:
    """Whether a file begins and ends as a Parquet file does."""
    with path.open("rb") as file:
        begins = file.read(4) == PARQUET_MARK
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 4))
        return begins and size > 8 and file.read(4) == PARQUET_MARK


def _line(task: Task, state: str, seconds: float | None, error: str | None = None) -> str:
    cell = task.cell
    told = {
        "task": task.id,
        "scenario": cell.scenario,
        "plan": cell.plan,
        "set": list(cell.overrides),
        "seed": task.seed,
        "fidelity": cell.fidelity,
        "replications": cell.replications,
        "days": cell.days,
        "state": state,
        "seconds": None if seconds is None else round(seconds, 6),
        "error": error,
    }
    return json.dumps(told, ensure_ascii=False) + "\n"


def _busy(out: str | PathLike[str]) -> Problem:
    found = "another sweep is writing in it"
    return Problem(str(out), "one sweep at a time may write in a folder", found, "wait for it")


def _cannot_write(out: str | PathLike[str], error: OSError) -> Problem:
    found = f"writing failed: {error.strerror or error}"
    cure = "name a folder on a disk with room where you may write"
    return Problem(str(out), "an output folder must be writable", found, cure)
