"""Answer the questions of scenarios/brand_and_generic in numbers.

    python -m tools.answer_brand_and_generic [--write]

Prints the tables of the scenario's README; --write puts them there.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

import adsim
from adsim.scenario import Plan, Scenario, todays_plan
from tools.answers import difference, main, markdown, money, ratio, spread_of, with_table
from tools.drawing import SCENARIOS
from tools.make_brand_and_generic import ATTACK, DEFENDED_BID, KINDS, PLANS

FOLDER = SCENARIOS / "brand_and_generic"
REPLICATIONS, SEED = 256, 7
EVENT_REPLICATIONS = 32  # every search is played
RIVAL_BIDS = (2.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0)
PURSES = (0, 200, 400, 800, 1200, None)
SHARED_BUDGET = 600.0
MARGIN = 1044.0 - 731.0
TODAY = "today: both"


def load_plans(scenario: Scenario) -> dict[str, Plan]:
    plans = {name: adsim.load_plan(FOLDER / "plans" / name, scenario) for name in PLANS}
    return {TODAY: todays_plan(scenario), **plans}


def expected(scenario: Scenario, plan: Plan) -> dict[str, float]:
    """What a plan brings on average; no budget binds, so the closed form is exact."""
    return adsim.simulate(scenario, plan, fidelity="expected").report().row(0, named=True)


def in_peace(scenario: Scenario) -> Scenario:
    """The week without the rival on the brand."""
    return with_table(scenario, "rival_keywords", scenario.tables.rival_keywords.clear())


def attacked(scenario: Scenario, bid: float) -> Scenario:
    rows = scenario.tables.rival_keywords.with_columns(bid=pl.lit(bid))
    return with_table(scenario, "rival_keywords", rows)


# --- a week of each plan ----------------------------------------------------------------------


def week_of_each_plan(scenario: Scenario) -> str:
    peace = in_peace(scenario)
    plans, in_calm = load_plans(scenario), load_plans(peace)
    header = ["plan", "clicks", "orders", "spend", "profit", "ROI", "profit without the rival"]
    rows = []
    for name in plans:
        run = adsim.simulate(scenario, plans[name], replications=REPLICATIONS, seed=SEED)
        row = run.report().row(0, named=True)
        counted = [money(row["clicks"]), ratio(row["orders"]), money(row["spend"])]
        bands = [spread_of(row, "profit", money), spread_of(row, "roi", ratio)]
        rows.append([name, *counted, *bands, money(expected(peace, in_calm[name])["profit"])])
    return markdown(header, rows)


def differences(scenario: Scenario) -> str:
    plans = load_plans(scenario)
    pairs = (
        (TODAY, "brand"),
        ("brand", "brand_and_intent"),
        ("brand", "brand_defended"),
        (TODAY, "defended"),
    )
    rows = []
    for a, b in pairs:
        table = adsim.compare(scenario, plans[a], plans[b], REPLICATIONS, SEED)
        values = [difference(table, metric, money) for metric in ("orders", "profit")]
        rows.append([f"`{b}` over {a if a == TODAY else f'`{a}`'}", *values])
    return markdown(["", "orders more by", "profit more by"], rows)


# --- generic words ----------------------------------------------------------------------------


def kinds_of_words(scenario: Scenario) -> str:
    today = by_kind(scenario, todays_plan(scenario))
    found = adsim.optimize(scenario, replications=16, trials=0).plan
    best = by_kind(scenario, found)
    bids = found.keywords.filter(status="active").group_by("ad_group").agg(pl.col("bid").median())
    best_bid = dict(bids.iter_rows())
    header = ["words", "bid", "CPC", "CVR", "ROI", "profit", "best bid", "CPC", "ROI", "profit"]
    rows = []
    for kind in KINDS:
        cells = [f"{KINDS[kind].bid:.2f}", *_shown(today[kind])]
        then = _shown(best[kind])
        rows.append([kind, *cells, f"{best_bid[kind]:.2f}", then[0], *then[2:]])
    return markdown(header, rows)


def _shown(row: dict[str, float]) -> list[str]:
    return [f"{row['cpc']:.2f}", f"{row['cvr']:.2%}", ratio(row["roi"]), money(row["profit"])]


def by_kind(scenario: Scenario, plan: Plan) -> dict[str, dict[str, float]]:
    table = adsim.simulate(scenario, plan, fidelity="expected").report(by="ad_group")
    return {row["ad_group"]: row for row in table.to_dicts()}


# --- defend or yield --------------------------------------------------------------------------


def defend_or_yield(scenario: Scenario) -> str:
    header = ["rival's bid", "holding the top costs", "profit: yield", "hold", "best", "best bid"]
    return markdown(header, [rival_row(scenario, bid) for bid in RIVAL_BIDS])


def rival_row(scenario: Scenario, bid: float) -> list[str]:
    found = answers_to(scenario, bid)
    price, best_bid = found.pop("price"), found.pop("best_bid")
    profits = [money(found[name]) for name in ("yield", "hold", "best")]
    return [f"{bid:.2f}", f"{price:.2f}", *profits, f"{best_bid:.2f}"]


def answers_to(scenario: Scenario, rival_bid: float) -> dict[str, float]:
    """Brand profit a week: today's bid, a bid just above the rival's ad rank, the best bid."""
    world = attacked(scenario, rival_bid)
    quality = KINDS["brand"].quality
    price = rival_bid * ATTACK["quality"] / quality + 0.01
    calm = load_plans(world)["brand"]
    best = adsim.optimize(with_plan(world, calm), trials=0)
    active = best.plan.keywords.filter(campaign="brand", status="active")
    return {
        "price": price,
        "yield": expected(world, calm)["profit"],
        "hold": expected(world, with_brand_bid(calm, max(price + 0.05, DEFENDED_BID)))["profit"],
        "best": expected(world, best.plan)["profit"],
        "best_bid": float(active["bid"].median() or 0.0),
    }


def with_brand_bid(plan: Plan, bid: float) -> Plan:
    is_brand = pl.col("campaign") == "brand"
    raised = pl.when(is_brand).then(round(bid, 2)).otherwise("bid").alias("bid")
    return replace(plan, keywords=plan.keywords.with_columns(raised))


def with_plan(scenario: Scenario, plan: Plan) -> Scenario:
    """The scenario in which the plan's keywords are today's."""
    return with_table(scenario, "keywords", plan.keywords)


def thin_purse(scenario: Scenario) -> str:
    """Events play the rival's budget to the click."""
    rows = []
    for purse in PURSES:
        found = purse_profits(scenario, purse)
        name = "none" if purse is None else money(purse)
        rows.append([name, *(money(found[plan]) for plan in ("brand", "brand_defended"))])
    return markdown(["rival's budget a day", "profit: yield", "hold"], rows)


def purse_profits(scenario: Scenario, purse: float | None) -> dict[str, float]:
    limit = "unlimited" if purse is None else f"{float(purse)}"
    world = scenario.with_overrides([f"rivals.meridian.daily_budget={limit}"])
    plans = load_plans(world)
    settings = {"fidelity": "events", "replications": EVENT_REPLICATIONS, "seed": SEED}
    return {
        name: adsim.simulate(world, plans[name], **settings).report()["profit"][0]
        for name in ("brand", "brand_defended")
    }


# --- one purse for both -----------------------------------------------------------------------


def one_purse(scenario: Scenario) -> str:
    header = ["money a day", "brand searches lost to budget", "spend", "profit"]
    rows = []
    for name, plan in purses(scenario).items():
        run = adsim.simulate(scenario, plan, replications=REPLICATIONS, seed=SEED)
        whole = run.report().row(0, named=True)
        brand = run.report(by="campaign").filter(campaign="brand").row(0, named=True)
        cells = [f"{brand['lost_to_budget']:.0%}", money(whole["spend"])]
        rows.append([name, *cells, spread_of(whole, "profit", money)])
    return markdown(header, rows)


def purses(scenario: Scenario) -> dict[str, Plan]:
    """The same money: one purse, or the brand first and the rest for generic words."""
    today = todays_plan(scenario)
    brand = expected(scenario, load_plans(scenario)["brand"])["spend"] / scenario.scenario.days
    rest = round(SHARED_BUDGET - brand)
    first = tuple(
        one.model_copy(update={"daily_budget": rest}) if one.name == "generic" else one
        for one in today.campaigns
    )
    return {
        f"{money(SHARED_BUDGET)} in one purse": replace(today, account_budget=SHARED_BUDGET),
        f"{money(rest)} for generic, the brand free": replace(today, campaigns=first),
    }


# --- what the model does not hold -------------------------------------------------------------


def outside_the_model(scenario: Scenario) -> str:
    peace = in_peace(scenario)
    calm = additional(expected(peace, load_plans(peace)["brand"]))
    plans = load_plans(scenario)
    low, high = expected(scenario, plans["brand"]), expected(scenario, plans["brand_defended"])
    generic = expected(scenario, plans["generic"])
    more = {name: high[name] - low[name] for name in ("spend", "orders")}
    lines = (
        f"- Brand ads without a rival pay if {calm:.0%} of their orders would not have come by"
        f" themselves; under attack, yielding, {additional(low):.0%}; holding the top,"
        f" {additional(high):.0%}; and of the orders that holding adds, {additional(more):.0%}.",
        f"- All generic words at today's bids would pay if an order were worth"
        f" {ratio(additional(generic))} times its margin, by what the customer buys later.",
    )
    return "\n".join(lines)


def additional(row: dict[str, float]) -> float:
    """The share of its orders that must be additional for the spend to come back."""
    return row["spend"] / (row["orders"] * MARGIN)


def answer() -> str:
    scenario = adsim.load_scenario(FOLDER)
    sections = (
        ("A week of each plan, the rival on the brand", week_of_each_plan),
        ("Differences under the same luck", differences),
        ("Which words pay", kinds_of_words),
        ("Defend or yield (brand alone)", defend_or_yield),
        ("A rival with a purse (brand alone)", thin_purse),
        ("One purse for brand and generic", one_purse),
        ("What must be true outside the model", outside_the_model),
    )
    return "\n\n".join(f"### {title}\n\n{write(scenario)}" for title, write in sections)


if __name__ == "__main__":
    main(FOLDER, answer)
