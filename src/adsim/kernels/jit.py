"""The one way in which adsim compiles a kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba

# No fastmath: it would drop the NaN checks and let sums be reordered.
# error_model "numpy": division by zero gives inf instead of a branch that blocks vector loops.
kernel: Callable[..., Any] = numba.njit(nogil=True, error_model="numpy")
door: Callable[..., Any] = numba.njit(nogil=True, error_model="numpy", cache=True)
