"""Rows of a report into the numbers of a market."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from adsim.calibrate.luck import CHARGE, CLICK_RATE, ORDER_RATE, POSITION, SEARCHES, SIGMA, Luck
from adsim.calibrate.options import RIVAL_SIGMAS, Options
from adsim.calibrate.prices import PriceNoise, price_noise
from adsim.calibrate.rates import Counts, Floats, Groups, Shrunk, keep_totals, shrink
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
class Response:
    """What searches bring at the report's own bids, one value a row where nothing else is said.

    Attributes:
        campaigns: Names, in order of first appearance.
        campaign: Number of each row's.
        searches: Searches in the report's time.
        levels: Rivals above the own bid.
        ctr: P(click | examined).
        cvr: P(order | click).
        charge: Mean charge of a click.
        values: What an order brings, by campaign.
        noise: How far costs per click stray.
        click_rates, order_rates: Clicks / impressions and orders / clicks as they were shrunk,
            before the factors that keep the totals of campaigns.
        rate_groups: Names of the groups within which rates were shrunk.
    """

    campaigns: list[str]
    campaign: Groups
    searches: Floats
    levels: Levels
    ctr: Floats
    cvr: Floats
    charge: Floats
    values: OrderValues
    noise: PriceNoise
    click_rates: Shrunk
    order_rates: Shrunk
    rate_groups: list[str]


@dataclass(frozen=True)
class Fitted(Response):
    """The numbers of a market.

    Attributes:
        slots: Ad slots of a page.
        rivals: Who all the rivals are.
    """

    slots: int
    rivals: Rivals


def fit_rows(
    rows: pl.DataFrame, options: Options, luck: Luck | None = None, near: Response | None = None
) -> Fitted:
    """Fit the rows of `repairing.Repaired`; with luck one of the markets that they may come from.

    Without a spread of rivals given, luck draws one for the market (see `drawn_sigma`).
    """
    slots, levels = _levels(rows, options, luck)
    response = respond(rows, options, levels, luck, near)
    sigma = options.sigma if luck is None else drawn_sigma(options, luck)
    bid = rows["bid"].to_numpy()
    rivals = find_rivals(bid, response.charge, response.levels.level, sigma)
    return Fitted(**vars(response), slots=slots, rivals=rivals)


def respond(
    rows: pl.DataFrame,
    options: Options,
    levels: Levels,
    luck: Luck | None = None,
    near: Response | None = None,
) -> Response:
    """The response of rows of which some may be held out (`known` false: impressions alone count).

    With luck, pooled numbers are those of a Bayesian bootstrap over the rows, and a row's own
    numbers are drawn from what its counts leave open: Gamma, Beta and log-normal. `near` is the
    response without luck, to start from.
    """
    campaigns, campaign = _numbered(rows["campaign"])
    rate_groups, group = _numbered(_rate_groups(rows, options.brand))
    impressions, clicks, cost, orders, revenue, bid, cpc = (
        rows[name].to_numpy()
        for name in ("impressions", "clicks", "cost", "conversions", "revenue", "bid", "cpc")
    )
    known = rows["known"].to_numpy()
    weight = np.ones(rows.height) if luck is None else luck.weight()
    # Of rows all known the totals are; of others, what a campaign adds to its group's rates is not.
    counted = known * (1.0 if known.all() else weight)

    def total(values: Floats) -> Floats:
        return np.bincount(campaign, values * counted, len(campaigns)).astype(np.float64)

    seen = levels.examined / levels.shown  # of an impression
    size = np.log(impressions) - np.log(impressions).mean()
    tried = Counts(clicks, impressions * known, size, weight)
    click_rates = shrink(tried, group, LEAST_IMPRESSIONS, near.click_rates if near else None)
    order_rates = shrink(
        Counts(orders, clicks, size, weight), group, 1.0, near.order_rates if near else None
    )
    noise = price_noise(clicks, cost, bid, campaign, len(campaigns))
    ctr = keep_totals(click_rates.rate, impressions * counted, total(clicks), campaign, seen) / seen
    mean_clicks = ctr * seen * impressions
    cvr = keep_totals(order_rates.rate, mean_clicks * counted, total(orders), campaign)
    spent = np.where(total(cost) > 0, total(cost), total(mean_clicks * cpc))
    most = HIGHEST_PRICE_SHARE * bid
    charge = keep_totals(cpc, mean_clicks * counted, spent, campaign, most)
    values = order_values(revenue, orders, campaign, len(campaigns))
    if luck is not None:
        ctr *= luck.beta(click_rates.alpha, click_rates.beta, CLICK_RATE) / click_rates.rate
        cvr *= luck.beta(order_rates.alpha, order_rates.beta, ORDER_RATE) / order_rates.rate
        charge *= _strayed(luck, noise, clicks, campaign, campaigns)
        values = values.drawn(luck.named(campaigns))
        shape = 1.0 / (1.0 / impressions + options.shock_cv**2 / options.days_or_one)
        impressions = impressions * luck.gamma(shape, SEARCHES) / shape
    return Response(
        campaigns=campaigns,
        campaign=campaign,
        searches=impressions / levels.shown,
        levels=levels,
        ctr=np.minimum(ctr, 1.0),
        cvr=np.minimum(cvr, 1.0),
        charge=np.minimum(charge, most),
        values=values,
        noise=noise,
        click_rates=click_rates,
        order_rates=order_rates,
        rate_groups=rate_groups,
    )


def drawn_sigma(options: Options, luck: Luck) -> float:
    """The spread of rivals in a market: as given, else log-uniform over `RIVAL_SIGMAS`."""
    if options.rival_sigma is not None:
        return options.rival_sigma
    low, high = RIVAL_SIGMAS
    place = luck.named(["rival sigma"]).uniform(SIGMA)[0]
    return float(low * (high / low) ** place)


def _strayed(
    luck: Luck, noise: PriceNoise, clicks: Floats, campaign: Groups, campaigns: list[str]
) -> Floats:
    """Factors of mean 1 on mean charges: of each row, and of campaigns on rows without clicks."""
    spread = noise.of_row(clicks)
    ignorance = (spread / noise.between) ** 2  # 1 without clicks, 0 with many
    common = noise.of_campaign * luck.named(campaigns).normal(CHARGE)
    logs = spread * luck.normal(CHARGE) + ignorance * common[campaign]
    spreads = spread**2 + (ignorance * noise.of_campaign[campaign]) ** 2
    return np.asarray(np.exp(logs - spreads / 2))


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


def _levels(rows: pl.DataFrame, options: Options, luck: Luck | None) -> tuple[int, Levels]:
    position, impressions, share, lost = (
        rows[name].to_numpy()
        for name in ("avg_position", "impressions", "impression_share", "lost_to_budget")
    )
    taken_part = np.minimum(1.0, share / np.maximum(1.0 - lost, 1e-9))
    slots = options.slots
    if slots is None:
        told = bool((taken_part > 0).any())
        slots = find_slots(position, impressions, taken_part) if told else DEFAULT_SLOTS
    if luck is not None:  # the rivals that stood above, all impressions together, are a count
        above = np.maximum(position - 1.0, 0.0) * impressions
        position = 1.0 + luck.gamma(above + 0.5, POSITION) / impressions
    return slots, find_levels(position, impressions, taken_part, slots)
