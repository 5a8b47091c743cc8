"""What is built for others holds all that the installed program needs."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
    )
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        yield archive


def test_wheel_holds_every_tracked_file_of_the_package(wheel):
    listed = subprocess.run(
        ["git", "ls-files", "src"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    tracked = {line.removeprefix("src/") for line in listed.stdout.splitlines()}
    assert "adsim/py.typed" in tracked
    assert tracked <= set(wheel.namelist())


def test_wheel_gives_the_command_and_nothing_beside_the_package(wheel):
    top = {name.split("/")[0] for name in wheel.namelist()}
    (entry_points,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert {name for name in top if not name.endswith(".dist-info")} == {"adsim"}
    assert "adsim = adsim.__main__:main" in wheel.read(entry_points).decode()
