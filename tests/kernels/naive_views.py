"""The slow, obvious twin of views: one page after the other, read from the top ad by ad."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from tests.kernels.naive import Auction


@dataclass(frozen=True)
class Readers:
    """An auction whose readers may leave, and whose first slots may be promoted."""

    auction: Auction
    continuation: float = 1.0
    rival_ctr: float = 0.0
    rival_cvr: float = 0.0
    promoted_slots: int = 0
    promoted_reserve: float = 0.0
    promotion: float = 1.0

    def odds(self, p: float) -> float:
        """eta(p, promotion)."""
        return p * self.promotion / (p * self.promotion + 1 - p)

    def leaves(self, promoted: bool) -> float:
        click = self.odds(self.rival_ctr) if promoted else self.rival_ctr
        return 1 - self.continuation * (1 - click * self.rival_cvr)

    def clicks(self, x: float, ctr: float) -> list[float]:
        """P(own ad in slot k and clicked)."""
        found = [0.0] * len(self.auction.examination)
        for chance, strong, weak in self._pages(x):
            slot = strong + weak
            reads = self.auction.examination[slot]
            for above in range(slot):
                reads *= 1 - self.leaves(above < self.promoted_slots and above < strong)
            promoted = slot < self.promoted_slots and x >= self.promoted_reserve
            found[slot] += chance * reads * (self.odds(ctr) if promoted else ctr)
        return found

    def mean_charge(self, weight: float, bid: float, ctr: float) -> float:
        """Of a click, whichever slot it comes from."""
        x = bid * weight
        clicks = self.clicks(x, ctr)
        charge = self.auction.mean_charge(weight, bid)
        if x < self.promoted_reserve or self.promoted_slots == 0:
            return charge
        share = sum(clicks[: self.promoted_slots]) / sum(clicks)
        above = replace(self.auction, reserve=max(self.auction.reserve, self.promoted_reserve))
        return (1 - share) * charge + share * above.mean_charge(weight, bid)

    def _pages(self, x: float) -> Iterator[tuple[float, int, int]]:
        """P(so many ads above x meet the promoted reserve, and so many do not)."""
        n_slots = len(self.auction.examination)
        reserve = max(x, self.promoted_reserve)
        strong = self.auction.rivals.above(reserve)
        weak = self.auction.rivals.above(x) - strong
        for chance, present in self.auction._presences():
            first = sum(rank >= reserve and rank > x for rank in present)
            second = sum(x < rank < reserve for rank in present)
            for i, j in product(range(n_slots), repeat=2):
                if first + second + i + j < n_slots:
                    both = _poisson(strong, i) * _poisson(weak, j)
                    yield chance * both, first + i, second + j


def _poisson(mean: float, k: int) -> float:
    return math.exp(-mean) * mean**k / math.factorial(k)
