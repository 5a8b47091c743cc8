"""A declared category as the arrays of the kernel, and what its media buy in every period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from adsim.kernels import media as kernel
from adsim.market.ids import stable_id
from adsim.media.auctions import click_terms
from adsim.media.tables import list_tables
from adsim.money import to_micros_array
from adsim.scenario.media.models import MediaScenario, Medium, Search
from adsim.scenario.media.rows import one_of
from adsim.scenario.media.states import DIMENSIONS, STATES

VALUES = [(name, value) for name, values in DIMENSIONS.items() for value in values]
"""Every value of every dimension, in the order of the kernel's V axis."""

CATEGORY = ("category",)
"""Names the luck that belongs to no table and no medium."""


def compile_world(scenario: MediaScenario) -> kernel.MediaWorld:
    """All that plans leave as it is."""
    tables, begins = list_tables(scenario)
    chance, target = tables.arrays()
    n = scenario.scenario.periods
    sales = scenario.sales
    price = prices(scenario)
    reference = sales.price[0] if sales.reference_price is None else sales.reference_price
    surcharge = price - reference
    media = scenario.all_media
    ctr = np.array([by_state(getattr(each, "ctr", None)) for each in media])
    ctr = ctr.reshape(-1, len(STATES))
    return kernel.MediaWorld(
        persons=float(scenario.scenario.persons),
        start=_start(scenario),
        values=_values(),
        in_market=np.array([state[0] == "in" for state in STATES]),
        rate=_rates(scenario),
        noise=np.array([scenario.market.noise_sd, scenario.market.noise_memory]),
        first_pass=np.array(begins),
        chance=chance,
        target=target,
        identity=np.array([stable_id(*name) for name in [*tables.names, CATEGORY]], np.uint64),
        demand=_demand(scenario),
        surcharge=surcharge,
        units=np.maximum(1.0, sales.units - sales.units_slope * surcharge) * np.ones(n),
        media=_media(media),
        audience=np.array([by_state(each.audience) for each in media]).reshape(-1, len(STATES)),
        ctr=ctr,
        alike=np.array([_first_equal(row) for row in ctr]).reshape(ctr.shape).astype(np.int64),
    )


def compile_plan(
    scenario: MediaScenario, levels: Mapping[str, float] | None = None
) -> kernel.MediaPlan:
    """What media buy, with those named at a multiple of themselves in the measured periods."""
    first, end = scenario.window
    lines = []
    for medium in scenario.all_media:
        level = np.ones(scenario.scenario.periods)
        level[first:end] = (levels or {}).get(medium.name, 1.0)
        if isinstance(medium, Search):
            lines.append(_clicks(scenario, medium, level))
        else:
            lines.append(_exposures(scenario, medium, level))
    shape = (len(kernel.MediaPlan._fields), len(lines), scenario.scenario.periods)
    columns = np.array(lines).reshape(len(lines), shape[0], shape[2]).transpose(1, 0, 2)
    return kernel.MediaPlan(*(np.ascontiguousarray(column) for column in columns))


def prices(scenario: MediaScenario) -> np.ndarray:
    """float64[T]: the price of each period, money."""
    return by_period(scenario.sales.price, scenario.scenario.periods)


def by_period(values: Sequence[float], n: int) -> np.ndarray:
    """float64[n]: values repeated at their end."""
    return np.resize(np.array(values, np.float64), n)


def by_cycle(scenario: MediaScenario, values: Sequence[float]) -> np.ndarray:
    """float64[T]: one value a cycle of budgets, repeated at their end."""
    cycle = np.arange(scenario.scenario.periods) // scenario.scenario.cycle
    return np.array(values, np.float64)[cycle % len(values)]


def by_state(factors: Any) -> np.ndarray:
    """float64[S]: the product of the numbers of every state, at most 1."""
    named = [dict(zip(DIMENSIONS, state, strict=True)) for state in STATES]
    return np.minimum(1.0, [one_of(factors, state) for state in named])


def _exposures(scenario: MediaScenario, medium: Medium, level: np.ndarray) -> np.ndarray:
    """A row for each field of `MediaPlan`."""
    weight = by_period(medium.flighting, level.size)
    cycle = np.arange(level.size) // scenario.scenario.cycle
    total = np.bincount(cycle, weight)[cycle]
    share = np.divide(weight, total, out=np.zeros(level.size), where=total > 0)
    spend = by_cycle(scenario, medium.budget) * share * level
    nothing = np.zeros(level.size)
    return np.array([to_micros_array(spend), spend / medium.cost, nothing, nothing, nothing])


def _clicks(scenario: MediaScenario, search: Search, level: np.ndarray) -> np.ndarray:
    """A row for each field of `MediaPlan`; the level turns the lever of the medium."""
    lever = {name: level if name == search.lever else 1.0 for name in ("match", "bid", "budget")}
    bid = by_cycle(scenario, search.bid) * lever["bid"]
    match = np.minimum(1.0, by_cycle(scenario, search.match) * lever["match"])
    running = by_period(search.running, level.size)
    unlimited = [np.inf if budget is None else budget for budget in search.budget]
    budget = by_cycle(scenario, unlimited) * lever["budget"]
    shown, examined, charge = click_terms(search, bid)
    active = match * running
    most = np.where(np.isinf(budget), np.inf, np.floor(budget * 1e6))
    return np.array([most, np.zeros(level.size), active * shown, active * examined, charge])


def _first_equal(values: np.ndarray) -> np.ndarray:
    """For each value the place of the first that equals it."""
    _, first, group = np.unique(values, return_index=True, return_inverse=True)
    return np.asarray(first[group])


def _start(scenario: MediaScenario) -> np.ndarray:
    """float64[S]: chance of a state given that none before it is one's own."""
    start = scenario.start
    favorability, loyalty, availability = (
        start.favorability.full(),
        start.loyalty.full(),
        start.availability.full(),
    )
    share = np.zeros(len(STATES))
    for place, (market, satiation, _, likes, loyal, there) in enumerate(STATES):
        if market == "out" and satiation == "unsatiated":
            liking = float(likes == "favorable") if loyal == "loyal" else favorability.get(likes, 0)
            share[place] = liking * loyalty.get(loyal, 0.0) * availability.get(there, 0.0)
    left = 1.0 - np.concatenate([[0.0], np.cumsum(share)[:-1]])
    chance = np.divide(share, left, out=np.zeros(share.size), where=share > 0)
    chance[np.flatnonzero(share)[-1]] = 1.0
    return np.minimum(1.0, chance)


def _rates(scenario: MediaScenario) -> np.ndarray:
    market, n = scenario.market, scenario.scenario.periods
    course = np.ones(n)
    if market.rates is not None:
        course = by_period(market.rates, n)
    elif market.season is not None:
        season = market.season
        angle = 2 * np.pi * (np.arange(n) - season.peak) / season.length
        course = season.mean + season.swing * np.cos(angle)
    return np.asarray(market.rate * course)


def _values() -> np.ndarray:
    place = {value: i for i, value in enumerate(VALUES)}
    return np.array([[place[pair] for pair in zip(DIMENSIONS, s, strict=True)] for s in STATES])


def _demand(scenario: MediaScenario) -> np.ndarray:
    """float64[4, S] of `MediaWorld`; nobody buys who is not at the point of purchase."""
    sales = scenario.sales
    nothing = np.zeros(len(STATES))
    rows = [
        by_state(sales.demand),
        nothing if sales.slope is None else _unlimited_by_state(sales.slope),
        nothing if sales.rival.demand is None else by_state(sales.rival.demand),
        nothing if sales.rival.held is None else by_state(sales.rival.held),
    ]
    buying = np.array([state[2] == "purchase" for state in STATES])
    return np.asarray(np.array(rows) * [buying, buying, buying, np.ones(len(STATES))])


def _unlimited_by_state(factors: Any) -> np.ndarray:
    named = [dict(zip(DIMENSIONS, state, strict=True)) for state in STATES]
    return np.array([one_of(factors, state) for state in named])


def _media(media: Sequence[Medium | Search]) -> np.ndarray:
    rows = np.zeros(len(media), kernel.MEDIUM)
    for row, medium in zip(rows, media, strict=True):
        row["identity"] = stable_id("medium", medium.name)
        if isinstance(medium, Search):
            row["searched"], row["searches"] = True, medium.searches
            effect = medium.effect
            row["by_click"], row["by_view"], row["by_search"] = (
                effect.click,
                effect.view,
                effect.search,
            )
        else:
            row["half"], row["slope"] = medium.hill.half, medium.hill.slope
    return rows
