"""Answer the questions of scenarios/retarget_loop in numbers.

    python -m tools.answer_retarget_loop [--write]

Prints the tables of the scenario's README; --write puts them there. No budget binds and no demand
is shaken, so persons are independent of each other and the closed form is exact.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl

import adsim
from adsim.results.registry import COLUMNS
from adsim.results.tables import mean_value
from adsim.scenario import Plan, Scenario, todays_plan
from adsim.simulate import Run
from tools.answers import main, markdown, money, ratio
from tools.drawing import SCENARIOS

FOLDER = SCENARIOS / "retarget_loop"
CAPS = (1, 2, 3, 5, 8, None)
CUTS = {"today": 1.0, "broad bids a quarter lower": 0.75, "half": 0.5, "no broad ads": 0.0}
POOLS = ("visited", "carted", "bought")
WEEK = 7


def with_bids(scenario: Scenario, **factors: float) -> Plan:
    """Today's plan with the bids of campaigns times these factors; 0 pauses them."""
    today = todays_plan(scenario)
    rows = [factors.get(name, 1.0) for name in today.keywords["campaign"]]
    factor = pl.Series(rows)
    bid = (today.keywords["bid"] * factor).round(2)
    status = pl.Series(["active" if one > 0 else "paused" for one in rows])
    kept = pl.select(pl.when(factor > 0).then(bid).otherwise(today.keywords["bid"])).to_series()
    return replace(today, keywords=today.keywords.with_columns(bid=kept, status=status))


def with_cap(scenario: Scenario, cap: int | None) -> Plan:
    """Today's plan with another cap on retargeting."""
    today = todays_plan(scenario)
    campaigns = [
        one.model_copy(update={"frequency_cap": cap}) if one.name == "retarget" else one
        for one in today.campaigns
    ]
    return replace(today, campaigns=tuple(campaigns))


@cache
def played(name: str, value: float | None = 1.0) -> Run:
    """The six weeks with the bids of a campaign, or of "all", times a value, or with a "cap"."""
    scenario = adsim.load_scenario(FOLDER)
    if name == "cap":
        plan = with_cap(scenario, None if value is None else int(value))
    else:
        names = ("broad", "retarget") if name == "all" else (name,)
        plan = with_bids(scenario, **dict.fromkeys(names, float(value or 0.0)))
    return adsim.simulate(scenario, plan, "expected", by=["campaign", "day"])


def cut(label: str) -> Run:
    """The run with broad bids as this label of CUTS says."""
    return played("broad", CUTS[label])


def of(run: Run, column: str, campaign: str | None = None, week: int | None = None) -> float:
    """A column of the registry, of a campaign or all, in one week or all."""
    tallies, labels = run.tallies(["campaign", "day"])
    chosen = np.ones(labels.height, bool)
    if campaign is not None:
        chosen &= (labels["campaign"] == campaign).fill_null(False).to_numpy()
    if week is not None:
        days = sorted(set(labels["day"]))[WEEK * week : WEEK * (week + 1)]
        chosen &= labels["day"].is_in(days).to_numpy()
    return float(mean_value(COLUMNS[column], tallies[0][chosen].sum(axis=0)[:, None]))


def caused(run: Run, without: Run, column: str) -> float:
    """All that orders bring, organic ones included, over what they bring without."""
    totals = [one.tallies()[0].sum(axis=1).T for one in (run, without)]
    return float(mean_value(COLUMNS[f"caused_{column}"], totals[0] - totals[1]))


def pools() -> str:
    rows = []
    for label in CUTS:
        last = cut(label).journey().tail(4)
        persons = dict(last.select("state", "persons").iter_rows())
        rows.append([label, *(money(persons[name]) for name in POOLS)])
    return markdown(["persons on the last morning", *POOLS], rows)


def week_by_week(column: str) -> str:
    rows = []
    today = [of(cut("today"), column, "retarget", week) for week in range(6)]
    for label in CUTS:
        found = [of(cut(label), column, "retarget", week) for week in range(6)]
        shares = [one / base - 1.0 for one, base in zip(found, today, strict=True)]
        cells = map(ratio, found) if label == "today" else (f"{share:+.0%}" for share in shares)
        rows.append([label, *cells])
    return markdown(["", *(f"week {week + 1}" for week in range(6))], rows)


def orders_by_week() -> str:
    return week_by_week("orders")


def clicks_by_week() -> str:
    return week_by_week("clicks")


def attributed_and_caused() -> str:
    today, rows = played("broad"), []
    for name in ("broad", "retarget", "all"):
        without = played(name, 0.0)
        campaign = None if name == "all" else name
        own = {column: of(today, column, campaign) for column in ("spend", "orders", "profit")}
        more = {column: caused(today, without, column) for column in ("orders", "profit")}
        rows.append(
            [
                name,
                money(own["spend"]),
                money(own["orders"]),
                money(more["orders"]),
                money(own["profit"]),
                money(more["profit"]),
            ]
        )
    header = ["campaign", "spend", "orders", "caused", "profit", "caused"]
    return markdown(header, rows)


def what_a_cut_saves() -> str:
    """By the reports of each campaign, and in truth: what lower broad bids change."""
    today, silent, rows = cut("today"), played("all", 0.0), []
    for label in [name for name in CUTS if name != "today"]:
        run = cut(label)
        parts = [of(run, "profit", one) - of(today, "profit", one) for one in ("broad", "retarget")]
        truth = caused(run, silent, "profit") - caused(today, silent, "profit")
        spend = of(run, "spend") - of(today, "spend")
        rows.append([label, *map(money, (spend, *parts, truth))])
    return markdown(["over today", "spend", "broad", "retarget", "caused"], rows)


def cap_by_cap() -> str:
    silent, rows = played("all", 0.0), []
    for cap in CAPS:
        run = played("cap", cap)
        rows.append(
            [
                "none" if cap is None else f"{cap} a week",
                *(money(of(run, column, "retarget")) for column in ("impressions", "clicks")),
                f"{of(run, 'ctr', 'retarget'):.2%}",
                *(money(of(run, column)) for column in ("spend", "profit")),
                money(caused(run, silent, "profit")),
            ]
        )
    header = ["cap", "impressions", "clicks", "CTR", "spend of all", "profit of all", "caused"]
    return markdown(header, rows)


def answer() -> str:
    sections = (
        ("How large the pools get", pools),
        ("Clicks of retargeting, week by week", clicks_by_week),
        ("Orders of retargeting, week by week", orders_by_week),
        ("What a cut of broad bids changes: profit reported, and caused", what_a_cut_saves),
        ("What each campaign is given, and what it causes", attributed_and_caused),
        ("Which cap pays", cap_by_cap),
    )
    return "\n\n".join(f"### {title}\n\n{write()}" for title, write in sections)


if __name__ == "__main__":
    main(FOLDER, answer)
