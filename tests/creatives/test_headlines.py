"""Against reality: headline tests, each cut in two halves (skipped where the data is absent)."""

from __future__ import annotations

import numpy as np
import pytest

from adsim.creatives.beliefs import rate_beliefs
from adsim.creatives.spread import PUBLISHED_SPREAD, estimate_spread
from benchmarks.headlines import chances_to_lead, check, groups, halve, read_counts

N_TESTS = 150


@pytest.fixture(scope="module")
def counts(request):
    return read_counts(request.getfixturevalue("shared_data")("upworthy_matrices"))


def test_the_published_spread_is_recovered(counts):
    clicks, impressions = counts
    assert (impressions > 0).sum() == 22_666 and len(clicks) == 4873
    some = slice(None, None, 10)
    found = estimate_spread(clicks[some], impressions[some])
    assert found == pytest.approx(PUBLISHED_SPREAD, abs=0.02)


@pytest.mark.slow
def test_probabilities_and_leads_hold_in_the_other_half(counts):
    """False-alarm rate 6e-5 a figure (4 standard errors), 7 figures."""
    halves = halve(*(matrix[::32][:N_TESTS] for matrix in counts))
    checked, flat = check(halves, PUBLISHED_SPREAD), check(halves, None)
    rows = list(groups(checked.headlines))
    assert len(rows) >= 6 and all(abs(row["z"]) < 4 for row in rows)
    assert abs(checked.lead - checked.lead_seen) < 4 * checked.lead_error
    assert flat.lead > flat.lead_seen + 2 * flat.lead_error  # the luckiest look too good
    assert checked.log_score > flat.log_score


def test_chances_to_lead_are_those_of_draws():
    """No data needed; false-alarm rate 6e-5 a figure (4 standard errors)."""
    beliefs = rate_beliefs(np.array([30.0, 41.0, 36.0]), np.full(3, 1000.0), 0.236)
    shown, rng, n = np.array([900.0, 1000.0, 300.0]), np.random.default_rng(2), 100_000
    k = rng.choice(beliefs.weights.size, n, p=beliefs.weights)
    clicks = rng.binomial(shown.astype(int), rng.beta(beliefs.a[k], beliefs.b[k]))
    led = ((clicks + rng.random((n, 3))) / shown).argmax(axis=1)
    chances = chances_to_lead(beliefs, shown)
    for i in range(3):
        error = np.sqrt(chances[i] * (1 - chances[i]) / n)
        assert (led == i).mean() == pytest.approx(chances[i], abs=4 * error + 1e-3)
