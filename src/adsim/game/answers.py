"""The answers of agents as the arrays of the kernel, with every mistake of an answer at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf, isfinite
from numbers import Real
from typing import Any

import numpy as np

from adsim.errors import Problem, SimulationError
from adsim.game.agents import GENERIC, Answer, Bids, Setup
from adsim.kernels import game as kernel
from adsim.money import to_micros, to_micros_array
from adsim.scenario.game.models import MOST_MONEY
from adsim.scenario.text import name_cure

NO_LIMIT = 2**62
NO_TARGET = -1


class Ledger:
    """What all advertisers ask for, as `kernel.Bids`; answers are written into it."""

    def __init__(self, setups: Sequence[Setup]) -> None:
        shape = (len(setups), len(setups[0].queries))
        self.setups = setups
        self.bids = kernel.Bids(
            np.zeros(shape, np.int64),
            np.full(shape, NO_TARGET),
            np.full(shape, NO_LIMIT),
            np.full(shape[0], NO_LIMIT),
        )
        self._last: list[Answer] = [None] * len(setups)
        products = setups[0].game.products
        self._known = dict.fromkeys((*setups[0].queries, *setups[0].classes))
        self._targets = {GENERIC: NO_TARGET} | {" ".join(p): i for i, p in enumerate(products)}

    def write(self, place: int, day: int, answer: Answer) -> None:
        """Take an advertiser's answer; None leaves its lines as they are.

        Raises SimulationError with every problem of the answer.
        """
        if answer is None or (isinstance(answer, Bids) and answer is self._last[place]):
            return
        setup = self.setups[place]
        problems = [*self._problems(answer)]
        if problems:
            where = f"agent {setup.name}, day {day}"
            raise SimulationError(*(Problem(where, *problem) for problem in problems))
        self._last[place] = answer
        asked = answer if isinstance(answer, Bids) else Bids(answer)
        lines = self.bids
        lines.bid[place] = to_micros_array(_by_query(setup, asked.bids, 0.0))
        lines.limit[place] = [_limit(each) for each in _by_query(setup, asked.limits, inf)]
        names = _by_query(setup, asked.ads, GENERIC)
        lines.target[place] = [self._targets[name] for name in names]
        lines.budget[place] = _limit(asked.budget)

    def _problems(self, answer: Answer) -> Iterator[tuple[str, str, str]]:
        """Rule, found and cure of each."""
        if not isinstance(answer, Bids | Mapping):
            cure = "return adsim.game.Bids(...), a dict of bids by query or class, or None"
            yield "an answer must be Bids", f"is of type {type(answer).__name__}", cure
            return
        asked = answer if isinstance(answer, Bids) else Bids(answer)
        parts: dict[str, Any] = {"bids": asked.bids, "ads": asked.ads, "limits": asked.limits}
        for what, lines in parts.items():
            if not isinstance(lines, Mapping):
                yield f"{what} must be a mapping", f"is {lines!r}", "give a dict by query or class"
                continue
            for key, value in lines.items():
                yield from self._problem_of(what, key, value)
        yield from _of_money("budget", asked.budget, inf)

    def _problem_of(self, what: str, key: Any, value: Any) -> Iterator[tuple[str, str, str]]:
        if key not in self._known:
            cure = name_cure(str(key), self._known, "name a query or a class")
            yield f"{what} must be of queries or classes", f"{key!r} is none", cure
        elif what == "ads":
            if value not in self._targets:
                cure = name_cure(str(value), self._targets, f"name a product or {GENERIC}")
                yield f"ads of {key} must be for a product", f"is {value!r}", cure
        else:
            yield from _of_money(f"{what} of {key}", value, MOST_MONEY if what == "bids" else inf)


def _of_money(what: str, value: Any, most: float) -> Iterator[tuple[str, str, str]]:
    is_number = isinstance(value, float | int | Real) and not isinstance(value, bool)
    if not is_number or not 0 <= float(value) <= most:
        rule = f"{what} must be money from 0" + (f" to {most:g}" if isfinite(most) else "")
        yield rule, f"is {value!r}", "give an amount"


def _by_query(setup: Setup, lines: Mapping[str, Any], default: Any) -> list[Any]:
    return [
        lines.get(query, lines.get(name, default))
        for query, name in zip(setup.queries, setup.classes, strict=True)
    ]


def _limit(amount: float) -> int:
    return to_micros(amount) if amount < NO_LIMIT / 1e6 else NO_LIMIT
