"""A TOML of a category into a `MediaScenario`, with all of its problems at once."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from adsim.errors import Problem, ScenarioError
from adsim.scenario.arguments import several
from adsim.scenario.declaring import read_toml, validate
from adsim.scenario.loading import place_names
from adsim.scenario.media.models import MediaScenario
from adsim.scenario.overrides import apply_overrides

FILE = "media.toml"


def load_media(path: str | PathLike[str], overrides: str | Sequence[str] = ()) -> MediaScenario:
    """The category that a TOML file, or the media.toml of a folder, declares.

    Args:
        path: The file or the folder.
        overrides: Keys to change, as ``media.tv.cost=0.01`` (see `apply_overrides`).

    Raises ScenarioError with every problem of the file.
    """
    file = Path(path)
    if file.is_dir():
        file /= FILE
    raw = read_toml(file)
    if isinstance(raw, Problem):
        raise ScenarioError(raw)
    raw, origins, problems = apply_overrides(raw, several(overrides))
    scenario, found = validate(MediaScenario, raw, place_names(str(file), origins))
    if scenario is None or problems:
        raise ScenarioError(*problems, *found)
    return scenario
