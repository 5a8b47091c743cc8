"""Who searches on what: audience cells (patterns of crowd memberships) times devices."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from adsim.market.ids import stable_ids
from adsim.scenario import Scenario

NO_CROWD = "none"  # name of the audience cell of people who are in no crowd
ANY_DEVICE = "any"  # name of the device where the scenario declares none


@dataclass(frozen=True)
class Sides:
    """The S sides that every query is searched from; a side is (audience cell, device).

    Attributes:
        members: Crowds and device of each side.
        share: float64[S], share of searches; sums to 1.
        ctr, cvr: float64[S], product of the factors of crowds and device.
        identity: uint64[S], stable ids.
    """

    members: tuple[tuple[tuple[str, ...], str], ...]
    share: np.ndarray
    ctr: np.ndarray
    cvr: np.ndarray
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
    members, share, ctr, cvr = [], [], [], []
    for pattern in product((False, True), repeat=len(scenario.crowds)):
        inside = [crowd for crowd, is_in in zip(scenario.crowds, pattern, strict=True) if is_in]
        cell = np.prod([c.share if i else 1.0 - c.share
                        for c, i in zip(scenario.crowds, pattern, strict=True)])  # fmt: skip
        for name, device_share, device_ctr, device_cvr in devices or [(ANY_DEVICE, 1.0, 1.0, 1.0)]:
            if cell * device_share > 0.0:
                members.append((tuple(crowd.name for crowd in inside), name))
                share.append(cell * device_share)
                ctr.append(device_ctr * np.prod([crowd.ctr for crowd in inside]))
                cvr.append(device_cvr * np.prod([crowd.cvr for crowd in inside]))
    names = ["+".join(crowds) for crowds, _ in members]
    identity = stable_ids(["side"] * len(names), names, [device for _, device in members])
    return Sides(tuple(members), np.array(share), np.array(ctr), np.array(cvr), identity)
