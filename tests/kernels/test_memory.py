"""Asking for memory changes nothing that a program can see."""

import numba
import numpy as np
import pytest

from adsim.kernels.memory import AHEAD, prefetch

ROW = np.dtype([("a", "i4"), ("b", "f8")])
ARRAYS = [np.arange(30, dtype=np.uint16).reshape(5, 3, 2), np.ones(7, ROW), np.empty((0, 1, 2))]


@numba.njit
def ask_for(array: np.ndarray, rows: np.ndarray) -> None:
    for row in rows:
        prefetch(array, row)


@pytest.mark.parametrize("array", ARRAYS, ids=["counters", "records", "nobody"])
def test_an_array_is_as_it_was(array: np.ndarray) -> None:
    before = array.copy()
    ask_for(array, np.arange(-AHEAD, 10 * AHEAD))
    assert array.tobytes() == before.tobytes()
    assert "llvm.prefetch" in ask_for.inspect_llvm(ask_for.signatures[-1])
