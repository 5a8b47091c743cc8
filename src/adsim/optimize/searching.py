"""One search: the exact bids of a place, then the policies around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from adsim.market.compile import compile_market
from adsim.optimize.aims.question import Question
from adsim.optimize.aims.ranges import bid_ranges
from adsim.optimize.aims.risk import MEAN
from adsim.optimize.bench import open_bench
from adsim.optimize.exact.candidates import (
    Candidate,
    SearchSettings,
    Workplace,
    exact_candidate,
)
from adsim.optimize.exact.search import Found
from adsim.scenario import Scenario, todays_plan

if TYPE_CHECKING:
    from adsim.optimize.policies.improving import Improved


@dataclass(frozen=True)
class Searched:
    """What a search found.

    Attributes:
        place: Where.
        exact: The exact bids at today's coefficients, and their bound.
        best: The best plan.
        improved: What the search over policies found, if there was one.
    """

    place: Workplace
    exact: Found
    best: Candidate
    improved: Improved | None = None

    def known(self, changes: bool) -> Found:
        """What the exact part knows at the coefficients of the best plan, or of today's."""
        return self.improved.found if self.improved and changes else self.exact


def open_place(
    scenario: Scenario,
    question: Question,
    pool: ThreadPoolExecutor,
    markets: Sequence[Scenario] = (),
) -> Workplace:
    """Where plans for a scenario are searched for, today's plan compiled.

    `markets` say by their queries what the scenario may be, at its own settings.
    """
    plan = todays_plan(scenario)
    if question.budget is not None:
        plan = replace(plan, account_budget=float(question.budget))
    market = compile_market(scenario, [plan])
    today = Candidate("today", plan, market.plans[0])
    ranges = bid_ranges(market, plan, question.limits)
    worlds = [_with_queries(scenario, one) for one in markets]
    return Workplace(open_bench(market, pool, worlds), question.aim(), ranges, today)


def _with_queries(scenario: Scenario, market: Scenario) -> Scenario:
    tables = replace(scenario.tables, queries=market.tables.queries)
    return scenario.model_copy(update={"tables": tables})


def search_around(
    place: Workplace, exact: Found, how: SearchSettings, asked: Mapping[str, object]
) -> Searched:
    """The exact bids, improved by trials of policies where there are any and something to hold."""
    if not (how.trials or (place.aim.risk or MEAN).is_of_luck) or not exact.is_met:
        return Searched(place, exact, exact_candidate(place.today, exact))
    from adsim.optimize.policies.improving import improve  # late: optuna takes half a second

    improved = improve(place, exact, how, asked)
    return Searched(place, exact, improved.best, improved)
