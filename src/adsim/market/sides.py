"""Who searches on what: audience cells (patterns of crowd memberships) times devices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from operator import mul

import numpy as np
from numpy.lib.recfunctions import unstructured_to_structured

from adsim.audience.cells import Cells, audience_cells, check_count
from adsim.audience.living import LivingCells, living_cells
from adsim.kernels.model import SIDE
from adsim.market.ids import stable_ids
from adsim.scenario import Scenario
from adsim.scenario.models import HELD_OUT, Crowd, Device

NO_CROWD = "none"  # name of the audience cell of people who are in no crowd
ANY_DEVICE = "any"  # name of the device where the scenario declares none
NEUTRAL = (1.0,) * (1 + len(SIDE.names or ()))  # share and factors


@dataclass(frozen=True)
class Sides:
    """The S sides that every query is searched from; a side is (audience cell, device).

    Attributes:
        members: Crowds and device of each side.
        table: SIDE[S], the product of the CTR and CVR factors of crowds and device, that of
            organic orders (CVR included) and of what an order is worth.
        share: float64[S], share of searches (they sum to 1); where persons live, the share of
            the searches of the side's cell.
        identity: uint64[S], stable ids.
        cell: Which of `audience_cells`, or `living_cells`, the persons of each side are in.
    """

    members: tuple[tuple[tuple[str, ...], str], ...]
    table: np.ndarray
    share: np.ndarray
    identity: np.ndarray
    cell: tuple[int, ...]

    @property
    def audiences(self) -> list[str]:
        """Name of each side's audience cell: its crowds joined by +."""
        return ["+".join(crowds) or NO_CROWD for crowds, _ in self.members]

    @property
    def held_out(self) -> np.ndarray:
        """bool[S], sides of people who are never shown an ad."""
        return np.array([HELD_OUT in crowds for crowds, _ in self.members])

    @property
    def devices(self) -> list[str]:
        return [device for _, device in self.members]


def list_sides(scenario: Scenario) -> Sides:
    """All sides that have searches; devices are independent of crowds.

    Raises MarketError as `audience_cells` does, and where there are too many audience cells.
    """
    devices = [(d.name, (d.share, *_factors(d))) for d in scenario.devices]
    persons = living_cells(scenario) if scenario.journey else audience_cells(scenario)
    members, rows, cells = [], [], []
    for cell, crowds, numbers in _audiences(scenario, persons):
        for name, factors in devices or [(ANY_DEVICE, NEUTRAL)]:
            if numbers[0] * factors[0] > 0.0:
                members.append((crowds, name))
                rows.append(tuple(map(mul, numbers, factors)))
                cells.append(cell)
    joined = ["+".join(crowds) for crowds, _ in members]
    if isinstance(persons, LivingCells):  # several cells may be in the same crowds
        joined = [name + persons.told_by[cell] for name, cell in zip(joined, cells, strict=True)]
    identity = stable_ids(["side"] * len(members), joined, [device for _, device in members])
    table = np.array([factors for _, *factors in rows])
    share = np.array([share for share, *_ in rows])
    return Sides(
        tuple(members), unstructured_to_structured(table, SIDE), share, identity, tuple(cells)
    )


def _factors(who: Crowd | Device) -> tuple[float, ...]:
    """Factors as in SIDE, after the share."""
    return who.ctr, who.cvr, who.cvr * who.organic, who.order_value


def _audiences(
    scenario: Scenario, cells: Cells | LivingCells
) -> Iterator[tuple[int, tuple[str, ...], tuple[float, ...]]]:
    """Cell of the persons, crowds, and share and factors as in SIDE, of each audience cell.

    Crowds with a share are independent of each other and of the persons of a population.
    """
    shares = [(crowd, crowd.share) for crowd in scenario.crowds if crowd.share is not None]
    check_count(len(cells.members) * 2 ** len(shares))
    place = {crowd.name: place for place, crowd in enumerate(scenario.crowds)}
    place[HELD_OUT] = len(place)
    for cell, (names, numbers) in enumerate(zip(cells.members, cells.rows, strict=True)):
        for pattern in product((False, True), repeat=len(shares)):
            inside, found = list(names), numbers
            for (crowd, part), is_in in zip(shares, pattern, strict=True):
                factors = (part, *_factors(crowd)) if is_in else (1.0 - part, *NEUTRAL[1:])
                found = tuple(map(mul, found, factors))
                if is_in:
                    inside.append(crowd.name)
            yield cell, tuple(sorted(inside, key=place.__getitem__)), found
