"""Rows of a report into the numbers of a market."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from adsim.calibrate.options import Options
from adsim.calibrate.rates import Floats, Groups, Shrunk, keep_totals, shrink
from adsim.calibrate.rivals import (
    DEFAULT_SLOTS,
    Levels,
    Rivals,
    find_levels,
    find_rivals,
    find_slots,
)
from adsim.calibrate.values import OrderValues, order_values
from adsim.scenario.text import normalize, normalized

LEAST_IMPRESSIONS = 100  # of the rows that the distribution of click rates is estimated from
HIGHEST_PRICE_SHARE = 0.98  # of the bid: rivals too many or too much alike are not believed
BRAND, OTHER = "brand keywords", "other keywords"


@dataclass(frozen=True)
class Fitted:
    """The numbers of a market, one value a row where nothing else is said.

    Attributes:
        campaigns: Names, in order of first appearance.
        searches: Searches in the report's time.
        levels, rivals: Who stands above, and who are all of them.
        slots: Ad slots of a page.
        ctr: P(click | examined).
        cvr: P(order | click).
        values: What an order brings, by campaign.
        click_rates, order_rates: Clicks / impressions and orders / clicks as they were shrunk,
            before the factors that keep the totals of campaigns.
        rate_groups: Names of the groups within which rates were shrunk.
    """

    campaigns: list[str]
    searches: Floats
    levels: Levels
    rivals: Rivals
    slots: int
    ctr: Floats
    cvr: Floats
    values: OrderValues
    click_rates: Shrunk
    order_rates: Shrunk
    rate_groups: list[str]


def fit_rows(rows: pl.DataFrame, options: Options) -> Fitted:
    """Fit the rows of `repairing.Repaired`."""
    campaigns, campaign = _numbered(rows["campaign"])
    rate_groups, group = _numbered(_rate_groups(rows, options.brand))
    impressions, clicks, cost, orders, revenue, bid, cpc = (
        rows[name].to_numpy()
        for name in ("impressions", "clicks", "cost", "conversions", "revenue", "bid", "cpc")
    )

    def total(values: Floats) -> Floats:
        return np.bincount(campaign, values, len(campaigns)).astype(np.float64)

    slots, levels = _levels(rows, options)
    click_rates = shrink(clicks, impressions, group, LEAST_IMPRESSIONS)
    order_rates = shrink(orders, clicks, group, 1.0)
    seen = levels.examined / levels.shown  # of an impression
    ctr = keep_totals(click_rates.rate, impressions, total(clicks), campaign, seen) / seen
    mean_clicks = ctr * seen * impressions
    cvr = keep_totals(order_rates.rate, mean_clicks, total(orders), campaign)
    spent = np.where(total(cost) > 0, total(cost), total(mean_clicks * cpc))
    charge = keep_totals(cpc, mean_clicks, spent, campaign, HIGHEST_PRICE_SHARE * bid)
    return Fitted(
        campaigns=campaigns,
        searches=impressions / levels.shown,
        levels=levels,
        rivals=find_rivals(bid, charge, levels.level, options.sigma),
        slots=slots,
        ctr=ctr,
        cvr=cvr,
        values=order_values(revenue, orders, campaign, len(campaigns)),
        click_rates=click_rates,
        order_rates=order_rates,
        rate_groups=rate_groups,
    )


def _numbered(names: pl.Series) -> tuple[list[str], Groups]:
    """Distinct names in order of first appearance, and the number of each row's."""
    distinct = names.unique(maintain_order=True).to_list()
    number = {name: place for place, name in enumerate(distinct)}
    return distinct, np.array([number[name] for name in names], np.int64)


def _rate_groups(rows: pl.DataFrame, brand: tuple[str, ...]) -> pl.Series:
    """Brand keywords and others, or the campaigns where no brand is named."""
    if not brand:
        return rows["campaign"]
    words = [normalize(word) for word in brand]
    is_brand = pl.any_horizontal(
        normalized("keyword").str.contains(word, literal=True) for word in words
    )
    return rows.select(pl.when(is_brand).then(pl.lit(BRAND)).otherwise(pl.lit(OTHER))).to_series()


def _levels(rows: pl.DataFrame, options: Options) -> tuple[int, Levels]:
    position, impressions, share, lost = (
        rows[name].to_numpy()
        for name in ("avg_position", "impressions", "impression_share", "lost_to_budget")
    )
    taken_part = np.minimum(1.0, share / np.maximum(1.0 - lost, 1e-9))
    slots = options.slots
    if slots is None:
        told = bool((taken_part > 0).any())
        slots = find_slots(position, impressions, taken_part) if told else DEFAULT_SLOTS
    return slots, find_levels(position, impressions, taken_part, slots)
