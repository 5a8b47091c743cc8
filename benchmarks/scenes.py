"""The worlds that benchmarks run in, each as its promise says; made up from a seed.

A scene is compiled and opened, so that a run of it is the engine alone; tallies are of one group.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
import polars as pl

from adsim.kernels.model import Window
from adsim.market.compile import Market, compile_market
from adsim.scenario import Scenario, synthetic_scenario, todays_plan
from adsim.scenario.journeys import Journey
from adsim.scenario.models import Crowd
from adsim.scenario.populations import Effect, Population
from adsim.simulate.grouping import group_rows
from adsim.simulate.histories import run_histories, thread_pool
from adsim.simulate.opening import OpenPlan, open_plan

SEED = 7
SMOOTH = ("lognormal", "loglogistic", "gamma")
HOURS = 24
CTR = 0.01  # of an examined ad, in the scenes of single searches


@dataclass
class Scene:
    """A scenario under today's plan at one fidelity, opened when it is first needed."""

    scenario: Scenario
    fidelity: str

    @cached_property
    def market(self) -> Market:
        return compile_market(self.scenario, [todays_plan(self.scenario)])

    @cached_property
    def opened(self) -> OpenPlan:
        with thread_pool(1) as pool:
            return self.open(pool)

    def open(self, pool: ThreadPoolExecutor) -> OpenPlan:
        means = self.fidelity == "expected"
        plan = self.market.plans[0]
        return open_plan(self.market.arrays, plan, pool, with_charge=means, with_prices=not means)

    def run(
        self,
        replications: int = 1,
        threads: int = 1,
        by: tuple[str, ...] = (),
        opened: OpenPlan | None = None,
    ) -> np.ndarray:
        """Tallies of shape (replications, groups, fields) of all days of the scenario."""
        grouping = group_rows(self.market, 0, self.market.days, by)
        with thread_pool(threads) as pool:
            return run_histories(
                self.market,
                [opened or self.opened],
                grouping.groups,
                grouping.size,
                Window(0, self.market.days),
                fidelity=self.fidelity,
                seed=SEED,
                replications=range(replications),
                pool=pool,
            )[0]


def event_searches(queries: int, searches_per_hour: float) -> Scene:
    """One keyword a query among landscape rivals, no crowds, no budgets, equal hours."""
    scenario = synthetic_scenario(
        SEED,
        queries=queries,
        searches=searches_per_hour * HOURS,
        crowds=0,
        devices=0,
        flat=True,
        families=SMOOTH,
    )
    return Scene(_even(scenario, searches_per_hour), "events")


dense = partial(event_searches, 200, 400.0)
thin = partial(event_searches, 20_000, 4.0)


def named_bidders(queries: int, searches_per_hour: float) -> Scene:
    """Nine named rivals and the own keyword, alike; each one's budget ends in the day.

    A rival takes part in 6 of 10 searches, so that all of them are shown from the first hour on.
    """
    scenario = synthetic_scenario(
        SEED,
        queries=queries,
        searches=searches_per_hour * HOURS,
        crowds=0,
        devices=0,
        campaigns=1,
        named_rivals=N_BIDDERS - 1,
        flat=True,
        families=SMOOTH,
    )
    scenario = _even(scenario, searches_per_hour)
    n_rows = scenario.tables.rival_keywords.height
    turn = pl.int_range(n_rows) // (n_rows // (N_BIDDERS - 1))
    alike = {"quality": pl.lit(5.0), "relevance": pl.lit(1.0), "creative": pl.lit(1.0)}
    tables = replace(
        scenario.tables,
        queries=scenario.tables.queries.with_columns(rivals=pl.lit(0.0)),
        keywords=scenario.tables.keywords.with_columns(bid=pl.lit(1.0), **alike),
        rival_keywords=scenario.tables.rival_keywords.with_columns(
            bid=(0.78 + 0.05 * turn).round(2), quality=pl.lit(5.0), presence=pl.lit(PRESENCE)
        ),
    )
    bids = np.append(0.78 + 0.05 * np.arange(N_BIDDERS - 1), 1.0)
    spend = (
        _spend_a_search(bids, scenario.auction.examination) * queries * searches_per_hour * HOURS
    )
    budgets = (BUDGET_SHARE * spend).round(2)
    rivals = tuple(
        rival.model_copy(update={"daily_budget": budget})
        for rival, budget in zip(scenario.rivals, budgets, strict=False)
    )
    campaign = scenario.campaigns[0].model_copy(update={"daily_budget": budgets[-1]})
    update = {"tables": tables, "rivals": rivals, "campaigns": (campaign,)}
    return Scene(scenario.model_copy(update=update), "events")


N_BIDDERS = 10
PRESENCE = 0.6
BUDGET_SHARE = 0.8  # of what a day without budgets would cost

named_dense = partial(named_bidders, 100, 40.0)
named_thin = partial(named_bidders, 1_000, 4.0)


def _even(scenario: Scenario, searches_per_hour: float) -> Scenario:
    """Give every query the same searches and the rates of a real account."""
    queries = scenario.tables.queries.with_columns(
        daily_searches=pl.lit(searches_per_hour * HOURS), ctr=pl.lit(CTR), cvr=pl.lit(0.03)
    )
    tables = replace(scenario.tables, queries=queries)
    return scenario.model_copy(update={"tables": tables})


def _spend_a_search(bids: np.ndarray, examination: tuple[float, ...]) -> np.ndarray:
    """What each bidder of the same quality pays a search on average; the last is always there."""
    draws = np.random.default_rng(SEED)
    order = np.argsort(-bids)
    presence = np.full(bids.size, PRESENCE)
    presence[-1] = 1.0
    present = draws.random((100_000, bids.size)) < presence[order]
    slot = present.cumsum(axis=1) - present
    looked_at = np.append(examination, 0.0)[np.minimum(slot, len(examination))] * present
    price = np.zeros(present.shape)
    following = np.zeros(len(present))
    for place in reversed(range(bids.size)):
        price[:, place] = following + 0.01
        following = np.where(present[:, place], bids[order[place]], following)
    spend = np.empty(bids.size)
    spend[order] = (looked_at * CTR * price).mean(axis=0)
    return spend


def counts_day(queries: int = 1000) -> Scene:
    """A day of 10^9 searches: 1,000 keywords, 3 crowds (8 audience cells), budgets that bind.

    Each campaign's budget is a fraction of what it could spend; all of them end in the day.
    """
    return Scene(
        synthetic_scenario(
            SEED,
            queries=queries,
            searches=1e6,
            crowds=3,
            devices=0,
            budget_share=0.5,
            families=SMOOTH,
        ),
        "counts",
    )


def million_persons(persons: int = 1_000_000) -> Scenario:
    """Persons of the shipped preset (13 columns) with 20 crowds and 3 effects."""
    relations = ("visited", "carted", "bought ours", "bought rival", "lapsed")
    conditions = [
        *(f"brand_relation = '{relation}'" for relation in relations),
        *(f"brand_relation = 'visited' AND days_since_visit <= {days}" for days in (3, 7, 15, 30)),
        *(f"brand_relation = 'carted' AND days_since_cart <= {days}" for days in (3, 7, 15, 30)),
        *(f"days_since_order > {days}" for days in (30, 90, 180)),
        *(f"interest = 4 AND spend_tier >= {tier}" for tier in (3, 4, 5)),
        "age = '25-34' AND sex = 'female' AND region IN ('first tier', 'new first tier')",
    ]
    effects = tuple(
        Effect(where=f"interest = {level}", searches=factor, cvr=factor)
        for level, factor in ((0, 0.5), (3, 2.0), (4, 3.0))
    )
    population = Population(size=persons, preset="shoppers", effects=effects)
    crowds = tuple(Crowd(name=f"crowd {i}", where=text) for i, text in enumerate(conditions))
    scenario = synthetic_scenario(SEED, queries=1, crowds=0, devices=0, flat=True)
    return scenario.model_copy(update={"population": population, "crowds": crowds})


def capped_persons(persons: int = 200_000, searches_per_hour: float = 400.0) -> Scene:
    """Four campaigns with a cap and fatigue, 200 queries, five crowds of persons as pools."""
    people = million_persons(persons)
    scenario = synthetic_scenario(
        SEED,
        queries=200,
        searches=searches_per_hour * HOURS,
        crowds=0,
        devices=0,
        campaigns=4,
        keywords_per_query=3,
        flat=True,
        families=SMOOTH,
    )
    keys = {"frequency_cap": 3, "fatigue": 0.05}
    update = {
        "population": people.population,
        "crowds": people.crowds[:5],
        "campaigns": tuple(c.model_copy(update=keys) for c in scenario.campaigns),
    }
    return Scene(_even(scenario, searches_per_hour).model_copy(update=update), "events")


def capped_lives(persons: int = 200_000, searches_per_hour: float = 400.0) -> Scene:
    """The same searches by persons who live: clicks and carts fill two pools, buyers leave them."""
    world = capped_persons(persons, searches_per_hour)
    states = (
        {"name": "new", "share": 0.88, "click": {"visited": 1.0}, "order": {"bought": 1.0}},
        {
            "name": "visited", "share": 0.1, "searches": 2.0, "days": 30, "then": "new",
            "cart": {"carted": 1.0}, "order": {"bought": 1.0},
        },
        {
            "name": "carted", "share": 0.01, "searches": 2.5, "days": 15, "then": "visited",
            "order": {"bought": 1.0},
        },
        {"name": "bought", "share": 0.01, "searches": 0.3, "days": 30, "then": "new"},
    )  # fmt: skip
    pools = tuple(Crowd(name=name, where=f"state = '{name}'") for name in ("visited", "carted"))
    update = {"journey": Journey(states=states), "crowds": (*world.scenario.crowds[:3], *pools)}
    return Scene(world.scenario.model_copy(update=update), "events")


def hundred_thousand(family: str, charge_step: float = 0.01, queries: int = 100_000) -> Scene:
    """100,000 keywords on as many queries at three effective bids: three hour blocks."""
    scenario = synthetic_scenario(
        SEED,
        queries=queries,
        crowds=0,
        devices=0,
        campaigns=1,
        flat=True,
        families=(family,),
        charge_step=charge_step,
    )
    hours = [[0.7] * 8 + [1.0] * 8 + [1.3] * 8] * 7
    campaigns = tuple(c.model_copy(update={"hours": hours}) for c in scenario.campaigns)
    return Scene(scenario.model_copy(update={"campaigns": campaigns}), "expected")


def one_keyword() -> Scenario:
    """One keyword on one query among log-normal rivals."""
    return synthetic_scenario(
        SEED, queries=1, crowds=0, devices=0, campaigns=1, flat=True, families=("lognormal",)
    )
