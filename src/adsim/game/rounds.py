"""One game from its first day to its last: agents are asked, days are played, reports told."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from adsim.game.agents import Agent, Report, Setup, strategy_agent
from adsim.game.answers import Ledger
from adsim.game.compile import compile_game
from adsim.game.lots import UNLIMITED, Lots, draw_lots, list_queries
from adsim.kernels import doors
from adsim.kernels import game as kernel
from adsim.kernels.random import make_luck
from adsim.scenario.game.models import Game


@dataclass(frozen=True)
class Played:
    """What a game leaves. Axes: A advertisers, Q queries, K states; fields as in `kernels.game`.

    Attributes:
        lots: Its parameters.
        ads: int64[days, A, Q, N_FIELDS].
        slots: int64[Q, slots, N_FIELDS].
        searches: int64[Q].
        persons: int64[days + 1, K], users as the first day begins and after each day.
    """

    lots: Lots
    ads: np.ndarray
    slots: np.ndarray
    searches: np.ndarray
    persons: np.ndarray


class Round:
    """One game that is being played."""

    def __init__(self, game: Game, seed: int, number: int) -> None:
        self.game = game
        self.lots = draw_lots(game, seed, number)
        self.arrays = compile_game(game, self.lots)
        self.luck = make_luck(seed, number)
        self.setups = make_setups(game, self.lots, number)
        n_products, n_states = len(game.products), len(game.states)
        self._users = np.zeros((n_products, game.game.users), np.uint8)
        self._persons = np.zeros(n_states, np.int64)
        self._last_burst = np.zeros(n_products, np.int64)
        n_queries = len(self.setups[0].queries)
        n_days, n_advertisers = game.game.days, len(game.advertisers)
        self.played = Played(
            self.lots,
            np.zeros((n_days, n_advertisers, n_queries, kernel.N_FIELDS), np.int64),
            np.zeros((n_queries, game.page.slots, kernel.N_FIELDS), np.int64),
            np.zeros(n_queries, np.int64),
            np.zeros((n_days + 1, n_states), np.int64),
        )

    def play(self, agents: Mapping[str, Any], stop: threading.Event) -> Played:
        """Play all days, or until `stop`; `agents` play instead of the declared strategies."""
        asked = [
            _agent(agents[each.name]) if each.name in agents else strategy_agent(each)
            for each in self.game.advertisers
        ]
        ledger = Ledger(self.setups)
        doors.open_game(*self.opening())
        self.played.persons[0] = self._persons
        for day in range(self.game.game.days):
            if stop.is_set():
                break
            for place, agent in enumerate(asked):
                ledger.write(place, day, agent(day, self.report(place, day)))
            doors.play_game_day(*self.of_day(day, ledger.bids))
            self.played.persons[day + 1] = self._persons
        return self.played

    def opening(self) -> tuple[Any, ...]:
        """What `doors.open_game` takes."""
        market = (self._users, self._persons, self._last_burst)
        return (self.arrays, self.luck, self.game.game.virtual_days, *market)

    def of_day(self, day: int, bids: kernel.Bids) -> tuple[Any, ...]:
        """What `doors.play_game_day` takes."""
        played = self.played
        market = (self._users, self._persons, self._last_burst)
        sold = self._sold(day - 1, self.game.game.window - 1)
        tallies = (sold, played.ads[day], played.slots, played.searches)
        return (self.arrays, bids, self.luck, day, *market, *tallies)

    def _sold(self, last: int, days: int) -> np.ndarray:
        """int64[A]: orders of so many days up to the last."""
        first = max(0, last + 1 - days)
        orders: np.ndarray = self.played.ads[first : max(0, last + 1), :, :, kernel.ORDERS]
        return np.asarray(orders.sum(axis=(0, 2)))

    def report(self, place: int, day: int) -> Report:
        """What an advertiser knows when it says what it bids on a day."""
        market = self.game.game
        known = max(-1, day - 1 - market.delay)
        shape = self.played.ads.shape[2:]
        fields = self.played.ads[known, place] if known >= 0 else np.zeros(shape, np.int64)
        shown = fields[:, kernel.IMPRESSIONS]
        return Report(
            self.setups[place],
            known,
            shown.copy(),
            fields[:, kernel.CLICKS].copy(),
            fields[:, kernel.ORDERS].copy(),
            fields[:, kernel.SPEND] / 1e6,
            fields[:, kernel.REVENUE] / 1e6,
            np.divide(
                fields[:, kernel.POSITIONS],
                shown,
                out=np.full(shown.shape, np.nan),
                where=shown > 0,
            ),
            int(self._sold(known, market.window)[place]),
        )


def _agent(given: Any) -> Agent:
    agent: Agent = given() if isinstance(given, type) else given
    return agent


def make_setups(game: Game, lots: Lots, number: int) -> list[Setup]:
    """What every advertiser knows from the start."""
    queries, class_of = list_queries(game)
    classes = tuple(game.classes[place].name for place in class_of)
    return [
        Setup(
            game,
            number,
            advertiser.name,
            tuple(queries),
            classes,
            _named(game.game.makers, lots.maker[a]),
            _named(game.game.components, lots.component[a]),
            None if lots.capacity[a] == UNLIMITED else int(lots.capacity[a]),
            lots.squashing,
            lots.promoted,
        )
        for a, advertiser in enumerate(game.advertisers)
    ]


def _named(names: tuple[str, ...], place: int) -> str | None:
    return names[place] if place >= 0 else None
