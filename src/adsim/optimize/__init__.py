"""Plans under the same luck, and the search for a better one; `compare` and `optimize`."""

from adsim.optimize.answer.optimum import Optimum
from adsim.optimize.comparing import compare
from adsim.optimize.recommend import optimize

__all__ = ["Optimum", "compare", "optimize"]
