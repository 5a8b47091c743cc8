"""The yardstick: a C program that does the same draws and ranking as fidelity `events`.

It is given what the book of a plan holds and how many searches each cell has in each hour, and
returns sums that must be the kernels' own; `tests/benchmarks/test_yardstick.py` holds them to it.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from adsim.kernels.charges import GUIDE
from adsim.kernels.model import HOURS_A_DAY, Book, Market
from adsim.kernels.random import threshold

SOURCE = Path(__file__).with_name("yardstick.c")
FLAGS = ("-O3", "-march=native", "-std=c11", "-shared", "-fPIC")

CELL = np.dtype(
    [
        ("identity", "u8"),
        ("order", "u8"),
        ("cart", "u8"),
        ("first_price", "i8"),
        ("prices", "i8"),
        ("lowest", "i8"),
        ("cap", "i8"),
        ("decay", "f8"),
        ("enters", "i8"),
    ]
)
SUMS = ("impressions", "position_sum", "clicks", "orders", "carts", "spend")


class _World(ctypes.Structure):
    _fields_ = (
        ("seed", ctypes.c_uint32),
        ("replication", ctypes.c_uint32),
        ("n_slots", ctypes.c_int64),
        ("step", ctypes.c_int64),
        ("guide", ctypes.c_int64),
        ("slot", ctypes.c_void_p),
        ("click", ctypes.c_void_p),
        ("below", ctypes.c_void_p),
        ("guides", ctypes.c_void_p),
    )


def gcc() -> str | None:
    """Where gcc is, if there is one."""
    return shutil.which("gcc")


@dataclass(frozen=True)
class Yardstick:
    """The built program with the inputs of one day of a scene.

    Needs one own keyword a query at one bid, landscape rivals, a charge step and no budgets.
    """

    library: ctypes.CDLL
    book: Book
    cells: np.ndarray  # CELL[cells]
    slot: np.ndarray  # uint64[cells, slots]
    click: np.ndarray  # uint64[cells, slots]
    searches: np.ndarray  # int64[24, cells]
    step: int

    def play(self, seed: int, replication: int) -> dict[str, int]:
        """Run the day once; its sums, named as in `SUMS`; spend in micros."""
        world = _World(
            seed,
            replication,
            self.slot.shape[1],
            self.step,
            GUIDE,
            self.slot.ctypes.data,
            self.click.ctypes.data,
            self.book.below.ctypes.data,
            self.book.guide.ctypes.data,
        )
        sums = np.zeros(len(SUMS), np.int64)
        self.library.play(
            ctypes.byref(world),
            ctypes.c_void_p(self.cells.ctypes.data),
            ctypes.c_int64(self.cells.size),
            ctypes.c_int64(HOURS_A_DAY),
            ctypes.c_void_p(self.searches.ctypes.data),
            ctypes.c_void_p(sums.ctypes.data),
        )
        return dict(zip(SUMS, sums.tolist(), strict=True))


def build() -> ctypes.CDLL:
    """Compile the program for this machine."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "yardstick.so"
        subprocess.run([gcc() or "gcc", *FLAGS, "-o", library, SOURCE, "-lm"], check=True)
        return ctypes.CDLL(str(library))


def measure_out(market: Market, book: Book, searches: np.ndarray) -> Yardstick:
    """Hand one replication's day to the program; `searches` int64[24, cells]."""
    offers = book.offers[book.entry]  # a cell's only entry
    assert offers.size == market.queries.size and market.sides.size == 1
    cells = np.zeros(offers.size, CELL)
    cells["identity"] = market.cell_identity[:, 0]
    cells["order"] = _thresholds(np.minimum(1.0, offers["cvr"] * market.sides["cvr"]))
    cells["cart"] = _thresholds(offers["cart_rate"])
    for column in ("first_price", "prices", "lowest", "cap", "enters"):
        cells[column] = offers[column]
    cells["decay"] = np.exp(-offers["level"])
    ctr = np.minimum(1.0, offers["ctr"] * market.sides["ctr"])
    return Yardstick(
        build(),
        book,
        cells,
        _thresholds(np.cumsum(book.chance[book.entry], axis=1)),
        _thresholds(ctr[:, None] * market.examination),
        np.ascontiguousarray(searches, np.int64),
        market.rules.step,
    )


def _thresholds(chances: np.ndarray) -> np.ndarray:
    """`adsim.kernels.random.threshold` of each."""
    flat = [threshold(float(chance)) for chance in np.ravel(chances)]
    return np.array(flat, np.uint64).reshape(np.shape(chances))
