"""The markets that a report may come from: what it leaves open, drawn again and again.

Each market has the keywords and queries of the fit and other numbers: pooled distributions of a
Bayesian bootstrap over the keywords, rates, searches, positions and costs per click as each
keyword's own counts leave them open, and a spread of rivals where no option gives it. The auction,
the order values and the margin stay; what is left open of order values stands in the order rates,
as a market's revenue is their product.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import polars as pl

from adsim.calibrate.assembling import list_queries
from adsim.calibrate.columns import KEY
from adsim.calibrate.fitting import Fitted, fit_rows
from adsim.calibrate.luck import Luck
from adsim.calibrate.options import Options
from adsim.scenario import Scenario
from adsim.scenario.columns import LARGEST


def draw_markets(
    rows: pl.DataFrame, fitted: Fitted, options: Options, scenario: Scenario
) -> Iterator[Scenario]:
    """As many as the options ask for; `scenario` was made of `fitted`."""
    luck = Luck.of(options.seed, 0, *(rows[name].to_list() for name in KEY))
    settled = replace(options, slots=fitted.slots)
    for market in range(1, options.markets + 1):
        drawn = fit_rows(rows, settled, replace(luck, market=market), fitted)
        worth = drawn.values.price / fitted.values.price
        drawn = replace(drawn, cvr=np.minimum(1.0, drawn.cvr * worth[drawn.campaign]))
        numbers = pl.col("daily_searches", "rival_scale").clip(upper_bound=np.nextafter(LARGEST, 0))
        queries = list_queries(rows, drawn, options).with_columns(numbers)
        yield scenario.model_copy(update={"tables": replace(scenario.tables, queries=queries)})
