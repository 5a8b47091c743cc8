"""Declared -> arrays: who makes a search, and the caps and fatigue of campaigns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from adsim.audience.cells import audience_cells
from adsim.errors import Problem, SimulationError
from adsim.kernels import model
from adsim.kernels.capping import Levels
from adsim.kernels.exposure import MOST_COUNTED
from adsim.market.sides import Sides
from adsim.scenario import Scenario
from adsim.scenario.models import Campaign

MOST_LEVELS = 1 << 17  # levels x kinds: each is looked at in every hour of every history
MOST_COUNTERS = 6  # each doubles the masks that a search is looked at under
LEAST_FACTOR = 1e-3  # a CTR factor that is not lowered any more


def compile_exposure(
    scenario: Scenario, campaigns: Sequence[Campaign], sides: Sides
) -> model.Exposure:
    """The persons of a scenario and what its campaigns count about them."""
    counting = [campaign for campaign in campaigns if campaign.counts_exposures]
    counter = np.full(len(campaigns), -1)
    counter[[campaign.counts_exposures for campaign in campaigns]] = np.arange(len(counting))
    first_kind, kinds = _kinds(scenario)
    return model.Exposure(
        cell=np.array(sides.cell, np.int64),
        first_kind=first_kind,
        kinds=kinds,
        counter=counter,
        cap=np.array([c.frequency_cap or model.NO_CAP for c in counting], np.int64),
        days=np.array([c.cap_days for c in counting], np.int64),
        tired=_tired(counting),
    )


def compile_levels(exposure: model.Exposure, n_kinds: int) -> Levels:
    """The levels of a plan's counters: all that a person may have seen of each, multiplied out.

    Raises SimulationError where there are more, for so many kinds of persons, than means can be
    kept of.
    """
    size = count_levels(exposure)
    if size * n_kinds > MOST_LEVELS or exposure.cap.size > MOST_COUNTERS:
        raise SimulationError(_too_many(size, n_kinds))
    ways = _all_ways(exposure)
    sizes = [len(seen) for seen, _ in ways]
    at = _places(sizes)
    mask = np.zeros(size, np.int64)
    after, fresh = np.empty((size, len(sizes)), np.int64), np.empty((size, len(sizes)), np.int64)
    tired, left = np.empty((size, len(sizes))), np.full((size, len(sizes)), np.inf)
    for counter, (seen, ever) in enumerate(ways):
        place = at[counter]
        mask |= (seen[place] >= exposure.cap[counter]).astype(np.int64) << counter
        for out, more in ((after, 1), (fresh, 0)):
            moved = at.copy()
            moved[counter] = _place(ways[counter], seen[place] * more + more, ever[place] + more)
            out[:, counter] = np.ravel_multi_index(tuple(moved), sizes)
        tired[:, counter] = exposure.tired[counter, ever[place]]
        if exposure.cap[counter] < model.NO_CAP:
            left[:, counter] = exposure.cap[counter] - seen[place]
    return Levels(mask, after, fresh, tired, left)


def count_levels(exposure: model.Exposure) -> int:
    """The number of levels of a plan's counters."""
    return int(np.prod(np.array([len(seen) for seen, _ in _all_ways(exposure)], object)))


def map_levels(
    before: model.Exposure, after: model.Exposure, both: Sequence[tuple[int, int]]
) -> NDArray[np.int64]:
    """int64[levels before]: the level at which another plan finds those of one plan.

    `both` pairs the counters of a campaign that both plans count; a cap that only the later has
    counts from then on.
    """
    ways, found = _all_ways(before), _all_ways(after)
    at = _places([len(seen) for seen, _ in ways])
    moved = np.zeros((len(found), at.shape[1]), np.int64)
    for old, new in both:
        seen, ever = ways[old]
        moved[new] = _place(found[new], seen[at[old]], ever[at[old]])
    sizes = [len(seen) for seen, _ in found]
    return np.asarray(np.ravel_multi_index(tuple(moved), sizes), np.int64)


Way = tuple[NDArray[np.int64], NDArray[np.int64]]
"""What a person may have seen of a campaign: in the running period, and ever."""


def _all_ways(exposure: model.Exposure) -> list[Way]:
    return [_ways(exposure, counter) for counter in range(exposure.cap.size)]


def _places(sizes: Sequence[int]) -> NDArray[np.int64]:
    """int64[n, levels]: which way of each counter a level is."""
    size = int(np.prod(sizes))
    return np.stack(np.unravel_index(np.arange(size), sizes)) if sizes else np.zeros((0, size), int)


def _ways(exposure: model.Exposure, counter: int) -> Way:
    """All pairs; numbers beyond a cap, or beyond all further fatigue, are as good as the last."""
    cap = int(exposure.cap[counter])
    row = exposure.tired[counter]
    most = 0 if cap == model.NO_CAP else cap
    tiring = int(np.flatnonzero(np.append(True, row[1:] < row[:-1]))[-1])
    seen, ever = np.indices((most + 1, tiring + 1)).reshape(2, -1)
    possible = ever >= np.minimum(seen, tiring)
    return seen[possible], ever[possible]


def _place(way: Way, seen: NDArray[np.int64], ever: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where in `way` a pair stands."""
    width = int(way[1].max()) + 1
    key = way[0] * width + way[1]
    wanted = np.minimum(seen, way[0].max()) * width + np.minimum(ever, width - 1)
    return np.asarray(np.searchsorted(key, wanted), np.int64)


def _too_many(levels: int, kinds: int) -> Problem:
    rule = "caps and fatigue must leave few enough ways in which persons differ for this fidelity"
    found = f"leave {levels:,} ways to have seen campaigns for {kinds:,} kinds of persons"
    cure = 'simulate with fidelity="events", or lower caps, raise fatigue_floor, cap less campaigns'
    return Problem("campaigns", rule, found, cure)


def _kinds(scenario: Scenario) -> tuple[NDArray[np.int64], NDArray[np.void]]:
    """The kinds of persons, and where those of each cell begin."""
    if scenario.journey is not None:  # its cells hold other persons every hour
        return np.zeros(1, np.int64), np.zeros(0, model.KIND)
    cells = audience_cells(scenario)
    kinds = np.zeros(len(cells.kinds), model.KIND)
    for name in ("cell", "persons", "chance"):
        kinds[name] = cells.kinds[name]
    kinds["first"] = np.cumsum(kinds["persons"]) - kinds["persons"]
    first_kind = np.searchsorted(kinds["cell"], np.arange(len(cells.members) + 1))
    until = np.cumsum(kinds["persons"] * kinds["chance"])
    before = np.append(0.0, until)
    kinds["before"] = before[:-1] - before[first_kind[kinds["cell"]]]
    return first_kind, kinds


def _tired(campaigns: Sequence[Campaign]) -> NDArray[np.float64]:
    """float64[n, T]: the CTR factor after so many impressions, until nothing changes any more."""
    levels = [1]
    for campaign in campaigns:
        if campaign.fatigue > 0.0:
            least = max(campaign.fatigue_floor, LEAST_FACTOR)
            needed = 2 + int(np.log(least) / np.log(1.0 - campaign.fatigue))
            levels.append(min(needed, MOST_COUNTED + 1))
    seen = np.arange(max(levels))
    rows = [np.maximum(c.fatigue_floor, (1.0 - c.fatigue) ** seen) for c in campaigns]
    return np.array(rows).reshape(len(campaigns), len(seen))
