"""Who searches on what: audience cells (patterns of crowd memberships) times devices."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

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
    """

    members: tuple[tuple[tuple[str, ...], str], ...]
    table: np.ndarray
    identity: np.ndarray

    @property
    def audiences(self) -> list[str]:
        """Name of each side's audience cell: its crowds joined by +."""
        return ["+".join(crowds) or NO_CROWD for crowds, _ in self.members]

    @property
    def devices(self) -> list[str]:
        return [device for _, device in self.members]


def list_sides(scenario: Scenario) -> Sides:
    """All sides that have searches. Crowds are independent of each other and of the device."""
    devices = [(d.name, d.share, d.ctr, d.cvr) for d in scenario.devices]
    members, rows = [], []
    for pattern in product((False, True), repeat=len(scenario.crowds)):
        share = ctr = cvr = 1.0
        inside = []
        for crowd, is_in in zip(scenario.crowds, pattern, strict=True):
            share *= crowd.share if is_in else 1.0 - crowd.share
            if is_in:
                inside.append(crowd.name)
                ctr *= crowd.ctr
                cvr *= crowd.cvr
        for name, *factors in devices or [(ANY_DEVICE, 1.0, 1.0, 1.0)]:
            if share * factors[0] > 0.0:
                members.append((tuple(inside), name))
                rows.append((share * factors[0], ctr * factors[1], cvr * factors[2]))
    crowds = ["+".join(crowds) for crowds, _ in members]
    identity = stable_ids(["side"] * len(members), crowds, [device for _, device in members])
    return Sides(tuple(members), np.array(rows, SIDE), identity)
