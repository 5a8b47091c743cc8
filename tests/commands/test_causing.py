"""incrementality by the real command."""

from __future__ import annotations

import io
import json

import polars as pl
import pytest

from adsim import cli


@pytest.fixture
def run(capsys):
    def called(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = cli.run([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return called


def test_it_prints_writes_and_repeats_itself(shop, run, tmp_path):
    arguments = ("incrementality", shop, "--by", "campaign", "--replications", 4)
    more = ("--set", "scenario.holdout=0.2", "--format", "csv")
    code, printed, said = run(*arguments, *more, "--out", tmp_path / "out")
    assert code == 0, said
    found = pl.read_csv(io.StringIO(printed))
    assert found.columns[1:] == [
        "metric", "attributed", "caused", "caused_low", "caused_high", "caused_share"
    ]  # fmt: skip
    names = {path.name for path in (tmp_path / "out").iterdir()}
    tables = {"caused.csv", "caused_parts.csv", "holdout.csv"}
    assert names == {*tables, "recipe.json", "report.html"}
    first = (tmp_path / "out" / "holdout.csv").read_bytes()
    assert run(*arguments, *more, "--out", tmp_path / "out")[0] == 0
    assert (tmp_path / "out" / "holdout.csv").read_bytes() == first
    recipe = json.loads((tmp_path / "out" / "recipe.json").read_text(encoding="utf-8"))
    assert recipe["command"][:2] == ["adsim", "incrementality"] and recipe["by"] == "campaign"
    code, printed, said = run(*arguments, *more[:2])
    assert code == 0 and "estimate" in printed and "covered" in printed
    assert "Each part is taken away alone" in printed


def test_what_cannot_be_is_told(shop, run):
    code, printed, said = run("incrementality", shop, "--replications", 1)
    assert (code, printed) == (2, "")
    assert "replications" in said
    code, _, said = run("incrementality", shop, "--by", "hour")
    assert code == 2 and "hour" in said
