"""adsim media by the real command."""

from __future__ import annotations

import io
import json
from pathlib import Path

import polars as pl
import pytest

from adsim import cli
from tests.report.reading import read_page

SMALL = Path(__file__).parents[1] / "media" / "small.toml"


@pytest.fixture
def done(capsys):
    def run(*arguments: object, code: int = 0) -> tuple[str, str]:
        capsys.readouterr()
        assert cli.run(["media", *map(str, arguments)]) == code
        printed, said = capsys.readouterr()
        return printed, said

    return run


def test_a_table_and_its_sentences(done):
    printed, said = done(SMALL, "--replications", 4, "--quiet")
    assert "tv" in printed and "would have come anyway" in printed and said == ""
    printed, _ = done(SMALL, "--replications", 4, "--lang", "zh")
    assert "本来就会发生" in printed


def test_each_table_as_data(done):
    for by, height in (("media", 2), ("moved", 2 * 18), ("shares", 8 * 18), ("history", 8)):
        printed, _ = done(SMALL, "--replications", 2, "--by", by, "--format", "csv")
        assert pl.read_csv(io.StringIO(printed)).height == height
    printed, said = done(SMALL, "--fidelity", "expected", "--format", "json")
    assert [row["medium"] for row in json.loads(printed)] == ["tv", "search"]
    assert "would report" in said


def test_a_folder_in_one_step_and_the_same_bytes_again(done, tmp_path):
    typed = [
        SMALL,
        "--replications",
        2,
        "--set",
        "media.tv.cost=0.2",
        "--set",
        "scenario.periods=5",
    ]
    files = []
    for name in ("one", "two"):
        done(*typed, "--out", tmp_path / name, "--threads", len(files) + 1)
        files.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
    assert files[0] == files[1]
    assert json.loads(files[0]["scenario.json"])["media"][0]["cost"] == 0.2
    command = json.loads(files[0]["recipe.json"])["command"]
    assert command[command.index("--set") :][:4] == [*typed[3:]]
    assert "caused" in read_page(files[0]["report.html"].decode()).text.lower()


def test_what_is_wrong_is_said_and_nothing_is_written(done, tmp_path):
    out = tmp_path / "out"
    _, said = done(
        SMALL, "--set", "media.tv.cost=0", "--set", "sales.prize=1", "--out", out, code=2
    )
    assert "cost must be > 0" in said and "did you mean price?" in said
    _, said = done(tmp_path / "none.toml", "--out", out, code=2)
    assert "must exist" in said
    _, said = done(tmp_path, code=2)
    assert "media.toml: must exist" in said
    _, said = done(SMALL, "--replications", 0, code=2)
    assert "must be" in said
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("mine")
    _, said = done(SMALL, "--out", tmp_path / "mine", code=2)
    assert "recipe.json" in said
    assert not out.exists()


def test_check_and_schema_know_categories(capsys, tmp_path):
    assert cli.run(["check", str(SMALL)]) == 0
    (tmp_path / "media.toml").write_text(SMALL.read_text("utf-8").replace("cost = 0.1", "cost = 0"))
    assert cli.run(["check", str(tmp_path)]) == 2
    assert "media.tv.cost must be > 0" in capsys.readouterr().err
    assert cli.run(["schema", "--of", "media"]) == 0
    described = json.loads(capsys.readouterr().out)
    assert {"scenario", "market", "media", "search", "sales"} <= set(described["properties"])
