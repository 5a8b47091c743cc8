"""A TOML of a game into a `Game`, with all of its problems at once."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from adsim.errors import Problem, ScenarioError
from adsim.scenario.arguments import several
from adsim.scenario.declaring import read_toml, validate
from adsim.scenario.game.checks import check_game
from adsim.scenario.game.models import Game
from adsim.scenario.loading import place_names
from adsim.scenario.overrides import apply_overrides

FILE = "game.toml"


def load_game(path: str | PathLike[str], overrides: str | Sequence[str] = ()) -> Game:
    """The game that a TOML file, or the game.toml of a folder, declares.

    Args:
        path: The file or the folder.
        overrides: Keys to change, as ``page.slots=4`` (see `apply_overrides`).

    Raises ScenarioError with every problem of the file.
    """
    file = Path(path)
    if file.is_dir():
        file /= FILE
    raw = read_toml(file)
    if isinstance(raw, Problem):
        raise ScenarioError(raw)
    raw, origins, problems = apply_overrides(raw, several(overrides))
    where = place_names(str(file), origins)
    game, found = validate(Game, raw, where)
    found += check_game(raw, where)
    if game is None or problems or found:
        raise ScenarioError(*problems, *found)
    return game
