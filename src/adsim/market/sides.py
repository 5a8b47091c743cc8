"""Who searches on what: audience cells (patterns of crowd memberships) times devices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from adsim.audience.cells import audience_cells, check_count
from adsim.kernels.model import SIDE
from adsim.market.ids import stable_ids
from adsim.scenario import Scenario

NO_CROWD = "none"  # name of the audience cell of people who are in no crowd
ANY_DEVICE = "any"  # name of the device where the scenario declares none


@dataclass(frozen=True)
class Sides:
    """The S sides that every query is searched from; a side is (audience cell, device).

    Attributes:
        members: Crowds and device of each side.
        table: SIDE[S], share of searches (they sum to 1) and the product of the CTR and CVR
            factors of crowds and device.
        identity: uint64[S], stable ids.
        cell: Which of `audience_cells` the persons of each side are in.
    """

    members: tuple[tuple[tuple[str, ...], str], ...]
    table: np.ndarray
    identity: np.ndarray
    cell: tuple[int, ...]

    @property
    def audiences(self) -> list[str]:
        """Name of each side's audience cell: its crowds joined by +."""
        return ["+".join(crowds) or NO_CROWD for crowds, _ in self.members]

    @property
    def devices(self) -> list[str]:
        return [device for _, device in self.members]


def list_sides(scenario: Scenario) -> Sides:
    """All sides that have searches; devices are independent of crowds.

    Raises MarketError as `audience_cells` does, and where there are too many audience cells.
    """
    devices = [(d.name, d.share, d.ctr, d.cvr) for d in scenario.devices]
    members, rows, cells = [], [], []
    for cell, crowds, share, ctr, cvr in _audiences(scenario):
        for name, *factors in devices or [(ANY_DEVICE, 1.0, 1.0, 1.0)]:
            if share * factors[0] > 0.0:
                members.append((crowds, name))
                rows.append((share * factors[0], ctr * factors[1], cvr * factors[2]))
                cells.append(cell)
    joined = ["+".join(crowds) for crowds, _ in members]
    identity = stable_ids(["side"] * len(members), joined, [device for _, device in members])
    return Sides(tuple(members), np.array(rows, SIDE), identity, tuple(cells))


def _audiences(scenario: Scenario) -> Iterator[tuple[int, tuple[str, ...], float, float, float]]:
    """Cell of the persons, crowds, share of searches, CTR and CVR factor of each audience cell.

    Crowds with a share are independent of each other and of the persons of a population.
    """
    cells = audience_cells(scenario)
    shares = [(crowd, crowd.share) for crowd in scenario.crowds if crowd.share is not None]
    check_count(len(cells.members) * 2 ** len(shares))
    place = {crowd.name: place for place, crowd in enumerate(scenario.crowds)}
    columns = zip(cells.members, cells.share, cells.ctr, cells.cvr, strict=True)
    for cell, (names, *factors) in enumerate(columns):
        for pattern in product((False, True), repeat=len(shares)):
            inside = list(names)
            share, ctr, cvr = map(float, factors)
            for (crowd, part), is_in in zip(shares, pattern, strict=True):
                share *= part if is_in else 1.0 - part
                if is_in:
                    inside.append(crowd.name)
                    ctr *= crowd.ctr
                    cvr *= crowd.cvr
            yield cell, tuple(sorted(inside, key=place.__getitem__)), share, ctr, cvr
