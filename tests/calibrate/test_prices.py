"""How far costs per click vary around what the bids say."""

from __future__ import annotations

import numpy as np
import pytest

from adsim.calibrate.prices import price_noise


@pytest.mark.parametrize("second", [60.0, 70.0, 80.0, 90.0])
def test_two_rows_have_a_spread(second):
    clicks, cost, bid = np.array([50.0, second]), np.array([40.0, 70.0]), np.array([1.2, 1.5])
    for campaign, n in (([0, 0], 1), ([0, 1], 2)):
        noise = price_noise(clicks, cost, bid, np.array(campaign), n)
        spreads = [noise.between, noise.within, *noise.of_campaign, *noise.of_row(clicks)]
        assert all(isinstance(spread, float) and spread > 0 for spread in spreads)
