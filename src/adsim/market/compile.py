"""Declared -> arrays: a scenario and the plans to try in it, as the kernels take them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from adsim.kernels import model
from adsim.market.ids import mixed_ids, stable_id, stable_ids
from adsim.market.matching import match_queries
from adsim.market.rivals import compile_landscape, compile_named
from adsim.market.sides import Sides, list_sides
from adsim.money import to_micros, to_micros_array
from adsim.scenario import Plan, Scenario
from adsim.scenario.models import Campaign

KEYWORD_KEY = ["campaign", "ad_group", "keyword", "match_type"]
FIXED_TRAITS = ["quality", "relevance", "creative", "product"]


@dataclass(frozen=True)
class Market:
    """A scenario and plans in compiled form.

    Attributes:
        scenario: What was compiled.
        arrays: The market for the kernels.
        plans: One compiled plan for each given one.
        keywords: The own keywords of all plans together; a keyword whose quality, relevance,
            creative or product a plan changes has a row for each version.
        sides: Audience cells and devices.
        days: Number of days that `arrays` has demand for.
    """

    scenario: Scenario
    arrays: model.Market
    plans: tuple[model.PlanArrays, ...]
    keywords: pl.DataFrame
    sides: Sides
    days: int


def compile_market(
    scenario: Scenario, plans: Sequence[Plan], days: int | None = None
) -> Market:
    """Compile a scenario with plans for a number of days (the scenario's own by default).

    Raises MarketError where texts cannot be matched.
    """
    days = scenario.scenario.days if days is None else days
    keywords = _all_keywords(plans)
    sides = list_sides(scenario)
    response, products = _response(scenario, sides)
    arrays = model.Market(
        auction=_auction(scenario),
        landscape=compile_landscape(scenario),
        named=compile_named(scenario),
        demand=_demand(scenario, sides, days),
        response=response,
        account=_account(scenario, keywords, products),
    )
    compiled = tuple(_plan_arrays(scenario, plan, keywords, sides) for plan in plans)
    return Market(scenario, arrays, compiled, keywords, sides, days)


def _all_keywords(plans: Sequence[Plan]) -> pl.DataFrame:
    """Distinct keywords of all plans in order of first appearance, with a row number `version`."""
    rows = pl.concat([plan.keywords.select(KEYWORD_KEY + FIXED_TRAITS) for plan in plans])
    return rows.unique(maintain_order=True).with_row_index("version")


def _auction(scenario: Scenario) -> model.Auction:
    auction = scenario.auction
    rules = model.Rules(
        float(auction.reserve_score),
        float(auction.floor_price),
        float(auction.increment),
        to_micros(auction.charge_step),
    )
    return model.Auction(np.array(auction.examination, np.float64), rules)


def _demand(scenario: Scenario, sides: Sides, days: int) -> model.Demand:
    queries = scenario.tables.queries
    groups = queries["query_group"].to_list()
    texts = queries["query"].to_list()
    names = [group or text for group, text in zip(groups, texts, strict=True)]
    distinct = sorted(set(names))
    number = {name: i for i, name in enumerate(distinct)}
    cv = scenario.demand.shock_cv
    return model.Demand(
        searches=queries["daily_searches"].to_numpy().astype(np.float64),
        side_share=sides.share,
        hour_factor=_hour_factors(scenario, days),
        cell_identity=mixed_ids(stable_ids(texts)[:, None], sides.identity[None, :]),
        group=np.array([number[name] for name in names], np.int32),
        group_identity=stable_ids(["query group"] * len(distinct), distinct),
        shock_shape=1.0 / cv**2 if cv > 0 else 0.0,
    )


def _hour_factors(scenario: Scenario, days: int) -> np.ndarray:
    """float64[days, 24]: the part of a mean day's searches that falls into each hour."""
    demand = scenario.demand
    start = scenario.scenario.start
    factor = np.ones(days)
    dates = np.datetime64(start) + np.arange(days)
    for entry in demand.calendar:
        first, last = entry.first or entry.date, entry.last or entry.date
        factor[(dates >= np.datetime64(first)) & (dates <= np.datetime64(last))] *= entry.factor
    weekday = (start.weekday() + np.arange(days)) % 7
    factor *= np.array(demand.day_of_week)[weekday]
    return np.ascontiguousarray(factor[:, None] * np.array(demand.hour)[None, :])


def _response(scenario: Scenario, sides: Sides) -> tuple[model.Response, dict[str, int]]:
    queries = scenario.tables.queries
    products = scenario.products
    response = model.Response(
        ctr=queries["ctr"].to_numpy().astype(np.float64),
        cvr=queries["cvr"].to_numpy().astype(np.float64),
        side_ctr=sides.ctr,
        side_cvr=sides.cvr,
        product_cvr=np.array([p.competitiveness * p.page * p.price_advantage for p in products]),
        cart_rate=np.array([p.cart_rate for p in products], np.float64),
        price=np.array([to_micros(p.price) for p in products], np.int64),
        unit_cost=np.array([to_micros(p.unit_cost) for p in products], np.int64),
    )
    return response, {product.name: i for i, product in enumerate(products)}


def _account(
    scenario: Scenario, keywords: pl.DataFrame, products: dict[str, int]
) -> model.Account:
    tables = scenario.tables
    campaigns = [campaign.name for campaign in scenario.campaigns]
    number = {name: i for i, name in enumerate(campaigns)}
    matches = match_queries(
        tables.queries["query"].to_list(),
        keywords.select(KEYWORD_KEY),
        tables.negatives,
        tables.links,
    )
    quality = keywords["quality"].to_numpy()
    ctr = (keywords["relevance"] * keywords["creative"]).to_numpy()
    return model.Account(
        link_start=matches.start.astype(np.int64),
        link_keyword=matches.keyword.astype(np.int32),
        weight=quality**scenario.auction.quality_exponent,
        ctr=ctr.astype(np.float64),
        campaign=np.array([number[name] for name in keywords["campaign"]], np.int32),
        product=np.array([products[name] for name in keywords["product"]], np.int32),
        identity=stable_ids(*(keywords[name].to_list() for name in KEYWORD_KEY)),
        campaign_identity=stable_ids(["campaign"] * len(campaigns), campaigns),
    )


def _plan_arrays(
    scenario: Scenario, plan: Plan, keywords: pl.DataFrame, sides: Sides
) -> model.PlanArrays:
    row = plan.keywords.join(
        keywords, on=KEYWORD_KEY + FIXED_TRAITS, how="left", maintain_order="left"
    )["version"].to_numpy()
    active = (plan.keywords["status"] == "active").to_numpy()
    bid = np.zeros(len(keywords), np.int64)
    bid[row[active]] = to_micros_array(plan.keywords["bid"].to_numpy()[active])
    coefficient, block = _coefficients(plan.campaigns, sides)
    return model.PlanArrays(
        bid=bid,
        coefficient=coefficient,
        block=block,
        budget=np.array([_budget(c.daily_budget) for c in plan.campaigns], np.int64),
        standard=np.array([c.delivery == "standard" for c in plan.campaigns]),
        account_budget=_budget(plan.account_budget),
    )


def _budget(money: float | None) -> int:
    return int(model.NO_BUDGET) if money is None else to_micros(money)


def _coefficients(
    campaigns: Sequence[Campaign], sides: Sides
) -> tuple[np.ndarray, np.ndarray]:
    """Effective bid / bid: float64[C, S, B] and the block int32[168] of each hour of the week.

    The product of the hour coefficient, the device coefficient and 1 + the highest premium among
    the crowds that the searcher is in.
    """
    hours = np.array([np.ravel(campaign.hours) for campaign in campaigns], np.float64)
    blocks, block = np.unique(hours, axis=1, return_inverse=True)
    side = np.empty((len(campaigns), sides.share.size))
    for i, campaign in enumerate(campaigns):
        for s, (crowds, device) in enumerate(sides.members):
            premium = max((campaign.premiums.get(crowd, 0.0) for crowd in crowds), default=0.0)
            side[i, s] = campaign.devices.get(device, 1.0) * (1.0 + premium)
    coefficient = side[:, :, None] * blocks[:, None, :]
    return np.ascontiguousarray(coefficient), block.ravel().astype(np.int32)
