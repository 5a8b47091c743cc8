"""Plans under the same luck, and the search for a better one; `compare`."""

from adsim.optimize.compare import compare

__all__ = ["compare"]
