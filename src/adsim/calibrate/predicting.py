"""Predictions beside what was reported: intervals, and whether they cover."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adsim.calibrate.columns import KEY
from adsim.calibrate.rates import Floats

ALL = "all campaigns"
LOW, HIGH = 0.1, 0.9

BACKTEST = {
    "held_out": pl.String,
    "campaign": pl.String,
    "metric": pl.String,
    "reported": pl.Float64,
    "simulated": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "covered": pl.Boolean,
}
COVERAGE = {
    "held_out": pl.String,
    "metric": pl.String,
    "keywords": pl.Int64,
    "covered": pl.Float64,
}
HELD_OUT_ROWS = {name: BACKTEST[name] for name in ("held_out", "campaign")} | {
    **dict.fromkeys(KEY[1:], pl.String),
    **{name: BACKTEST[name] for name in ("metric", "reported", "simulated", "low", "high")},
}


@dataclass(frozen=True)
class Predicted:
    """One metric of the held-out keywords.

    Attributes:
        metric: Its name.
        reported, simulated: One value a keyword.
        draws: float64[draws, keywords], what may come of each keyword.
        tie: Uniforms, one a keyword, that decide whether a count equal to an end is inside.
    """

    metric: str
    reported: Floats
    simulated: Floats
    draws: Floats
    tie: Floats


@dataclass(frozen=True)
class Backtest:
    """What a fit that did not see a part of the report says of it.

    Attributes:
        totals: A row a campaign and metric (all campaigns first): held_out, campaign, metric,
            reported, simulated, low and high (80 % of what the fit thought possible), covered.
        coverage: A row a metric: held_out, metric, keywords, and the share of single keywords
            that lie within their 80 % interval.
        keywords: A row a held-out keyword and metric, with its own interval.
    """

    totals: pl.DataFrame
    coverage: pl.DataFrame
    keywords: pl.DataFrame

    @property
    def summary(self) -> pl.DataFrame:
        """All campaigns together: held_out, metric, keywords, reported, simulated, low, high,
        covered, and the shares of campaigns and of single keywords that are covered."""
        is_all = pl.col("campaign") == ALL
        each = self.totals.filter(~is_all).group_by("held_out", "metric", maintain_order=True)
        campaigns = each.agg(campaigns_covered=pl.col("covered").mean())
        singles = self.coverage.rename({"covered": "keywords_covered"})
        table = self.totals.filter(is_all).drop("campaign")
        for more in (campaigns, singles):
            table = table.join(more, on=["held_out", "metric"], maintain_order="left")
        first = ("held_out", "metric", "keywords")
        return table.select(*first, pl.exclude(first)).with_columns(
            pl.col("campaigns_covered", "keywords_covered").round(3)
        )

    def write(self, folder: Path) -> None:
        """Write the three tables into a new folder, if anything was held out."""
        if not self.totals.is_empty():
            folder.mkdir()
            for name, table in vars(self).items():
                table.write_csv(folder / f"{name}.csv")

    def and_also(self, other: Backtest) -> Backtest:
        """Both, one below the other."""
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return Backtest(*(pl.concat(pair) for pair in pairs))


NOTHING_HELD_OUT = Backtest(
    pl.DataFrame(schema=BACKTEST), pl.DataFrame(schema=COVERAGE), pl.DataFrame(schema=HELD_OUT_ROWS)
)


def backtest(held_out: str, rows: pl.DataFrame, predicted: list[Predicted]) -> Backtest:
    """The tables of predictions for keywords whose names stand in `rows`."""
    names = rows["campaign"].unique(maintain_order=True).to_list()
    number = {name: place for place, name in enumerate(names)}
    campaign = np.array([number[name] for name in rows["campaign"]], np.int64)
    tables = [_totals(held_out, names, campaign, one) for one in predicted]
    place = pl.Series(np.tile(np.arange(len(names) + 1), len(predicted)))
    coverage = [
        (held_out, one.metric, rows.height, float(_inside(one).mean())) for one in predicted
    ]
    return Backtest(
        pl.concat(tables)
        .with_columns(place=place)
        .sort("place", maintain_order=True)
        .drop("place"),
        pl.DataFrame(coverage, COVERAGE, orient="row"),
        pl.concat([_singles(held_out, rows, one) for one in predicted]),
    )


def _totals(
    held_out: str, names: list[str], campaign: NDArray[np.int64], one: Predicted
) -> pl.DataFrame:
    """All campaigns together, then each."""

    def summed(values: Floats) -> Floats:
        each = [np.bincount(campaign, row, len(names)) for row in np.atleast_2d(values)]
        return np.array([[row.sum(), *row] for row in each]).T

    reported, simulated = summed(one.reported)[:, 0], summed(one.simulated)[:, 0]
    low, high = np.quantile(summed(one.draws), (LOW, HIGH), axis=1)
    return pl.DataFrame(
        {
            "held_out": held_out,
            "campaign": [ALL, *names],
            "metric": one.metric,
            "reported": reported,
            "simulated": simulated,
            "low": low,
            "high": high,
            "covered": (low <= reported) & (reported <= high),
        },
        BACKTEST,
    )


def _singles(held_out: str, rows: pl.DataFrame, one: Predicted) -> pl.DataFrame:
    low, high = np.quantile(one.draws, (LOW, HIGH), axis=0)
    return (
        rows.select(*KEY)
        .with_columns(
            held_out=pl.lit(held_out),
            metric=pl.lit(one.metric),
            reported=one.reported,
            simulated=one.simulated,
            low=low,
            high=high,
        )
        .select(HELD_OUT_ROWS.keys())
    )


def _inside(one: Predicted) -> NDArray[np.bool_]:
    """Whether each reported value ranks between 10 % and 90 % of its draws, ties by chance.

    Of small counts a plain interval holds far more than 80 %; ranks among ties drawn at random
    are uniform if the prediction is right (Czado, Gneiting and Held 2009, Biometrics 65).
    """
    below = (one.draws < one.reported).mean(axis=0)
    equal = (one.draws == one.reported).mean(axis=0)
    rank = below + one.tie * equal
    return np.asarray((rank >= LOW) & (rank <= HIGH))
