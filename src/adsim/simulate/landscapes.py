"""What bids bring, in closed form: a keyword at many bids, or the account at many scales of bids.

Budgets are left aside, the demand shock is 1, and persons who live are where the first morning
finds them. All numbers are those of one mean day: the mean of the scenario's days, with their
calendar, days of the week and hours.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from adsim.errors import Problem, SimulationError
from adsim.kernels import doors, model
from adsim.kernels.tally import N_FIELDS
from adsim.market.compile import KEYWORD_KEY, compile_market
from adsim.market.text import normalize
from adsim.money import from_micros, to_micros, to_micros_array
from adsim.results.tables import report_table
from adsim.scenario import Plan, Scenario, todays_plan
from adsim.scenario.arguments import loaded_problems
from adsim.scenario.auctions import Auction
from adsim.scenario.columns import LARGEST
from adsim.scenario.text import name_cure
from adsim.simulate.histories import compile_door, thread_pool
from adsim.simulate.opening import open_plan

REACH = 4.0  # by default, bids and scales go from a part to a multiple of today's
N_BIDS = 41  # odd, so that today's bid is in the middle
N_SCALES = 17
LARGEST_SCALE = 1000.0
BIDS_AT_ONCE = 1024  # bounds the memory of one call of the kernel


def landscape(
    scenario: Scenario,
    keyword: str | None = None,
    bids: Sequence[float] | None = None,
    scales: Sequence[float] | None = None,
    plan: Plan | None = None,
) -> pl.DataFrame:
    """What bids bring on a mean day, in closed form, budgets aside.

    Parameters
    ----------
    scenario
        The world, from `load_scenario`.
    keyword
        Text of an own keyword. Every row of it (campaign, ad group, match type) is tried alone at
        each bid, as if it were active, with all of its queries, audience cells, devices and hours.
        All other keywords, those of the same text too, stay at the plan's bids and compete for the
        query: as in every auction, the shop's best ad rank enters, and the search counts for it.
    bids
        Bids of the keyword, in money; by default 41 from a quarter of the plan's bid to four times
        it, within the bids that the platform accepts.
    scales
        Without a keyword: factors on all bids, by default 17 from 1/4 to 4.
    plan
        Where the other bids and all coefficients come from; today's by default.

    Returns
    -------
    A row a bid, rising: campaign, ad_group, keyword, match_type, bid, then the columns of a report
    (`adsim.results.registry`), then marginal_cpc: what each click more than at the bid before
    costs, null where there is none. Or a row a scale, with the sums of the account.

    Raises
    ------
    SimulationError
        An unknown keyword, bids or scales out of range, a keyword with scales, bids without one.
    """
    if unloaded := loaded_problems(scenario, **({} if plan is None else {"plan": plan})):
        raise SimulationError(*unloaded)
    world = _compiled(scenario, plan)
    _check(world, keyword, bids, scales)
    if keyword is None:
        steps = 2.0 ** np.linspace(-2, 2, N_SCALES) if scales is None else np.unique(scales)
        return _with_marginal_cost(_scaled(world, steps), [])
    tables = []
    for row in world.rows_of[normalize(keyword)]:
        today = world.plan.keywords["bid"][row]
        ladder = _default_bids(scenario.auction, today) if bids is None else np.unique(bids)
        tables.append(_of_keyword(world, row, ladder))
    return _with_marginal_cost(pl.concat(tables), KEYWORD_KEY)


@dataclass(frozen=True)
class _World:
    """A scenario compiled under one plan.

    Attributes:
        given: The plan asked for, None for today's.
        weight: float64[B], how much of a mean day falls into each hour block.
        rows_of: Rows of the plan's keywords by normalized text.
    """

    given: Plan | None
    plan: Plan
    market: model.Market
    arrays: model.PlanArrays
    weight: np.ndarray
    rows_of: dict[str, list[int]]


_worlds: dict[int, _World] = {}  # by id of the scenario, as long as that lives


def _compiled(scenario: Scenario, given: Plan | None) -> _World:
    """The compiled scenario, kept for the next call with the same plan."""
    known = _worlds.get(id(scenario))
    if known is not None and known.given is given:
        return known
    if known is None:
        weakref.finalize(scenario, _worlds.pop, id(scenario), None)
    plan = todays_plan(scenario) if given is None else given
    market = compile_market(scenario, [plan])
    rows_of: dict[str, list[int]] = {}
    for row, text in enumerate(plan.keywords["keyword"]):
        rows_of.setdefault(normalize(text), []).append(row)
    arrays = market.plans[0]
    weight = _block_weights(market.arrays, arrays)
    world = _World(given, plan, market.arrays, arrays, weight, rows_of)
    _worlds[id(scenario)] = world
    return world


def _block_weights(market: model.Market, plan: model.PlanArrays) -> np.ndarray:
    """float64[B]: the part of a mean day's searches that falls into each hour block."""
    n_days, n_hours = market.hour_factor.shape
    week = plan.block.reshape(7, n_hours)
    block = week[(market.weekday + np.arange(n_days)) % 7]
    n_blocks = plan.coefficient.shape[2]
    return np.asarray(np.bincount(block.ravel(), market.hour_factor.ravel(), n_blocks) / n_days)


def _of_keyword(world: _World, row: int, bids: np.ndarray) -> pl.DataFrame:
    """The means of one row of keywords.csv at each bid; market rows are those of the plan."""
    market = world.market
    links = np.flatnonzero(market.links == row)
    reached = np.searchsorted(market.queries["end_link"], links, side="right")
    micros = to_micros_array(bids)
    tallies = np.zeros((1, bids.size, N_FIELDS))
    for first in range(0, bids.size, BIDS_AT_ONCE):
        part = slice(first, first + BIDS_AT_ONCE)
        known = (market, world.arrays, row, reached, world.weight)
        arguments = (*known, micros[part], tallies[0, part])
        compile_door(doors.run_bid_curve, "landscape", arguments)
        doors.run_bid_curve(*arguments)
    names = world.plan.keywords.select(KEYWORD_KEY).row(row, named=True)
    labels = pl.DataFrame({**names, "bid": bids})
    return report_table(tallies, labels, "expected")


def _scaled(world: _World, scales: np.ndarray) -> pl.DataFrame:
    """The means of the account with all bids scaled."""
    market, plan = world.market, world.arrays
    none = model.Groups(*(np.zeros(size, np.int64) for size in _axes(market)))
    tallies = np.zeros((1, scales.size, N_FIELDS))
    everybody = np.ones(plan.standard.size)
    with thread_pool(None) as pool:
        for i, scale in enumerate(scales):
            bid = np.floor(plan.bid * scale + 0.5).astype(np.int64)
            scaled = plan._replace(bid=bid)
            opened = open_plan(market, scaled, pool, with_charge=True, with_prices=False)
            part = tallies[0, i : i + 1]
            doors.run_mean_day(market, opened.book, none, world.weight.copy(), everybody, part)
    return report_table(tallies, pl.DataFrame({"scale": scales}), "expected")


def _axes(market: model.Market) -> tuple[int, ...]:
    n_days, n_hours = market.hour_factor.shape
    return market.links.size, market.queries.size, market.sides.size, n_days, n_hours


def _with_marginal_cost(table: pl.DataFrame, groups: list[str]) -> pl.DataFrame:
    more_clicks, more_spend = pl.col("clicks").diff(), pl.col("spend").diff()
    if groups:
        more_clicks, more_spend = more_clicks.over(groups), more_spend.over(groups)
    return table.with_columns(
        pl.when(more_clicks > 0).then(more_spend / more_clicks).alias("marginal_cpc")
    )


def _default_bids(auction: Auction, today: float) -> np.ndarray:
    """Bids around today's that the platform accepts, today's among them."""
    steps = today * REACH ** np.linspace(-1, 1, N_BIDS)
    low, high = auction.bid_min or 0.0, auction.bid_max or LARGEST
    unit = to_micros(auction.bid_step or 1e-6)
    micros = np.maximum(1, np.floor(to_micros_array(steps) / unit + 0.5)).astype(np.int64) * unit
    spread = from_micros(micros)
    return np.unique([*spread[(spread >= low) & (spread <= high)], today])


def _check(
    world: _World,
    keyword: str | None,
    bids: Sequence[float] | None,
    scales: Sequence[float] | None,
) -> None:
    problems = []
    if keyword is None and bids is not None:
        rule, cure = "must come with a keyword", "name it, or give scales of all bids"
        problems.append(Problem("bids", rule, "there is none", cure))
    if keyword is not None and scales is not None:
        rule, cure = "must come without a keyword", "leave one of the two out"
        problems.append(Problem("scales", rule, f"keyword is {keyword!r}", cure))
    if keyword is not None and normalize(str(keyword)) not in world.rows_of:
        known = world.plan.keywords["keyword"].unique(maintain_order=True)
        cure = name_cure(str(keyword), known, "add it to keywords.csv")
        rule = "must be the text of an own keyword"
        problems.append(Problem("keyword", rule, f"is {keyword!r}", cure))
    problems += value_problems("bids", bids, 1e-6, LARGEST)
    problems += value_problems("scales", scales, 0.0, LARGEST_SCALE)
    if problems:
        raise SimulationError(*problems)


def value_problems(name: str, values: object, low: float, high: float) -> list[Problem]:
    """Problems of a list of numbers from low to high; None is none."""
    if values is None:
        return []
    if isinstance(values, str) or not isinstance(values, Sequence | np.ndarray):
        rule, cure = "must be a list of numbers", "give [0.5, 1.0], say"
        return [Problem(name, rule, f"is {values!r}", cure)]
    if len(values) == 0:
        return [Problem(name, "must not be empty", "is", "give one, or leave it out")]
    rule = f"must be a number from {low:g} to {high:g}"
    return [
        Problem(f"{name}[{place}]", rule, f"is {value!r}", "give one in this range")
        for place, value in enumerate(values)
        if not isinstance(value, int | float | np.number) or not low <= value <= high
    ]
