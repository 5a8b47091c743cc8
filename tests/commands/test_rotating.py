"""simulate with creatives by the real command."""

from __future__ import annotations

import polars as pl

from adsim import cli
from tests.commands.shops import FILES, make_folder


def test_counts_of_creatives_are_left_to_be_judged(tmp_path, capsys):
    shop, out = make_folder(tmp_path / "shop", FILES), tmp_path / "out"
    options = ["--days", "2", "--replications", "2", "--out", str(out), "--quiet"]
    rotation = ["--set", "campaigns.core.rotations.cups.how=optimized"]
    assert cli.run(["simulate", str(shop), *options, *rotation]) == 0
    printed = capsys.readouterr().out
    assert "场景" in printed and "白底" in printed
    by_day = pl.read_csv(out / "creatives_by_day.csv")
    assert by_day.height == 2 * 2
    assert by_day.group_by("day").agg(pl.col("share").sum())["share"].to_list() == [1.0, 1.0]
    page = (out / "report.html").read_text("utf-8")
    assert "Creative by creative" in page and "creatives-0" in page
    assert cli.run(["creative-test", str(out / "creatives.csv"), "--quiet"]) == 0
    assert "场景" in capsys.readouterr().out


def test_a_folder_of_means_has_no_counts(tmp_path):
    shop, out = make_folder(tmp_path / "shop", FILES), tmp_path / "out"
    means = ["--fidelity", "expected", "--out", str(out), "--quiet"]
    assert cli.run(["simulate", str(shop), *means]) == 0
    assert (out / "creatives_by_day.csv").exists()
    assert not (out / "creatives.csv").exists()
