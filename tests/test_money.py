from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adsim.money import MICROS, from_micros, to_micros, to_micros_array

AMOUNTS = st.floats(min_value=-1e9, max_value=1e9, allow_nan=False)


@pytest.mark.parametrize(
    ("amount", "micros"),
    [
        (0, 0),
        (2, 2_000_000),
        (1.01, 1_010_000),
        (0.0000005, 1),  # a tie goes up, as written in decimal
        (0.0000015, 2),
        (0.0000025, 3),
        (1.0000005, 1_000_001),  # 1.0000005 is stored a little below the tie
        (-0.0000015, -2),
        (Decimal("0.0000014999"), 1),
        (999_999_999.999999, 999_999_999_999_999),
    ],
)
def test_halves_round_away_from_zero_as_written(amount, micros):
    assert to_micros(amount) == micros
    assert to_micros_array([float(amount)]).tolist() == [micros]


@given(st.lists(AMOUNTS))
def test_an_array_is_rounded_like_its_elements(amounts):
    micros = to_micros_array(np.array(amounts))
    assert micros.dtype == np.int64
    assert micros.tolist() == [to_micros(amount) for amount in amounts]


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_micros_survive_the_way_there_and_back(micros):
    assert to_micros(float(from_micros(micros))) == micros
    assert from_micros(MICROS) == 1.0


def test_arrays_keep_their_shape():
    assert to_micros_array([[1.0, 2.0], [3.0, 4.0]]).shape == (2, 2)


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), float("-inf")])
def test_money_must_be_finite(amount):
    with pytest.raises(ValueError, match="finite"):
        to_micros(amount)
    with pytest.raises(ValueError, match="finite"):
        to_micros_array([1.0, amount])
