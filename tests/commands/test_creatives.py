"""creative-test and creative-plan by the real command."""

from __future__ import annotations

import io
import json
from pathlib import Path

import polars as pl
import pytest

from adsim import cli

COUNTS = (
    "创意,展现数,点击数,订单数,花费,成交金额\n白底,9000,270,9,400,900\n场景,9001,361,14,520,1500\n"
)


@pytest.fixture
def counts(tmp_path):
    path = tmp_path / "counts.csv"
    path.write_text(COUNTS, encoding="utf-8")
    return path


@pytest.fixture
def done(capsys):
    def run(*arguments: object) -> tuple[str, str]:
        capsys.readouterr()
        code = cli.run([str(argument) for argument in arguments])
        printed, said = capsys.readouterr()
        assert code == 0, said
        return printed, said

    return run


def test_a_table_of_counts_gets_an_answer(counts, done, tmp_path):
    printed, said = done("creative-test", counts)
    assert "Stop and take 场景" in printed and said == ""
    assert "可以停止，选 场景" in done("creative-test", counts, "--lang", "zh")[0]
    printed, said = done("creative-test", counts, "--goal", "roi", "--format", "json")
    rows = json.loads(printed)
    assert [row["creative"] for row in rows] == ["白底", "场景"] and "Go on: 场景" in said
    assert rows[1]["roi"] == pytest.approx(1500 / 520)
    printed, _ = done(
        "creative-test", counts, "--prior", "0.1", "--format", "csv", "--out", tmp_path / "out"
    )
    assert (tmp_path / "out" / "creatives.csv").read_text(encoding="utf-8") == printed
    assert pl.read_csv(io.StringIO(printed))["lift"][1] > 0


def test_a_table_in_gbk_is_read_and_said_to_be(counts, done):
    in_utf8, _ = done("creative-test", counts)
    counts.write_bytes(COUNTS.encode("gbk"))
    assert "it was read as GBK/GB18030." in done("creative-test", counts)[0]
    assert "GBK" not in in_utf8


def test_the_shipped_example_shows_that_the_goal_decides(done):
    example = Path(__file__).parents[2] / "scenarios" / "invented_creatives.csv"
    assert "Stop and take kitchen" in done("creative-test", example)[0]
    assert "Go on: steam leads" in done("creative-test", example, "--goal", "roi")[0]


def test_a_plan_is_made_before_a_test(done):
    printed, _ = done("creative-plan", "--ctr", 0.03, "--lift", 0.2, "--cpc", 1.5)
    assert "4 creatives with 19,087 impressions each" in printed
    printed, _ = done("creative-plan", "--ctr", 0.03, "--cpc", 1.5, "--budget", 3435.66)
    assert "20.0% above 3.000%" in printed
    printed, _ = done("creative-plan", "--ctr", 0.03, "--format", "json")
    assert json.loads(printed)[0]["impressions_each"] == 19_087


def test_mistakes_are_told_and_nothing_is_left_behind(counts, refused, tmp_path):
    counts.write_text(COUNTS.replace("361", "99999"), encoding="utf-8")
    lines = refused("creative-test", counts, "--prior", "bold", "--out", tmp_path / "out")
    assert len(lines) == 2 and "prior: must be" in lines[0]
    assert "row 2: 点击数 must be <= 展现数, but 99999 is more than 9001" in lines[1]
    assert "--care" in refused("creative-test", counts, "--care", "much")[0]
    assert "must be a number >= 0.5" in refused("creative-plan", "--ctr", 0.03, "--power", 0.1)[0]
    assert "cvr: must be given" in refused("creative-plan", "--ctr", 0.03, "--goal", "cvr")[0]
