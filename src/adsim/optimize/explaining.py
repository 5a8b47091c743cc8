"""The answer in plain words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from adsim.optimize.goals import ROI_SPENDS, GoalName
from adsim.optimize.search import Found
from adsim.scenario import Plan, Scenario

LARGEST = 5  # changes that are told one by one


def explain_changes(changes: pl.DataFrame, days: int) -> Iterator[str]:
    """How many bids change, by how much, and the changes that matter most."""
    today, new = pl.col("bid_today"), pl.col("bid_new")
    active = changes.filter(today > 0)
    raised, lowered = active.filter(new > today), active.filter((new < today) & (new > 0))
    paused = active.filter(new == 0)
    kept = len(active) - len(raised) - len(lowered) - len(paused)
    yield (
        f"bids: {_moved(raised, 'raised')}, {_moved(lowered, 'lowered')}, "
        f"{len(paused)} paused, {kept} kept"
    )
    if len(active) < len(changes):
        yield f"{len(changes) - len(active)} keywords that are paused today stay paused"
    window = "the day" if days == 1 else f"{days} days"
    moved = active.filter(new != today)
    for row in moved.head(LARGEST).iter_rows(named=True):
        bid = f"{row['bid_new']:g}" if row["bid_new"] else "no bid"
        effect = row["reason"].split(": ")[1]
        name = f"{row['keyword']} ({row['match_type']}, {row['campaign']})"
        yield f"  {name}: {row['bid_today']:g} to {bid}; {effect}"
    if len(moved) > LARGEST:
        yield f"  and {len(moved) - LARGEST} more in changes.csv (expected, over {window})"


def _moved(rows: pl.DataFrame, word: str) -> str:
    if rows.is_empty():
        return f"0 {word}"
    factor = float((rows["bid_new"] / rows["bid_today"]).median() or 1.0)  # type: ignore[arg-type]
    return f"{len(rows)} {word} (median {100 * (factor - 1):+.0f} %)"


def explain_gain(row: dict[str, float], goal: GoalName, window: str) -> str:
    """What the comparison says of the goal."""
    return (
        f"{goal}: {row['a']:,.2f} today, {row['b']:,.2f} with the plan over {window}; difference "
        f"{row['difference']:+,.2f}, 95 % sure between {row['difference_low']:+,.2f} and "
        f"{row['difference_high']:+,.2f}"
    )


def explain_limits(scenario: Scenario, plan: Plan, found: Found, goal: GoalName) -> Iterator[str]:
    """Which budgets bind, and what one more unit of money would bring."""
    money = scenario.scenario.currency
    payers = [
        (f"campaign {campaign.name}", campaign.daily_budget) for campaign in plan.campaigns
    ] + [("the account", plan.account_budget)]
    unit = "revenue" if goal == "roi" else goal
    bound = False
    for (name, budget), price in zip(payers, found.price, strict=True):
        if budget is not None and price > 0 and not (found.floor and name == "the account"):
            bound = True
            yield (
                f"{name} spends its {budget:,.2f} {money} a day: one more {money} would bring "
                f"{price:.3g} {unit}"
            )
    limited = any(budget is not None for _, budget in payers)
    if not bound and limited:
        yield "no budget binds: more money would not be spent"
    if not limited and goal in ("revenue", "orders", "clicks"):
        yield f"nothing limits the spending, and {goal} alone is worth any: give a budget"
    if found.floor:
        of_what = "today's spend" if plan.account_budget is None else "the budget"
        least = f"{found.floor:,.2f} {money}"
        yield f"the plan has to spend at least {least} ({ROI_SPENDS:.0%} of {of_what})"
        if not found.today_is_allowed:
            yield "today's bids spend less than that, so they are no answer, whatever their roi"


def explain_bound(found: Found, value: float, gap: float) -> Iterator[str]:
    """How far from the best plan there can be."""
    yield (
        f"expected {value:,.2f}; no plan can pass {found.bound:,.2f}: "
        f"at most {100 * gap:.2g} % is left"
    )
    if found.shared_queries:
        yield (
            f"own keywords meet on {found.shared_queries} queries, so that part of this may be out "
            f"of reach of any plan"
        )


def explain_noise(expected: float, counted: float) -> str:
    """What noise and the demand shock take."""
    cost = expected - counted
    part = f" ({100 * cost / abs(expected):.1f} %)" if expected and np.isfinite(expected) else ""
    return f"noise and demand shocks cost {cost:,.2f} of the expected {expected:,.2f}{part}"
