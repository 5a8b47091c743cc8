"""Money: int64 micros inside, currency units outside.

The only place, the kernels aside, that rounds money. One micro is a millionth of the currency unit.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import SupportsFloat

import numpy as np
from numpy.typing import ArrayLike, NDArray

MICROS = 1_000_000


def to_micros(amount: SupportsFloat) -> int:
    """Micros of an amount in currency units, halves rounded away from zero.

    Exact for the shortest decimal that prints the number: 0.0000015 gives 2, as written.
    Raises ValueError where the amount is not finite.
    """
    exact = amount if isinstance(amount, Decimal) else Decimal(str(amount))
    if not exact.is_finite():
        raise ValueError(f"an amount of money must be finite, but is {amount}")
    return int((exact * MICROS).to_integral_value(ROUND_HALF_UP))


def to_micros_array(amounts: ArrayLike) -> NDArray[np.int64]:
    """Micros of an array of amounts in currency units: `to_micros` element by element.

    Returns an int64 array of the same shape. Raises ValueError where an amount is not finite.
    """
    values = np.asarray(amounts, dtype=np.float64)
    if not np.isfinite(values).all():
        raise ValueError("all amounts of money must be finite")
    scaled = np.abs(values) * MICROS
    micros = np.floor(scaled + 0.5).astype(np.int64)
    # Binary noise can move a decimal tie to the wrong side: what is close goes through Decimal.
    near_tie = np.abs(scaled - np.floor(scaled) - 0.5) <= 2 * np.spacing(scaled)
    micros = np.where(values < 0, -micros, micros)
    micros[near_tie] = [to_micros(value) for value in values[near_tie]]
    return micros


def scale_micros(micros: ArrayLike, factor: ArrayLike) -> NDArray[np.int64]:
    """Micros times factors >= 0, halves rounded up; the shapes are broadcast.

    Exact where the factor is 1.
    """
    scaled: NDArray[np.int64] = np.floor(np.multiply(micros, factor) + 0.5).astype(np.int64)
    return scaled


def from_micros(micros: ArrayLike) -> NDArray[np.float64]:
    """Currency units of micros, as float64 of the same shape (a scalar gives a 0-d float)."""
    return np.asarray(micros) / MICROS
