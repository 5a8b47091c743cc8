"""A cache of compiled code that one process fills while the others wait for it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

from numba.core.caching import FunctionCache

with contextlib.suppress(ImportError):  # no such locks on Windows: there each compiles for itself
    import fcntl

_Cache: Any = FunctionCache


class WaitingCache(_Cache):  # type: ignore[misc]
    """Numba's cache, where what is missing is compiled by one process and loaded by the rest.

    Between finding a function missing and having saved it the process holds a lock, which ends
    with the process whatever becomes of it. It also keeps two that save from taking one name.
    """

    _held: int | None = None

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        found = super().load_overload(sig, target_context)
        if found is None:
            self._take_lock()
            found = super().load_overload(sig, target_context)
        if found is not None:
            self._release_lock()
        return found

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            super().save_overload(sig, data)
        finally:
            self._release_lock()

    def _take_lock(self) -> None:
        self._release_lock()  # of a compilation that failed
        with contextlib.suppress(OSError, NameError):  # a place, or a system, without such locks
            self._impl.locator.ensure_cache_path()
            path = Path(self.cache_path, f"{self._impl.filename_base}.lock")
            self._held = os.open(path, os.O_CREAT | os.O_WRONLY)
            fcntl.flock(self._held, fcntl.LOCK_EX)

    def _release_lock(self) -> None:
        if self._held is not None:
            os.close(self._held)
            self._held = None
