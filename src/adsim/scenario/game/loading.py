"""A TOML of a game into a `Game`."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike

from adsim.scenario.game.checks import check_game
from adsim.scenario.game.models import Game
from adsim.scenario.one_file import load_file


def load_game(path: str | PathLike[str], overrides: str | Sequence[str] = ()) -> Game:
    """The game that a TOML file, or the game.toml of a folder, declares.

    `overrides` are keys to change, as ``page.slots=4``. Raises ScenarioError with every problem of
    the file.
    """
    return load_file(Game, path, "game.toml", overrides, check_game)
