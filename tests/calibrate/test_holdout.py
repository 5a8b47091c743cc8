"""Hold-out: what is hidden, what is predicted, and whether the intervals keep their promise."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import adsim
from adsim.calibrate.predicting import Predicted, backtest
from tests.calibrate.accounts import account, write_report

METRICS = ["clicks", "spend", "orders", "revenue"]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    path = tmp_path_factory.mktemp("small") / "report.csv"
    return write_report(account(2, 80), path)


@pytest.fixture(scope="module")
def fitted(small):
    return adsim.fit(small, days=30)


def test_tables_tell_of_the_same_keywords(fitted):
    found = fitted.backtest
    singles = found.keywords.group_by("campaign", "metric").agg(
        pl.col("reported", "simulated").sum()
    )
    joined = found.totals.join(singles, on=["campaign", "metric"])
    assert joined.height == found.totals.height - len(METRICS), "all but the campaigns together"
    for name in ("reported", "simulated"):
        assert joined[name].to_list() == pytest.approx(joined[f"{name}_right"].to_list())
    assert found.coverage["metric"].to_list() == METRICS
    assert found.summary["keywords"].to_list() == [found.keywords.height // 4] * 4
    assert ((found.totals["low"] <= found.totals["high"]).all()) and found.summary.height == 4


def test_what_is_held_out_changes_nothing_that_is_said_of_it(small, fitted, tmp_path):
    """Ten times the clicks and orders of the held-out keywords: the same predictions."""
    held = fitted.backtest.keywords.select("keyword", "match_type").unique()
    outcomes = ["clicks", "spend", "orders", "revenue"]
    is_held = pl.col("keyword").is_in(held["keyword"].implode())
    told = pl.read_csv(small)
    other = told.with_columns(
        pl.when(is_held).then(pl.col(name) * 3).otherwise(name).alias(name) for name in outcomes
    )
    other.write_csv(tmp_path / "other.csv")
    found = adsim.fit(tmp_path / "other.csv", days=30).backtest.keywords
    same = ["keyword", "metric", "simulated", "low", "high"]
    assert found.select(same).equals(fitted.backtest.keywords.select(same))
    assert found["reported"].sum() == pytest.approx(3 * fitted.backtest.keywords["reported"].sum())


def test_seed_and_share_choose_the_keywords(small, fitted):
    assert adsim.fit(small, days=30).backtest.keywords.equals(fitted.backtest.keywords)
    other = adsim.fit(small, days=30, seed=8, holdout=0.5).backtest
    assert other.keywords.height > 1.5 * fitted.backtest.keywords.height
    assert other.summary["held_out"].unique().to_list() == ["keywords"]
    nothing = adsim.fit(small, holdout=0).backtest
    assert nothing.totals.is_empty() and nothing.summary.is_empty()


def test_small_reports_hold_nothing_out(report):
    from tests.calibrate.conftest import CUP, HEADER

    assert adsim.fit(report(HEADER, CUP)).backtest.totals.is_empty()


def test_where_a_report_leaves_out_rows_without_a_click_none_is_predicted(small, tmp_path):
    counts = pl.col("impressions", "clicks", "orders")
    rows = pl.read_csv(small).with_columns(counts // 30, pl.col("spend", "revenue") / 30)
    least = []
    for name, some in (("all", rows), ("clicked", rows.filter(pl.col("clicks") > 0))):
        some.write_csv(tmp_path / f"{name}.csv")
        found = adsim.fit(tmp_path / f"{name}.csv", days=30).backtest.keywords
        least.append(found.filter(pl.col("metric") == "clicks")["low"].min())
    assert least == [0, 1]


def test_tables_are_written_as_they_are(fitted, tmp_path):
    fitted.write(tmp_path / "made")
    for name in ("totals", "coverage", "keywords"):
        table = getattr(fitted.backtest, name)
        assert pl.read_csv(tmp_path / "made" / "backtest" / f"{name}.csv").equals(table)


def test_ranks_of_right_predictions_are_covered_as_often_as_stated():
    """80 % of 4,000 Poisson counts of mean 0.7: beyond 77 to 83 % by chance once in 10^5."""
    rng = np.random.default_rng(1)
    reported, draws = rng.poisson(0.7, 4000), rng.poisson(0.7, (300, 4000))
    rows = pl.DataFrame({"campaign": ["a", "b"] * 2000})
    rows = rows.with_columns(ad_group=pl.lit("g"), keyword=pl.lit("k"), match_type=pl.lit("exact"))
    one = Predicted(
        "orders", reported * 1.0, draws.mean(axis=0), draws * 1.0, rng.uniform(size=4000)
    )
    found = backtest("keywords", rows, [one])
    assert 0.77 < found.coverage["covered"][0] < 0.83
    assert found.totals["campaign"].to_list() == ["all campaigns", "a", "b"]
    assert found.totals["reported"][0] == reported.sum()


@pytest.mark.slow
def test_intervals_of_four_accounts_cover_as_stated(tmp_path):
    """80 % intervals of about 300 held-out keywords cover 70 to 90 % in every metric.

    Keywords are independent: with right intervals less than 70 or more than 90 % come about once
    in 20,000 tests of a metric; the seeds are fixed. The true click rates are uniform, not Beta.
    """
    tables = []
    for seed, queries in enumerate((60, 150, 400, 900)):
        path = write_report(account(seed, queries), tmp_path / f"{queries}.csv")
        found = adsim.fit(path, days=30, seed=seed)
        whole = found.recovery.filter(pl.col("campaign") == "all campaigns")
        assert whole["error"].abs().max() < 1e-3, "totals come back"
        tables.append(found.backtest.coverage)
    inside = pl.col("covered") * pl.col("keywords")
    pooled = pl.concat(tables).group_by("metric").agg(inside.sum() / pl.col("keywords").sum())
    for metric, covered in pooled.iter_rows():
        assert 0.7 <= covered <= 0.9, metric


@pytest.mark.slow
def test_a_real_report_covers_what_was_held_out(shared_data):
    """Of 935 held-out keywords 70 to 90 % lie inside, in each of the four metrics."""
    found = adsim.fit(shared_data("airfrance/keywords.csv"), days=30)
    assert found.backtest.coverage["covered"].is_between(0.7, 0.9).all()
