"""What can be asked of `adsim optimize`, by the real command."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from adsim import cli
from adsim.scenario import load_plan, load_scenario

SMALLEST = Path(__file__).parents[2] / "scenarios" / "smallest"


@pytest.fixture
def run(capsys):
    """Runs `adsim optimize` on the smallest scenario: exit code, stdout, stderr."""

    def optimize(*options):
        capsys.readouterr()
        code = cli.run(["optimize", str(SMALLEST), *map(str, options), "--quiet"])
        return code, *capsys.readouterr()

    return optimize


def test_an_amount_is_reached_and_everything_is_written(run, tmp_path):
    out = tmp_path / "out"
    code, printed, _ = run("--reach", "revenue=300", "--out", out)
    assert code == 0 and "one percent more revenue would cost" in printed
    assert {path.name for path in out.iterdir()} >= {"plan", "baselines.csv", "recipe.json"}
    recipe = json.loads((out / "recipe.json").read_text())
    assert recipe["question"] == {"reach": ["revenue", 300.0]} and recipe["goal"] == "spend"
    baselines = pl.read_csv(out / "baselines.csv")
    assert baselines["plan"].to_list()[-2:] == ["exact", "bound"]
    assert load_plan(out / "plan", load_scenario(SMALLEST)).keywords["bid"][0] < 2


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_target_and_limits_in_a_window(run, tmp_path, lang):
    limits = tmp_path / "limits.csv"
    limits.write_text("keyword,bid_max,pause\ncup,0.8,no\n")
    options = ("--goal", "orders", "--target-cpa", 40, "--limits", limits, "--lang", lang)
    code, printed, _ = run(*options, "--from", "2025-06-20", "--days", 2)
    assert code == 0
    assert f"{limits} row 1" in printed  # it binds
    assert ("over 2 days" if lang == "en" else "2 天") in printed


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--reach", "revenue"), "must be METRIC=X"),
        (("--reach", "roi=3"), "--reach: must be a metric of profit, revenue, orders, clicks"),
        (("--goal", "roi", "--target-roi", 3), "--target-roi: must come with a goal of"),
        (("--target-roi", 3, "--target-cpa", 9), "--target-roi: must come without --target-cpa"),
        (("--front", "profit,revenue", "--risk", "cvar"), "--front: must come without --risk"),
        (("--target-cpa", -1), "--target-cpa"),
        (("--from", "2025-02-30"), "--from: must be a date"),
        (("--study", "mysql://host/study"), "--study: must"),
        (("--goal", "gain"), "'--goal': must be profit, revenue, orders, clicks, roi, profit_roi"),
        (("--goal", "revenu"), "but is revenu; did you mean revenue?"),
        (("--days", 0), "--days"),
        (("--limits", "nowhere.csv"), "nowhere.csv: must exist"),
    ],
)
def test_bad_questions_are_refused(run, tmp_path, options, told):
    code, printed, said = run(*options, "--out", tmp_path / "out")
    assert (code, printed) == (2, "")
    assert told in said and "Traceback" not in said
    assert not (tmp_path / "out").exists()


def test_limits_that_do_not_fit_are_refused(run, tmp_path):
    limits = tmp_path / "limits.csv"
    limits.write_text("keyword,bid_min,bid_max\ncup,2,1\nmug,1,2\n")
    code, _, said = run("--limits", limits)
    assert code == 2
    assert f"{limits} row 2: keyword must be one of the account, but is mug; " in said
    assert f"{limits} row 1: bid_min must be <= bid_max, but is 2, and bid_max is 1; " in said
    limits.write_text("keyword,match_type,bid_min,bid_max\ncup,,3,\n,exact,,1\n")
    code, _, said = run("--limits", limits)
    assert code == 2
    assert f"{limits} row 1: limits must leave cup (exact, core) a bid" in said
