"""What a report says that cannot be so, made consistent, with a count of every change."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from adsim.calibrate.rivals import DEFAULT_SLOTS, position_shown

CENT = 0.01
BID_FACTOR = 2.0  # bid / cost per click where no row of the report shows it
PRICE_SHARE = 0.5  # cost per click / bid, likewise


@dataclass(frozen=True)
class Repaired:
    """Rows that a market can be made of.

    Attributes:
        rows: Columns of `Report.rows` with consistent numbers, and cpc, the cost per click (a
            guess where there was no click).
        left_out: Rows without impressions.
        more_clicks: Rows with more clicks than impressions.
        more_orders: Rows with more orders than clicks.
        shared_positions: Rows whose position follows from the impression share, no row having one.
        guessed_positions, guessed_cpcs: Rows where the report has none.
        guessed_bids: Rows with neither a bid nor a cost per click.
        raised_bids: Rows whose bid was below the cost per click.
        bid_factors: Account, and by what the cost per click was multiplied to give such a bid.
    """

    rows: pl.DataFrame
    left_out: pl.DataFrame
    more_clicks: int
    more_orders: int
    shared_positions: int
    guessed_positions: int
    guessed_cpcs: int
    guessed_bids: int
    raised_bids: int
    bid_factors: dict[str, float]


def repair(rows: pl.DataFrame, slots: int | None = None) -> Repaired:
    """Make the rows of a report consistent; `slots` are those of a page, where given."""
    shown = (pl.col("impressions") > 0) | (pl.col("clicks") > 0)
    kept = rows.filter(shown)
    more_clicks = pl.col("clicks") > pl.col("impressions")
    more_orders = pl.col("conversions") > pl.col("clicks")
    found = Repaired(
        rows=kept.with_columns(impressions=pl.max_horizontal("impressions", "clicks")),
        left_out=rows.filter(~shown),
        more_clicks=kept.filter(more_clicks).height,
        more_orders=kept.filter(more_orders).height,
        shared_positions=0,
        guessed_positions=0,
        guessed_cpcs=0,
        guessed_bids=0,
        raised_bids=0,
        bid_factors={},
    )
    told = _positions_of_shares(found, slots or DEFAULT_SLOTS)
    return _guess_cpcs(_raise_bids(_guess_positions(told)))


def _positions_of_shares(found: Repaired, slots: int) -> Repaired:
    """Where no row has a position: the mean one of an ad that is shown so often."""
    rows = found.rows
    shared = rows["impression_share"] > 0
    if (rows["avg_position"] > 0).any() or not shared.any():
        return found
    lost = pl.col("lost_to_budget").clip(upper_bound=1.0 - 1e-9)
    share = (pl.col("impression_share") / (1.0 - lost)).clip(upper_bound=1.0)
    position = position_shown(rows.select(share).to_series().to_numpy(), slots)
    told = pl.when(shared).then(pl.Series(position)).otherwise(0.0)
    return replace(
        found, rows=rows.with_columns(avg_position=told), shared_positions=int(shared.sum())
    )


def _guess_positions(found: Repaired) -> Repaired:
    """Where the position is unknown (0): the mean of the campaign, else of the report, else 1."""
    known = pl.col("avg_position") > 0
    seen = pl.col("impressions").filter(known)
    mean = (pl.col("avg_position").filter(known) * seen).sum() / seen.sum()
    of_campaign, of_report = mean.over("campaign"), mean
    guess = pl.coalesce(
        *(pl.when(value.is_finite()).then(value) for value in (of_campaign, of_report)), 1.0
    )
    position = pl.when(known).then("avg_position").otherwise(guess)
    return replace(
        found,
        rows=found.rows.with_columns(avg_position=position),
        guessed_positions=found.rows.filter(~known).height,
    )


def _raise_bids(found: Repaired) -> Repaired:
    """A bid below the cost per click is a later one: the cost per click x the account's factor.

    The factor is the median of bid / cost per click over the rows of the account that have bid >
    cost per click, over all rows where an account has none.
    """
    cpc = pl.when(pl.col("clicks") > 0).then(pl.col("cost") / pl.col("clicks"))
    rows = found.rows.with_columns(cpc=cpc)
    ratio = pl.when(pl.col("cpc") > 0).then(pl.col("bid") / pl.col("cpc"))
    median = ratio.filter(ratio > 1).median()
    rows = rows.with_columns(factor=pl.coalesce(median.over("account"), median, BID_FACTOR))
    tolerance = 1 + 1e-9  # cost / clicks is not exact in binary
    below = (pl.col("bid") * tolerance < pl.col("cpc")).fill_null(False)
    unknown = ~below & (pl.col("bid") <= 0)
    raised, guessed_bids = rows.filter(below), rows.filter(unknown).height
    typical = pl.col("bid").filter(pl.col("bid") > 0).median()
    rows = rows.with_columns(
        bid=pl.when(below)
        .then((pl.col("cpc") * pl.col("factor") / CENT).ceil() * CENT)
        .when(unknown)
        .then(pl.coalesce(typical.over("campaign"), typical, CENT))
        .otherwise("bid")
    )
    factors = dict(raised.select("account", "factor").unique(maintain_order=True).iter_rows())
    return replace(
        found,
        rows=rows.drop("factor"),
        guessed_bids=guessed_bids,
        raised_bids=raised.height,
        bid_factors=factors,
    )


def _guess_cpcs(found: Repaired) -> Repaired:
    """Without a click, or without a cost: the bid x the campaign's cost / (clicks x bid)."""
    known = pl.col("cpc") > 0
    share = pl.col("cost").filter(known).sum() / (
        (pl.col("clicks") * pl.col("bid")).filter(known).sum()
    )
    shares = (pl.when(value.is_finite()).then(value) for value in (share.over("campaign"), share))
    guess = pl.col("bid") * pl.coalesce(*shares, PRICE_SHARE)
    cpc = pl.when(known).then("cpc").otherwise(guess)
    return replace(
        found,
        rows=found.rows.with_columns(cpc=cpc),
        guessed_cpcs=found.rows.filter(known.fill_null(False).not_()).height,
    )
