"""The commands leave their page beside their tables, and the same bytes every time."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from adsim import cli
from tests.report.reading import read_page

SMALLEST = str(Path(__file__).parents[2] / "scenarios" / "smallest")
PLAN = "campaign,ad_group,keyword,match_type,bid\ncore,cups,cup,exact,1.40\n"


@pytest.fixture
def plan(tmp_path):
    folder = tmp_path / "lower"
    folder.mkdir()
    (folder / "keywords.csv").write_text(PLAN, encoding="utf-8")
    return str(folder)


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_compare_writes_its_table_and_its_page(tmp_path, plan, capsys):
    typed = ["compare", SMALLEST, SMALLEST, plan, "--replications", "8", "--lang", "zh"]
    written = []
    for name in ("one", "two"):
        assert cli.run([*typed, "--out", str(tmp_path / name)]) == 0
        written.append(files(tmp_path / name))
    assert sorted(written[0]) == ["comparison.csv", "recipe.json", "report.html"]
    assert written[0] == written[1]
    table = pl.read_csv(tmp_path / "one" / "comparison.csv")
    read = read_page(written[0]["report.html"].decode())
    assert read.tables["comparison"].column(2) == table["b"].to_list()
    recipe = json.loads(written[0]["recipe.json"])
    assert (recipe["plan_a"], recipe["plan_b"]) == ("smallest", "lower")
    assert "adsim compare smallest smallest lower --replications 8" in read.text
    assert str(tmp_path) not in written[0]["report.html"].decode()


def test_the_format_asked_for_is_the_one_written(tmp_path, plan, capsys):
    out = tmp_path / "out"
    typed = ["compare", SMALLEST, SMALLEST, plan, "--replications", "4", "--format", "json"]
    assert cli.run([*typed, "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert json.loads(printed) == json.loads((out / "comparison.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("command", ["compare", "optimize", "simulate"])
def test_another_folder_is_refused_before_the_work(tmp_path, plan, capsys, command):
    plans = [SMALLEST, plan] if command == "compare" else []
    assert cli.run([command, SMALLEST, *plans, "--out", plan]) == 2
    assert "it holds something else" in capsys.readouterr().err
    assert sorted(path.name for path in Path(plan).iterdir()) == ["keywords.csv"]


def test_another_language_is_refused(capsys):
    assert cli.run(["simulate", SMALLEST, "--lang", "de"]) == 2
    assert "must be en or zh, but is de" in capsys.readouterr().err
