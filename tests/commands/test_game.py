"""adsim game by the real command."""

from __future__ import annotations

import io
import json
from pathlib import Path

import polars as pl
import pytest

from adsim import cli
from tests.report.reading import read_page

SMALL = Path(__file__).parents[1] / "game" / "small.toml"


@pytest.fixture
def done(capsys):
    def run(*arguments: object, code: int = 0) -> tuple[str, str]:
        capsys.readouterr()
        assert cli.run(["game", *map(str, arguments)]) == code
        printed, said = capsys.readouterr()
        return printed, said

    return run


def test_a_table_and_its_sentences(done):
    printed, said = done(SMALL, "--games", 3, "--quiet")
    assert "steady" in printed and "earns most" in printed and said == ""
    printed, _ = done(SMALL, "--games", 3, "--lang", "zh")
    assert "利润最高" in printed


def test_each_table_as_data(done):
    heights = {"advertisers": 4, "classes": 3, "slots": 9, "states": 20, "days": 16, "games": 8}
    for by, height in heights.items():
        printed, _ = done(SMALL, "--games", 2, "--days", 4, "--by", by, "--format", "csv")
        assert pl.read_csv(io.StringIO(printed)).height == height
    printed, said = done(SMALL, "--games", 1, "--format", "json")
    assert [row["advertiser"] for row in json.loads(printed)][:2] == ["steady", "keen"]
    assert "earns most" in said


def test_a_folder_in_one_step_and_the_same_bytes_again(done, tmp_path):
    typed = [SMALL, "--games", 3, "--days", 5, "--set", "page.slots=2"]
    files = []
    for name in ("one", "two"):
        done(*typed, "--out", tmp_path / name, "--threads", len(files) + 1)
        files.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
    assert files[0] == files[1]
    assert {f"{name}.csv" for name in ("advertisers", "games", "states")} <= set(files[0])
    assert json.loads(files[0]["game.json"])["page"]["slots"] == 2
    recipe = json.loads(files[0]["recipe.json"])
    assert recipe["result"] == "game" and "--set" in recipe["command"]
    done(*typed, "--out", tmp_path / "one")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_holds_the_figures(done, tmp_path, lang):
    done(SMALL, "--games", 3, "--out", tmp_path / "out", "--lang", lang)
    page = read_page((tmp_path / "out" / "report.html").read_text("utf-8"))
    table = pl.read_csv(tmp_path / "out" / "advertisers.csv").sort("profit", descending=True)
    assert page.tables["advertisers"].column(1) == pytest.approx(table["profit"].to_list())
    assert [row["label"] for row in page.data["profits"]] == table["advertiser"].to_list()
    assert len(page.tables["slots"].rows) == 9
    assert len(page.data["states"]) == 12 * 3 and len(page.data["days"]) == 12
    assert all(0 <= row["share"] <= 1 for row in page.data["states"])
    states = pl.read_csv(tmp_path / "out" / "states.csv").filter(pl.col("day") >= 0)
    largest = states.group_by("state").agg(pl.col("share").mean()).sort("share")["state"][-1]
    drawn = {row["value"] for row in page.data["states"]}
    assert drawn == set(states["state"]) - {largest}


def test_what_is_wrong_is_said_and_nothing_is_written(done, tmp_path):
    out = tmp_path / "out"
    wrong = [
        "--set",
        "game.users=0",
        "--set",
        "game.slots=1",
        "--set",
        "states.out.daily={out=0.5}",
    ]
    _, said = done(SMALL, *wrong, "--out", out, code=2)
    assert "must be >= 1" in said and "known key" in said and "sum to 0.5" in said
    _, said = done(tmp_path, code=2)
    assert "game.toml: must exist" in said
    _, said = done(SMALL, "--games", 0, code=2)
    assert "must be" in said
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("mine")
    _, said = done(SMALL, "--out", tmp_path / "mine", code=2)
    assert "recipe.json" in said
    assert not out.exists()


def test_check_and_schema_know_games(capsys, tmp_path):
    assert cli.run(["check", str(SMALL)]) == 0
    (tmp_path / "game.toml").write_text(SMALL.read_text("utf-8").replace("users = 31", "users = 0"))
    assert cli.run(["check", str(tmp_path)]) == 2
    assert "game.users must be >= 1" in capsys.readouterr().err
    assert cli.run(["schema", "--of", "game"]) == 0
    described = json.loads(capsys.readouterr().out)
    assert {"game", "page", "bursts", "states", "classes"} <= set(described["properties"])
