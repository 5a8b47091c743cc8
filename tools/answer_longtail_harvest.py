"""Answer the question of scenarios/longtail_harvest in numbers.

    python -m tools.answer_longtail_harvest [--write]

Prints the tables of the scenario's README; --write puts them there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import polars as pl

import adsim
from adsim.scenario import Plan, Scenario, todays_plan
from tools.answers import (
    difference,
    main,
    markdown,
    money,
    ratio,
    spread_of,
    with_table,
)
from tools.drawing import SCENARIOS
from tools.make_longtail_harvest import HEADS, JUNK, NOUN, RIVALS, list_queries

FOLDER = SCENARIOS / "longtail_harvest"
PLANS = {
    "head": "12 head words at 2.2",
    "tail": "400 tail words at 0.8",
    "head_low": "head words at 0.8",
    "tail_high": "tail words at 2.2",
    "one_broad_word": f"{NOUN}, broad, at 0.8",
}
REPLICATIONS, SEED = 256, 7
SPENDS = (50, 100, 200, 400, 800, 1600, 2400)
SCALES = 2.0 ** np.linspace(-3, 5, 97)
BUDGETS = (100, 400, 1000, None)

is_head = pl.col("query").is_in(HEADS)
is_tail = ~is_head & ~pl.col("query").is_in(JUNK)


def load() -> tuple[Scenario, dict[str, Plan]]:
    scenario = adsim.load_scenario(FOLDER)
    return scenario, load_plans(scenario)


def load_plans(scenario: Scenario) -> dict[str, Plan]:
    return {name: adsim.load_plan(FOLDER / "plans" / name, scenario) for name in PLANS}


# --- a day of each plan -----------------------------------------------------------------------


def day_of_each_plan(scenario: Scenario, plans: dict[str, Plan]) -> str:
    header = ["plan", "clicks", "orders", "spend", "revenue", "profit", "ROI"]
    rows = []
    for name, words in PLANS.items():
        run = adsim.simulate(scenario, plans[name], replications=REPLICATIONS, seed=SEED)
        row = run.report().row(0, named=True)
        counted = [money(row["clicks"]), ratio(row["orders"])]
        paid = [money(row["spend"]), money(row["revenue"])]
        bands = [spread_of(row, "profit", money), spread_of(row, "roi", ratio)]
        rows.append([f"`{name}`: {words}", *counted, *paid, *bands])
    return markdown(header, rows)


def differences(scenario: Scenario, plans: dict[str, Plan]) -> str:
    pairs = (("head", "tail"), ("head", "head_low"), ("head", "tail_high"), ("tail", "tail_high"))
    rows = []
    for a, b in pairs:
        table = adsim.compare(scenario, plans[a], plans[b], REPLICATIONS, SEED)
        values = [difference(table, "roi", ratio), difference(table, "profit", money)]
        rows.append([f"`{b}` over `{a}`", *values])
    return markdown(["", "ROI more by", "profit more by"], rows)


# --- the same money ---------------------------------------------------------------------------


def ladder(scenario: Scenario, plan: Plan) -> pl.DataFrame:
    """What the plan brings at many scales of its bids, in closed form, in order of spend."""
    table = adsim.landscape(scenario, scales=SCALES.tolist(), plan=plan)
    return table.filter(pl.col("spend") > 0).sort("spend")


def at_spend(table: pl.DataFrame, spend: float) -> dict[str, float | None]:
    """ROI, profit and scale of the bids that spend so much; null where the words cannot."""
    known = table["spend"].to_numpy()
    if not known[0] <= spend <= known[-1]:
        return dict.fromkeys(("roi", "profit", "scale"))
    names = ("revenue", "profit", "scale")
    found = {name: float(np.interp(spend, known, table[name].to_numpy())) for name in names}
    return found | {"roi": found["revenue"] / spend}


def same_money(scenario: Scenario, plans: dict[str, Plan]) -> str:
    ladders = {name: ladder(scenario, plans[name]) for name in ("head", "tail")}
    bids = {"head": 2.2, "tail": 0.8}
    rows = []
    for spend in SPENDS:
        cells = []
        for name, table in ladders.items():
            found = at_spend(table, spend)
            if found["scale"] is None:
                cells += ["none", "none", "none"]
                continue
            cells += [f"{found['scale'] * bids[name]:.2f}", ratio(found["roi"])]
            cells.append(money(found["profit"]))
        rows.append([money(spend), *cells])
    header = ["spend a day", "head: bid", "ROI", "profit", "tail: bid", "ROI", "profit"]
    return markdown(header, rows)


def most_spend(scenario: Scenario, plans: dict[str, Plan]) -> float:
    """What the tail takes at 32 times its bids: every auction won."""
    return float(ladder(scenario, plans["tail"])["spend"][-1])


# --- other worlds -----------------------------------------------------------------------------


def worlds(scenario: Scenario) -> Iterator[tuple[str, Scenario]]:
    """The scenario with one thing changed at a time."""
    queries, keywords = scenario.tables.queries, scenario.tables.keywords
    head_cvr = queries.filter(is_head).select(
        (pl.col("cvr") * pl.col("daily_searches")).sum() / pl.col("daily_searches").sum()
    )
    alike = pl.when(is_tail).then(head_cvr.item()).otherwise("cvr").alias("cvr")
    crowded = pl.when(is_tail).then(RIVALS[0]).otherwise("rivals").alias("rivals")
    thin = pl.when(is_head).then(RIVALS[1]).otherwise("rivals").alias("rivals")
    poor = pl.when(pl.col("campaign") == "tail").then(3.0).otherwise("quality").alias("quality")
    yield "as shipped", scenario
    yield "tail converts like the head", with_queries(scenario, alike)
    yield "tail as contested as the head", with_queries(scenario, crowded)
    yield "both of these", with_queries(scenario, alike, crowded)
    yield "1.5 rivals at the head", with_queries(scenario, thin)
    yield "tail quality 3, not 6", with_table(scenario, "keywords", keywords.with_columns(poor))
    yield "heavy tail: Zipf 1.0, not 1.42", with_queries(scenario, volumes(1.0))


def with_queries(scenario: Scenario, *columns: pl.Expr) -> Scenario:
    return with_table(scenario, "queries", scenario.tables.queries.with_columns(*columns))


def volumes(exponent: float) -> pl.Expr:
    """The searches of every query under another Zipf exponent."""
    searches = {query.text: query.searches(exponent) for query in list_queries()}
    kept = pl.col("daily_searches")
    return pl.col("query").replace_strict(searches, default=kept).alias("daily_searches")


def world_row(world: Scenario) -> dict[str, float | None]:
    """What the plans bring in a world, in closed form: no budget binds, so these are the means."""
    plans = load_plans(world)
    found: dict[str, float | None] = {}
    for name in ("head", "tail", "tail_high"):
        row = adsim.simulate(world, plans[name], fidelity="expected").report().row(0, named=True)
        found |= {f"{name} {metric}": row[metric] for metric in ("roi", "profit", "spend")}
    same = at_spend(ladder(world, plans["head"]), found["tail spend"] or 0.0)
    return found | {"head_same_spend roi": same["roi"]}


def other_worlds(scenario: Scenario) -> str:
    shown = ("head roi", "tail roi", "tail_high roi", "head_same_spend roi")
    header = ["world", "head at 2.2", "tail at 0.8", "tail at 2.2", "head at the tail's spend"]
    rows = []
    for name, world in worlds(scenario):
        row = world_row(world)
        profits = [money(row[f"{plan} profit"] or 0.0) for plan in ("head", "tail")]
        rows.append([name, *(ratio(row[column]) for column in shown), *profits])
    return markdown([*header, "profit: head", "tail at 0.8"], rows)


# --- the best plan, and the work --------------------------------------------------------------


def best_plans(scenario: Scenario) -> str:
    header = ["budget a day", "profit", "ROI", "spend", "of it in the tail", "median tail bid"]
    rows = []
    for budget in BUDGETS:
        best = adsim.optimize(scenario, budget=budget, replications=16, trials=0)
        run = adsim.simulate(scenario, best.plan, fidelity="expected")
        whole = run.report().row(0, named=True)
        tail = run.report(by="campaign").filter(campaign="tail")["spend"].sum()
        active = best.plan.keywords.filter(campaign="tail", status="active")
        rows.append(
            [
                "none" if budget is None else money(budget),
                money(whole["profit"]),
                ratio(whole["roi"]),
                money(whole["spend"]),
                f"{tail / whole['spend']:.0%}",
                ratio(active["bid"].median()),
            ]
        )
    return markdown(header, rows)


def facts(scenario: Scenario, plans: dict[str, Plan]) -> str:
    """Sentences about volume, work, leaks and patience."""
    searches = scenario.tables.queries.filter(is_head | is_tail).select(
        tail=pl.col("daily_searches").filter(is_tail).sum() / pl.col("daily_searches").sum()
    )
    tail = adsim.simulate(scenario, plans["tail"], fidelity="expected")
    by_keyword = tail.report(by="keyword").filter(campaign="tail")["profit"].sort(descending=True)
    half = by_keyword.head(by_keyword.len() // 2).sum() / by_keyword.sum()
    broad = adsim.simulate(scenario, plans["one_broad_word"], fidelity="expected")
    clicks = broad.report(by=["query"])
    leaks = {
        name: clicks.filter(rule)["clicks"].sum() / clicks["clicks"].sum()
        for name, rule in (("head", is_head), ("junk", pl.col("query").is_in(JUNK)))
    }
    both = adsim.simulate(scenario, todays_plan(scenario), fidelity="expected").report()
    lines = (
        f"- The tail holds {searches.item():.0%} of all searches; at any price it takes no more"
        f" than {money(most_spend(scenario, plans))} yuan a day.",
        f"- Head and tail together, as shipped: profit {money(both['profit'][0])}, ROI"
        f" {ratio(both['roi'][0])}.",
        f"- A tail keyword at 0.8 earns {by_keyword.mean():.2f} yuan a day; the better half of the"
        f" {by_keyword.len()} earns {half:.0%} of it all.",
        f"- Of the clicks of the one broad word {leaks['head']:.0%} come from head words and"
        f" {leaks['junk']:.0%} from queries that look for no lamp to buy.",
        f"- {days_to_see(scenario, plans)}",
    )
    return "\n".join(lines)


def days_to_see(scenario: Scenario, plans: dict[str, Plan]) -> str:
    """How long the two plans would have to run side by side."""
    days = {}
    for metric, better in (("roi", "tail"), ("profit", "tail_high")):
        table = adsim.compare(scenario, plans["head"], plans[better], REPLICATIONS, SEED)
        row = table.row(by_predicate=pl.col("metric") == metric, named=True)
        half = (row["difference_high"] - row["difference_low"]) / 2
        days[metric] = math.ceil(REPLICATIONS * (half / row["difference"]) ** 2)
    return (
        "Days side by side, under the same demand, until a 95 % interval of the mean excludes"
        f" chance: {days['roi']} for the ROI of `tail` over `head`, {days['profit']} for the profit"
        " of `tail_high` over `head`."
    )


def answer() -> str:
    scenario, plans = load()
    sections = (
        ("A day of each plan", day_of_each_plan(scenario, plans)),
        ("Differences under the same luck", differences(scenario, plans)),
        ("The same money on head or tail", same_money(scenario, plans)),
        ("What changes the answer (ROI)", other_worlds(scenario)),
        ("The most profitable bids", best_plans(scenario)),
        ("Besides", facts(scenario, plans)),
    )
    return "\n\n".join(f"### {title}\n\n{text}" for title, text in sections)


if __name__ == "__main__":
    main(FOLDER, answer)
