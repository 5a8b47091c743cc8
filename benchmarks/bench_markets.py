"""What comes before a run: matching, compiling a market; and landscapes, which need no run."""

from __future__ import annotations

import numpy as np

import adsim
from adsim.market.compile import compile_market
from adsim.scenario import synthetic_scenario, todays_plan
from benchmarks import scenes


class Matching:
    """A market of 10,000 queries and 20,000 own keywords, tied by their texts."""

    params = ("english", "chinese")
    param_names = ("language",)

    def setup(self, language: str) -> None:
        sizes = {"queries": 10_000, "keywords_per_query": 2, "crowds": 0, "devices": 0}
        self.scenario = synthetic_scenario(scenes.SEED, language=language, **sizes)
        self.plan = todays_plan(self.scenario)

    def time_compile_market(self, language: str) -> None:
        compile_market(self.scenario, [self.plan])


class Landscape:
    """40 bids of one keyword, and 5 scales of all bids, through the API."""

    def setup(self) -> None:
        self.scenario = scenes.one_keyword()
        self.text = self.scenario.tables.keywords["keyword"][0]
        self.bids = np.linspace(0.2, 4.1, 40).round(2)
        self.account = scenes.hundred_thousand("lognormal", queries=1000).scenario
        self.time_bids()
        self.time_scales()

    def time_bids(self) -> None:
        adsim.landscape(self.scenario, self.text, self.bids)

    def time_scales(self) -> None:
        adsim.landscape(self.account, scales=[0.25, 0.5, 1.0, 2.0, 4.0])
