"""The command that writes a scenario to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adsim.cli import options
from adsim.cli.printing import say_next


def new(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder to be made.")],
    like: Annotated[
        str | None, typer.Option(metavar="NAME", help="A shipped scenario to copy.")
    ] = None,
    lang: options.Language = "en",
) -> None:
    """Write a commented scenario to start from."""
    from adsim.scenario import new_scenario

    new_scenario(folder, like, lang)
    tools = (tool for tool in ("game", "media") if (folder / f"{tool}.toml").is_file())
    say_next(next(tools, "new"), folder, lang, quiet=False)
