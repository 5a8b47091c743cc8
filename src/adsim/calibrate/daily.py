"""Reports with a row a keyword and day: totals to fit, the swings of demand, the last days."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import cast

import numpy as np
import polars as pl

from adsim.calibrate.columns import KEY
from adsim.calibrate.fitting import fit_rows
from adsim.calibrate.holdout import METRICS as RESPONSES
from adsim.calibrate.holdout import Assemble, draw_response
from adsim.calibrate.luck import DEMAND, SHOCK, TIE, Luck
from adsim.calibrate.markets import draw_markets
from adsim.calibrate.options import Options
from adsim.calibrate.predicting import NOTHING_HELD_OUT, Backtest, Predicted, backtest
from adsim.calibrate.rates import Floats
from adsim.calibrate.recovery import REPORTED
from adsim.calibrate.repairing import repair
from adsim.scenario import Scenario

DAYS = "days"  # what is held out, as the tables name it
METRICS = ("impressions", *RESPONSES)
LEAST_DAYS = 5  # of a report that can do without some
MARKETS, DRAWS = 20, 5  # markets, and draws in each
ROUNDS = 5  # of better weights


def first_day(daily: pl.DataFrame) -> datetime.date:
    """The first day of rows with the column day."""
    return cast(datetime.date, daily["day"].min())


def count_days(daily: pl.DataFrame) -> int:
    """Days from the first to the last, both included."""
    return (cast(datetime.date, daily["day"].max()) - first_day(daily)).days + 1


def total_days(daily: pl.DataFrame) -> pl.DataFrame:
    """A row a keyword; see `_add_up`."""
    return _add_up(daily, KEY).select(name for name in daily.columns if name != "day")


def total_segments(rows: pl.DataFrame) -> pl.DataFrame:
    """A row a keyword, or a keyword and day, of rows by device, network and the like; `_add_up`."""
    days = [name for name in ("day",) if name in rows.columns]
    return _add_up(rows, [*KEY, *days]).select(rows.columns)


def _add_up(daily: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """Counts and money added up, bids, positions and shares as means.

    Bids and positions are weighted by impressions, impression shares by eligible searches.
    """
    shown = pl.col("impressions")
    told = pl.col("avg_position") > 0
    shared = pl.col("impression_share") > 0
    eligible = (shown / pl.col("impression_share")).filter(shared)
    position = (pl.col("avg_position") * shown).filter(told).sum() / shown.filter(told).sum()
    bid = (pl.col("bid") * (shown + 1e-9)).sum() / (shown + 1e-9).sum()
    share = shown.filter(shared).sum() / eligible.sum()
    lost = (pl.col("lost_to_budget") * (shown + 1e-9)).sum() / (shown + 1e-9).sum()
    sums = pl.col("impressions", "clicks", "cost", "conversions", "revenue").sum()
    return daily.group_by(key, maintain_order=True).agg(
        sums,
        pl.col("account", "row", "known").first(),
        bid=bid,
        avg_position=position.fill_nan(0.0),
        impression_share=share.fill_nan(0.0),
        lost_to_budget=lost,
    )


def shock_cv(daily: pl.DataFrame) -> float:
    """Coefficient of variation of a keyword's demand from day to day, beyond chance.

    Impressions of a day are Poisson with a Gamma mean, so their variance is mean + cv^2 mean^2; a
    keyword's estimate of cv^2 counts by the inverse of its own variance, (1 / mean + cv^2)^-2.
    """
    days = count_days(daily)
    shown = pl.col("impressions")
    sums = daily.group_by(KEY, maintain_order=True).agg(total=shown.sum(), squares=(shown**2).sum())
    mean = sums["total"].to_numpy() / days
    seen = mean > 0
    if days < 2 or not seen.any():
        return 0.0
    mean, squares = mean[seen], sums["squares"].to_numpy()[seen]
    variance = (squares - days * mean**2) / (days - 1)
    found = 0.0
    for _ in range(ROUNDS):
        weight = (1.0 / mean + found) ** -2.0
        found = max(0.0, float(weight @ ((variance - mean) / mean**2) / weight.sum()))
    return float(found**0.5)


def settle(options: Options, daily: pl.DataFrame) -> Options:
    """The options with what days tell."""
    start = first_day(daily).isoformat()
    return replace(options, days=count_days(daily), start=start, shock_cv=shock_cv(daily))


def hold_out_days(daily: pl.DataFrame, options: Options, assemble: Assemble) -> Backtest:
    """Predictions of the last days from the first ones, given the bids of the last ones.

    Of the keywords shown in the first days; impressions are predicted as well.
    """
    days = count_days(daily)
    held = max(1, round(options.holdout * days))
    if options.holdout == 0 or days < LEAST_DAYS:
        return NOTHING_HELD_OUT
    cut = first_day(daily) + datetime.timedelta(days - held)
    early, late = daily.filter(pl.col("day") < cut), daily.filter(pl.col("day") >= cut)
    seen = repair(total_days(early), options.slots).rows
    if seen.is_empty() or late.is_empty():
        return NOTHING_HELD_OUT
    settled = replace(settle(options, early), days=days - held, markets=MARKETS)
    fitted = fit_rows(seen, settled)
    scenario = assemble(seen, fitted, settled)
    found = seen.select(KEY).join(total_days(late), on=KEY, how="left", maintain_order="left")
    bids = pl.select(pl.when(found["bid"] > 0).then(found["bid"]).otherwise(seen["bid"]))
    simulated = _means(scenario, bids.to_series(), held)
    markets = draw_markets(seen, fitted, settled, scenario)
    price = fitted.values.price[fitted.campaign]
    fixed = {"price": price, "within": np.array(fitted.noise.within)}
    fixed |= {"spread": np.array(fitted.values.spread)}
    luck = Luck.of(options.seed, 0, *(seen[name].to_list() for name in KEY))
    draws = [
        one
        for number, market in enumerate(markets)
        for one in _played(
            _means(market, bids.to_series(), held), fixed, luck, number, settled, held
        )
    ]
    predicted = [
        Predicted(
            metric,
            found[REPORTED.get(metric, metric)].fill_null(0.0).to_numpy(),
            simulated[metric],
            np.array([one[metric] for one in draws]),
            luck.uniform(TIE),
        )
        for metric in METRICS
    ]
    return backtest(DAYS, seen, predicted)


def _means(scenario: Scenario, bids: pl.Series, days: int) -> dict[str, Floats]:
    """What the keywords bring in so many days at other bids, fidelity `expected`."""
    from adsim.simulate import simulate  # late: this loads numba

    keywords = scenario.tables.keywords.with_columns(bid=bids)
    tables = replace(scenario.tables, keywords=keywords)
    run = simulate(
        scenario.model_copy(update={"tables": tables}),
        fidelity="expected",
        days=days,
        by=("keyword",),
    )
    rows = keywords.select(KEY).join(
        run.report(by=["keyword"]), on=KEY, how="left", maintain_order="left"
    )
    return {metric: rows[metric].fill_null(0.0).to_numpy() for metric in METRICS}


def _played(
    means: dict[str, Floats],
    fixed: dict[str, Floats],
    luck: Luck,
    number: int,
    options: Options,
    days: int,
) -> Iterator[dict[str, Floats]]:
    """Draws of what comes in the last days where a market's means are these."""
    shown, clicks = np.maximum(means["impressions"], 1e-12), np.maximum(means["clicks"], 1e-12)
    of = fixed | {
        "rate": np.minimum(means["clicks"] / shown, 1.0),
        "cvr": np.minimum(means["orders"] / clicks, 1.0),
        "charge": means["spend"] / clicks,
    }
    for draw in range(DRAWS):
        own = replace(luck, market=1 + number * DRAWS + draw)
        swing = np.ones(shown.size)
        if options.shock_cv > 0:
            shape = np.full(shown.size, days / options.shock_cv**2)
            swing = own.gamma(shape, SHOCK) / shape
        impressions = own.poisson(means["impressions"] * swing, DEMAND)
        yield {"impressions": impressions, **draw_response(of, impressions, own, False)}
