"""Means over seeds and gains over the first plan, against scipy and by hand."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import stats

from adsim.batch.summary import ADDED, summary_table, task_totals

PROFITS = {"today": [10.0, 14.0, 12.0], "bold": [11.0, 17.0, 14.0]}


@pytest.fixture
def totals() -> pl.DataFrame:
    rows = [
        {"plan": plan, "a": None, "seed": seed, **dict.fromkeys(ADDED, 2.0), "profit": profit}
        for plan, profits in PROFITS.items()
        for seed, profit in enumerate(profits)
    ]
    return pl.DataFrame(rows, schema_overrides={"a": pl.Float64}).with_columns(roi=1.0)


def test_means_and_paired_gains(totals):
    table = summary_table(totals, ["plan", "a"], "today")
    today, bold = table.iter_rows(named=True)
    gains = np.subtract(PROFITS["bold"], PROFITS["today"])
    low, high = stats.t.interval(0.95, 2, gains.mean(), gains.std(ddof=1) / 3**0.5)
    assert (bold["seeds"], bold["profit"], bold["gain"]) == (3, 14.0, 2.0)
    assert (bold["gain_low"], bold["gain_high"]) == pytest.approx((low, high))
    low, high = stats.t.interval(0.95, 2, 12.0, 2 / 3**0.5)
    assert (today["profit_low"], today["profit_high"]) == pytest.approx((low, high))
    assert (today["gain"], today["gain_low"], today["roi"]) == (None, None, 1.0)


def test_one_seed_has_no_interval(totals):
    table = summary_table(totals.filter(pl.col("seed") == 0), ["plan", "a"], "today")
    assert table["gain"].to_list() == [None, 1.0]
    assert table["gain_low"].null_count() == table["profit_high"].null_count() == 2


def test_groups_of_a_task_are_added_up():
    results = pl.LazyFrame(
        {
            "task": ["x", "x"],
            "plan": ["p", "p"],
            "seed": [1, 1],
            **{name: [1.0, 2.0] for name in ADDED},
        }
    )
    (row,) = task_totals(results, ["plan"]).iter_rows(named=True)
    assert (row["profit"], row["spend"], row["roi"]) == (3.0, 3.0, 1.0)
