"""Hold-out of keywords: what a fit that saw the others says of them.

Of a held-out keyword the fit is given what a planner knows or is asked about: its campaign, ad
group, text, match type and bid, and how often its ad was shown. It has to tell clicks, spend,
orders and revenue from what the other keywords have in common.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adsim.calibrate.columns import KEY
from adsim.calibrate.fitting import Fitted, Response, fit_rows, respond
from adsim.calibrate.luck import CLICKS, FOLD, ORDERS, REVENUE, SPEND, TIE, Luck
from adsim.calibrate.options import Options
from adsim.calibrate.predicting import NOTHING_HELD_OUT, Backtest, Predicted, backtest
from adsim.calibrate.rates import Floats
from adsim.calibrate.recovery import REPORTED
from adsim.calibrate.repairing import repair
from adsim.scenario import Scenario

METRICS = ("clicks", "spend", "orders", "revenue")
KEYWORDS = "keywords"  # what is held out, as the tables name it
LEAST_KEYWORDS = 40  # of a report that can do without some
MOST_KEYWORDS = 10_000  # of a larger report an even sample is tested: it tells as much
CELLS = 200_000  # draws x rows of a report that are worth their time
ONLY_CLICKED = 0.99  # of the rows have a click: the report leaves the others out
FEWEST_DRAWS, MOST_DRAWS = 40, 100
HIDDEN = ("clicks", "cost", "conversions", "revenue", "avg_position", "impression_share")

Assemble = Callable[[pl.DataFrame, Fitted, Options], Scenario]


def hold_out(raw: pl.DataFrame, options: Options, assemble: Assemble) -> Backtest:
    """Predictions for a random part of a report's rows as they were read.

    `assemble` makes a scenario of rows and what was fitted to them. Of a report with less than
    `LEAST_KEYWORDS` rows nothing is held out, of one with more than `MOST_KEYWORDS` an even sample
    is taken.
    """
    raw = raw.filter((pl.col("impressions") > 0) | (pl.col("clicks") > 0))
    raw = raw.gather_every(-(-max(raw.height, 1) // MOST_KEYWORDS))
    if options.holdout == 0 or raw.height < LEAST_KEYWORDS:
        return NOTHING_HELD_OUT
    luck = Luck.of(options.seed, 0, *(raw[name].to_list() for name in KEY))
    held = luck.uniform(FOLD) < options.holdout
    if not held.any() or held.all():
        return NOTHING_HELD_OUT
    seen = repair(_hidden(raw, held), options.slots).rows
    fitted = fit_rows(seen, options)
    scenario = assemble(seen, fitted, options)
    draws = _draws(seen, held, luck, options, fitted)
    reported, simulated = _reported(raw.filter(held)), _simulated(scenario, raw.filter(held))
    tie = Luck(luck.seed, 0, luck.identity[held]).uniform(TIE)
    predicted = [
        Predicted(metric, reported[metric], simulated[metric], values, tie)
        for metric, values in draws.items()
    ]
    return backtest(KEYWORDS, raw.filter(held), predicted)


def _hidden(raw: pl.DataFrame, held: NDArray[np.bool_]) -> pl.DataFrame:
    """Held-out rows keep names, bid and impressions; 0 means unknown in the rest."""
    mark = pl.Series(held)
    shown = pl.max_horizontal("impressions", "clicks").alias("impressions")
    known = (pl.when(~mark).then(name).otherwise(0.0).alias(name) for name in HIDDEN)
    return raw.with_columns(shown).with_columns(*known, known=~mark)


def _reported(rows: pl.DataFrame) -> dict[str, Floats]:
    return {metric: rows[REPORTED.get(metric, metric)].to_numpy() for metric in METRICS}


def _simulated(scenario: Scenario, rows: pl.DataFrame) -> dict[str, Floats]:
    """What the scenario brings at its own bids, keyword by keyword, fidelity `expected`."""
    from adsim.simulate import simulate  # late: this loads numba

    found = simulate(scenario, fidelity="expected", by=("keyword",)).report(by=["keyword"])
    table = rows.select(KEY).join(found, on=KEY, how="left", maintain_order="left")
    return {metric: table[metric].fill_null(0.0).to_numpy() for metric in METRICS}


def _draws(
    seen: pl.DataFrame, held: NDArray[np.bool_], luck: Luck, options: Options, near: Response
) -> dict[str, Floats]:
    """What may come of the held-out rows: [draws, rows] for each metric, a market a draw."""
    count = int(np.clip(CELLS // seen.height, FEWEST_DRAWS, MOST_DRAWS))
    impressions = seen["impressions"].to_numpy()[held]
    clicked = seen.filter(pl.col("known"))["clicks"] >= 1
    only_clicked = bool(clicked.mean() > ONLY_CLICKED)  # type: ignore[operator]
    draws = []
    for market in range(1, count + 1):
        response = respond(seen, options, near.levels, replace(luck, market=market), near)
        own = Luck(luck.seed, market, luck.identity[held])
        draws.append(draw_response(_only(response, held), impressions, own, only_clicked))
    return {metric: np.array([one[metric] for one in draws]) for metric in METRICS}


def _only(response: Response, held: NDArray[np.bool_]) -> dict[str, Floats]:
    """What a held-out row's impressions bring."""
    seen = response.levels.examined / response.levels.shown
    price = response.values.price[response.campaign]
    each = {"rate": response.ctr * seen, "cvr": response.cvr, "charge": response.charge}
    numbers = {name: values[held] for name, values in (each | {"price": price}).items()}
    spreads = {"within": response.noise.within, "spread": response.values.spread}
    return numbers | {name: np.array(value) for name, value in spreads.items()}


def draw_response(
    of: dict[str, Floats], impressions: Floats, luck: Luck, only_clicked: bool
) -> dict[str, Floats]:
    """Clicks and orders binomial, their charges and values as sums of Gamma variables.

    `only_clicked`: rows without a click are left out of the report, so one click at least.
    """
    clicks = luck.binomial(impressions, of["rate"], CLICKS, only_clicked)
    orders = luck.binomial(clicks, of["cvr"], ORDERS)
    shape = of["within"] ** -2.0
    spend = of["charge"] * luck.gamma(clicks * shape, SPEND) / shape
    shape = (of["price"] / np.maximum(of["spread"], 1e-3 * of["price"])) ** 2
    revenue = of["price"] * luck.gamma(orders * shape, REVENUE) / shape
    return {"clicks": clicks, "spend": spend, "orders": orders, "revenue": revenue}
