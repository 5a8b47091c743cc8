"""Landscape rivals of the four families: tails, densities, inverses, tables with steps."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from adsim.kernels import landscape, model
from tests.kernels.naive import Rivals
from tests.kernels.worlds import JIT, field_of, table_of

SIZE = 300 if JIT else 30
NO_TABLE = np.empty((0, 2))
SMOOTH = [
    (Rivals(6, "lognormal", 8, 0.6), stats.lognorm(0.6, scale=8)),
    (Rivals(4.5, "loglogistic", 3, 2.31), stats.fisk(2.31, scale=3)),
    (Rivals(3, "gamma", 3.98, 1.99), stats.gamma(1.99, scale=2.0)),
    (Rivals(0.35, "gamma", 3, 0.4), stats.gamma(0.4, scale=7.5)),
]
TABLES = [
    Rivals(5, "table", table=((0, 1), (0.2, 2), (0.5, 3), (1, 9))),
    Rivals(5, "table", table=((0, 0), (1, 4))),
    Rivals(2, "table", table=((0, 1), (0.3, 2), (0.3, 5), (1, 6))),  # nobody between 2 and 5
    Rivals(2, "table", table=((0, 1), (0.3, 2), (0.8, 2), (1, 6))),  # half of them at 2
    Rivals(2, "table", table=((0, 3), (0.6, 3), (1, 6))),  # most of them at the least
]


@pytest.mark.parametrize(("rivals", "law"), SMOOTH)
def test_smooth_families(rivals, law):
    field = field_of(rivals)
    x = law.ppf(np.linspace(0.001, 0.999, SIZE))
    survival = np.array([landscape.smooth_survival(field, y) for y in x])
    density = np.array([landscape.density(field, y) for y in x])
    np.testing.assert_allclose(survival, law.sf(x), rtol=1e-11)
    np.testing.assert_allclose(density, law.pdf(x), rtol=1e-10)
    assert landscape.smooth_above(field, x[0]) == rivals.mean * survival[0]
    assert landscape.rivals_above(field, NO_TABLE, x[9]) == rivals.mean * survival[9]
    assert landscape.smooth_survival(field, 0.0) == landscape.smooth_survival(field, -1.0) == 1.0


@pytest.mark.parametrize(("rivals", "law"), SMOOTH)
def test_smooth_inverse(rivals, law):
    field = field_of(rivals)
    for tail in (1e-9, 0.01, 0.3, 0.5, 0.99, 1 - 1e-9):
        rank = landscape.rank_with_above(field, NO_TABLE, tail * rivals.mean)
        assert rank == pytest.approx(law.isf(tail), rel=1e-7)
        assert landscape.smooth_survival(field, rank) == pytest.approx(tail, rel=1e-10)


@pytest.mark.parametrize("rivals", [SMOOTH[0][0], *TABLES])
def test_levels_beyond_all_rivals_and_beyond_none(rivals):
    field, table = field_of(rivals), table_of(rivals)
    assert landscape.rank_with_above(field, table, rivals.mean) == 0.0
    assert landscape.rank_with_above(field, table, rivals.mean * 2) == 0.0
    assert landscape.rank_with_above(field, table, 0.0) == np.inf


def test_no_rivals():
    for family in range(4):
        field = model.Field(0.0, family, 1.0, 1.0)
        assert landscape.rivals_above(field, np.array([[1.0, 0.0], [0.0, 1.0]]), 0.5) == 0.0


@pytest.mark.parametrize(("rivals", "law"), SMOOTH)
def test_center_and_spread_of_the_log_ad_rank(rivals, law):
    center, spread = landscape.log_scale(field_of(rivals))
    low, high = law.ppf([1e-4, 0.9999])
    assert low < np.exp(center) < high
    inside = law.cdf(np.exp(center + 3 * spread)) - law.cdf(np.exp(center - 3 * spread))
    assert inside > 0.85


@pytest.mark.parametrize("rivals", TABLES)
def test_tables(rivals):
    field, table = field_of(rivals), table_of(rivals)
    for x in np.concatenate([np.linspace(-1, 10, SIZE), table[:, 1]]):
        above = landscape.rivals_above(field, table, x)
        assert above == pytest.approx(rivals.above(x), abs=1e-12)


@pytest.mark.parametrize("rivals", TABLES)
def test_table_inverse(rivals):
    """The ad rank at which the tail passes a level: at a jump the jump, else exactly."""
    field, table = field_of(rivals), table_of(rivals)
    for tail in np.concatenate([np.linspace(0.001, 0.999, SIZE), [0.2, 0.5, 0.7]]):
        rank = landscape.rank_with_above(field, table, tail * rivals.mean)
        assert rivals.survival(rank + 1e-9) <= tail + 1e-9
        assert rivals.survival(rank - 1e-9) >= tail - 1e-9


def test_a_jump_of_a_table_is_met_by_all_of_its_levels():
    field, table = field_of(TABLES[3]), table_of(TABLES[3])
    for tail in (0.69, 0.5, 0.21):
        assert landscape.rank_with_above(field, table, tail * 2) == 2.0


def test_tables_stand_one_after_the_other():
    both = np.vstack([table_of(TABLES[0]), table_of(TABLES[1])])
    field = model.Field(5.0, model.TABLE, 4.0, 6.0)
    assert landscape.rivals_above(field, both, 1.0) == 5 * 0.75
    assert landscape.rank_with_above(field, both, 5 * 0.75) == 1.0
