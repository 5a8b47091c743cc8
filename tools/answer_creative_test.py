"""Answer the question of scenarios/creative_test in numbers.

    python -m tools.answer_creative_test [--write]

Prints the tables of the scenario's README; --write puts them there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl

import adsim
from adsim.kernels.rotating import IMPRESSIONS
from adsim.scenario import Scenario
from adsim.scenario.rotations import Rotation
from tools.answers import main, markdown, money, ratio
from tools.drawing import SCENARIOS

FOLDER = SCENARIOS / "creative_test"
SHOPS, REPLICATIONS, SEED = 30, 4, 7
SPREAD = 0.236  # sd of log CTR within a test: real headline tests
CVR_SPREAD = 0.15
BUDGET = 40
WEARS = (0.0, 0.002, 0.0045, 0.01)  # of its CTR, every 1,000 impressions
RULES: dict[str, Rotation | str] = {
    "today's picture, no test": "first",
    "one of the five by lot": Rotation(how="equal"),
    "test until 500 impressions each": Rotation(how="test", impressions=500),
    "test until 2,000": Rotation(how="test", impressions=2_000),
    "test until 5,000": Rotation(how="test", impressions=5_000),
    "test until 20,000": Rotation(how="test", impressions=20_000),
    "test until 5,000, by profit": Rotation(how="test", impressions=5_000, goal="profit"),
    "test until 20,000, by profit": Rotation(how="test", impressions=20_000, goal="profit"),
    "optimized by clicks": Rotation(how="optimized"),
    "optimized by profit": Rotation(how="optimized", goal="profit"),
    "the best by profit, known": "best",
}


def rotated(scenario: Scenario, rotations: dict[str, dict[str, Rotation]]) -> Scenario:
    """The scenario with other rotations, by campaign and ad group."""
    campaigns = tuple(
        campaign.model_copy(update={"rotations": rotations[campaign.name]})
        for campaign in scenario.campaigns
    )
    return scenario.model_copy(update={"campaigns": campaigns})


def only(name: str) -> Rotation:
    return Rotation(how="only", creative=name)


# --- the five pictures ------------------------------------------------------------------------


def each_alone(scenario: Scenario) -> Iterator[dict[str, float]]:
    """A mean day of every picture alone: in closed form, and under a budget that binds."""
    for name in scenario.tables.creatives["creative"]:
        world = rotated(scenario, {"test": {"kettles": only(name)}})
        tight = world.with_overrides([f"campaigns.test.daily_budget={BUDGET}"])
        free = adsim.simulate(world, fidelity="expected", days=1).report().row(0, named=True)
        bound = adsim.simulate(tight, fidelity="expected", days=1).report().row(0, named=True)
        yield {"name": name, **free, "tight_profit": bound["profit"], "tight": bound["clicks"]}


def pictures(scenario: Scenario) -> str:
    header = ["picture", "CTR", "CVR", "clicks", "spend", "ROI", "profit", "with 40 yuan a day"]
    rows = [
        [
            row["name"],
            f"{row['ctr']:.2%}",
            f"{row['cvr']:.2%}",
            money(row["clicks"]),
            money(row["spend"]),
            ratio(row["roi"]),
            ratio(row["profit"]),
            ratio(row["tight_profit"]),
        ]
        for row in each_alone(scenario)
    ]
    return markdown(header, rows)


# --- many shops with pictures of their own ----------------------------------------------------


@cache
def shops(spread: float = SPREAD) -> Scenario:
    """Thirty such shops side by side, each with five pictures drawn anew."""
    scenario = adsim.load_scenario(FOLDER)
    luck = np.random.default_rng(SEED)
    ctr = np.exp(spread * luck.standard_normal((SHOPS, 5)))
    cvr = np.exp(CVR_SPREAD * luck.standard_normal((SHOPS, 5)))
    ctr, cvr = ctr / ctr[:, :1], cvr / cvr[:, :1]  # today's picture is what queries.csv speaks of
    tables = scenario.tables
    parts: dict[str, list[pl.DataFrame]] = {"queries": [], "keywords": [], "creatives": []}
    for shop in range(SHOPS):
        named = pl.lit(f"shop {shop:02}").alias("campaign")
        words = [_numbered(shop, name) for name in ("query", "query_group")]
        parts["queries"].append(tables.queries.with_columns(words))
        parts["keywords"].append(tables.keywords.with_columns(named, _numbered(shop, "keyword")))
        factors = {"ctr": pl.Series(ctr[shop]), "cvr": pl.Series(cvr[shop])}
        parts["creatives"].append(tables.creatives.with_columns(named, **factors))
    campaigns = tuple(
        scenario.campaigns[0].model_copy(update={"name": f"shop {shop:02}", "rotations": {}})
        for shop in range(SHOPS)
    )
    joined = {name: pl.concat(frames) for name, frames in parts.items()}
    return scenario.model_copy(update={"campaigns": campaigns, "tables": replace(tables, **joined)})


def _numbered(shop: int, column: str) -> pl.Expr:
    """Texts of a shop, so that no two shops share a query."""
    return pl.concat_str(pl.lit(f"{shop:02} "), column).alias(column)


@cache
def worths(spread: float = SPREAD) -> np.ndarray:
    """Profit a day of every shop with each of its pictures alone, [shops, 5], in closed form."""
    world = shops(spread)
    names = world.tables.creatives["creative"].unique(maintain_order=True)
    found = []
    for name in names:
        alone = rotated(world, {c.name: {"kettles": only(name)} for c in world.campaigns})
        run = adsim.simulate(alone, fidelity="expected", days=1)
        found.append(run.report("campaign").sort("campaign")["profit"].to_numpy())
    return np.stack(found, axis=1)


def rule_shares(rule: Rotation | str) -> np.ndarray:
    """Shares of impressions by replication, day, shop and picture under a rule."""
    world, worth = shops(), worths()
    if isinstance(rule, str):
        chosen = worth.argmax(axis=1) if rule == "best" else np.zeros(SHOPS, int)
        return np.eye(5)[chosen][None, None]
    rotations = {campaign.name: {"kettles": rule} for campaign in world.campaigns}
    run = adsim.simulate(rotated(world, rotations), replications=REPLICATIONS, seed=SEED)
    shown = np.diff(run.log[..., IMPRESSIONS], axis=1).astype(float)
    shown = shown.reshape(*shown.shape[:2], SHOPS, 5)
    return shown / shown.sum(axis=-1, keepdims=True)


def rule_profits(rule: Rotation | str) -> tuple[float, float, float]:
    """Mean profit a day over six weeks and over the last one, and how often the best leads then.

    No budget binds, so profit is linear in shares: it is worked out without the luck of orders.
    """
    shares, worth = rule_shares(rule), worths()
    profit = (shares * worth).sum(axis=-1).mean(axis=(0, 2))
    leads = shares[:, -1].argmax(axis=-1) == worth.argmax(axis=1)
    return float(profit.mean()), float(profit[-7:].mean()), float(leads.mean())


@cache
def outcomes() -> dict[str, tuple[float, float, float]]:
    return {name: rule_profits(rule) for name, rule in RULES.items()}


def rules() -> str:
    found = outcomes()
    least, most = found["today's picture, no test"][0], found["the best by profit, known"][0]
    rows = [
        [
            name,
            ratio(mean),
            f"{100 * (mean - least) / (most - least):.0f}%",
            ratio(last),
            "" if name.startswith("one of") else f"{100 * leads:.0f}%",
        ]
        for name, (mean, last, leads) in found.items()
    ]
    header = ["rule", "profit a day", "of what could be gained", "last week", "the best leads"]
    return markdown(header, rows)


# --- wear -------------------------------------------------------------------------------------


def versions(scenario: Scenario, wear: float) -> Scenario:
    """Five pictures as good as `steam` that wear so fast."""
    creatives = scenario.tables.creatives.with_columns(
        ctr=pl.lit(1.17), cvr=pl.lit(1.03), wear=pl.lit(wear)
    )
    return scenario.model_copy(update={"tables": replace(scenario.tables, creatives=creatives)})


def wear_profits(scenario: Scenario, wear: float) -> tuple[float, float, float]:
    """Profit a day over six weeks: one picture, a new one every 9 days, all five in turns."""
    world, found = versions(scenario, wear), []
    for rotation in (only("steam"), Rotation(how="turns", days=9), Rotation(how="equal")):
        rotating = rotated(world, {"test": {"kettles": rotation}})
        run = adsim.simulate(rotating, fidelity="expected")
        found.append(run.report()["profit"][0] / run.last_day)
    return found[0], found[1], found[2]


def wearing(scenario: Scenario) -> str:
    days = scenario.scenario.days
    rows = []
    for wear in WEARS:
        one, new, all_five = wear_profits(scenario, wear)
        worth = money((new - one) * days / 4)
        rows.append([f"{wear:.2%}", ratio(one), ratio(new), ratio(all_five), worth])
    header = ["CTR lost", "one picture", "a new one every 9 days", "all five at once"]
    return markdown([*header, "worth of a new picture"], rows)


# --- the page ---------------------------------------------------------------------------------


def facts(scenario: Scenario) -> str:
    day = adsim.simulate(scenario, fidelity="counts", replications=16, days=1).report()
    plan = adsim.plan_creative_test(day["ctr"][0], 0.2, 5, cpc=day["cpc"][0])
    each = plan.table["impressions_each"][0]
    lines = [
        f"A day has {money(day['impressions'][0])} impressions at a CTR of {day['ctr'][0]:.2%}.",
        f"To find a lead of 20 % with a chance of 80 %, `adsim creative-plan` asks for "
        f"{money(each)} impressions of each picture.",
    ]
    return "\n".join(f"- {line}" for line in lines)


def answer() -> str:
    scenario = adsim.load_scenario(FOLDER)
    sections = (
        ("A day of each picture alone", pictures(scenario)),
        ("Six weeks of thirty shops, by rule", rules()),
        ("When pictures wear", wearing(scenario)),
        ("Besides", facts(scenario)),
    )
    return "\n\n".join(f"### {title}\n\n{text}" for title, text in sections)


if __name__ == "__main__":
    main(FOLDER, answer)
