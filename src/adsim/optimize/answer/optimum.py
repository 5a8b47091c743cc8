"""The answer of a search: a plan, what it brings, how far from the best, and why."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from os import PathLike
from typing import Any

import polars as pl

from adsim.errors import OptimizeError, Problem
from adsim.optimize.aims.question import Question
from adsim.optimize.answer.sentences import Message
from adsim.results.files import result_folder, write_table, write_texts
from adsim.results.heads import LANGUAGES, Lang
from adsim.scenario import Plan, Scenario, todays_plan, write_plan
from adsim.simulate.recipe import plan_digest, versions
from adsim.simulate.settings import LARGEST_SEED

TABLES = (
    "comparison",
    "settings",
    "changes",
    "baselines",
    "markets",
    "risk",
    "front",
    "trials",
    "race",
)
"""Attributes that are written as they are called."""


def fresh_seed(seed: int) -> int:
    """The seed of the comparison that ends a search with `seed`; the search never uses it."""
    return (seed + 1) % (LARGEST_SEED + 1)


@dataclass(frozen=True, repr=False)
class Optimum:
    """The plan that a search recommends.

    Attributes:
        scenario: The world, in the window asked for, at the settings that the plan is for.
        declared: The same at today's settings.
        steps: Settings that the plan is for and cannot make itself, by key, with their values.
        settings: What came of every setting, where some were to be tried (`vary`): a row each, see
            `adsim.optimize.varying.Varied`.
        question, seed, replications: What was asked.
        tested: Histories of each plan in the last test, in each scenario where the worst counts.
        goal: The metric that `value` and `bound` are of: what was asked to be best, spend where an
            amount is to be reached; roi or cpa where no plan meets the target.
        budget: The account's total a day that was asked for.
        plan: The recommended plan; today's (under the budget asked for) where no plan is better.
        value: The goal of the plan at fidelity `expected`.
        bound: What no plan can pass (see `adsim.optimize.exact.bound`).
        gap: |bound - value| / |bound|.
        is_met: Whether what was asked for can be had; where not, the answer is the nearest.
        comparison: The plan (b) against today's (a) on a seed that no search has seen, as
            `adsim.compare` gives it; `expected`: the plan at fidelity expected; `noise_cost`:
            expected - b, what noise and demand shocks cost.
        markets: The goal of the best plan found (b) against today's (a) in every market, where
            there are several: market, then as in comparison.
        risk: The risk that was asked to count, of the best plan found (b) against today's (a): one
            row with risk, level, metric, then as in comparison; no row where the mean counts.
        front: The front that was asked for, a row a plan: plan (its folder), kind (front; today,
            recommended), both goals on fresh luck with their 95 % intervals, and the parameters;
            no row where none was asked for.
        front_plans: The plans of its rows.
        changes: A row a keyword: bids, clicks, spend and value today and new, and the reason.
        baselines: Simple plans and the exact one under the same budgets and limits (see
            `adsim.optimize.exact.baselines.list_baselines`).
        reasons: The answer as messages; `explain` tells them.
        search: Settings of the search over policies, for the recipe.
        trials: A row a trial of the search over policies; None where there was none.
        race: A row a plan of the final race, on luck that no search has seen; likewise.
    """

    scenario: Scenario
    declared: Scenario
    steps: Mapping[str, str]
    settings: pl.DataFrame
    question: Question
    goal: str
    budget: float | None
    seed: int
    replications: int
    tested: int
    plan: Plan
    value: float
    bound: float
    gap: float
    is_met: bool
    comparison: pl.DataFrame
    markets: pl.DataFrame
    risk: pl.DataFrame
    front: pl.DataFrame
    front_plans: tuple[Plan, ...]
    changes: pl.DataFrame
    baselines: pl.DataFrame
    reasons: tuple[Message, ...]
    search: Mapping[str, Any] = field(default_factory=dict)
    trials: pl.DataFrame | None = None
    race: pl.DataFrame | None = None

    def __repr__(self) -> str:
        said = f"{self.goal} {self.value:,.2f}, bound {self.bound:,.2f}"
        return f"<Optimum of {self.scenario.scenario.name!r}: {said}; .why tells more>"

    @property
    def why(self) -> tuple[str, ...]:
        """The answer in plain English, line by line."""
        return self.explain("en")

    def explain(self, lang: Lang = "en") -> tuple[str, ...]:
        """The answer in plain words, line by line, in English ("en") or Chinese ("zh").

        Raises OptimizeError where the language is another.
        """
        if lang not in LANGUAGES:
            rule = f"must be {' or '.join(LANGUAGES)}"
            raise OptimizeError(Problem("lang", rule, f"is {lang!r}", "choose one of them"))
        return tuple(message.tell(lang) for message in self.reasons)

    def recipe(self) -> dict[str, Any]:
        """All that the answer depends on: versions, digests, seeds; no clock time, no path."""
        return {
            **versions(),
            "result": "optimize",
            "scenario": self.scenario.scenario.name,
            "scenario_digest": self.declared.digest(),
            **({"steps": dict(self.steps)} if self.steps else {}),
            "plan_digest": plan_digest(self.scenario, self.plan),
            "goal": self.goal,
            "question": self.question.recipe(),
            "seed": self.seed,
            "replications": self.replications,
            "tested": self.tested,
            **self.search,
            "markets": self.markets.height,
            "value": self.value,
            "bound": self.bound,
            "gap": self.gap,
            "is_met": self.is_met,
        }

    def write(self, folder: str | PathLike[str], texts: Mapping[str, str] | None = None) -> None:
        """Write plan/ (where something changes), the tables that there are, and recipe.json.

        Tables: comparison.csv, changes.csv, baselines.csv, and where there were settings to try,
        several markets, a risk, a front or a search over policies: settings.csv, markets.csv,
        risk.csv, front.csv with the plans front/01 and so on, trials.csv, race.csv.

        `texts` are more files to write with them, by name: the page of `adsim.write_page`, say.

        Raises OutputError where the folder may not be replaced or written; whatever was there
        before is then still there.
        """
        with result_folder(folder, self.recipe()) as path:
            if self._changes_something():
                write_plan(self.plan, self.declared, path / "plan", self._needs())
            for row, plan in zip(self.front.iter_rows(named=True), self.front_plans, strict=True):
                write_plan(plan, self.scenario, path / "front" / row["plan"])
            for name in TABLES:
                table = getattr(self, name)
                if table is not None and table.height:
                    with (path / f"{name}.csv").open("wb") as file:
                        write_table(table, file, "csv")
            write_texts(path, texts)

    def _needs(self) -> str:
        """What the plan folder says of the settings that the plan is for."""
        told = [f"--set {shlex.quote(f'{key}={value}')}" for key, value in self.steps.items()]
        return f"It is for the scenario with {' '.join(told)}: set this first." if told else ""

    def _changes_something(self) -> bool:
        today = todays_plan(self.declared)
        return bool(self.steps) or replace(self.plan, name=today.name) != today
