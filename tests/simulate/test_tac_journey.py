"""The states of the TAC Ad Auctions game in a scenario's own [journey] and in the game agree."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from adsim.scenario import shipped_games
from adsim.scenario.game import load_game
from adsim.scenario.journeys import Journey
from adsim.simulate import simulate
from tests.game.test_known import NORMAL
from tests.simulate.lives import shop


def tac_shop(cvr=0.0, shares=None, **journey):
    """Queries of the groups F0, F1, F2 for users of the preset."""
    own = [{"name": name, "share": share} for name, share in (shares or {}).items()]
    given = {"preset": "tac", "persons": 90_000} | journey
    made = shop(own, journey=given, queries=3, days=1)
    groups = pl.Series("query_group", ["F0", "F1", "F2"])
    queries = made.tables.queries.with_columns(groups, cvr=pl.lit(cvr), organic=pl.lit(0.0))
    return made.model_copy(update={"tables": replace(made.tables, queries=queries)})


@pytest.mark.parametrize(
    ("shares", "burn_in"),
    [(None, 0), (None, 7), ({"NS": 0.5, "F2": 0.5, "IS": 0.0, "F0": 0.0, "F1": 0.0}, 2000)],
)
def test_shares_without_purchases(shares, burn_in):
    """Whole persons begin: as near to the shares as 90,000 of them allow, until midnights pass."""
    run = simulate(tac_shop(shares=shares, burn_in=burn_in), fidelity="expected")
    found = run.diary.mornings[0, 0] / 90_000
    near = 5e-7 if burn_in == 2000 else 1.2e-5
    assert found == pytest.approx([*NORMAL.values(), 0.0], abs=near)


def test_who_orders_is_served_and_who_gathers_information_does_not_order():
    run = simulate(tac_shop(cvr=0.5), fidelity="expected")
    before, after = run.diary.mornings[0]
    assert before[5] == 0 and after[5] > 20
    calm = simulate(tac_shop(), fidelity="expected").diary.mornings[0, 1]
    assert after[1] == pytest.approx(calm[1], rel=1e-9), "nobody leaves IS by an order"


def test_the_preset_has_the_rows_of_the_game():
    journey, game = Journey(preset="tac"), load_game(shipped_games()["tac"])
    for state, other in zip(journey.states, game.states, strict=True):
        rest = 1 - sum(state.daily.values())
        assert state.name == other.name
        assert state.daily | {state.name: rest} == pytest.approx(other.daily, abs=1e-12)
        weights = {name: weight for name, weight in state.queries.items() if weight}
        assert weights == other.queries and (state.searches > 0) == bool(other.queries)
        assert (state.cvr > 0) == other.buys
        assert state.order == ({game.game.bought: 1.0} if other.queries and other.buys else {})
