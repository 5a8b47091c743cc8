"""What a fit may be told beside the report."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from adsim.calibrate.rivals import MOST_SLOTS
from adsim.errors import Problem, ReportError

RIVAL_SIGMA = 0.85
"""sd of the logarithm of market prices, iPinYou campaign 1458: .89 and .84 in its two samples."""

RIVAL_SIGMAS = (0.5, 1.2)
"""Between which the spread is drawn for fitted markets: from bids much alike to bids of all sizes,
about a factor of 1.5 around `RIVAL_SIGMA`."""

MOST_MARKETS = 99
A_MONDAY = datetime.date(2025, 1, 6)


@dataclass(frozen=True)
class Options:
    """What the report does not say.

    Attributes:
        days: Days that the report covers; None = not known, taken as one.
        brand: Texts that mark a keyword as one of the own brand; empty: rates are shrunk within
            campaigns.
        margin: Share of an order's price that is left after the cost of goods.
        slots: Ad slots of a page; None = fitted where there are impression shares, else 10.
        rival_sigma: Spread of the logarithm of one rival's ad rank; None = `RIVAL_SIGMA`.
        currency: None = the usual one of the format.
        holdout: Share of the keywords that are held out to test the fit; 0 = none.
        markets: Number of fitted markets.
        assumed_share: Impression share of rows that tell neither one nor a position; None = such
            rows get the mean position of their campaign.
        seed: Seed of the held-out keywords and of the markets.
        start: First day of a report by day, as 2025-06-01.
        shock_cv: How demand swings from day to day, as a report by day tells; 0 = unknown.
    """

    days: int | None = None
    brand: tuple[str, ...] = ()
    margin: float | None = None
    slots: int | None = None
    rival_sigma: float | None = None
    currency: str | None = None
    holdout: float = 0.2
    markets: int = 0
    seed: int = 7
    assumed_share: float | None = None
    start: str | None = None
    shock_cv: float = 0.0

    @property
    def days_or_one(self) -> int:
        return self.days or 1

    @property
    def first_day(self) -> datetime.date:
        """Of the scenario: a Monday, where the report does not tell."""
        return A_MONDAY if self.start is None else datetime.date.fromisoformat(self.start)

    @property
    def margin_or_all(self) -> float:
        return 1.0 if self.margin is None else self.margin

    @property
    def sigma(self) -> float:
        return RIVAL_SIGMA if self.rival_sigma is None else self.rival_sigma

    def check(self) -> None:
        """Raise ReportError with every option that is out of its range."""
        problems = [
            _number_problem("days", self.days, 1, 3660, int),
            _number_problem("margin", self.margin, 0, 1, float),
            _number_problem("slots", self.slots, 1, MOST_SLOTS, int),
            _number_problem("rival_sigma", self.rival_sigma, 0.05, 5, float),
            _number_problem("holdout", self.holdout, 0, 0.9, float),
            _number_problem("markets", self.markets, 0, MOST_MARKETS, int),
            _number_problem("assumed_share", self.assumed_share, 0.001, 1, float),
            _number_problem("seed", self.seed, 0, 2**32 - 1, int),
        ]
        if not all(isinstance(text, str) and text.strip() for text in self.brand):
            found = f"holds {self.brand!r}"
            cure = "leave it out or name the brand"
            problems.append(Problem("brand", "must be texts that are not empty", found, cure))
        if self.currency is not None and not str(self.currency).strip():
            problems.append(Problem("currency", "must have a name", "is empty", "give CNY, say"))
        if found_problems := [problem for problem in problems if problem is not None]:
            raise ReportError(*found_problems)


def _number_problem(
    name: str, value: object, low: float, high: float, kind: Callable[..., float]
) -> Problem | None:
    number = (int, float) if kind is float else (int,)
    valid = isinstance(value, number) and not isinstance(value, bool) and low <= value <= high
    if value is None or valid:
        return None
    rule = f"must be a {'whole ' if kind is int else ''}number from {low:g} to {high:g}"
    return Problem(name, rule, f"is {value!r}", "give one or leave it out")
