from __future__ import annotations

import tracemalloc

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adsim.results import tables
from adsim.results.registry import FIELDS, VALUE_COLUMNS
from adsim.results.tables import report_table

NO_GROUPS = pl.DataFrame()
NAMES = [column.name for column in VALUE_COLUMNS]


def replication(**fields: int) -> list[int]:
    return [fields.get(field, 0) for field in FIELDS]


TWO_RUNS = np.array(
    [
        [
            replication(
                searches=100,
                eligible=80,
                impressions=40,
                clicks=4,
                carts=2,
                orders=1,
                spend=6_000_000,
                revenue=50_000_000,
                goods_cost=20_000_000,
                position_sum=60,
                lost_to_rank=30,
                lost_to_budget=10,
            )
        ],
        [
            replication(
                searches=120,
                eligible=120,
                impressions=60,
                clicks=6,
                spend=9_000_001,
                position_sum=80,
                lost_to_rank=60,
            )
        ],
    ]
)


def naive_columns(tally: list[int]) -> dict[str, float | None]:
    """The contract's formulas, one run, one group, plain Python."""
    t = dict(zip(FIELDS, map(int, tally), strict=True))
    spend, revenue = t["spend"] / 1e6, t["revenue"] / 1e6
    profit = (t["revenue"] - t["goods_cost"] - t["spend"]) / 1e6

    def rate(top: float, bottom: float) -> float | None:
        return top / bottom if bottom else None

    return {
        **{name: t[name] for name in NAMES[:6]},
        "spend": spend,
        "revenue": revenue,
        "profit": profit,
        "ctr": rate(t["clicks"], t["impressions"]),
        "cpc": rate(spend, t["clicks"]),
        "cvr": rate(t["orders"], t["clicks"]),
        "cpa": rate(spend, t["orders"]),
        "roi": rate(revenue, spend),
        "profit_roi": rate(profit, spend),
        "avg_position": rate(t["position_sum"], t["impressions"]),
        "impression_share": rate(t["impressions"], t["eligible"]),
        "lost_to_rank": rate(t["lost_to_rank"], t["eligible"]),
        "lost_to_budget": rate(t["lost_to_budget"], t["eligible"]),
    }


def agree(found: float | None, expected: float | None) -> bool:
    if expected is None:
        return found is None
    return found == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_totals_are_means_and_rates_are_ratios_of_sums():
    row = report_table(TWO_RUNS, NO_GROUPS, "counts").row(0, named=True)
    expected = {
        "searches": 110,
        "eligible": 100,
        "impressions": 50,
        "clicks": 5,
        "carts": 1,
        "orders": 0.5,
        "spend": 7.5000005,
        "revenue": 25,
        "profit": 25 - 10 - 7.5000005,
        "ctr": 0.1,
        "cpc": 1.5000001,
        "cvr": 0.1,
        "cpa": 15.000001,
        "roi": 50 / 15.000001,
        "profit_roi": (50 - 20 - 15.000001) / 15.000001,
        "avg_position": 1.4,
        "impression_share": 0.5,
        "lost_to_rank": 0.45,
        "lost_to_budget": 0.05,
    }
    assert list(row)[:19] == NAMES
    assert {name: row[name] for name in NAMES} == pytest.approx(expected, rel=1e-14)


def test_quantiles_follow_the_values_and_ignore_null_rates():
    row = report_table(TWO_RUNS, NO_GROUPS, "events").row(0, named=True)
    assert list(row)[19:23] == ["searches_low", "searches_high", "eligible_low", "eligible_high"]
    assert (row["searches_low"], row["searches_high"]) == pytest.approx((102, 118))
    assert (row["cpa_low"], row["cpa_high"]) == pytest.approx((6, 6))  # one run has no order
    assert (row["roi_low"], row["roi_high"]) == pytest.approx((50 / 60, 50 * 9 / 60))


def test_one_replication_and_expected_have_no_quantiles():
    assert report_table(TWO_RUNS[:1], NO_GROUPS, "counts").columns == NAMES
    assert report_table(TWO_RUNS.astype(float), NO_GROUPS, "expected").columns == NAMES


def test_a_group_without_searches_stays_and_its_rates_are_null():
    tallies = np.zeros((3, 2, len(FIELDS)), np.int64)
    tallies[:, 1] = TWO_RUNS[0, 0]
    groups = pl.DataFrame({"campaign": ["idle", None]})
    table = report_table(tallies, groups, "counts")
    idle = table.row(0, named=True)
    assert table["campaign"].to_list() == ["idle", None]
    assert all(idle[name] == 0 for name in NAMES[:9])
    assert all(idle[name] is None for name in NAMES[9:])
    assert idle["ctr_low"] is None and idle["ctr_high"] is None and idle["profit_low"] == 0


def test_sums_of_micros_are_exact_beyond_floats():
    tallies = np.zeros((2, 1, len(FIELDS)), np.int64)
    tallies[:, 0, FIELDS.index("revenue")] = 2**60 + 1
    tallies[:, 0, FIELDS.index("spend")] = 2**60
    profit = report_table(tallies, NO_GROUPS, "counts")["profit"][0]
    assert profit == 1e-6  # as floats, the two would cancel to 0


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32), n_replications=st.integers(1, 9), n_groups=st.integers(1, 7))
def test_agrees_with_plain_formulas_and_numpy_quantiles(seed, n_replications, n_groups):
    shape = (n_replications, n_groups, len(FIELDS))
    tallies = np.random.default_rng(seed).integers(0, 4, shape)
    groups = pl.DataFrame({"query": [f"q{i}" for i in range(n_groups)]})
    table = report_table(tallies, groups, "counts")
    for g, row in enumerate(table.iter_rows(named=True)):
        runs = [naive_columns(tallies[r, g]) for r in range(n_replications)]
        total = naive_columns(tallies[:, g].sum(axis=0))
        for column in VALUE_COLUMNS:
            mean = total[column.name]
            if column.per is None:
                mean /= n_replications
            assert agree(row[column.name], mean)
            values = [run[column.name] for run in runs if run[column.name] is not None]
            for suffix, q in (("low", 0.1), ("high", 0.9)) if n_replications > 1 else ():
                quantile = np.quantile(values, q) if values else None
                found = row[f"{column.name}_{suffix}"]
                assert agree(found, quantile)


def test_chunks_do_not_change_the_table(monkeypatch):
    tallies = np.random.default_rng(1).integers(0, 9, (5, 23, len(FIELDS)))
    groups = pl.DataFrame({"hour": range(23)})
    whole = report_table(tallies, groups, "counts")
    monkeypatch.setattr(tables, "CHUNK_BYTES", 3 * 5 * len(FIELDS) * 8)
    assert report_table(tallies, groups, "counts").equals(whole)


def test_memory_beside_the_table_is_a_few_chunks(tmp_path):
    """200,000 groups: numpy holds the columns once (57 x 8 bytes a row) and one chunk's work."""
    shape = (4, 200_000, len(FIELDS))
    tallies = np.lib.format.open_memmap(tmp_path / "tallies.npy", "w+", np.int64, shape)
    groups = pl.DataFrame({"hour": np.zeros(shape[1], np.int64)})
    tracemalloc.start()
    try:
        table = report_table(tallies, groups, "counts")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert table.height == shape[1]
    assert peak < 57 * 8 * shape[1] + 6 * tables.CHUNK_BYTES


def test_tallies_that_do_not_fit_their_groups_are_refused():
    with pytest.raises(ValueError, match="do not fit"):
        report_table(TWO_RUNS, pl.DataFrame({"hour": [1, 2]}), "counts")
