"""Every documented key and column has an effect, is a label, or is refused (validation.md 15, 28).

A key that nothing reads is found here: each is changed alone, and the means by keyword and day must
be others. Keys of persons, journeys and rotations have tests of their own.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any, get_args

import polars as pl
import pytest
from pydantic import BaseModel

import adsim
from adsim.scenario import Scenario
from adsim.scenario.columns import TABLES
from adsim.scenario.models import Declaration

DAY = datetime.date(2025, 6, 1)
MORNING = [0.5] * 12 + [1.0] * 12
KEYS: dict[str, Any] = {
    "scenario": {"name": "all keys", "start": DAY, "days": 2},
    "auction": {
        "slots": 3,
        "examination": [1.0, 0.6, 0.3],
        "reserve_score": 1.0,
        "promoted_slots": 1,
        "promoted_reserve": 3.0,
    },
    "demand": {"calendar": [{"date": DAY, "factor": 1.1}]},
    "products": [{"name": "cup", "price": 50.0, "cart_rate": 0.3}, {"name": "pot", "price": 9.0}],
    "campaigns": [
        {
            "name": "core",
            "daily_budget": 60.0,
            "premiums": {"visitors": 0.3},
            "devices": {"mobile": 1.2},
            "frequency_cap": 3,
            "fatigue": 0.1,
        },
        {"name": "tail"},
    ],
    "crowds": [{"name": "visitors", "share": 0.3}],
    "population": {
        "size": 500,
        "columns": {"age": {"family": "uniform", "low": 20.0, "high": 60.0}},
        "effects": [{"where": "age > 40", "ctr": 1.2}],
    },
    "devices": [{"name": "mobile", "share": 0.7}, {"name": "pc", "share": 0.3}],
    "rivals": [{"name": "other"}],
}
OWN = {"ad_group": "g", "quality": 5.0, "relevance": 0.8, "product": "cup", "match_type": "phrase"}
TABLES_OF_ALL: dict[str, list[dict[str, Any]]] = {
    "queries": [
        {"query": text, "daily_searches": 500.0, "rivals": 3.0, "rival_family": family}
        | {"rival_scale": 4.0, "rival_shape": 0.7, "ctr": 0.1, "cvr": 0.1, "organic": 0.01}
        | {"organic_product": "cup"}
        for text, family in (("cup", "lognormal"), ("red cup", "table:t"), ("old cup", "gamma"))
    ],
    "keywords": [
        {"campaign": "core", "keyword": "cup", "bid": 1.5} | OWN,
        {"campaign": "tail", "keyword": "red cup", "bid": 1.6} | OWN,
    ],
    "negatives": [
        {"campaign": "core", "ad_group": "g", "keyword": "old", "match_type": "phrase"},
    ],
    "rival_keywords": [
        {"rival": "other", "keyword": "cup", "match_type": "broad", "bid": 1.4, "quality": 4.0}
        | {"presence": 0.7}
    ],
    "rival_tables": [
        {"name": "t", "probability": 0.0, "ad_rank": 1.0},
        {"name": "t", "probability": 1.0, "ad_rank": 9.0},
    ],
    "creatives": [
        {"campaign": "tail", "ad_group": "g", "creative": name, "ctr": ctr}
        for name, ctr in (("a", 1.0), ("b", 1.3))
    ],
}
CHANGES: dict[str, Any] = {
    "scenario.start": DAY + datetime.timedelta(1),
    "scenario.days": 3,
    "scenario.holdout": 0.1,
    "auction.slots": {"auction.slots": 2, "auction.examination": [1.0, 0.6]},
    "auction.clicks": {
        "auction.clicks": "cascade",
        "auction.continuation": 0.5,
        "auction.examination": None,
    },
    "auction.examination": [1.0, 0.5, 0.3],
    "auction.quality_exponent": 0.9,
    "auction.reserve_score": 2.5,
    "auction.promoted_slots": 2,
    "auction.promoted_reserve": 4.0,
    "auction.promotion": 1.2,
    "auction.increment": 0.05,
    "auction.floor_price": 0.9,
    "auction.charge_step": 0.1,
    "demand.shock_cv": 0.5,
    "demand.hour": [0.0] * 12 + [1 / 12] * 12,
    "demand.day_of_week": [1.0] * 6 + [0.5],
    "demand.calendar.date": {"demand.calendar.0.date": DAY + datetime.timedelta(1)},
    "demand.calendar.from": {
        "demand.calendar": [{"from": DAY, "to": DAY + datetime.timedelta(1), "factor": 1.1}]
    },
    "demand.calendar.factor": {"demand.calendar.0.factor": 1.2},
    "account.daily_budget": 60.0,
    "products.price": {"products.cup.price": 51.0},
    "products.unit_cost": {"products.cup.unit_cost": 1.0},
    "products.competitiveness": {"products.cup.competitiveness": 1.1},
    "products.page": {"products.cup.page": 1.1},
    "products.price_advantage": {"products.cup.price_advantage": 1.1},
    "products.cart_rate": {"products.cup.cart_rate": 0.2},
    "campaigns.delivery": {"campaigns.core.delivery": "standard"},
    "campaigns.daily_budget": {"campaigns.core.daily_budget": 20.0},
    "campaigns.premiums": {"campaigns.core.premiums.visitors": 0.5},
    "campaigns.devices": {"campaigns.core.devices.pc": 0.5},
    "campaigns.hours": {"campaigns.core.hours": [MORNING] * 7},
    "campaigns.frequency_cap": {"campaigns.core.frequency_cap": 2},
    "campaigns.cap_days": {"campaigns.core.cap_days": 2},
    "campaigns.fatigue": {"campaigns.core.fatigue": 0.2},
    "campaigns.fatigue_floor": {"campaigns.core.fatigue_floor": 0.95},
    "crowds.share": {"crowds.visitors.share": 0.2},
    "crowds.ctr": {"crowds.visitors.ctr": 1.1},
    "crowds.cvr": {"crowds.visitors.cvr": 1.1},
    "crowds.organic": {"crowds.visitors.organic": 1.1},
    "crowds.order_value": {"crowds.visitors.order_value": 1.1},
    "devices.share": {"devices.mobile.share": 0.6, "devices.pc.share": 0.4},
    "devices.ctr": {"devices.pc.ctr": 1.1},
    "devices.cvr": {"devices.pc.cvr": 1.1},
    "devices.organic": {"devices.pc.organic": 1.1},
    "devices.order_value": {"devices.pc.order_value": 1.1},
    "rivals.daily_budget": {"rivals.other.daily_budget": 5.0},
}
LABELS = {
    *(f"{section}.name" for section in ("scenario", "products", "campaigns", "crowds")),
    *("devices.name", "rivals.name", "scenario.currency", "scenario.timezone"),
    *("campaigns.purpose", "scenario.platform", "scenario.rival_spread"),  # of the optimizer
}
TOGETHER = {"auction.continuation", "demand.calendar.to"}  # changed with the key that needs them
REFUSED = {"auction.bid_min": 2.0, "auction.bid_max": 1.0, "auction.bid_step": 0.7}
SAMPLED = {"demand.shock_cv": "counts", "rivals.daily_budget": "events", "wear": "counts"}
ELSEWHERE = ("population.", "journey.", "campaigns.rotations.", "crowds.where", "crowds.lookalike")
ELSEWHERE += ("crowds.size", "crowds.traits", "crowds.frozen")
CELLS: dict[str, dict[str, Any]] = {
    "queries": {
        **{"daily_searches": 400.0, "rivals": 2.0, "rival_family": "loglogistic"},
        **{"rival_scale": 3.0, "rival_shape": 0.6, "ctr": 0.2, "cvr": 0.2, "organic": 0.02},
        **{"organic_product": "pot", "query": "blue mug"},
    },
    "keywords": {
        **{"bid": 1.4, "quality": 4.0, "relevance": 0.7, "product": "pot", "creative": 1.2},
        **{"status": "paused", "match_type": "exact", "keyword": "pot"},
    },
    "negatives": {"keyword": "red", "match_type": "exact", "campaign": "tail"},
    "rival_keywords": {
        **{"bid": 1.3, "quality": 3.0, "presence": 0.5, "keyword": "red cup"},
        "match_type": "exact",
    },
    "rival_tables": {"ad_rank": 1.5},
    "creatives": {"ctr": 1.2, "cvr": 1.1, "wear": 0.5},
}
CELLS_ELSEWHERE = {
    "queries": {"query_group", "continuation", "rival_ctr", "rival_cvr"},  # of shocks, of cascades
    "keywords": {"campaign", "ad_group"},
    "negatives": {"ad_group"},  # absent: of the whole campaign
    "links": {"query", "campaign", "ad_group", "keyword", "match_type"},  # test_matching
    "rival_keywords": {"rival"},
    "rival_tables": {"name", "probability"},
    "creatives": {"campaign", "ad_group", "creative", "wear_floor"},
}


def keys_of(model: type[BaseModel], path: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = list(models_in(field.annotation))
        for one in inner:
            yield from keys_of(one, f"{path}{name}.")
        if not inner:
            yield path + (field.alias or name)


def models_in(kind: Any) -> Iterator[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for part in get_args(kind):
        yield from models_in(part)


def means(scenario: Scenario, fidelity: str = "expected") -> bytes:
    run = adsim.simulate(scenario, fidelity=fidelity, replications=1, by=["keyword", "day"])
    return run.tallies(["keyword", "day"])[0].tobytes()


@pytest.fixture(scope="module")
def base() -> Scenario:
    tables = {name: pl.DataFrame(rows) for name, rows in TABLES_OF_ALL.items()}
    return adsim.make_scenario(KEYS, **tables)


@pytest.fixture(scope="module")
def means_of_base(base) -> dict[str, bytes]:
    return {fidelity: means(base, fidelity) for fidelity in ("expected", "counts", "events")}


def test_every_documented_key_is_tried():
    tried = {*CHANGES, *LABELS, *TOGETHER, *REFUSED}
    assert {key for key in keys_of(Declaration) if not key.startswith(ELSEWHERE)} == tried


def test_every_documented_column_is_tried():
    for spec in TABLES:
        tried = {*CELLS.get(spec.name, {})} | CELLS_ELSEWHERE.get(spec.name, set())
        assert {column.name for column in spec.columns} == tried, spec.name


@pytest.mark.slow
@pytest.mark.parametrize("key", CHANGES)
def test_a_key_changes_what_happens(base, means_of_base, key):
    change = CHANGES[key] if isinstance(CHANGES[key], dict) else {key: CHANGES[key]}
    fidelity = SAMPLED.get(key, "expected")
    changed = means(base.with_overrides(change), fidelity)
    assert changed != means_of_base[fidelity]


@pytest.mark.parametrize("key", REFUSED)
def test_a_key_refuses_bids(base, key):
    with pytest.raises(adsim.AdsimError, match=r"keywords\.csv row 1: bid must be"):
        base.with_overrides({key: REFUSED[key]})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "column"), [(table, column) for table, cells in CELLS.items() for column in cells]
)
def test_a_column_changes_what_happens(base, means_of_base, table, column):
    rows = [dict(row) for row in TABLES_OF_ALL[table]]
    rows[0][column] = CELLS[table][column]
    changed = base.with_overrides(**{table: pl.DataFrame(rows)})
    fidelity = SAMPLED.get(column, "expected")
    assert means(changed, fidelity) != means_of_base[fidelity]
