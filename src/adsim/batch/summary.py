"""A sweep in one row a cell: means over seeds, and what each plan gains over the first one."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

ADDED = ("impressions", "clicks", "orders", "spend", "revenue", "profit")
"""Columns that may be added up over the groups of a task."""

CONFIDENCE = 0.95


def task_totals(results: pl.LazyFrame, settings: Sequence[str]) -> pl.DataFrame:
    """A row a task: its settings, seed, the columns of `ADDED` over all groups, and roi."""
    keys = [*settings, "seed"]
    added = results.group_by(["task", *keys]).agg(pl.col(ADDED).sum())
    return added.with_columns(roi=_roi()).collect()


def summary_table(totals: pl.DataFrame, settings: Sequence[str], first_plan: str) -> pl.DataFrame:
    """A row a cell: settings, number of seeds, means over seeds, and the gain over the first plan.

    roi is a ratio of sums. `profit_low`, `profit_high` are the 95 % interval of the mean profit
    over seeds (Student t). `gain` = profit - profit of the first plan under the same settings and
    seeds, with its paired 95 % interval. Intervals are null with one seed, gains where the first
    plan is not there.
    """
    others = [name for name in settings if name != "plan"]
    first = totals.filter(pl.col("plan") == first_plan)
    paired = totals.join(
        first.select(*others, "seed", base="profit"),
        on=[*others, "seed"],
        how="left",
        nulls_equal=True,
    ).with_columns(
        gain=pl.when(pl.col("plan") != first_plan).then(pl.col("profit") - pl.col("base"))
    )
    cells = paired.group_by(settings, maintain_order=True).agg(
        pl.len().alias("seeds"),
        pl.col(ADDED).mean(),
        *_moments("profit"),
        *_moments("gain"),
    )
    table = cells.with_columns(roi=_roi()).with_columns(_interval("profit") + _interval("gain"))
    return table.select(
        *settings,
        "seeds",
        *ADDED,
        "roi",
        "profit_low",
        "profit_high",
        "gain",
        "gain_low",
        "gain_high",
    )


def _roi() -> pl.Expr:
    return pl.when(pl.col("spend") > 0).then(pl.col("revenue") / pl.col("spend"))


def _moments(name: str) -> list[pl.Expr]:
    values = pl.col(name)
    moments = [values.std().alias(f"{name}_std"), values.count().alias(f"{name}_n")]
    return moments if name in ADDED else [values.mean(), *moments]


def _interval(name: str) -> list[pl.Expr]:
    n = pl.col(f"{name}_n")
    half = pl.col(f"{name}_std") / n.sqrt() * n.map_batches(_student, return_dtype=pl.Float64)
    return [(pl.col(name) - half).alias(f"{name}_low"), (pl.col(name) + half).alias(f"{name}_high")]


def _student(n: pl.Series) -> pl.Series:
    """Quantiles of Student's t for the mean of n values."""
    from scipy.special import stdtrit  # late: a third of a second

    degrees = (n - 1).cast(pl.Float64).to_numpy()
    return pl.Series(n.name, stdtrit(degrees, (1 + CONFIDENCE) / 2), nan_to_null=True)
