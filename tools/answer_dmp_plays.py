"""Answer the questions of scenarios/dmp_plays in numbers.

    python -m tools.answer_dmp_plays [--write]

Prints the tables of the scenario's README; --write puts them there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import adsim
from adsim.scenario import Plan, Scenario, todays_plan
from tools.answers import difference, main, markdown, money, ratio
from tools.drawing import SCENARIOS
from tools.make_dmp_plays import ALL, PLAYS, plan_premiums

FOLDER = SCENARIOS / "dmp_plays"
REPLICATIONS, SEED = 128, 7
PREMIUMS = (0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0)
TOLD = {  # CVR over the average, as sources.csv has it
    "visited": "3-5",
    "carted": "4-8",
    "buyers": "3.5",
    "rival buyers": "0.8-1.5",
    "like buyers": "2.3",
    "strangers": "",
}


def with_premiums(scenario: Scenario, premiums: Mapping[str, float]) -> Plan:
    """Today's plan with these premiums instead of none."""
    today = todays_plan(scenario)
    campaigns = [one.model_copy(update={"premiums": dict(premiums)}) for one in today.campaigns]
    return replace(today, campaigns=tuple(campaigns))


def profit_of(scenario: Scenario, premiums: Mapping[str, float]) -> float:
    """A mean week's profit; no budget binds, so the closed form is exact."""
    run = adsim.simulate(scenario, with_premiums(scenario, premiums), fidelity="expected")
    return float(run.report()["profit"][0])


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


def premium_by_premium(scenario: Scenario) -> str:
    today = profit_of(scenario, {})
    rows = []
    for name, premiums in PLAYS.items():
        gains = [profit_of(scenario, dict.fromkeys(premiums, p)) - today for p in PREMIUMS]
        rows.append([f"{name} ({', '.join(premiums)})", *map(money, gains)])
    return markdown(["play", *(f"+{p:.0%}" for p in PREMIUMS)], rows)


def together(scenario: Scenario) -> str:
    today = profit_of(scenario, {})
    alone = {name: profit_of(scenario, premiums) - today for name, premiums in PLAYS.items()}
    every = plan_premiums()[ALL]
    rows = []
    for name, premiums in PLAYS.items():
        others = {crowd: premium for crowd, premium in every.items() if crowd not in premiums}
        added = profit_of(scenario, every) - profit_of(scenario, others)
        rows.append([name, money(alone[name]), money(added)])
    whole = profit_of(scenario, every) - today
    rows.append(["all: the sum, and in truth", money(sum(alone.values())), money(whole)])
    return markdown(["play", "alone", "on top of the other two"], rows)


def answer() -> str:
    scenario = adsim.load_scenario(FOLDER)
    sections = (
        ("Who is in the crowds", who_is_in_them),
        ("The lookalike by its size", lookalike_by_size),
        ("A week of each play, over today's bids", week_of_each_play),
        ("Profit added by premium", premium_by_premium),
        ("Plays that overlap", together),
    )
    return "\n\n".join(f"### {title}\n\n{write(scenario)}" for title, write in sections)


if __name__ == "__main__":
    main(FOLDER, answer)
