"""What is declared: scenario folders and plans, read, checked, written."""

from adsim.scenario.loading import load_scenario
from adsim.scenario.scenario import Scenario
from adsim.scenario.tables import Tables

__all__ = ["Scenario", "Tables", "load_scenario"]
