"""Declared -> arrays: the creatives of ad groups and how a plan rotates them."""

from __future__ import annotations

import numpy as np
import polars as pl

from adsim.kernels import model
from adsim.market.ids import stable_ids
from adsim.scenario import Plan, Scenario
from adsim.scenario.rotations import EQUAL, Rotation
from adsim.scenario.text import normalized

GROUP = ["campaign", "ad_group"]
OPENING_FACTORS = ["creatives_ctr", "creatives_cvr"]
HOWS = {
    "equal": model.EQUAL,
    "optimized": model.OPTIMIZED,
    "only": model.ONLY,
    "turns": model.TURNS,
    "test": model.TEST,
}
GOALS = {"clicks": model.FOR_CLICKS, "orders": model.FOR_ORDERS, "profit": model.FOR_PROFIT}


def listed_creatives(scenario: Scenario) -> pl.DataFrame:
    """The scenario's creatives as the kernels number them: ad group by ad group.

    Columns as in creatives.csv, and `number`, that of the ad group; ad groups by first appearance.
    """
    rows = scenario.tables.creatives
    numbers = rows.select(number=_key().rank("dense").cast(pl.Int64)).to_series()
    first = {number: i for i, number in enumerate(numbers.unique(maintain_order=True))}
    return rows.with_columns(
        number=pl.Series([first[number] for number in numbers], dtype=pl.Int64)
    ).sort("number", maintain_order=True)


def is_steady(scenario: Scenario, plan: Plan) -> bool:
    """Whether the creatives' shares and factors never change, so that closed forms hold."""
    if (scenario.tables.creatives["wear"] > 0).any():
        return False
    rotations = [r for campaign in plan.campaigns for r in campaign.rotations.values()]
    return all(rotation.how in ("equal", "only") for rotation in rotations)


def opening_factors(scenario: Scenario, plan: Plan) -> pl.DataFrame:
    """The plan's keywords with the mean factors of their ad group's creatives at the opening.

    Columns `OPENING_FACTORS`, 1 where the ad group has no creatives: that on the CTR over its
    impressions, that on the CVR over its clicks, in the shares of the first hour and unworn.
    """
    neutral = plan.keywords.with_columns(pl.lit(1.0).alias(name) for name in OPENING_FACTORS)
    if not scenario.has_creatives:
        return neutral
    creatives = listed_creatives(scenario)
    groups = _groups(creatives, plan)
    opening = dict(zip(_keys(creatives), groups[["ctr", "cvr"]][creatives["number"]], strict=True))
    found = [opening.get(key, (1.0, 1.0)) for key in _keys(plan.keywords)]
    factors = pl.DataFrame(np.array([tuple(pair) for pair in found]), schema=OPENING_FACTORS)
    return plan.keywords.hstack(factors)


def compile_rotation(scenario: Scenario, plan: Plan, keywords: pl.DataFrame) -> model.Rotation:
    """The creatives of all ad groups, how the plan rotates them, and which keywords show them."""
    group = np.full(len(keywords), -1)
    if not scenario.has_creatives:
        none = np.zeros(0, model.ROTATED), np.zeros(0, model.CREATIVE)
        return model.Rotation(group, *none)
    declared = listed_creatives(scenario)
    known = dict(zip(_keys(declared), declared["number"], strict=True))
    group[:] = [known.get(key, -1) for key in _keys(keywords)]
    creatives = np.zeros(len(declared), model.CREATIVE)
    for ours, theirs in (("ctr", "ctr"), ("cvr", "cvr"), ("wear", "wear"), ("floor", "wear_floor")):
        creatives[ours] = declared[theirs].to_numpy()
    names = (declared[name].to_list() for name in (*GROUP, "creative"))
    creatives["identity"] = stable_ids(*names)
    return model.Rotation(group, _groups(declared, plan), creatives)


def _groups(creatives: pl.DataFrame, plan: Plan) -> np.ndarray:
    """ROTATED[n] of `listed_creatives` under a plan."""
    parts = creatives.partition_by("number", maintain_order=True)
    rotations = {campaign.name: campaign.rotations for campaign in plan.campaigns}
    groups = np.zeros(len(parts), model.ROTATED)
    end = 0
    for row, own in zip(groups, parts, strict=True):
        rotation = rotations[own["campaign"][0]].get(own["ad_group"][0], EQUAL)
        names = own["creative"].to_list()
        row["first"], end = end, end + len(names)
        row["end"] = end
        row["how"], row["goal"] = HOWS[rotation.how], GOALS[rotation.goal]
        row["only"] = names.index(rotation.creative) if rotation.creative else 0
        row["impressions"], row["days"] = rotation.impressions or 0, rotation.days or 0
        row["ctr"], row["cvr"] = _opening(own, rotation, row["only"])
    return groups


def _opening(own: pl.DataFrame, rotation: Rotation, chosen: int) -> tuple[float, float]:
    """Mean factors of an ad group's creatives, summed in the order of the kernels."""
    is_one = rotation.how in ("only", "turns")
    clicked = bought = 0.0
    for i, (ctr, cvr) in enumerate(zip(own["ctr"], own["cvr"], strict=True)):
        share = float(i == chosen) if is_one else 1.0 / own.height
        clicked += share * ctr
        bought += share * ctr * cvr
    return clicked, bought / clicked


def _key() -> pl.Expr:
    return pl.concat_str([normalized(name) for name in GROUP], separator="\x1f")


def _keys(rows: pl.DataFrame) -> list[str]:
    return rows.select(key=_key())["key"].to_list()
