"""Synthetic scenarios that between them use every mechanism of the engine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl

from adsim.scenario import Scenario
from adsim.scenario.auctions import Auction
from adsim.scenario.synthetic import synthetic_scenario

CASCADE = {"clicks": "cascade", "continuation": 0.6}
PROMOTED = {"promoted_slots": 2, "promoted_reserve": 5.0, "promotion": 2.0}
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
    "cascade": {"auction": CASCADE},
    "promoted slots": {"auction": {"promoted_slots": 2, "promoted_reserve": 4.0}},
    "all slots promoted": {"auction": {"promoted_slots": 4}, "charge_step": 0.0},
    "cascade and promoted slots": {"auction": {**CASCADE, **PROMOTED}, "readers": (0.5, 0.4)},
    "cascade and promoted slots beside named rivals": {
        "auction": {**CASCADE, **PROMOTED},
        "readers": (0.5, 0.4),
        "named_rivals": 3,
    },
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
    "cascade and promoted slots": {"auction": {**CASCADE, **PROMOTED}, "budget_share": 0.2},
    "promoted slots, paced": {
        "auction": PROMOTED,
        "budget_share": 0.2,
        "delivery": "standard",
        "keywords_per_query": 2,
    },
    "tiny budgets": {"set": ("account.daily_budget=3",)},
}
"""Budgets bind: `counts` and `events` have the same distribution."""


def world(recipe: dict[str, Any], seed: int = 5) -> Scenario:
    """A scenario of 12 queries and about 4,800 searches a day, changed by the recipe."""
    sizes = {"queries": 12, **recipe}
    changes, auction = sizes.pop("set", ()), sizes.pop("auction", {})
    readers = sizes.pop("readers", None)
    made = synthetic_scenario(seed, **sizes).with_overrides(changes)
    return with_readers(with_auction(made, **auction), readers)


def with_auction(scenario: Scenario, **keys: Any) -> Scenario:
    """The scenario with other keys of [auction]; a cascade has no examination."""
    declared = scenario.auction.model_dump(exclude_defaults=True) | keys
    if declared.get("clicks") == "cascade":
        declared.pop("examination", None)
    return scenario.model_copy(update={"auction": Auction(**declared)})


def with_readers(scenario: Scenario, readers: tuple[float, float] | None) -> Scenario:
    """The scenario with rivals of this CTR and CVR, and readers more patient on some queries."""
    if readers is None:
        return scenario
    number = pl.int_range(pl.len())
    queries = scenario.tables.queries.with_columns(
        rival_ctr=readers[0],
        rival_cvr=readers[1],
        continuation=pl.when(number % 2 == 0).then(0.9),
    )
    return scenario.model_copy(update={"tables": replace(scenario.tables, queries=queries)})
