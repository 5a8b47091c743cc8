"""Attributed against caused: the same history without the ads, under the same luck."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any, Literal, get_args

import numpy as np
import polars as pl

from adsim.audience.membership import gather_audience
from adsim.errors import Problem
from adsim.kernels.model import HOURS_A_DAY, Groups, PlanArrays, Window
from adsim.market.compile import Market, compile_market
from adsim.optimize.answer.sentences import say
from adsim.optimize.bench import check_settings, raise_problems
from adsim.results.caused import caused_table, holdout_table
from adsim.results.files import result_folder, write_table, write_texts
from adsim.results.heads import Lang
from adsim.results.tables import Tallies
from adsim.scenario import Plan, Scenario, todays_plan
from adsim.scenario.arguments import loaded_problems
from adsim.simulate.grouping import Grouping, group_rows
from adsim.simulate.histories import Progress, run_histories, thread_pool
from adsim.simulate.opening import open_plan
from adsim.simulate.recipe import plan_digest, versions

Part = Literal["campaign", "keyword", "audience"]
PLANS_AT_ONCE = 16  # whose books are held at a time


@dataclass(frozen=True, repr=False)
class Incrementality:
    """What ads caused.

    Attributes:
        account: All ads together: see `adsim.results.caused.caused_table`.
        parts: The same for each campaign, keyword or audience alone; None where not asked for.
        holdout: What those held out tell (see `holdout_table`); None where nobody is.
        recipe: All that the tables depend on.
        scenario: The world.
        plan: Name of the plan.
    """

    account: pl.DataFrame
    parts: pl.DataFrame | None
    holdout: pl.DataFrame | None
    recipe: dict[str, Any]
    scenario: Scenario
    plan: str

    @property
    def has_organic(self) -> bool:
        """Whether the scenario has organic orders, without which all are caused."""
        return self.scenario.has_organic

    def __repr__(self) -> str:
        return f"<Incrementality>\n{self.account}"

    @property
    def sentences(self) -> list[str]:
        """What to know of the tables, in English."""
        return self.explain("en")

    def explain(self, lang: Lang = "en") -> list[str]:
        """The same in English or Chinese."""
        told = {
            "causes_all": not self.has_organic,
            "causes_alone": self.parts is not None,
            "causes_holdout": self.holdout is not None,
        }
        return [say(key).tell(lang) for key, is_so in told.items() if is_so]

    def write(
        self,
        folder: str | PathLike[str],
        command: Sequence[str] = (),
        texts: Mapping[str, str] | None = None,
    ) -> None:
        """Write caused.csv, caused_parts.csv, holdout.csv and recipe.json; see `result_folder`.

        `texts` are more files by name: the page of `adsim.write_page`, say.
        """
        tables = {"caused": self.account, "caused_parts": self.parts, "holdout": self.holdout}
        recipe = {**self.recipe, **({"command": list(command)} if command else {})}
        with result_folder(folder, recipe) as path:
            for name, table in tables.items():
                if table is not None:
                    with (path / f"{name}.csv").open("wb") as file:
                        write_table(table, file, "csv")
            write_texts(path, texts)


def incrementality(
    scenario: Scenario,
    plan: Plan | None = None,
    by: Part | None = None,
    replications: int = 64,
    seed: int = 7,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Incrementality:
    """What ads cause, beside what is attributed to them, at fidelity `counts`.

    The same searchers with the same luck are met once with the ads and once without; the
    difference in all orders, those without a click included, is what the ads caused.

    Parameters
    ----------
    scenario
        The world, from `load_scenario`.
    plan
        The advertiser's decisions; today's by default.
    by
        "campaign", "keyword" or "audience": what each of them causes, taken away alone.
    replications
        Histories with and without, at least 2.
    seed
        0 to 2**32 - 1.
    threads
        Number of threads; it never changes a result.
    progress
        Called with (histories done, histories in all).

    Raises
    ------
    OptimizeError
        Every argument that is out of its range.
    """
    unloaded = loaded_problems(scenario, **({} if plan is None else {"plan": plan}))
    raise_problems(unloaded + _part_problems(by) + check_settings(replications, seed, threads))
    plan = todays_plan(scenario) if plan is None else plan
    market = compile_market(scenario, [plan])
    grouping = group_rows(market, 0, market.days, (by,) if by else ())
    parts = list(_without_parts(market, grouping, by))
    total = (2 + len(parts)) * replications
    stage = _Stage(market, seed, replications, threads, progress, total)
    with_ads = stage.play([market.plans[0]], (grouping.groups, grouping.size))[0]
    silent = market.plans[0]._replace(bid=np.zeros_like(market.plans[0].bid))
    without = stage.play([silent], _holdout_rows(market))[0]
    whole = _totals(with_ads)
    account = caused_table(pl.DataFrame(), whole[None], (whole - _totals(without))[None])
    table = None
    if by is not None:
        rows = [row for row, _ in parts]
        alone = [_totals(one) for one in stage.play([plan for _, plan in parts], _one_row(market))]
        caused = np.array([whole - one for one in alone]).reshape(-1, *whole.shape)
        own = np.moveaxis(with_ads[:, rows], 0, -1)
        table = caused_table(grouping.labels[rows], own, caused)
    recipe = {
        "result": "incrementality",
        **versions(),
        "scenario": scenario.scenario.name,
        "scenario_digest": scenario.digest(),
        "plan_digest": plan_digest(scenario, plan),
        "by": by,
        "seed": seed,
        "replications": replications,
    }
    held = _holdout(market, whole, without) if market.sides.held_out.any() else None
    return Incrementality(account, table, held, recipe, scenario, plan.name)


@dataclass
class _Stage:
    """Plays plans under the same luck, a few at a time."""

    market: Market
    seed: int
    replications: int
    threads: int | None
    progress: Progress | None
    total: int
    done: int = 0

    def play(self, plans: Sequence[PlanArrays], rows: tuple[Groups, int]) -> list[Tallies]:
        """Tallies (replications, rows, fields) of each plan."""
        found: list[Tallies] = []
        for first in range(0, len(plans), PLANS_AT_ONCE):
            some = plans[first : first + PLANS_AT_ONCE]
            with thread_pool(self.threads) as pool:
                opened = [
                    open_plan(self.market.arrays, one, pool, with_charge=False, with_prices=True)
                    for one in some
                ]
                tallies = run_histories(
                    self.market,
                    opened,
                    *rows,
                    Window(0, self.market.days),
                    fidelity="counts",
                    seed=self.seed,
                    replications=range(self.replications),
                    pool=pool,
                    progress=self._told,
                )
            found.extend(tallies)
            self.done += len(some) * self.replications
        return found

    def _told(self, done: int, _: int) -> None:
        if self.progress is not None:
            self.progress(self.done + done, self.total)


def _part_problems(by: object) -> list[Problem]:
    if by is None or by in get_args(Part):
        return []
    rule = f"must be one of {', '.join(get_args(Part))}"
    return [Problem("by", rule, f"is {by!r}", "choose one of them, or leave it out")]


def _without_parts(
    market: Market, grouping: Grouping, by: Part | None
) -> Iterator[tuple[int, PlanArrays]]:
    """Row of each group that has ads, and the plan without it."""
    plan, labels = market.plans[0], grouping.labels
    if by == "audience":
        own = pl.Series(market.sides.audiences)
        shown = (plan.coefficient > 0).any(axis=(0, 2))
        for row, name in enumerate(labels["audience"]):
            inside = (own == name).to_numpy()
            if (inside & shown).any():
                coefficient = plan.coefficient.copy()
                coefficient[:, inside] = 0.0
                yield row, plan._replace(coefficient=coefficient)
    elif by is not None:
        owner = market.keywords.join(
            labels.with_row_index("row"), on=labels.columns, how="left", maintain_order="left"
        )["row"].to_numpy()
        for row in range(labels.height):
            mine = (owner == row) & (plan.bid > 0)
            if mine.any():
                yield row, plan._replace(bid=np.where(mine, 0, plan.bid))


def _totals(tallies: Tallies) -> Tallies:
    """[fields, replications] of tallies (replications, rows, fields)."""
    return np.asarray(tallies.sum(axis=1).T)


def _one_row(market: Market) -> tuple[Groups, int]:
    grouping = group_rows(market, 0, market.days, ())
    return grouping.groups, grouping.size


def _holdout_rows(market: Market) -> tuple[Groups, int]:
    """A row for each organic product of everybody else, then of each side that is held out."""
    n_products = market.arrays.products.size
    held = market.sides.held_out
    side = np.zeros(held.size, np.int64)
    side[held] = n_products * np.arange(1, held.sum() + 1)
    groups = Groups(
        link=np.zeros(market.arrays.links.size, np.int64),
        none=market.arrays.queries["organic_product"].astype(np.int64),
        side=side,
        day=np.zeros(market.days, np.int64),
        hour=np.zeros(HOURS_A_DAY, np.int64),
    )
    return groups, n_products * (1 + int(held.sum()))


def _holdout(market: Market, with_ads: Tallies, without: Tallies) -> pl.DataFrame:
    """Who is held out meets the same history with and without the ads of others."""
    arrays, scenario = market.arrays, market.scenario
    orders = arrays.order_money[:, market.sides.held_out].T.reshape(-1)
    money = np.column_stack([orders["price"], orders["unit_cost"]])
    held = np.moveaxis(without[:, arrays.products.size :], 0, -1)
    share = scenario.scenario.holdout
    ratio, spread = (1 - share) / share, 0.0
    if scenario.population is not None:
        audience = gather_audience(scenario)
        n_held = int(audience.held_out.sum())
        weight = audience.weights.organic
        ratio = (weight.size - n_held) / n_held
        spread = float((weight.std() / max(weight.mean(), 1e-300)) ** 2 / n_held)
    return holdout_table(with_ads, _totals(without), held, money, ratio, spread)
