"""Sweeps: many tasks of scenarios x plans x settings x seeds, on processes or on a cluster."""

from adsim.batch.running import sweep
from adsim.batch.sweeps import Sweep, load_sweep

__all__ = ["Sweep", "load_sweep", "sweep"]
