"""Runs compiled markets at three fidelities; `simulate`, `landscape` and `run_auction`."""

from adsim.simulate.landscapes import landscape
from adsim.simulate.run import Run, RunState, simulate
from adsim.simulate.single import run_auction

__all__ = ["Run", "RunState", "landscape", "run_auction", "simulate"]
