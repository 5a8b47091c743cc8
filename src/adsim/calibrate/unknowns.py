"""What a report cannot tell, and what would."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from adsim.calibrate.fitting import Fitted
from adsim.calibrate.options import Options
from adsim.calibrate.repairing import Repaired
from adsim.calibrate.sentences import Sentence, say

FEW_ORDERS = 10  # of a row whose order rate is little more than that of its group


def list_unknowns(repaired: Repaired, fitted: Fitted, options: Options) -> Iterator[Sentence]:
    """What this report leaves open, what matters most for a plan first."""
    rows = repaired.rows
    untold = rows.filter(pl.col("impression_share") <= 0).height
    if untold:
        yield say("shares", rows=untold, all=rows.height, slots=fitted.slots)
    how = say("assumed" if options.rival_sigma is None else "given")
    yield say("one_bid", how=how, sigma=options.sigma)
    if options.start is None:
        yield say("shocks")
    if options.days is None:
        yield say("days")
    if options.margin is None:
        yield say("margin")
    clicked = rows.filter(pl.col("clicks") > 0)
    few = clicked.filter(pl.col("conversions") < FEW_ORDERS).height
    if few:
        yield say("orders", rows=few, all=clicked.height, few=FEW_ORDERS)
    if repaired.raised_bids:
        yield say("later_bids", rows=repaired.raised_bids)
    if not (rows["lost_to_budget"] > 0).any():
        yield say("budgets")
    yield from map(say, ("quality", "position", "overlap"))
