"""What ads cause, from histories with and without them; and what a holdout tells of it."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adsim.money import MICROS
from adsim.results.compare import half_width, residuals
from adsim.results.registry import CAUSED, COLUMNS, FIELDS, Column
from adsim.results.tables import Floats, Tallies, mean_value, numerator

NORMAL_95 = 1.959964
CAUSED_PREFIX = "caused_"
ROWS = (*CAUSED[:3], COLUMNS["spend"], *CAUSED[3:])  # orders, revenue, profit, spend, roi
ORGANIC = tuple(FIELDS.index(f"organic_{name}") for name in ("orders", "revenue", "goods_cost"))


def caused_table(labels: pl.DataFrame, attributed: Tallies, caused: Tallies) -> pl.DataFrame:
    """Rows orders, revenue, profit, spend and roi of each group, with these columns after its own:

    attributed (what a report of the group says), caused (all orders with the group's ads less all
    without, organic ones included), caused_low and caused_high (95 % interval of the mean, paired
    over replications, as in `comparison_table`), caused_share = caused / attributed.

    `attributed` and `caused`, the difference, have the shape (groups, fields, replications).
    """
    rows = []
    for group, (own, more) in enumerate(zip(attributed, caused, strict=True)):
        for column in ROWS:
            name = column.name.removeprefix(CAUSED_PREFIX)
            reported = float(mean_value(COLUMNS[name], own))
            rows.append((group, name, reported, *mean_and_interval(column, more)))
    names = ("attributed", "caused", "caused_low", "caused_high")
    schema = {"group": pl.Int64, "metric": pl.String, **dict.fromkeys(names, pl.Float64)}
    table = pl.DataFrame(rows, schema, orient="row").fill_nan(None)
    share = pl.when(pl.col("attributed") != 0).then(pl.col("caused") / pl.col("attributed"))
    table = table.with_columns(caused_share=share)
    named = labels[table["group"]].hstack(table) if labels.width else table
    return named.drop("group")


def mean_and_interval(column: Column, difference: Tallies) -> tuple[float, float, float]:
    """A column of difference[fields, replications], and its 95 % interval."""
    mean = float(mean_value(column, difference))
    pulls = residuals(column, difference) if column.per else numerator(column, difference)
    half = half_width(pulls if column.per else pulls / column.divisor)
    return mean, mean - half, mean + half


def holdout_table(
    with_ads: Tallies,
    without: Tallies,
    held: Tallies,
    money: NDArray[np.int64],
    exposed_per_held: float,
    spread: float,
) -> pl.DataFrame:
    """What those held out tell of the ads, beside the truth: rows orders, revenue, profit, roi.

    Columns truth (what the ads caused), estimate (exposed orders - r x orders of those held out,
    r = exposed / held out), estimate_low and estimate_high (the mean ends of the 95 % intervals of
    single histories), covered (the share of histories whose interval holds what the ads caused in
    that very history).

    The estimate errs by Y - r H, where Y is what the exposed would have brought without ads and H
    what those held out did. Given who is held out both are Poisson sums of orders worth w, and who
    is drawn of a finite population varies as in sampling without replacement (Cochran, Sampling
    Techniques, 1977, 2.6): variance r (1 + r) (sum of w^2 + H^2 x spread), both of those held out.
    The interval is normal: too short where those held out bring fewer than some ten orders.

    Args:
        with_ads, without: [fields, replications], totals.
        held: [groups, fields, replications] of those held out, a group with one worth of an order.
        money: int64[groups, 2], price and unit cost of an order in micros.
        exposed_per_held: r.
        spread: Squared coefficient of variation of organic orders over persons / persons held out.
    """
    orders = held[:, ORGANIC[0]].astype(np.float64)
    spend = with_ads[FIELDS.index("spend")] / MICROS
    rows = []
    worths = np.stack([np.full(len(money), MICROS), money[:, 0], money[:, 0] - money[:, 1]])
    for column, worth in zip(CAUSED[:3], worths / MICROS, strict=True):
        mine = worth @ orders
        error = np.sqrt(
            exposed_per_held * (1 + exposed_per_held) * (worth**2 @ orders + mine**2 * spread)
        )
        half = NORMAL_95 * error
        total = numerator(column, with_ads) / column.divisor
        estimate = total - (1 + exposed_per_held) * mine
        truth = numerator(column, with_ads - without) / column.divisor
        name = column.name.removeprefix(CAUSED_PREFIX)
        rows.append(_holdout_row(name, truth, estimate, half))
        if name == "revenue" and spend.all():
            roi = (found / spend for found in (truth, estimate, half))
            rows.append(_holdout_row("roi", *roi))
    names = ("truth", "estimate", "estimate_low", "estimate_high", "covered")
    schema = {"metric": pl.String, **dict.fromkeys(names, pl.Float64)}
    return pl.DataFrame(rows, schema, orient="row")


def _holdout_row(
    name: str, truth: Floats, estimate: Floats, half: Floats
) -> tuple[str, float, float, float, float, float]:
    covered = float((np.abs(estimate - truth) <= half).mean())
    mean, wide = float(estimate.mean()), float(half.mean())
    return name, float(truth.mean()), mean, mean - wide, mean + wide, covered
