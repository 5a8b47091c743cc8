"""Answer the questions of scenarios/dmp_plays in numbers.

    python -m tools.answer_dmp_plays [--write]

Prints the tables of the scenario's README; --write puts them there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

import adsim
from adsim.results.registry import COLUMNS, Column
from adsim.results.tables import mean_value
from adsim.scenario import Plan, Scenario, todays_plan
from tools.answers import difference, main, markdown, money, ratio
from tools.drawing import SCENARIOS
from tools.make_dmp_plays import ALL, PLAYS, plan_premiums

FOLDER = SCENARIOS / "dmp_plays"
REPLICATIONS, SEED, FRESH = 128, 7, 99
PREMIUMS = (0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0)
TOLD = {  # CVR over the average, as sources.csv has it
    "visited": "3-5",
    "carted": "4-8",
    "buyers": "3.5",
    "rival buyers": "0.8-1.5",
    "like buyers": "2.3",
    "knows us": "",
    "strangers": "",
}
LADDER = tuple(step / 20 for step in range(81))  # premiums from 0 to 400 %
ATTRIBUTED, CAUSED_PROFIT = COLUMNS["profit"], COLUMNS["caused_profit"]


def with_premiums(scenario: Scenario, premiums: Mapping[str, float]) -> Plan:
    """Today's plan with these premiums instead of none."""
    today = todays_plan(scenario)
    campaigns = [one.model_copy(update={"premiums": dict(premiums)}) for one in today.campaigns]
    return replace(today, campaigns=tuple(campaigns))


def without_ads(scenario: Scenario) -> Plan:
    """Today's plan with all keywords paused."""
    today = todays_plan(scenario)
    return replace(today, keywords=today.keywords.with_columns(status=pl.lit("paused")))


def profits_of(scenario: Scenario, premiums: Mapping[str, float]) -> tuple[float, float]:
    """A mean week's profit of orders after a click, and of all orders, organic ones included.

    No budget binds, so the closed form is exact. The second, less that without ads or with other
    premiums, is what the ads, or those premiums, cause.
    """
    run = adsim.simulate(scenario, with_premiums(scenario, premiums), fidelity="expected")
    totals = run.tallies()[0].sum(axis=1).T
    return _value(ATTRIBUTED, totals), _value(CAUSED_PROFIT, totals)


def _value(column: Column, totals: np.ndarray) -> float:
    return float(mean_value(column, totals))


def profit_of(scenario: Scenario, premiums: Mapping[str, float], caused: bool = False) -> float:
    """One of the two."""
    return profits_of(scenario, premiums)[caused]


def who_is_in_them(scenario: Scenario) -> str:
    header = ["crowd", "persons", "searches", "CTR x", "CVR x", "CVR x told"]
    rows = [
        [
            row["crowd"],
            f"{row['persons_share']:.1%}",
            f"{row['searches_share']:.1%}",
            f"{row['ctr_factor']:.2f}",
            f"{row['cvr_factor']:.2f}",
            TOLD[row["crowd"]],
        ]
        for row in adsim.crowds(scenario).sizes.to_dicts()
    ]
    return markdown(header, rows)


def lookalike_by_size(scenario: Scenario) -> str:
    rows = [
        [f"{row['size']:.0%}", *(f"{row[name]:.2f}" for name in ("cvr_factor", "cvr_factor_told"))]
        for row in adsim.crowds(scenario).lookalikes.to_dicts()
    ]
    return markdown(["size", "CVR x", "told"], rows)


def week_of_each_play(scenario: Scenario) -> str:
    header = ["play", "clicks more by", "orders", "spend", "profit", "ROI"]
    writers = {"clicks": money, "orders": ratio, "spend": money, "profit": money, "roi": two_places}
    rows = []
    for name in (*PLAYS, ALL):
        plan = adsim.load_plan(FOLDER / "plans" / name, scenario)
        table = adsim.compare(scenario, todays_plan(scenario), plan, REPLICATIONS, SEED)
        rows.append([f"`{name}`", *(difference(table, *pair) for pair in writers.items())])
    return markdown(header, rows)


def two_places(value: float) -> str:
    return f"{value:.2f}"


def crowd_by_crowd(scenario: Scenario) -> str:
    """What today's ads bring of each crowd, and what they cause."""
    found = []
    for plan in (todays_plan(scenario), without_ads(scenario)):
        run = adsim.simulate(scenario, plan, "expected", by="audience")
        tallies, labels = run.tallies(["audience"])
        found.append(tallies[0])
    inside = [set(name.split("+")) for name in labels["audience"]]
    rows = []
    for crowd in ("everybody", *TOLD):
        mine = np.array([crowd == "everybody" or crowd in names for names in inside])
        with_ads, without = (one[mine].sum(axis=0)[:, None] for one in found)
        names = ("orders", "roi", "profit")
        own = {name: _value(COLUMNS[name], with_ads) for name in names}
        more = {name: _value(COLUMNS[f"caused_{name}"], with_ads - without) for name in names}
        rows.append(
            [
                crowd,
                money(_value(COLUMNS["spend"], with_ads)),
                ratio(own["orders"]),
                f"{ratio(more['orders'])} ({more['orders'] / own['orders']:.0%})",
                *(two_places(value) for value in (own["roi"], more["roi"])),
                *(money(value) for value in (own["profit"], more["profit"])),
            ]
        )
    names = ["crowd", "spend", "orders", "caused", "ROI", "caused", "profit", "caused"]
    return markdown(names, rows)


def premium_by_premium(scenario: Scenario, caused: bool = False) -> str:
    today = profit_of(scenario, {}, caused)
    rows = []
    for name, premiums in PLAYS.items():
        tried = [dict.fromkeys(premiums, premium) for premium in PREMIUMS]
        gains = [profit_of(scenario, each, caused) - today for each in tried]
        rows.append([f"{name} ({', '.join(premiums)})", *map(money, gains)])
    return markdown(["play", *(f"+{p:.0%}" for p in PREMIUMS)], rows)


def caused_by_premium(scenario: Scenario) -> str:
    return premium_by_premium(scenario, caused=True)


def together(scenario: Scenario) -> str:
    """The plays at the premiums told, one by one and on top of each other."""
    every = plan_premiums()[ALL]
    today, whole = profits_of(scenario, {}), profits_of(scenario, every)
    alone = {name: profits_of(scenario, premiums) for name, premiums in PLAYS.items()}
    rows = []
    for name, premiums in PLAYS.items():
        rest = {crowd: premium for crowd, premium in every.items() if crowd not in premiums}
        others = profits_of(scenario, rest)
        rows.append([name])
        for of in (0, 1):
            rows[-1] += [money(alone[name][of] - today[of]), money(whole[of] - others[of])]
    rows.append(["all: the sum, and in truth"])
    for of in (0, 1):
        total = sum(one[of] - today[of] for one in alone.values())
        rows[-1] += [money(total), money(whole[of] - today[of])]
    header = ["alone", "on top of the other two", "caused, alone", "caused, on top"]
    return markdown(["play", *header], rows)


def best_premiums(scenario: Scenario, caused: bool) -> dict[str, float]:
    """The premium of each play that pays most, all plays at once: one play after the other."""
    best, before = dict.fromkeys(PLAYS, 0.0), None
    while best != before:
        before = dict(best)
        for name in PLAYS:
            best[name] = best_premium(scenario, name, caused, best)
    return best


def best_premium(scenario: Scenario, name: str, caused: bool, others: Mapping[str, float]) -> float:
    """The premium of one play that pays most beside those of others, in steps of 5 %.

    Profit rises to one peak and falls.
    """

    def gain(place: int) -> float:
        return profit_of(scenario, crowd_premiums({**others, name: LADDER[place]}), caused)

    low, high = 0, len(LADDER) - 1
    while high - low > 2:
        third = (high - low) // 3
        if gain(low + third) < gain(high - third):
            low += third
        else:
            high -= third
    return LADDER[max(range(low, high + 1), key=gain)]


def crowd_premiums(plays: Mapping[str, float]) -> dict[str, float]:
    """The premium of each crowd from those of the plays."""
    return {crowd: premium for name, premium in plays.items() for crowd in PLAYS[name]}


def what_pays(scenario: Scenario) -> str:
    """The best premium of each play, and what all of them together then earn a week."""
    columns = []
    for caused in (False, True):
        columns.append({name: best_premium(scenario, name, caused, {}) for name in PLAYS})
        columns.append(best_premiums(scenario, caused))
    rows = [[name, *(f"{column[name]:.0%}" for column in columns)] for name in PLAYS]
    today = profits_of(scenario, {})
    gains = [profits_of(scenario, crowd_premiums(column)) for column in columns]
    for of, title in enumerate(("profit of all three, attributed", "profit of all three, caused")):
        rows.append([title, *(money(gain[of] - today[of]) for gain in gains)])
    header = [f"{of}, {how}" for of in ("attributed", "caused") for how in ("alone", "together")]
    return markdown(["best premium for", *header], rows)


def best_plans(scenario: Scenario) -> str:
    """The plan that is best by the report, and the one that is best in truth: what both earn."""
    plans = {"today": todays_plan(scenario)}
    for goal in ("profit", "caused_profit"):
        plans[goal] = adsim.optimize(scenario, goal, seed=SEED).plan
    rows = []
    for name, plan in plans.items():
        found = adsim.incrementality(scenario, plan, replications=REPLICATIONS, seed=FRESH).account
        by_metric = {row["metric"]: row for row in found.to_dicts()}
        spend, profit = by_metric["spend"]["attributed"], by_metric["profit"]
        caused = [money(profit[f"caused{end}"]) for end in ("", "_low", "_high")]
        shown = [*plan.campaigns[0].premiums.items()]
        premiums = ", ".join(f"{crowd} {premium:.0%}" for crowd, premium in shown) or "none"
        cells = [money(spend), money(profit["attributed"]), "{} ({} to {})".format(*caused)]
        bid = plan.keywords["bid"].median()
        rows.append([name if name == "today" else f"best {name}", f"{bid:.2f}", premiums, *cells])
    return markdown(["plan", "bid", "premiums", "spend", "profit", "caused"], rows)


def answer() -> str:
    scenario = adsim.load_scenario(FOLDER)
    sections = (
        ("Who is in the crowds", who_is_in_them),
        ("The lookalike by its size", lookalike_by_size),
        ("A week of each play, over today's bids", week_of_each_play),
        ("What today's ads bring, and what they cause", crowd_by_crowd),
        ("Profit added by premium, attributed", premium_by_premium),
        ("Profit added by premium, caused", caused_by_premium),
        ("Plays that overlap", together),
        ("Which premium pays", what_pays),
        ("The best plans, by the report and in truth", best_plans),
    )
    return "\n\n".join(f"### {title}\n\n{write(scenario)}" for title, write in sections)


if __name__ == "__main__":
    main(FOLDER, answer)
