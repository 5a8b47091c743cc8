"""Folders to spoil, and a command that must refuse them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from adsim import cli
from adsim.errors import HOW_ROWS_COUNT
from tests.commands.shops import FILES, PLAN, REPORT, everything_below, make_folder

Edit = Callable[[str, str, str], None]
Refused = Callable[..., list[str]]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A valid scenario folder with every table."""
    return make_folder(tmp_path / "shop", FILES)


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A valid plan of the shop with both of its files."""
    return make_folder(tmp_path / "plan", PLAN)


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A plain report."""
    path = tmp_path / "report.csv"
    path.write_text(REPORT, encoding="utf-8")
    return path


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    """Replaces a text that stands once in a file below the temporary folder."""

    def replace(name: str, old: str, new: str) -> None:
        path = tmp_path / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} must stand once in {name}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    return replace


@pytest.fixture
def refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Refused:
    """Runs a command that must fail as bad input does; gives the lines that it says."""

    def run(*arguments: object) -> list[str]:
        before = everything_below(tmp_path)
        capsys.readouterr()
        code = cli.run([str(argument) for argument in arguments])
        printed, said = capsys.readouterr()
        assert code == 2, said
        assert printed == ""
        assert said and "Traceback" not in said and "internal error" not in said, said
        assert everything_below(tmp_path) == before, "something was left behind"
        return [line for line in said.splitlines() if line != HOW_ROWS_COUNT]

    return run
