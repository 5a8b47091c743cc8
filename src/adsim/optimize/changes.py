"""What a plan changes, keyword by keyword, and the plan itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from adsim.kernels.model import PlanArrays
from adsim.money import from_micros
from adsim.optimize.aims.goals import CAUSED, Goal
from adsim.optimize.aims.losses import organic_losses
from adsim.optimize.bench import Bench
from adsim.results.registry import COLUMNS
from adsim.results.tables import mean_value
from adsim.scenario import Plan
from adsim.simulate.grouping import group_rows

KEY = ["campaign", "ad_group", "keyword", "match_type"]
PLAN_NAME = "plan"


def plan_of(today: Plan, bids: np.ndarray) -> Plan:
    """Today's plan with other bids (int64[K], micros): 0 pauses a keyword and keeps its bid."""
    now = today.keywords["bid"].to_numpy()
    is_active = (today.keywords["status"] == "active").to_numpy()
    changed = np.where(bids > 0, from_micros(bids), now)
    status = np.where(is_active & (bids <= 0), "paused", today.keywords["status"].to_numpy())
    keywords = today.keywords.with_columns(bid=pl.Series(changed), status=pl.Series(status))
    return replace(today, name=PLAN_NAME, keywords=keywords)


def list_changes(
    benches: tuple[Bench, Bench], plan: PlanArrays, new: PlanArrays, goal: Goal
) -> pl.DataFrame:
    """A row a keyword of the account, largest change of the goal first.

    Each plan is played on its own bench: settings beside bids may differ, keywords may not.

    Columns: the keyword's key, bid_today, bid_new (0 = paused), then clicks, spend and the value
    that the goal adds up, each _today and _new, of the whole window at fidelity `expected`, and
    the reason.
    """
    pairs, bench = list(zip(benches, (plan, new), strict=True)), benches[0]
    played = [own.expect([one], by=("keyword",)).mean(axis=1) for own, one in pairs]
    tallies = np.concatenate(played)
    grouping = group_rows(bench.places[0], 0, bench.market.days, ("keyword",))
    table = bench.market.keywords.select(KEY).with_columns(
        bid_today=pl.Series(from_micros(plan.bid)), bid_new=pl.Series(from_micros(new.bid))
    )
    for metric in dict.fromkeys(("clicks", "spend", goal.value)):
        column = COLUMNS[metric.removeprefix(CAUSED)]
        values = mean_value(column, np.moveaxis(tallies, -1, 0)[..., None])
        found = grouping.labels.with_columns(
            pl.Series(f"{metric}_today", values[0]), pl.Series(f"{metric}_new", values[1])
        )
        table = table.join(found, on=KEY, how="left", maintain_order="left")
    table = table.with_columns(pl.col(pl.Float64).fill_null(0.0))
    if goal.is_caused:
        table = table.with_columns(*_caused(table, pairs, goal))
    table = table.with_columns(reason=pl.Series(_reasons(table, goal), dtype=pl.String))
    gain = (pl.col(f"{goal.value}_new") - pl.col(f"{goal.value}_today")).abs()
    return table.sort(gain, descending=True, maintain_order=True)


def _caused(
    table: pl.DataFrame, pairs: Sequence[tuple[Bench, PlanArrays]], goal: Goal
) -> Iterator[pl.Series]:
    """What keywords cause: what is attributed to them less what their clicks took."""
    for when, (bench, plan) in zip(("today", "new"), pairs, strict=True):
        taken = np.zeros(table.height)
        for market in bench.places:
            arrays = market.arrays
            lost = organic_losses(arrays, goal.organic_worth(arrays.order_money))
            by_link = (bench.expect_clicks(market, [plan])[0] * lost).sum(axis=1)
            taken += np.bincount(arrays.links, by_link, table.height) / len(bench.places)
        name = f"{goal.value}_{when}"
        yield table[name] - pl.Series(name, taken)


def _reasons(table: pl.DataFrame, goal: Goal) -> list[str]:
    reasons = []
    for row in table.iter_rows(named=True):
        spend = row["spend_new"] - row["spend_today"]
        value = row[f"{goal.value}_new"] - row[f"{goal.value}_today"]
        effect = f"{goal.value} {value:+.2f} for spend {spend:+.2f}"
        reasons.append(f"{_action(row['bid_today'], row['bid_new'])}: {effect}")
    return reasons


def _action(today: float, new: float) -> str:
    if today == 0:
        return "left paused"
    if new == 0:
        return "paused"
    return "kept" if new == today else "raised" if new > today else "lowered"
