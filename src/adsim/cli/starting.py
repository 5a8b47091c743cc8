"""The command that writes a scenario to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adsim.cli import options
from adsim.cli.printing import say_next

NEXT = {
    "en": "wrote {0}; next: adsim check {0}, adsim simulate {0} --by campaign,keyword",
    "zh": "已写好 {0}；下一步：adsim check {0}，adsim simulate {0} --by campaign,keyword",
}


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
    say_next(NEXT[lang].format(folder), quiet=False)
