"""What persons remember of the ads that they have seen, where histories begin and end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adsim.kernels.exposure import EVER, SEEN
from adsim.kernels.model import NO_CAP, Exposure
from adsim.market.exposing import count_levels, map_levels

SINGLE = np.dtype(np.uint16)  # impressions of a person


@dataclass(frozen=True)
class Memory:
    """How often the persons of R histories have seen the campaigns that count it.

    Attributes:
        exposure: The counters of the plan, n of them.
        seen: Fidelity `events`: uint16[R, N, n, 2], impressions of N persons, SEEN in the running
            period and EVER. Others: float64[R, K, J], mean persons of K kinds (where persons live,
            kinds x places) at each of J levels.
    """

    exposure: Exposure
    seen: np.ndarray

    def under(self, exposure: Exposure) -> Memory:
        """The same under another plan: a campaign that comes to have a cap counts from then on."""
        old, new = self.exposure, exposure
        pairs = zip(old.counter.tolist(), new.counter.tolist(), strict=True)
        both = [pair for pair in pairs if min(pair) >= 0]
        if self.seen.dtype != SINGLE:
            at = map_levels(old, new, both)
            seen = np.zeros((count_levels(new), *self.seen.shape[:2]))
            np.add.at(seen, at, np.moveaxis(self.seen, -1, 0))
            return Memory(new, np.ascontiguousarray(np.moveaxis(seen, 0, -1)))
        seen = np.zeros((*self.seen.shape[:2], new.cap.size, 2), SINGLE)
        for before, after in both:
            seen[:, :, after, EVER] = self.seen[:, :, before, EVER]
            if old.cap[before] < NO_CAP:
                seen[:, :, after, SEEN] = self.seen[:, :, before, SEEN]
        return Memory(new, seen)


def open_memory(exposure: Exposure, fidelity: str, stocks: np.ndarray) -> np.ndarray:
    """What one history begins with: nobody has seen anything.

    Args:
        exposure: The counters.
        fidelity: As in `simulate`.
        stocks: The persons who live, as in `Diary`; empty where nobody does.
    """
    persons = stocks if stocks.size else exposure.kinds["persons"]
    if fidelity == "events":
        size = stocks.size or int(persons.sum())
        return np.zeros((size, exposure.cap.size, 2), SINGLE)
    seen = np.zeros((persons.size, count_levels(exposure)))
    seen[:, 0] = persons
    return seen
