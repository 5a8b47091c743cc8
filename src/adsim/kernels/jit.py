"""The two ways in which adsim compiles: kernels, and the doors that are cached on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

# No fastmath: it would drop the NaN checks and let sums be reordered.
# error_model "numpy": division by zero gives inf instead of a branch that blocks vector loops.
kernel: Callable[..., Any] = numba.njit(nogil=True, error_model="numpy")


def _digest() -> str:
    """Digest of all kernel files, 12 hex digits."""
    hasher = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        hasher.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return hasher.hexdigest()[:12]


KERNELS_DIGEST = _digest()


def door(function: Callable[..., Any]) -> Any:
    """Compile a function that the rest of adsim calls, and cache its binary on disk.

    Numba looks at the caller's own file only: it would go on using a binary whose helpers have
    changed (numba issue 1833). The digest of all kernels in the name keeps one cache a version.
    """
    function.__qualname__ = f"{function.__name__}-{KERNELS_DIGEST}"
    return numba.njit(nogil=True, error_model="numpy", cache=True)(function)
