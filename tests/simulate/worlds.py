"""Synthetic scenarios that between them use every mechanism of the engine."""

from __future__ import annotations

from typing import Any

from adsim.scenario import Scenario
from adsim.scenario.synthetic import synthetic_scenario

FREE: dict[str, dict[str, Any]] = {
    "plain": {"flat": True, "crowds": 0, "devices": 0},
    "bid only": {"quality_exponent": 0.0},
    "squashed": {"quality_exponent": 0.5},
    "kuaiche": {"quality_exponent": 1.0, "language": "chinese"},
    "to the micro": {"charge_step": 0.0},
    "coarse step": {"charge_step": 0.1},
    "log-normal": {"families": ("lognormal",)},
    "log-logistic": {"families": ("loglogistic",), "charge_step": 0.0},
    "gamma": {"families": ("gamma",)},
    "gamma to the micro": {"families": ("gamma",), "charge_step": 0.0},
    "tables": {"families": ("table",)},
    "tables to the micro": {"families": ("table",), "charge_step": 0.0},
    "binding reserve": {"set": ("auction.reserve_score=4.0",)},
    "binding floor": {"set": ("auction.floor_price=0.8",)},
    "high increment caps at the bid": {"set": ("auction.increment=0.5",)},
    "overlapping keywords": {"keywords_per_query": 4, "head_keywords": 4, "campaigns": 4},
    "many crowds": {"crowds": 4, "devices": 3},
    "named rivals": {"named_rivals": 4},
    "named rivals and tables": {"named_rivals": 2, "families": ("table",), "charge_step": 0.0},
    "one slot": {"set": ("auction.slots=1", "auction.examination=[1.0]")},
    "shocks": {"shock_cv": 0.8, "query_groups": 5},
    "a week": {"days": 7, "searches": 60.0},
    "declared links": {"links": True, "keywords_per_query": 2},
    "organic orders": {"organic": 0.02, "crowds": 3, "keywords_per_query": 2},
    "organic orders beside named rivals": {"organic": 0.02, "named_rivals": 3},
}
"""No budget binds: the three fidelities have the same means."""

BOUND: dict[str, dict[str, Any]] = {
    "one campaign runs out": {"campaigns": 1, "budget_share": 0.3},
    "all run out": {"campaigns": 4, "budget_share": 0.2, "keywords_per_query": 3},
    "paced": {"budget_share": 0.2, "delivery": "standard", "keywords_per_query": 2},
    "account budget": {"keywords_per_query": 2, "set": ("account.daily_budget=150",)},
    "account and campaigns": {"budget_share": 0.2, "set": ("account.daily_budget=200",)},
    "shocks and budgets": {"shock_cv": 0.8, "budget_share": 0.2},
    "to the micro": {"charge_step": 0.0, "budget_share": 0.2},
    "organic orders": {"organic": 0.02, "budget_share": 0.2, "keywords_per_query": 3},
    "organic orders, paced": {"organic": 0.02, "budget_share": 0.2, "delivery": "standard"},
    "tiny budgets": {"set": ("account.daily_budget=3",)},
}
"""Budgets bind: `counts` and `events` have the same distribution."""


def world(recipe: dict[str, Any], seed: int = 5) -> Scenario:
    """A scenario of 12 queries and about 4,800 searches a day, changed by the recipe."""
    sizes = {"queries": 12, **recipe}
    changes = sizes.pop("set", ())
    return synthetic_scenario(seed, **sizes).with_overrides(changes)
