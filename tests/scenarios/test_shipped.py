"""What holds for every shipped scenario that a script makes: tables, sources, plans."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import polars as pl
import pytest

from adsim.scenario import check_scenario, new_scenario, shipped_scenarios

ROOT = Path(__file__).resolve().parents[2]
MADE = sorted(path.stem.removeprefix("make_") for path in (ROOT / "tools").glob("make_*.py"))


def tables_below(folder):
    """CSV files by their place in the folder, the list of sources aside."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.csv")}
    found.pop("sources.csv", None)
    return found


def declared_keys(folder):
    """(file, key) of everything that the folder declares."""
    found = set()
    for section, value in tomllib.loads((folder / "scenario.toml").read_text("utf-8")).items():
        for entry in value if isinstance(value, list) else [value]:
            found |= {("scenario.toml", f"{section}.{key}") for key in entry}
    for file, path in tables_below(folder).items():
        if "/" not in file:
            header = path.read_text("utf-8").splitlines()[0]
            found |= {(file, column) for column in header.split(",")}
    return found


def test_every_script_makes_a_shipped_scenario():
    assert "kuaiche_daily" in MADE
    assert set(MADE) <= set(shipped_scenarios())


@pytest.mark.parametrize("name", MADE)
def test_the_script_writes_the_committed_tables(tmp_path, name):
    script = [sys.executable, "-m", f"tools.make_{name}"]
    subprocess.run([*script, tmp_path], cwd=ROOT, check=True)
    made, committed = tables_below(tmp_path), tables_below(shipped_scenarios()[name])
    assert set(made) == set(committed)
    for file, path in made.items():
        assert path.read_bytes() == committed[file].read_bytes(), file


@pytest.mark.parametrize("name", MADE)
def test_every_key_and_column_has_a_source_and_a_grade(name):
    folder = shipped_scenarios()[name]
    sources = pl.read_csv(folder / "sources.csv")
    listed = list(zip(sources["file"], sources["key"], strict=True))
    assert len(listed) == len(set(listed))
    assert set(listed) == declared_keys(folder)
    assert set(sources["grade"]) <= set("SOPCBWDU")
    assert sources["source"].null_count() == 0


@pytest.mark.parametrize("name", MADE)
def test_a_copy_and_its_plans_have_no_mistakes(tmp_path, name):
    new_scenario(tmp_path / "copy", like=name)
    plans = sorted((tmp_path / "copy" / "plans").glob("*/"))
    for plan in [None, *plans]:
        assert check_scenario(tmp_path / "copy", plan) == []
