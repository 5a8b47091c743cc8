"""Plans under the same luck, what ads cause, and the search for a better plan."""

from adsim.optimize.answer.optimum import Optimum
from adsim.optimize.causing import Incrementality, incrementality
from adsim.optimize.comparing import compare
from adsim.optimize.recommend import optimize

__all__ = ["Incrementality", "Optimum", "compare", "incrementality", "optimize"]
