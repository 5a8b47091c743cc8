"""Answer the question of scenarios/new_item_test in numbers.

    python -m tools.answer_new_item_test [--write]

Prints the tables of the scenario's README; --write puts them there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl

import adsim
from adsim.kernels.tally import CLICKS, GOODS_COST, IMPRESSIONS, ORDERS, REVENUE, SPEND
from adsim.scenario import Scenario
from tools.answers import main, markdown, money, ratio
from tools.drawing import SCENARIOS

FOLDER = SCENARIOS / "new_item_test"
ALL = "all four, a quarter each"
REPLICATIONS, SEED = 200, 7
SEASON = 90  # days in which the items can be sold, the test included
SCALED = 1000.0  # yuan a day for the winner
DAYS = (2, 4, 7, 14, 28)
BUDGETS = (25.0, 50.0, 100.0)

Judge = Callable[[np.ndarray], np.ndarray]
JUDGES: dict[str, Judge] = {
    "CTR": lambda t: t[..., CLICKS] / np.maximum(1, t[..., IMPRESSIONS]),
    "CVR": lambda t: t[..., ORDERS] / np.maximum(1, t[..., CLICKS]),
    "ROI": lambda t: t[..., REVENUE] / np.maximum(1, t[..., SPEND]),
    "profit": lambda t: profit_of(t),
}


def profit_of(tallies: np.ndarray) -> np.ndarray:
    """Money, [..., items]."""
    return (tallies[..., REVENUE] - tallies[..., GOODS_COST] - tallies[..., SPEND]) / 1e6


def items(scenario: Scenario) -> list[str]:
    return [campaign.name for campaign in scenario.campaigns]


def with_budgets(scenario: Scenario, budgets: dict[str, float]) -> Scenario:
    """The scenario with these budgets; items without one are paused."""
    campaigns = tuple(
        campaign.model_copy(update={"daily_budget": budgets.get(campaign.name, 0.0)})
        for campaign in scenario.campaigns
    )
    paused = ~pl.col("campaign").is_in(list(budgets))
    status = pl.when(paused).then(pl.lit("paused")).otherwise("status").alias("status")
    keywords = scenario.tables.keywords.with_columns(status)
    tables = replace(scenario.tables, keywords=keywords)
    return scenario.model_copy(update={"campaigns": campaigns, "tables": tables})


def scaled(scenario: Scenario, chosen: dict[str, float]) -> dict[str, float]:
    """A day's means where items have these budgets, over 64 weeks."""
    run = adsim.simulate(with_budgets(scenario, chosen), replications=64, seed=SEED)
    row = run.report().row(0, named=True)
    return row | {"profit": row["profit"] / run.last_day, "spend": row["spend"] / run.last_day}


def scalings(scenario: Scenario) -> dict[str, dict[str, float]]:
    """A day of every item scaled alone, and of all four with the same money."""
    alone = {name: scaled(scenario, {name: SCALED}) for name in items(scenario)}
    quarters = scaled(scenario, dict.fromkeys(items(scenario), SCALED / 4))
    return alone | {ALL: quarters}


def worths(days: dict[str, dict[str, float]]) -> np.ndarray:
    """Profit a day of every item scaled alone."""
    return np.array([day["profit"] for name, day in days.items() if name != ALL])


def truth(days: dict[str, dict[str, float]]) -> str:
    rows = []
    for name, row in days.items():
        shares = [f"{row['ctr']:.2%}", f"{row['cvr']:.2%}"]
        rows.append([name, *shares, money(row["spend"]), ratio(row["roi"]), money(row["profit"])])
    return markdown(["scaled", "CTR", "CVR", "spend a day", "ROI", "profit a day"], rows)


def tallies_of_test(scenario: Scenario, days: int, budget: float) -> np.ndarray:
    """What a test of so many days counts: [replications, items, fields]."""
    world = with_budgets(scenario, dict.fromkeys(items(scenario), budget))
    run = adsim.simulate(world, replications=REPLICATIONS, seed=SEED, days=days)
    tallies, labels = run.tallies(["campaign"])
    own = [labels["campaign"].to_list().index(name) for name in items(scenario)]
    return tallies[:, own]


def judged(
    scenario: Scenario, worth: np.ndarray, days: int, budget: float
) -> dict[str, tuple[float, float]]:
    """By each judge: how often the best item wins, and the season's profit."""
    tallies = tallies_of_test(scenario, days, budget)
    during = profit_of(tallies).sum(axis=1).mean()
    found = {}
    for name, judge in JUDGES.items():
        winner = judge(tallies).argmax(axis=1)
        after = worth[winner].mean() * (SEASON - days)
        found[name] = (float((winner == worth.argmax()).mean()), float(during + after))
    return found


def list_tests(scenario: Scenario, worth: np.ndarray) -> str:
    rows = []
    for budget in BUDGETS:
        for days in DAYS if budget == 50.0 else (7,):
            found = judged(scenario, worth, days, budget)
            cells = [f"{100 * right:.0f}%" for right, _ in found.values()]
            rows.append([f"{days} days, {budget:.0f} a day each", *cells, *_seasons(found)])
    header = ["test", *(f"right by {name}" for name in JUDGES), "profit by CTR", "by profit"]
    return markdown(header, rows)


def _seasons(found: dict[str, tuple[float, float]]) -> list[str]:
    return [_thousands(found[name][1]) for name in ("CTR", "profit")]


def _thousands(value: float) -> str:
    return f"{value / 1000:.1f}"


def facts(scenario: Scenario, scaling: dict[str, dict[str, float]]) -> str:
    worth, all_four = worths(scaling), scaling[ALL]["profit"]
    tallies = tallies_of_test(scenario, 7, 50.0)
    cost = profit_of(tallies).sum(axis=1).mean()
    orders = tallies[..., ORDERS].mean(axis=0)
    counted = ", ".join(
        f"{name} {ratio(n)}" for name, n in zip(items(scenario), orders, strict=True)
    )
    lines = [
        f"Without a test, in thousands a season: all four {_thousands(SEASON * all_four)}, one by "
        f"lot {_thousands(SEASON * worth.mean())}, the best one if it were "
        f"known {_thousands(SEASON * worth.max())}.",
        f"The week's test itself earns {money(cost)} yuan; orders it sees: {counted}.",
    ]
    return "\n".join(f"- {line}" for line in lines)


def answer() -> str:
    scenario = adsim.load_scenario(FOLDER)
    days = scalings(scenario)
    sections = (
        ("Every item with up to 1,000 yuan a day", truth(days)),
        (
            "What a test finds, and what a season of 90 days brings",
            list_tests(scenario, worths(days)),
        ),
        ("Besides", facts(scenario, days)),
    )
    return "\n\n".join(f"### {title}\n\n{text}" for title, text in sections)


if __name__ == "__main__":
    main(FOLDER, answer)
