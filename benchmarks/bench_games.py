"""A game of the preset tac: 90,000 users, 60 days, eight declared strategies, one thread."""

from __future__ import annotations

import threading

from adsim.game.rounds import Round
from adsim.scenario import shipped_games
from adsim.scenario.game import load_game


class Games:
    """The same game again and again, its lots drawn anew."""

    def setup(self) -> None:
        self.game = load_game(shipped_games()["tac"])
        self.time_game()

    def time_game(self) -> None:
        Round(self.game, 7, 0).play({}, threading.Event())
