"""A new scenario folder to start from."""

from __future__ import annotations

import shutil
from os import PathLike
from pathlib import Path
from typing import Literal

from adsim.errors import Problem, ScenarioError
from adsim.scenario.text import name_cure
from adsim.scenario.writing import new_folder

TEMPLATES = Path(__file__).parent / "template"  # a folder a language
SHIPPED = (
    Path(__file__).parents[1] / "shipped",  # in an installed package
    Path(__file__).parents[3] / "scenarios",  # in a checkout
)


def new_scenario(
    folder: str | PathLike[str], like: str | None = None, lang: Literal["en", "zh"] = "en"
) -> None:
    """Make a folder with a commented scenario, or with a copy of a shipped one.

    Args:
        folder: The folder to make; it may exist if it is empty.
        like: Name of a shipped scenario, such as "kuaiche_daily"; None for the commented template.
        lang: Language of the template's comments and keywords: English or Chinese.

    Raises ScenarioError where no scenario of that name is shipped, OutputError where the folder
    is in use or cannot be written.
    """
    source = TEMPLATES / lang if like is None else _shipped(like)
    with new_folder(folder) as made:
        shutil.copytree(source, made, dirs_exist_ok=True)


def shipped_scenarios() -> dict[str, Path]:
    """Folders of the scenarios that come with adsim, by name."""
    return _folders_with("scenario.toml")


def shipped_media() -> dict[str, Path]:
    """Folders of the categories under many media that come with adsim, by name."""
    return _folders_with("media.toml")


def shipped_games() -> dict[str, Path]:
    """Folders of the ad auctions games that come with adsim, by name."""
    return _folders_with("game.toml")


def _folders_with(file: str) -> dict[str, Path]:
    found = (path for root in SHIPPED for path in sorted(root.glob(f"*/{file}")))
    return {path.parent.name: path.parent for path in found}


def _shipped(name: str) -> Path:
    shipped = shipped_scenarios() | shipped_media() | shipped_games()
    if name not in shipped:
        cure = name_cure(name, shipped, "choose a shipped one")
        raise ScenarioError(
            Problem("--like", "must be the name of a shipped scenario", f"is {name}", cure)
        )
    return shipped[name]
