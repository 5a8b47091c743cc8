"""What is declared: scenario folders and plans, read, checked, written."""

from adsim.scenario.loading import check_scenario, load_scenario, make_scenario
from adsim.scenario.markets import load_markets, write_markets
from adsim.scenario.plans import Plan, find_plan, load_plan, make_plan, todays_plan
from adsim.scenario.scenario import Scenario
from adsim.scenario.schema import scenario_schema
from adsim.scenario.starting import (
    new_scenario,
    shipped_games,
    shipped_media,
    shipped_scenarios,
)
from adsim.scenario.synthetic import synthetic_scenario
from adsim.scenario.tables import Tables
from adsim.scenario.writing import write_plan, write_scenario

__all__ = [
    "Plan",
    "Scenario",
    "Tables",
    "check_scenario",
    "find_plan",
    "load_markets",
    "load_plan",
    "load_scenario",
    "make_plan",
    "make_scenario",
    "new_scenario",
    "scenario_schema",
    "shipped_games",
    "shipped_media",
    "shipped_scenarios",
    "synthetic_scenario",
    "todays_plan",
    "write_markets",
    "write_plan",
    "write_scenario",
]
