"""Caches of doors: named by what is behind a door, and by nothing else."""

from pathlib import Path

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
