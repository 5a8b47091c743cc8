"""Runs compiled markets at three fidelities; `simulate`, `landscape` and the like."""

from adsim.simulate.landscapes import landscape
from adsim.simulate.reach_curves import reach_curve
from adsim.simulate.run import Run, simulate
from adsim.simulate.settings import RunState
from adsim.simulate.single import run_auction

__all__ = ["Run", "RunState", "landscape", "reach_curve", "run_auction", "simulate"]
