"""reach by the real command."""

from __future__ import annotations

import io

import polars as pl
import pytest

from adsim import cli

PEOPLE = """
[population]
size = 400
columns.tier.values = [1, 2]
effects = [{ where = "tier = 2", searches = 3.0 }]
"""


@pytest.fixture
def peopled(shop):
    file = shop / "scenario.toml"
    file.write_text(file.read_text(encoding="utf-8") + PEOPLE, encoding="utf-8")
    return shop


@pytest.fixture
def run(capsys):
    def called(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = cli.run([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return called


def test_reach_prints_writes_and_repeats_itself(peopled, run, tmp_path):
    arguments = ("reach", peopled, "--by", "campaign", "--format", "csv", "--replications", 4)
    code, printed, said = run(*arguments, "--out", tmp_path / "out")
    assert code == 0, said
    assert (tmp_path / "out" / "reach.csv").read_text(encoding="utf-8") == printed
    table = pl.read_csv(io.StringIO(printed))
    assert {"persons", "reached", "reached_low", "reach", "frequency", "times_10"} <= {
        *table.columns
    }
    assert run(*arguments, "--threads", 1)[1] == printed
    code, printed, said = run("reach", peopled)
    assert code == 0 and "frequency" in printed and "window:" in said


def test_overlap_and_curve(peopled, run):
    code, printed, _ = run("reach", peopled, "--by", "day", "--overlap", "--format", "csv")
    assert code == 0 and printed.startswith("day,")
    code, printed, _ = run("reach", peopled, "--scales", "0.5:2:3", "--format", "csv")
    curve = pl.read_csv(io.StringIO(printed))
    assert code == 0 and curve["scale"].to_list() == [0.5, 1.25, 2.0]
    assert (curve["reached"] > 0).all() and curve["spend"].is_sorted()


def test_what_reach_refuses(shop, peopled, run):
    code, printed, said = run("reach", peopled, "--overlap", "--scales", "1:2:2")
    assert code == 2 and printed == "" and "one of the two" in said
    code, printed, said = run("reach", peopled, "--by", "campagne")
    assert code == 2 and printed == "" and "campagne" in said and "crowd" in said
