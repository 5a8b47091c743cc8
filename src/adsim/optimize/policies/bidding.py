"""How a policy moves bids: by group, by the worth of a click, and which keywords stay.

Groups are the purposes of campaigns, match types, and thirds of the keywords by quality.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from adsim.optimize.aims.ranges import BidRanges
from adsim.optimize.policies.parameters import NEUTRAL, Parameter
from adsim.results.tables import Floats
from adsim.scenario import Plan

SCALE = (0.25, 3.0)
EXPONENT = (0.0, 2.0)
THIRDS = (1 / 3, 2 / 3)
FARTHEST = 20.0  # a click's worth counts as at most so many times the group's, or so small a part


@dataclass(frozen=True)
class Bidding:
    """Where bids start from; K keywords, a row of the plan's each.

    Attributes:
        bids: int64[K], micros; 0 = paused.
        worth: float64[K], what a click is worth in the goal, in any unit.
        ranges: The bids that are allowed.
        purpose, match_type, quality: bool[K] by name, the keywords of a group.
    """

    bids: np.ndarray
    worth: Floats
    ranges: BidRanges
    purpose: Mapping[str, np.ndarray]
    match_type: Mapping[str, np.ndarray]
    quality: Mapping[str, np.ndarray]

    def bids_at(self, values: Mapping[str, float]) -> np.ndarray:
        """The bids int64[K] in micros of these values, as far as allowed; 0 = paused."""
        factor = np.ones(len(self.bids))
        for name, rows in self._groups():
            factor[rows] *= values.get(f"scale.{name}", NEUTRAL)
        for name, rows in self.purpose.items():
            exponent = values.get(f"value.{name}", NEUTRAL)
            if exponent != NEUTRAL:
                factor[rows] *= self._relative_worth(rows)[rows] ** (exponent - NEUTRAL)
        moved = np.maximum(np.rint(self.bids * factor), 1).astype(np.int64)
        return np.where(self._stays(values), self.ranges.fit(moved), 0)

    def parameters(self) -> Iterator[Parameter]:
        """Those that make a difference within the bids that are allowed."""
        active = self.bids > 0
        types = {name: rows & active for name, rows in self.match_type.items()}
        mixed = [name for name, rows in types.items() if rows.any() and name != "exact"]
        tried = [
            *(Parameter(f"scale.{one}", *SCALE) for one in _independent(self._groups(), active)),
            *(Parameter(f"value.{one}", *EXPONENT, is_factor=False) for one in self.purpose),
            *(Parameter(f"mix.{one}", 0.0, NEUTRAL, is_factor=False) for one in mixed),
        ]
        if sum(rows.any() for rows in types.values()) == 1:
            tried = [one for one in tried if not one.name.startswith("mix.")]
        yield from (one for one in tried if self._is_felt(one))

    def _is_felt(self, one: Parameter) -> bool:
        ends = [self.bids_at({one.name: value}) for value in (one.low, one.high)]
        return any(not np.array_equal(end, self.bids) for end in ends)

    def _groups(self) -> list[tuple[str, np.ndarray]]:
        return [*self.purpose.items(), *self.match_type.items(), *self.quality.items()]

    def _relative_worth(self, rows: np.ndarray) -> Floats:
        """A click's worth over the typical one (geometric mean) of the active keywords of rows."""
        known = self.worth[rows & (self.bids > 0) & (self.worth > 0)]
        typical = float(np.exp(np.log(known).mean())) if known.size else 1.0
        return np.clip(self.worth / typical, 1 / FARTHEST, FARTHEST)

    def _stays(self, values: Mapping[str, float]) -> np.ndarray:
        """bool[K], who bids: of a match type the part that its mix says, the most worth first."""
        stays = self.bids > 0
        for name, rows in self.match_type.items():
            part = values.get(f"mix.{name}", NEUTRAL)
            if part < NEUTRAL:
                mine = np.flatnonzero(rows & stays)
                order = mine[np.argsort(-self.worth[mine], kind="stable")]
                out = order[int(np.ceil(part * len(mine))) :]
                stays[out] = ~self.ranges.may_pause[out]
        return stays


def make_bidding(plan: Plan, bids: np.ndarray, worth: Floats, ranges: BidRanges) -> Bidding:
    """The groups of a plan's keywords, around bids int64[K] (micros) and click worths."""
    purposes = {campaign.name: campaign.purpose for campaign in plan.campaigns}
    purpose = plan.keywords["campaign"].replace_strict(purposes, return_dtype=pl.String)
    groups = (_by_name(purpose), _by_name(plan.keywords["match_type"]))
    return Bidding(bids, worth, ranges, *groups, _tiers(plan.keywords["quality"], bids > 0))


def _by_name(words: pl.Series) -> dict[str, np.ndarray]:
    return {name: (words == name).to_numpy() for name in words.unique(maintain_order=True)}


def _tiers(quality: pl.Series, active: np.ndarray) -> dict[str, np.ndarray]:
    """The lowest and the highest third of the active keywords; the middle is what they leave."""
    values = quality.to_numpy()
    if not active.any():
        return {}
    low, high = np.quantile(values[active], THIRDS)
    return {"low_quality": values <= low, "high_quality": values > high}


def _independent(groups: Sequence[tuple[str, np.ndarray]], active: np.ndarray) -> Iterator[str]:
    """Those whose factor no product of earlier ones' can stand for."""
    chosen: list[Floats] = []
    for name, rows in groups:
        tried = [*chosen, (rows & active).astype(np.float64)]
        if np.linalg.matrix_rank(np.array(tried)) == len(tried):
            chosen = tried
            yield name
