"""Declared -> arrays: a scenario and the plans to try in it, as the kernels take them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from adsim.kernels import model
from adsim.market.exposing import compile_exposure
from adsim.market.ids import mixed_ids, stable_ids
from adsim.market.living import compile_people
from adsim.market.matching import match_queries
from adsim.market.rivals import (
    compile_named,
    compile_tables,
    landscape_columns,
    rival_budgets,
)
from adsim.market.rotating import OPENING_FACTORS, compile_rotation, opening_factors
from adsim.market.sides import Sides, list_sides
from adsim.market.slots import auction_rules, check_promotion, examination, reader_columns
from adsim.market.text import dictionary_segmenter
from adsim.money import scale_micros, to_micros, to_micros_array
from adsim.scenario import Plan, Scenario
from adsim.scenario.models import Campaign

KEYWORD_KEY = ["campaign", "ad_group", "keyword", "match_type"]
FIXED_TRAITS = ["quality", "relevance", "creative", "product", *OPENING_FACTORS]


@dataclass(frozen=True)
class Market:
    """A scenario and plans in compiled form.

    Attributes:
        scenario: What was compiled.
        arrays: The market for the kernels.
        people: Persons who live; empty where the scenario has no journey.
        plans: One compiled plan for each given one.
        keywords: The own keywords of all plans together; a keyword whose quality, relevance,
            creative, product or opening factors of its ad group's creatives a plan changes has a
            row for each version.
        sides: Audience cells and devices.
        days: Number of days that `arrays` has demand for.
    """

    scenario: Scenario
    arrays: model.Market
    people: model.People
    plans: tuple[model.PlanArrays, ...]
    keywords: pl.DataFrame
    sides: Sides
    days: int


def compile_market(scenario: Scenario, plans: Sequence[Plan], days: int | None = None) -> Market:
    """Compile a scenario with plans for a number of days (the scenario's own by default).

    Raises MarketError where texts cannot be matched.
    """
    days = scenario.scenario.days if days is None else days
    keywords = _all_keywords(scenario, plans)
    sides = list_sides(scenario)
    searchers = compile_people(scenario, sides)
    texts = scenario.tables.queries["query"].to_list()
    segmenter = dictionary_segmenter([*texts, *keywords["keyword"]])
    matches = match_queries(
        texts,
        keywords.select(KEYWORD_KEY),
        scenario.tables.negatives,
        scenario.tables.links,
        segmenter,
    )
    named, named_bounds = compile_named(scenario, segmenter)
    groups = _query_groups(scenario)
    distinct = sorted(set(groups))
    cv = scenario.demand.shock_cv
    arrays = model.Market(
        rules=auction_rules(scenario.auction),
        examination=examination(scenario.auction),
        queries=_queries(scenario, groups, matches.start, named_bounds, searchers.kind),
        sides=sides.table,
        share=searchers.share,
        keywords=_keywords(scenario, keywords),
        products=_products(scenario),
        order_money=_order_money(scenario, sides),
        links=matches.keyword.astype(np.int64),
        named=named,
        table=compile_tables(scenario),
        hour_factor=_hour_factors(scenario, days),
        cell_identity=mixed_ids(stable_ids(texts)[:, None], sides.identity[None, :]),
        group_identity=stable_ids(["query group"] * len(distinct), distinct),
        shock_shape=1.0 / cv**2 if cv > 0 else 0.0,
        weekday=scenario.scenario.start.weekday(),
    )
    compiled = tuple(_plan_arrays(scenario, plan, keywords, sides) for plan in plans)
    check_promotion(scenario, arrays, compiled, keywords)
    return Market(scenario, arrays, searchers.people, compiled, keywords, sides, days)


def compile_plan(market: Market, plan: Plan) -> model.PlanArrays:
    """Compile one more plan for a market; its keywords are those of a plan of the market.

    Quality, relevance, creative and product of a keyword are as in one of the market's plans.
    """
    return _plan_arrays(market.scenario, plan, market.keywords, market.sides)


def _all_keywords(scenario: Scenario, plans: Sequence[Plan]) -> pl.DataFrame:
    """Distinct keywords of all plans in order of first appearance, with a row number `version`."""
    rows = pl.concat([opening_factors(scenario, plan) for plan in plans])
    rows = rows.select(KEYWORD_KEY + FIXED_TRAITS)
    return rows.unique(maintain_order=True).with_row_index("version")


def _query_groups(scenario: Scenario) -> list[str]:
    """The group of each query that shares a demand shock: by default the query itself."""
    queries = scenario.tables.queries
    pairs = zip(queries["query_group"], queries["query"], strict=True)
    return [group or query for group, query in pairs]


def _queries(
    scenario: Scenario,
    groups: list[str],
    links: np.ndarray,
    named: np.ndarray,
    searchers: np.ndarray,
) -> np.ndarray:
    declared = scenario.tables.queries
    number = {name: i for i, name in enumerate(sorted(set(groups)))}
    queries = np.zeros(len(declared), model.QUERY)
    queries["searches"] = declared["daily_searches"].to_numpy()
    queries["group"] = [number[name] for name in groups]
    queries["ctr"] = declared["ctr"].to_numpy()
    queries["cvr"] = declared["cvr"].to_numpy()
    queries["organic"] = declared["organic"].to_numpy()
    queries["organic_product"] = _organic_products(scenario)
    for column, values in landscape_columns(scenario).items():
        queries[column] = values
    queries["first_link"], queries["end_link"] = links[:-1], links[1:]
    queries["first_named"], queries["end_named"] = named[:-1], named[1:]
    queries["searchers"] = searchers
    for column, values in reader_columns(scenario).items():
        queries[column] = values
    return queries


def _organic_products(scenario: Scenario) -> list[int]:
    """The product that organic orders of each query are of: the first where none is named."""
    products = {product.name: i for i, product in enumerate(scenario.products)}
    return [products.get(name, 0) for name in scenario.tables.queries["organic_product"]]


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


def _products(scenario: Scenario) -> np.ndarray:
    products = np.zeros(len(scenario.products), model.PRODUCT)
    for row, product in zip(products, scenario.products, strict=True):
        row["cvr"] = product.competitiveness * product.page * product.price_advantage
        row["cart_rate"] = product.cart_rate
    return products


def _order_money(scenario: Scenario, sides: Sides) -> np.ndarray:
    """ORDER[P, S]: price and unit cost of each product, scaled by the order value of each side."""
    money = np.zeros((len(scenario.products), sides.table.size), model.ORDER)
    for row, product in zip(money, scenario.products, strict=True):
        row["price"] = scale_micros(to_micros(product.price), sides.table["value"])
        row["unit_cost"] = scale_micros(to_micros(product.unit_cost), sides.table["value"])
    return money


def _keywords(scenario: Scenario, declared: pl.DataFrame) -> np.ndarray:
    campaigns = {campaign.name: i for i, campaign in enumerate(scenario.campaigns)}
    products = {product.name: i for i, product in enumerate(scenario.products)}
    keywords = np.zeros(len(declared), model.KEYWORD)
    keywords["weight"] = declared["quality"].to_numpy() ** scenario.auction.quality_exponent
    shown = declared["creatives_ctr"]
    keywords["ctr"] = (declared["relevance"] * declared["creative"] * shown).to_numpy()
    keywords["cvr"] = declared["creatives_cvr"].to_numpy()
    keywords["campaign"] = [campaigns[name] for name in declared["campaign"]]
    keywords["product"] = [products[name] for name in declared["product"]]
    keywords["identity"] = stable_ids(*(declared[name].to_list() for name in KEYWORD_KEY))
    return keywords


def _plan_arrays(
    scenario: Scenario, plan: Plan, keywords: pl.DataFrame, sides: Sides
) -> model.PlanArrays:
    row = (
        opening_factors(scenario, plan)
        .join(keywords, on=KEYWORD_KEY + FIXED_TRAITS, how="left", maintain_order="left")["version"]
        .to_numpy()
    )
    active = (plan.keywords["status"] == "active").to_numpy()
    bid = np.zeros(len(keywords), np.int64)
    bid[row[active]] = to_micros_array(plan.keywords["bid"].to_numpy()[active])
    coefficient, block = _coefficients(plan.campaigns, sides)
    budgets = [_budget(campaign.daily_budget) for campaign in plan.campaigns]
    return model.PlanArrays(
        bid=bid,
        coefficient=coefficient,
        block=block,
        budget=np.array([*budgets, _budget(plan.account_budget)], np.int64),
        standard=np.array([c.delivery == "standard" for c in plan.campaigns]),
        rival_budget=rival_budgets(scenario),
        exposure=compile_exposure(scenario, plan.campaigns, sides),
        rotation=compile_rotation(scenario, plan, keywords),
    )


def _budget(money: float | None) -> int:
    return int(model.NO_BUDGET) if money is None else to_micros(money)


def _coefficients(campaigns: Sequence[Campaign], sides: Sides) -> tuple[np.ndarray, np.ndarray]:
    """Effective bid / bid: float64[C, S, B] and the block int64[168] of each hour of the week.

    The product of the hour coefficient, the device coefficient and 1 + the highest premium among
    the crowds that the searcher is in; 0 for those who are held out.
    """
    hours = np.array([np.ravel(campaign.hours) for campaign in campaigns], np.float64)
    blocks, block = np.unique(hours, axis=1, return_inverse=True)
    side = np.empty((len(campaigns), sides.table.size))
    for i, campaign in enumerate(campaigns):
        for s, (crowds, device) in enumerate(sides.members):
            premium = max((campaign.premiums.get(crowd, 0.0) for crowd in crowds), default=0.0)
            side[i, s] = campaign.devices.get(device, 1.0) * (1.0 + premium)
    side[:, sides.held_out] = 0.0
    coefficient = side[:, :, None] * blocks[:, None, :]
    return np.ascontiguousarray(coefficient), block.ravel().astype(np.int64)
