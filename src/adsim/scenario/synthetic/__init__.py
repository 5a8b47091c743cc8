"""Made-up scenarios of any size, equal for equal seeds: for benchmarks, tests and teaching."""

from __future__ import annotations

from typing import Any

from adsim.errors import ScenarioError
from adsim.scenario.declaring import validate
from adsim.scenario.scenario import Scenario
from adsim.scenario.synthetic.declared import declare_world
from adsim.scenario.synthetic.market import make_tables
from adsim.scenario.synthetic.sizes import Draws, Sizes


def synthetic_scenario(seed: int, **sizes: Any) -> Scenario:
    """A made-up scenario with bids and prices around 1 yuan a click.

    All luck comes from the counter-based generator, so that equal arguments give equal scenarios.

    Args:
        seed: From 0 to 2^32 - 1.
        sizes: Any fields of `Sizes`, such as ``queries=1000, crowds=3, budget_share=0.5``.

    Raises ScenarioError where an argument is unknown or out of its range.
    """
    asked, problems = validate(Sizes, sizes | {"seed": seed}, lambda _: "synthetic_scenario")
    if asked is None:
        raise ScenarioError(*problems)
    draws = Draws(asked.seed)
    tables = make_tables(asked, draws)
    return Scenario(**dict(declare_world(asked, draws, tables)), tables=tables)


__all__ = ["Sizes", "synthetic_scenario"]
