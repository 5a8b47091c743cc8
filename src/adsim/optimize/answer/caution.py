"""What an answer says of a market that a fit to a report has made."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from adsim.optimize.answer.sentences import Message, say
from adsim.scenario import Scenario

FAR = 2.0
"""A bid more than so many times another tells little of it: a fit has seen one bid a keyword."""


def explain_caution(
    scenario: Scenario, changes: pl.DataFrame, goal: str, has_markets: bool
) -> Iterator[Message]:
    """What interval and bound leave out, how many bids leave what the report has seen, free goods.

    Nothing where the market is declared. changes: those of the answer, bids of today and new;
    goal: as asked for; has_markets: whether the plan is one for several markets.
    """
    spread = scenario.scenario.rival_spread
    if spread == "declared":
        return
    yield say("fitted")
    if "profit" in goal and not any(product.unit_cost for product in scenario.products):
        yield say("free_goods")
    bids = changes.filter((pl.col("bid_today") > 0) & (pl.col("bid_new") > 0))
    factor = bids["bid_new"] / bids["bid_today"]
    far = int(((factor > FAR) | (factor < 1 / FAR)).sum())
    if far:
        cure = say("steps" if has_markets else "steps_or_markets")
        how = say(f"spread_{spread}")
        yield say("far_bids", far=far, count=bids.height, how=how, cure=cure)
