from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from adsim.results.compare import METRICS, comparison_table
from adsim.results.registry import FIELDS


def tallies(n_replications: int, n_groups: int = 1, **fields: object) -> np.ndarray:
    found = np.zeros((n_replications, n_groups, len(FIELDS)), np.int64)
    for field, values in fields.items():
        found[:, :, FIELDS.index(field)] = np.asarray(values).reshape(n_replications, -1)
    return found


def rows(a: np.ndarray, b: np.ndarray) -> dict[str, dict[str, float | None]]:
    return {row["metric"]: row for row in comparison_table(a, b).iter_rows(named=True)}


def test_metrics_come_in_the_order_of_the_contract():
    table = comparison_table(tallies(2), tallies(2))
    assert table["metric"].to_list() == list(METRICS)
    names = ["metric", "a", "b", "difference", "difference_low", "difference_high"]
    assert table.columns == names


def test_totals_are_paired_and_the_interval_is_student_t():
    a, b = tallies(4, clicks=[10, 20, 30, 40]), tallies(4, clicks=[11, 23, 31, 43])
    row = rows(a, b)["clicks"]
    half = stats.t.ppf(0.975, 3) * np.std([1, 3, 1, 3], ddof=1) / 2
    assert (row["a"], row["b"], row["difference"]) == (25, 27, 2)
    assert row["difference_low"] == pytest.approx(2 - half)
    assert row["difference_high"] == pytest.approx(2 + half)


def test_rates_are_ratios_of_sums_and_their_interval_is_linearized():
    """Three replications by hand: CTR 12/60 = .2 against 18/60 = .3, mean impressions 20."""
    a = tallies(3, impressions=[10, 20, 30], clicks=[1, 5, 6])
    b = tallies(3, impressions=[10, 20, 30], clicks=[4, 5, 9])
    row = rows(a, b)["ctr"]
    pulls_a = [(1 - 2) / 20, (5 - 4) / 20, (6 - 6) / 20]
    pulls_b = [(4 - 3) / 20, (5 - 6) / 20, (9 - 9) / 20]
    half = stats.t.ppf(0.975, 2) * np.std(np.subtract(pulls_b, pulls_a), ddof=1) / 3**0.5
    assert (row["a"], row["b"]) == (0.2, 0.3)
    assert row["difference"] == pytest.approx(0.1)
    assert row["difference_low"] == pytest.approx(0.1 - half)
    assert row["difference_high"] == pytest.approx(0.1 + half)


def test_a_small_difference_survives_large_totals():
    a = tallies(3, spend=[2**60] * 3)
    row = rows(a, a + (np.arange(len(FIELDS)) == FIELDS.index("spend")))["spend"]
    assert (row["difference"], row["difference_low"]) == (1e-6, 1e-6)


def test_equal_plans_differ_by_exactly_nothing():
    a = np.random.default_rng(3).integers(1, 99, (6, 3, len(FIELDS)))
    for row in rows(a, a.copy()).values():
        assert (row["difference"], row["difference_low"], row["difference_high"]) == (0, 0, 0)


def test_groups_are_summed_before_rates():
    a = tallies(2, 2, clicks=[[1, 9], [1, 9]], impressions=[[10, 10], [10, 10]])
    assert rows(a, a)["ctr"]["a"] == 0.5


def test_one_replication_has_no_interval():
    row = rows(tallies(1, clicks=[3]), tallies(1, clicks=[5]))["clicks"]
    assert row["difference"] == 2
    assert row["difference_low"] is None and row["difference_high"] is None


def test_a_rate_without_denominator_is_null():
    row = rows(tallies(3, spend=[1, 2, 3]), tallies(3))["roi"]
    assert row["a"] == 0
    assert all(row[name] is None for name in ("b", "difference", "difference_low"))


def test_money_is_in_currency_units():
    a = tallies(2, spend=[2_000_000, 4_000_000], clicks=[1, 2])
    found = rows(a, a * 3)
    assert found["spend"]["difference"] == 6
    assert found["profit"]["difference"] == -6
    assert found["cpc"]["b"] == 2


def test_the_interval_of_a_rate_covers_the_truth():
    """500 intervals of a CTR difference, 95 % each: fewer than 458 or more than 491 hits has a
    chance of 2e-4 (binomial, with .5 % given to the t approximation)."""
    rng = np.random.default_rng(11)
    hits = 0
    for _ in range(500):
        shown = rng.negative_binomial(4, 0.01, size=40) + 1  # volumes vary a lot, as demand does
        shared = rng.binomial(shown, 0.05)
        a = tallies(40, impressions=shown, clicks=shared)
        b = tallies(40, impressions=shown, clicks=shared + rng.binomial(shown - shared, 0.02))
        row = rows(a, b)["ctr"]
        hits += row["difference_low"] <= 0.95 * 0.02 <= row["difference_high"]
    assert 458 <= hits <= 491


def test_unpaired_runs_are_refused():
    with pytest.raises(ValueError, match="not paired"):
        comparison_table(tallies(2), tallies(3))
