"""A TOML of a category into a `MediaScenario`."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike

from adsim.scenario.media.models import MediaScenario
from adsim.scenario.one_file import load_file


def load_media(path: str | PathLike[str], overrides: str | Sequence[str] = ()) -> MediaScenario:
    """The category that a TOML file, or the media.toml of a folder, declares.

    `overrides` are keys to change, as ``media.tv.cost=0.01``. Raises ScenarioError with every
    problem of the file.
    """
    return load_file(MediaScenario, path, "media.toml", overrides)
