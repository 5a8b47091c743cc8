"""Keys of the scenario.toml of synthetic scenarios."""

from __future__ import annotations

import datetime
import math
from typing import Any

import polars as pl

from adsim.scenario.models import Declaration
from adsim.scenario.synthetic.market import campaign_name, product_name, rival_name, typical_rank
from adsim.scenario.synthetic.sizes import DEVICE_NAMES, Draws, Sizes
from adsim.scenario.tables import Tables

START = datetime.date(2025, 6, 1)
EXAMINATION = (1.0, 0.6, 0.4, 0.3)
LEAST_PRICE = 0.2  # yuan a click at typical quality: what the reserve score amounts to
PURPOSES = ("core", "long_tail", "test", "event", "brand")
CLOSED_HOURS = range(2, 6)  # hours in which the first campaign has a coefficient of 0
GUESSED_EXAMINATION = 0.5
GUESSED_PRICE_SHARE = 0.7  # of the bid


def declare_world(sizes: Sizes, draws: Draws, tables: Tables) -> Declaration:
    """The declaration that goes with the tables."""
    spend = _guessed_spend(sizes, tables)
    return Declaration.model_validate(
        {
            "scenario": {"name": f"synthetic {sizes.seed}", "start": START, "days": sizes.days},
            "auction": _auction(sizes),
            "demand": _demand(sizes),
            "products": [_product(draws, number) for number in range(sizes.products)],
            "campaigns": [_campaign(sizes, draws, n, spend) for n in range(sizes.campaigns)],
            "crowds": [_crowd(sizes, draws, number) for number in range(sizes.crowds)],
            "devices": _devices(sizes, draws),
            "rivals": [_rival(sizes, n, spend) for n in range(sizes.named_rivals)],
        }
    )


def _auction(sizes: Sizes) -> dict[str, Any]:
    return {
        "slots": len(EXAMINATION),
        "examination": EXAMINATION,
        "quality_exponent": sizes.quality_exponent,
        "reserve_score": round(LEAST_PRICE * typical_rank(sizes), 4),
        "increment": 0.01,
        "charge_step": sizes.charge_step,
    }


def _demand(sizes: Sizes) -> dict[str, Any]:
    if sizes.flat:
        return {"shock_cv": sizes.shock_cv}
    # One wave a day: the least at 4, the most at 16 o'clock.
    hour = [(1 - 0.9 * math.cos(2 * math.pi * (hour - 4) / 24)) / 24 for hour in range(24)]
    week = [1.0, 1.0, 1.0, 1.0, 1.05, 1.2, 1.1]
    return {"shock_cv": sizes.shock_cv, "hour": hour, "day_of_week": week}


def _product(draws: Draws, number: int) -> dict[str, Any]:
    price = draws.one("product price", number, 40, 300)
    return {
        "name": product_name(number),
        "price": price,
        "unit_cost": round(price * draws.one("unit cost", number, 0.4, 0.7), 2),
        "competitiveness": draws.one("competitiveness", number, 0.8, 1.2),
        "page": draws.one("page", number, 0.8, 1.2),
        "price_advantage": draws.one("price advantage", number, 0.8, 1.2),
        "cart_rate": draws.one("cart rate", number, 0.05, 0.25),
    }


def _campaign(sizes: Sizes, draws: Draws, number: int, spend: dict[str, float]) -> dict[str, Any]:
    name = campaign_name(number)
    keys: dict[str, Any] = {
        "name": name,
        "purpose": PURPOSES[number % len(PURPOSES)],
        "delivery": sizes.delivery,
    }
    if sizes.budget_share is not None:
        keys["daily_budget"] = round(spend.get(name, 0.0) * sizes.budget_share, 2)
    return keys if sizes.flat else keys | _coefficients(sizes, draws, number)


def _coefficients(sizes: Sizes, draws: Draws, number: int) -> dict[str, Any]:
    hours = draws.uniform(f"hours {number}", range(24), 0.7, 1.3).round(2).tolist()
    if number == 0:
        for hour in CLOSED_HOURS:
            hours[hour] = 0.0
    return {
        "premiums": {
            _crowd_name(crowd): draws.one(f"premium {number}", crowd, 0, 0.6)
            for crowd in range(sizes.crowds)
        },
        "devices": {
            device: draws.one(f"coefficient {number}", place, 0.7, 1.3)
            for place, device in enumerate(DEVICE_NAMES[: sizes.devices])
        },
        "hours": [hours] * 7,
    }


def _crowd_name(number: int) -> str:
    return f"crowd {number + 1}"


def _crowd(sizes: Sizes, draws: Draws, number: int) -> dict[str, Any]:
    return {
        "name": _crowd_name(number),
        "share": draws.one("crowd share", number, 0.05, 0.4),
        "ctr": draws.one("crowd ctr", number, 0.8, 1.5),
        "cvr": draws.one("crowd cvr", number, 0.8, 2.5),
        **_by_itself(sizes, draws, "crowd", number),
    }


def _by_itself(sizes: Sizes, draws: Draws, kind: str, number: int) -> dict[str, float]:
    """Factors of organic orders and of the value of orders."""
    if sizes.organic == 0:
        return {}
    return {
        "organic": draws.one(f"{kind} organic", number, 0.5, 3.0),
        "order_value": draws.one(f"{kind} order value", number, 0.7, 1.5),
    }


def _devices(sizes: Sizes, draws: Draws) -> list[dict[str, Any]]:
    names = DEVICE_NAMES[: sizes.devices]
    halves = [0.5 ** (place + 1) for place in range(len(names))]  # the last one takes the rest
    return [
        {
            "name": name,
            "share": halves[-1] * 2 if place == len(names) - 1 else halves[place],
            "ctr": draws.one("device ctr", place, 0.8, 1.2),
            "cvr": draws.one("device cvr", place, 0.8, 1.2),
            **_by_itself(sizes, draws, "device", place),
        }
        for place, name in enumerate(names)
    ]


def _rival(sizes: Sizes, number: int, spend: dict[str, float]) -> dict[str, Any]:
    if sizes.budget_share is None:
        return {"name": rival_name(number)}
    budget = round(sum(spend.values()) * sizes.budget_share, 2)
    return {"name": rival_name(number), "daily_budget": budget}


def _guessed_spend(sizes: Sizes, tables: Tables) -> dict[str, float]:
    """Roughly what each campaign could spend a day, its keywords sharing their queries."""
    n_queries = tables.queries.height
    forms = tables.keywords.head(n_queries * sizes.keywords_per_query)
    of_query = pl.int_range(pl.len()) % n_queries
    clicks = (tables.queries["daily_searches"] * tables.queries["ctr"]).gather(
        forms.select(of_query).to_series()
    )
    share = GUESSED_EXAMINATION * GUESSED_PRICE_SHARE / sizes.keywords_per_query
    spend = forms.select("campaign", spend=pl.col("bid") * pl.col("relevance") * clicks * share)
    return dict(spend.group_by("campaign").agg(pl.col("spend").sum()).sort("campaign").iter_rows())
