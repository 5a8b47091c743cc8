"""Slow, obvious twins of the auction's kernels, written from the formulas of the model."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from itertools import product

from scipy import integrate, special

WORD = 0xFFFFFFFF


def philox(counter: Sequence[int], key: Sequence[int]) -> tuple[int, ...]:
    """Ten rounds of Philox4x32 on Python integers (Salmon and others 2011)."""
    c, k = list(counter), list(key)
    for _ in range(10):
        first, second = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(second >> 32) ^ c[1] ^ k[0], second & WORD, (first >> 32) ^ c[3] ^ k[1], first & WORD]
        k = [(k[0] + 0x9E3779B9) & WORD, (k[1] + 0xBB67AE85) & WORD]
    return tuple(c)


@dataclass(frozen=True)
class Rivals:
    """Landscape rivals as queries.csv declares them; a table holds (probability, ad rank)."""

    mean: float
    family: str = "lognormal"
    scale: float = 1.0
    shape: float = 1.0
    table: tuple[tuple[float, float], ...] = ()

    def survival(self, x: float) -> float:
        """P(ad rank of one rival > x)."""
        if self.family == "table":
            return 1.0 - self._table_share(x)
        if x <= 0:
            return 1.0
        if self.family == "lognormal":
            return float(special.ndtr(-math.log(x / self.scale) / self.shape))
        if self.family == "loglogistic":
            return 1.0 / (1.0 + (x / self.scale) ** self.shape)
        return float(special.gammaincc(self.shape, x * self.shape / self.scale))

    def _table_share(self, x: float) -> float:
        """P(ad rank <= x), linear between the rows; at a jump all of it."""
        if x < self.table[0][1]:
            return 0.0
        share = 1.0
        for (p, rank), (next_p, next_rank) in reversed(
            list(zip(self.table, self.table[1:], strict=False))
        ):
            if rank <= x < next_rank:
                return p + (next_p - p) * (x - rank) / (next_rank - rank)
        return share

    def above(self, x: float) -> float:
        """L(x)."""
        return self.mean * self.survival(x)


@dataclass(frozen=True)
class Auction:
    """One query's auction: rules, rivals, named rivals as (ad rank, presence)."""

    rivals: Rivals
    reserve: float = 0.0
    floor: float = 0.0
    increment: float = 0.01
    step: float = 0.0
    examination: tuple[float, ...] = (1.0,)
    named: tuple[tuple[float, float], ...] = field(default=())

    def price(self, weight: float, bid: float, rank: float) -> float:
        """Unrounded charge of a click when the next ad rank is `rank` (0 = none)."""
        return min(bid, max(self.floor, max(self.reserve, rank) / weight + self.increment))

    def charge(self, weight: float, bid: float, rank: float) -> float:
        return rounded(self.price(weight, bid, rank), bid, self.step)

    def slots(self, x: float) -> list[float]:
        """P(slot), by all ways in which named rivals may be present."""
        level = self.rivals.above(x)
        chances = [0.0] * len(self.examination)
        for chance, present in self._presences():
            ahead = sum(rank > x for rank in present)
            for k in range(ahead, len(chances)):
                poisson = math.exp(-level) * level ** (k - ahead) / math.factorial(k - ahead)
                chances[k] += chance * poisson
        return chances

    def examined(self, x: float) -> float:
        return sum(p * b for p, b in zip(self.slots(x), self.examination, strict=True))

    def mean_charge(self, weight: float, bid: float) -> float:
        """Mean over the presences; a named rival below acts like a reserve score."""
        x = bid * weight
        total = 0.0
        for chance, present in self._presences():
            lower = max([rank for rank in present if rank <= x], default=0.0)
            total += chance * self._mean_above(max(self.reserve, lower), weight, bid)
        return total

    def _presences(self) -> Iterator[tuple[float, list[float]]]:
        for pattern in product((False, True), repeat=len(self.named)):
            pairs = list(zip(self.named, pattern, strict=True))
            chance = math.prod(p if here else 1 - p for (_, p), here in pairs)
            yield chance, [rank for (rank, _), here in pairs if here]

    def _mean_above(self, lowest_rank: float, weight: float, bid: float) -> float:
        """Mean charge against landscape rivals alone, `lowest_rank` being sure."""

        def reaches(price: float) -> float:
            """P(unrounded price before the cap >= price), for prices above the least one."""
            rank = (price - self.increment) * weight * (1 - 1e-11)  # a jump there reaches it
            return -math.expm1(self.rivals.above(bid * weight) - self.rivals.above(rank))

        least = max(self.floor, lowest_rank / weight + self.increment)
        if least >= bid:
            return rounded(bid, bid, self.step)
        if self.step == 0:
            corners = [(rank / weight) + self.increment for _, rank in self.rivals.table]
            inner = [p for p in corners if least < p < bid]
            return (
                least
                + integrate.quad(
                    reaches, least, bid, points=inner or None, epsabs=1e-12, epsrel=1e-12, limit=400
                )[0]
            )
        bottom = rounded(least, bid, self.step)
        top = rounded(bid, bid, self.step)
        n = round((top - bottom) / self.step)
        return bottom + self.step * sum(
            reaches(bottom + (j - 0.5) * self.step) for j in range(1, n + 1)
        )

    def next_rank_at_most(self, x: float, y: float) -> float:
        """P(next ad rank <= y), y < x; with y = 0 the chance that there is none."""
        chance = math.exp(self.rivals.above(x) - self.rivals.above(y))
        return chance * math.prod(1 - p for rank, p in self.named if y < rank <= x)


def rounded(price: float, bid: float, step: float) -> float:
    """Half up to the step, in decimals; never above the bid."""
    unit = Decimal(repr(step)) if step else Decimal("0.000001")
    exact, cap = (Decimal(repr(round(float(value), 11))) for value in (price, bid))
    near = (min(exact, cap) / unit).to_integral_value(ROUND_HALF_UP) * unit
    return float(near if near <= cap else (cap / unit).to_integral_value(ROUND_FLOOR) * unit)
