"""Persons and the crowds that they make."""

from adsim.audience.tables import CrowdTables, crowds

__all__ = ["CrowdTables", "crowds"]
