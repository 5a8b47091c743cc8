"""The worst tenth of replications, and how often money is lost."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from adsim.results.compare import comparison_table
from adsim.results.registry import FIELDS
from adsim.results.risk import tail_half_width, tail_values

NORMAL_CVAR = -stats.norm.pdf(stats.norm.ppf(0.1)) / 0.1  # of a standard normal gain


def profits(values):
    """Tallies of replications with so much profit, in currency units."""
    found = np.zeros((len(values), 1, len(FIELDS)), np.int64)
    found[:, 0, FIELDS.index("revenue")] = np.rint(np.asarray(values) * 1e6)
    return found


def row(a, b, metric):
    table = comparison_table(profits(a), profits(b))
    return next(one for one in table.iter_rows(named=True) if one["metric"] == metric)


@pytest.mark.parametrize("n", [10, 30, 100])
def test_cvar_is_the_mean_of_the_worst_tenth(n):
    gains = np.random.default_rng(n).normal(size=n)
    assert tail_values(gains).mean() == pytest.approx(np.sort(gains)[: n // 10].mean())


@pytest.mark.parametrize(("n", "part"), [(25, 0.1), (7, 0.5), (3, 0.1), (64, 0.05)])
def test_cvar_is_the_largest_of_the_program_of_rockafellar_and_uryasev(n, part):
    gains = np.random.default_rng(n).normal(size=n)
    best = max(q - np.maximum(q - gains, 0).mean() / part for q in gains)
    assert tail_values(gains, part).mean() == pytest.approx(best, rel=1e-12)


def test_the_whole_is_the_mean():
    gains = np.random.default_rng(2).normal(size=50)
    assert tail_values(gains, 1.0).mean() == pytest.approx(gains.mean())


def test_intervals_of_a_cvar_cover_it():
    """1,000 intervals from 256 normal gains. The estimate leans up by .002 of its .13 wide half, so
    that 95 % are missed by a point or two: fewer than 915 or more than 975 hits have a chance below
    1e-3 at a coverage from 94 to 95.5 %."""
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(1000):
        values = tail_values(rng.normal(size=256))
        hits += abs(values.mean() - NORMAL_CVAR) <= tail_half_width(values)
    assert 915 <= hits <= 975


def test_intervals_of_a_paired_difference_cover_it():
    """1,000 intervals; plan b earns 1.3 times as much under common luck, less .2, and a little luck
    of its own. Bounds as above."""
    rng = np.random.default_rng(6)
    truth = (1.3**2 + 0.2**2) ** 0.5 * NORMAL_CVAR - 0.2 - NORMAL_CVAR
    hits = 0
    for _ in range(1000):
        common = rng.normal(size=256)
        b = 1.3 * common - 0.2 + 0.2 * rng.normal(size=256)
        paired = tail_values(b) - tail_values(common)
        hits += abs(paired.mean() - truth) <= tail_half_width(paired)
    assert 915 <= hits <= 975


def test_a_comparison_tells_both():
    a, b = np.arange(-2.0, 18.0), np.arange(-1.0, 19.0)
    worst = row(a, b, "profit_cvar")
    assert (worst["a"], worst["b"], worst["difference"]) == pytest.approx((-1.5, -0.5, 1.0))
    assert worst["difference_low"] == worst["difference_high"] == pytest.approx(1.0)
    lost = row(a, b, "loss_probability")
    assert (lost["a"], lost["b"], lost["difference"]) == pytest.approx((0.1, 0.05, -0.05))
    assert lost["difference_low"] < -0.05 < 0 < lost["difference_high"]


def test_no_loss_in_few_replications_is_no_proof():
    lost = row([1.0] * 20, [2.0] * 20, "loss_probability")
    assert lost["difference"] == 0
    assert lost["difference_high"] == -lost["difference_low"] == pytest.approx(0.089, abs=0.002)


def test_the_interval_of_losses_covers_the_truth():
    """1,000 intervals of 10 % against 4 % in 128 pairs: fewer than 930 hits have a chance below
    1e-3 at 95 %."""
    rng = np.random.default_rng(8)
    hits = 0
    for _ in range(1000):
        luck = rng.random(128)
        lost = row(np.where(luck < 0.10, -1.0, 1.0), np.where(luck > 0.96, -1.0, 2.0), RISK)
        hits += lost["difference_low"] <= -0.06 <= lost["difference_high"]
    assert hits >= 930


RISK = "loss_probability"


def test_one_replication_has_no_interval():
    for metric in ("profit_cvar", "loss_probability"):
        assert row([1.0], [2.0], metric)["difference_low"] is None
