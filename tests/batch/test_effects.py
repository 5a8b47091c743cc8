"""Variance shares and ranks against examples worked out by hand, and against plain sums."""

from __future__ import annotations

from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adsim.batch.effects import METRICS, effects_table, ranks_table, shares_under, variance_shares


def totals_of(values: np.ndarray, names: list[str]) -> pl.DataFrame:
    """A row for every element; the last axis is the seed."""
    rows = [
        (*(f"{name}{place}" for name, place in zip(names, at, strict=False)), at[-1])
        for at in product(*map(range, values.shape))
    ]
    frame = pl.DataFrame(rows, schema=[*names, "seed"], orient="row")
    return frame.with_columns(pl.Series(metric, values.ravel()) for metric in METRICS)


def shares_of(table: pl.DataFrame, metric: str = "profit") -> dict[tuple, float]:
    rows = table.filter(pl.col("metric") == metric)
    return {
        (row["kind"], row["factor"], row["with"]): row["share"]
        for row in rows.iter_rows(named=True)
    }


def test_shares_of_an_example_by_hand():
    """y = 2 a + b + a b with a, b in {-1, 1}, and -1 or 1 of luck: variances 4, 1, 1 and 1."""
    a, b = np.meshgrid([-1.0, 1.0], [-1.0, 1.0], indexing="ij")
    cells = 2 * a + b + a * b
    values = np.stack([cells - 1, cells + 1], axis=-1)
    table = effects_table(totals_of(values, ["a", "b"]), ["a", "b"])
    shares = shares_of(table)
    assert shares == pytest.approx(
        {
            ("main", "a", None): 4 / 7,
            ("main", "b", None): 1 / 7,
            ("interaction", "a", "b"): 1 / 7,
            ("rest", None, None): 0.0,
            ("luck", None, None): 1 / 7,
        }
    )
    totals = table.filter(pl.col("metric") == "profit", pl.col("kind") == "main")["total"]
    assert totals.to_list() == pytest.approx([5 / 7, 2 / 7])


def test_a_triple_interaction_is_the_rest():
    signs = np.array([-1.0, 1.0])
    cells = signs[:, None, None] * signs[None, :, None] * signs[None, None, :]
    (found,) = variance_shares(cells[None], np.zeros(1))
    assert found == pytest.approx([0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 0])


LEVELS = st.lists(st.integers(1, 3), min_size=1, max_size=4)


@given(st.integers(0, 2**32), LEVELS, st.integers(2, 4))
@settings(max_examples=30)
def test_shares_add_up_to_one(seed, levels, seeds):
    values = np.random.default_rng(seed).normal(size=(*levels, seeds))
    (found,) = shares_under(values, np.full((seeds, 1), 1 / seeds))
    n = len(levels)
    assert found[:n].sum() + found[2 * n :].sum() == pytest.approx(1)
    assert (found[n : 2 * n] >= found[:n] - 1e-12).all()


def test_one_seed_knows_no_luck_and_no_interval():
    values = np.array([[1.0], [3.0]])
    row = effects_table(totals_of(values, ["a"]), ["a"]).row(0, named=True)
    assert (row["share"], row["share_low"], row["share_high"]) == (1.0, None, None)
    luck = effects_table(totals_of(values, ["a"]), ["a"]).filter(pl.col("kind") == "luck")
    assert luck["share"].is_null().all()


def test_intervals_hold_the_share_and_shrink_with_seeds():
    def width(seeds: int) -> float:
        values = np.array([0.0, 2.0])[:, None] + np.random.default_rng(5).normal(size=(2, seeds))
        row = effects_table(totals_of(values, ["a"]), ["a"]).row(0, named=True)
        assert row["share_low"] <= row["share"] <= row["share_high"]
        return row["share_high"] - row["share_low"]

    assert 0 < width(200) < width(20)


def test_intervals_are_of_95_percent():
    """A plan is the best with half of 100 seeds: its share has the standard error .05."""
    values = np.array([np.arange(100) % 2, np.full(100, 0.5)])
    table = ranks_table(totals_of(values, ["plan"]), ["plan"])
    low, high = table.select("best_low", "best_high").row(0)
    assert (low, high) == pytest.approx((0.5 - 1.96 * 0.05, 0.5 + 1.96 * 0.05), abs=0.011)


def test_seeds_that_some_cell_lacks_are_left_out():
    values = np.array([[1.0, 2.0, 9.0], [4.0, 6.0, 9.0]])
    whole = totals_of(values[:, :2], ["a"])
    holed = totals_of(values, ["a"]).filter((pl.col("a") != "a1") | (pl.col("seed") != 2))
    assert effects_table(holed, ["a"]).equals(effects_table(whole, ["a"]))


def test_a_grid_with_a_hole_in_every_seed_has_no_effects():
    holed = totals_of(np.ones((2, 2)), ["a"]).filter(pl.col("a") == "a0", pl.col("seed") == 0)
    one = totals_of(np.ones((2, 2)), ["a"]).filter(pl.col("a") == "a1", pl.col("seed") == 1)
    assert effects_table(pl.concat([holed, one]), ["a"]).is_empty()


def test_without_a_factor_or_without_variance_nothing_mattered():
    totals = totals_of(np.ones((2, 2)), ["a"])
    assert effects_table(totals, ["a"]).is_empty()
    assert effects_table(totals, []).is_empty()


def test_ranks_of_an_example_by_hand():
    """Three plans, two seeds; plan1 is best once and level with plan0 once, plan2 always last."""
    values = np.array([[3.0, 4.0], [3.0, 5.0], [1.0, 0.0]])
    table = ranks_table(totals_of(values, ["plan"]), ["plan"]).filter(pl.col("metric") == "profit")
    assert table["plan"].to_list() == ["plan1", "plan0", "plan2"]
    assert table["best"].to_list() == [0.75, 0.25, 0.0]
    assert table["mean_rank"].to_list() == [1.25, 1.75, 3.0]
    # Of its four comparisons one is a tie, which counts as half.
    assert table["order_kept"].to_list() == [0.875, 0.875, 1.0]
    assert table["settings"].to_list() == [2, 2, 2]


def test_ranks_span_all_other_settings():
    values = np.array([[[2.0], [1.0]], [[1.0], [2.0]], [[5.0], [1.0]]])  # setting, plan, seed
    table = ranks_table(totals_of(values, ["a", "plan"]), ["plan", "a"])
    row = table.filter(pl.col("metric") == "profit", pl.col("plan") == "plan0").row(0, named=True)
    assert row["best"] == pytest.approx(2 / 3)
    assert (row["mean_rank"], row["best_low"], row["settings"]) == (pytest.approx(4 / 3), None, 3)


def test_one_plan_has_no_rank():
    assert ranks_table(totals_of(np.ones((2, 2)), ["a"]), ["a"]).is_empty()


def test_weights_are_draws_of_seeds():
    """Under the weights of drawn seeds the shares are those of the drawn seeds themselves."""
    values = np.random.default_rng(3).normal(size=(2, 3, 4))
    drawn = [1, 1, 3, 0]
    weights = np.bincount(drawn, minlength=4)[:, None] / 4
    plain = values[..., drawn]
    expected = variance_shares(plain.mean(axis=-1)[None], plain.var(axis=-1).mean().reshape(1))
    assert shares_under(values, weights) == pytest.approx(expected)
