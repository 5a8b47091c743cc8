"""Runs compiled markets at three fidelities; `simulate`, `landscape` and `run_auction`."""

from adsim.simulate.run import Run, RunState, simulate

__all__ = ["Run", "RunState", "simulate"]
