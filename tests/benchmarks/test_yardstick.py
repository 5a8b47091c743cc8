"""The C yardstick and the events kernel draw, rank and charge the same searches."""

from __future__ import annotations

import pytest

from adsim.kernels import tally
from adsim.kernels.model import HOURS_A_DAY
from benchmarks import scenes, yardstick

FIELDS = {
    "impressions": tally.IMPRESSIONS,
    "position_sum": tally.POSITION_SUM,
    "clicks": tally.CLICKS,
    "orders": tally.ORDERS,
    "carts": tally.CARTS,
    "spend": tally.SPEND,
}

pytestmark = pytest.mark.skipif(yardstick.gcc() is None, reason="no gcc on this machine")


@pytest.mark.parametrize(("queries", "searches_per_hour"), [(20, 400.0), (50, 4.0)])
def test_sums_are_those_of_the_kernel(queries: int, searches_per_hour: float) -> None:
    scene = scenes.event_searches(queries, searches_per_hour)
    tallies = scene.run(replications=2, by=("hour", "query"))
    for replication in range(2):
        day = tallies[replication].reshape(queries, HOURS_A_DAY, -1)
        program = yardstick.measure_out(
            scene.market.arrays, scene.opened.book, day[:, :, tally.SEARCHES].T
        )
        sums = program.play(scenes.SEED, replication)
        assert sums == {name: day[:, :, field].sum() for name, field in FIELDS.items()}
        assert sums["clicks"] > 0
