"""A declared game and its lots as the arrays of the kernel."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from adsim.game.lots import Lots, list_queries
from adsim.kernels import game as kernel
from adsim.market.ids import stable_id
from adsim.money import scale_micros, to_micros
from adsim.scenario.game.models import Game, State

WORDS = 2.0**32


def compile_game(game: Game, lots: Lots) -> kernel.Game:
    """All that bids leave as it is."""
    _, class_of = list_queries(game)
    market, page = game.game, game.page
    move, target = _moves(game)
    own_maker, own_component = _own(game, lots)
    sale = to_micros(market.sale)
    return kernel.Game(
        move=move,
        target=target,
        searched=_searched(game),
        buys=np.array([state.buys for state in game.states]),
        burst=_thresholds([game.bursts.chance, game.bursts.again]),
        burst_days=game.bursts.within,
        identity=np.array([stable_id("product", *each) for each in game.products], np.uint64),
        query_of=_queries_of_products(game),
        continuation=lots.continuation,
        cvr=np.array([each.cvr for each in game.classes])[class_of],
        floor=1e6 * np.column_stack([lots.reserve, lots.promoted_reserve]),
        effect=lots.effect,
        weight=lots.effect**lots.squashing,
        odds=np.array([page.promotion_factor, page.target_factor]),
        sale_odds=np.where(own_component, market.component_factor, 1.0),
        sale=scale_micros(sale, np.where(own_maker, market.maker_factor, 1.0)),
        capacity=lots.capacity,
        advertiser=np.array(
            [stable_id("advertiser", each.name) for each in game.advertisers], np.uint64
        ),
        discount=market.discount,
        slots=page.slots,
        promoted=lots.promoted,
    )


def _thresholds(chances: object) -> np.ndarray:
    return np.round(np.asarray(chances, np.float64) * WORDS).astype(np.uint64)


def _own(game: Game, lots: Lots) -> tuple[np.ndarray, np.ndarray]:
    """bool[A, P] twice: whether a product is of the own maker, of the own component."""
    places = np.arange(len(game.products))
    n_components = len(game.game.components)
    maker, component = places // n_components, places % n_components
    return lots.maker[:, None] == maker, lots.component[:, None] == component


def _moves(game: Game) -> tuple[np.ndarray, np.ndarray]:
    """`move` and `target` of `kernel.Game`."""
    names = [state.name for state in game.states]
    start = {state.name: state.share for state in game.states}
    tables = []
    for in_burst in (False, True):
        rows = [_row(names, state.name, _of_day(state, in_burst)) for state in game.states]
        rows.append(_row(names, None, {game.game.bought: 1.0}))
        rows.append(_row(names, None, start))
        tables.append(rows)
    chance = np.array([[row[0] for row in rows] for rows in tables])
    target = np.array([[row[1] for row in rows] for rows in tables])
    return chance, target


def _of_day(state: State, in_burst: bool) -> Mapping[str, float]:
    return state.burst if in_burst and state.burst is not None else state.daily


def _row(
    names: list[str], own: str | None, chances: Mapping[str, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Cumulative chances x 2**32 and their states; the state itself first, the last is certain."""
    order = sorted(names, key=lambda name: name != own)
    return cumulative([chances.get(name, 0.0) for name in order]), np.array(
        [names.index(name) for name in order], np.int64
    )


def cumulative(chances: list[float]) -> np.ndarray:
    """uint64, cumulative chances x 2**32; from the last that is above 0 on exactly 2**32."""
    total = sum(chances)
    found = _thresholds(np.cumsum(chances) / total)
    found[np.flatnonzero(chances)[-1] :] = np.uint64(WORDS)
    return found


def _searched(game: Game) -> np.ndarray:
    """uint64[K, L] of `kernel.Game`."""
    nothing = np.zeros(len(game.classes), np.uint64)
    return np.array(
        [
            cumulative([state.queries.get(each.name, 0.0) for each in game.classes])
            if state.queries
            else nothing
            for state in game.states
        ]
    )


def _queries_of_products(game: Game) -> np.ndarray:
    """int64[L, P, 2] of `kernel.Game`: who names one thing names maker or component by a coin."""
    n_makers, n_components = len(game.game.makers), len(game.game.components)
    found = np.zeros((len(game.classes), len(game.products), 2), np.int64)
    first = 0
    for place, declared in enumerate(game.classes):
        for product in range(len(game.products)):
            maker, component = divmod(product, n_components)
            pair = {0: (0, 0), 1: (maker, n_makers + component), 2: (product, product)}
            found[place, product] = [first + each for each in pair[declared.names]]
        first += len(game.queries_of(place))
    return found
