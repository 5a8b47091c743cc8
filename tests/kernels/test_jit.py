"""Caches of doors: named by what is behind a door, and by nothing else."""

import sys
from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np
import pytest

from adsim.kernels import doors, jit


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the kernels whose files may be changed."""
    for file in jit.FOLDER.glob("*.py"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(jit, "FOLDER", tmp_path)
    jit.files_behind.cache_clear()
    yield tmp_path
    jit.files_behind.cache_clear()


def digest(door: object) -> str:
    return jit.digest_behind(door.py_func)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["counts", "parts", "random", "model", "jit"])
def test_a_changed_helper_is_never_missed(folder: Path, name: str) -> None:
    before = digest(doors.run_counts)
    with (folder / f"{name}.py").open("a") as file:
        file.write("# changed\n")
    assert digest(doors.run_counts) != before


def test_what_a_door_does_not_rest_on_leaves_its_cache(folder: Path) -> None:
    before = digest(doors.run_counts)
    for name in ("events", "doors", "expected"):
        with (folder / f"{name}.py").open("a") as file:
            file.write("# changed\n")
    assert digest(doors.run_counts) == before


def test_imports_of_modules_are_followed() -> None:
    assert "tally" in jit.files_behind("counts")  # from . import tally
    assert "special" in jit.files_behind("counts")  # two files down


def test_every_door_has_a_cache_of_its_own() -> None:
    names = [name for name in vars(doors) if hasattr(getattr(doors, name), "py_func")]
    cached = [name for name in names if getattr(doors, name)._cache.cache_path]
    digests = {name: digest(getattr(doors, name)) for name in cached}
    assert len(cached) > 20
    assert len(set(digests.values())) == len(digests)


class Room(NamedTuple):
    size: int
    table: np.ndarray


@jit.inlined
def in_room(table: np.ndarray) -> Room:
    return Room(table.size, table)


@jit.kernel
def room_for(n: int) -> np.ndarray:
    return np.zeros(n)


@jit.inlined
def first_of_room(n: int) -> float:
    return room_for(n)[0]


@jit.inlined
def first_number(table: np.ndarray) -> float:
    row = table[0]
    return row[0]


@pytest.mark.parametrize(("borrower", "argument"), [(in_room, np.ones((2, 2))), (first_of_room, 3)])
def test_what_borrows_arrays_neither_makes_nor_returns_them(
    borrower: Any, argument: object
) -> None:
    @numba.njit
    def caller(argument: object) -> object:
        return borrower(argument)

    with pytest.raises(Exception, match="must not make or return arrays"):
        caller(argument)


def test_a_borrowed_array_is_neither_kept_nor_let_go() -> None:
    @numba.njit
    def caller(table: np.ndarray) -> float:
        return first_number(table)

    table = np.ones((2, 2))
    counted = sys.getrefcount(table)
    assert caller(table) == 1.0
    assert sys.getrefcount(table) == counted
