"""What the lots of a game decide: effects, reading on, reserves, chi, specialties, capacity."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from adsim.kernels import doors
from adsim.kernels.game import LOTS
from adsim.kernels.random import make_luck
from adsim.market.ids import stable_id
from adsim.scenario.game.models import DRAWN, NO, Game, Page

UNLIMITED = 2**62
Thing = tuple[str, ...]


@dataclass(frozen=True)
class Lots:
    """A game's parameters. Axes: A advertisers, Q queries.

    Attributes:
        effect: float64[A, Q], chance of a click on a generic ad in a regular slot.
        continuation: float64[Q], chance to read on.
        reserve, promoted_reserve: float64[Q], least scores, in units of a bid.
        squashing: chi.
        promoted: Number of promoted slots.
        maker, component: int64[A], place of the specialty, -1 without one.
        capacity: int64[A].
    """

    effect: np.ndarray
    continuation: np.ndarray
    reserve: np.ndarray
    promoted_reserve: np.ndarray
    squashing: float
    promoted: int
    maker: np.ndarray
    component: np.ndarray
    capacity: np.ndarray


def list_queries(game: Game) -> tuple[list[str], np.ndarray]:
    """Names of all queries, class by class, and the class of each, int64[Q]."""
    names = [game.queries_of(place) for place in range(len(game.classes))]
    return [name for each in names for name in each], np.repeat(
        np.arange(len(names)), [len(each) for each in names]
    )


def draw_lots(game: Game, seed: int, number: int) -> Lots:
    """The lots of one game, each keyed by what it decides, so that others change none of them."""
    queries, class_of = list_queries(game)
    names = [each.name for each in game.advertisers]
    draw = _drawing(seed, number)
    bands = np.array([each.effect for each in game.classes])[class_of]
    effects = draw([("effect", name, query) for name in names for query in queries])
    page = game.page
    reserve = _within([c.reserve for c in game.classes], draw(_of_classes(game, "reserve")))
    extra = [page.promoted_extra for _ in game.classes]
    promoted_reserve = reserve + _within(extra, draw(_of_classes(game, "promoted reserve")))
    chi, slots = draw([("squashing",), ("promoted",)])
    least, most = page.promoted
    return Lots(
        effect=_within(bands[None], effects.reshape(len(names), len(queries))),
        continuation=_within(
            np.array([each.continuation for each in game.classes])[class_of],
            draw([("continuation", query) for query in queries]),
        ),
        reserve=reserve[class_of],
        promoted_reserve=promoted_reserve[class_of],
        squashing=_squashing(page, chi),
        promoted=least + int(slots * (most - least + 1)),
        maker=_specialties(
            [each.maker for each in game.advertisers],
            game.game.makers,
            draw([("maker", name) for name in names]),
        ),
        component=_specialties(
            [each.component for each in game.advertisers],
            game.game.components,
            draw([("component", name) for name in names]),
        ),
        capacity=_capacities(game, draw([("capacity", name) for name in names])),
    )


def _drawing(seed: int, number: int) -> Callable[[Sequence[Thing]], np.ndarray]:
    luck = make_luck(seed, number)

    def draw(things: Sequence[Thing]) -> np.ndarray:
        found = np.empty(len(things))
        identities = np.array([stable_id(*thing) for thing in things], np.uint64)
        doors.draw_uniforms_of(luck, identities, 0, LOTS, found)
        return found

    return draw


def _squashing(page: Page, u: float) -> float:
    if page.squashing is not None:
        return page.squashing
    assert page.squashing_root is not None  # one of the two is declared
    return float(u ** (1 / page.squashing_root))


def _of_classes(game: Game, what: str) -> list[Thing]:
    return [(what, each.name) for each in game.classes]


def _within(bands: object, u: np.ndarray) -> np.ndarray:
    """Uniform numbers of bands [..., 2]; a band of one number is that number exactly."""
    low, high = np.moveaxis(np.asarray(bands, np.float64), -1, 0)
    return np.asarray(low + (high - low) * u)


def _specialties(declared: Sequence[str], known: Sequence[str], u: np.ndarray) -> np.ndarray:
    places = [
        int(lot * len(known)) if name == DRAWN else -1 if name == NO else known.index(name)
        for name, lot in zip(declared, u, strict=True)
    ]
    return np.array(places, np.int64)


def _capacities(game: Game, u: np.ndarray) -> np.ndarray:
    """Own capacities; the others are dealt in the order of the lots, or are without limit."""
    found = np.array(
        [UNLIMITED if each.capacity is None else each.capacity for each in game.advertisers],
        np.int64,
    )
    if game.game.capacities:
        is_open = np.flatnonzero([each.capacity is None for each in game.advertisers])
        found[is_open[np.argsort(u[is_open], kind="stable")]] = game.game.capacities
    return found
