"""`write_page`: the page of a run, of two runs, of a search, a fit, a category or games."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from adsim.calibrate import Fit
from adsim.errors import OutputError, PageError, Problem
from adsim.game import GameRun
from adsim.media import MediaRun
from adsim.optimize import Incrementality, Optimum
from adsim.report.page import Page, render
from adsim.report.words import Words
from adsim.results.heads import LANGUAGES, Lang
from adsim.simulate.run import Run

Shown = Run | Sequence[Run] | Optimum | Incrementality | Fit | MediaRun | GameRun


def write_page(result: Shown, path: str | os.PathLike[str], lang: Lang = "en") -> None:
    """Write a result as one self-contained page of HTML.

    Parameters
    ----------
    result
        A run from `simulate`, two runs of one scenario under the same luck (the second is compared
        with the first), or what `optimize`, `incrementality`, `fit`, `media` or `game.play` gave.
    path
        The file. One that is there is replaced.
    lang
        "en" or "zh".

    Raises
    ------
    PageError
        Where there is no page for the result, or two runs cannot be compared.
    OutputError
        Where the file cannot be written; what was there before is then still there.
    """
    write_text(render_page(result, lang), path)


def write_text(text: str, path: str | os.PathLike[str]) -> None:
    """Write the text of a page in one step; raises OutputError as `write_page` does."""
    target = Path(path)
    new = target.with_name(f".{target.name}.{token_hex(4)}")
    try:
        new.write_text(text, encoding="utf-8", newline="\n")
        new.replace(target)
    except OSError as error:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        rule, cure = "a page must be writable", "name a file in a folder where you may write"
        found = f"writing failed: {error.strerror or error}"
        raise OutputError(Problem(str(path), rule, found, cure)) from error


def render_page(result: Shown, lang: Lang = "en", command: str = "") -> str:
    """The page of `write_page` as text; `command` is the one that repeats it.

    The same result gives the same text. Raises PageError.
    """
    if lang not in LANGUAGES:
        rule = f"must be one of {', '.join(LANGUAGES)}"
        raise PageError(Problem("lang", rule, f"is {lang!r}", "choose one of them"))
    return render(_page(Words(lang), result, command))


def _page(words: Words, result: Shown, command: str) -> Page:
    """The page of whatever it is; its room is imported when it is needed."""
    if isinstance(result, Run):
        from adsim.report.running import run_page

        return run_page(words, result, command)
    if isinstance(result, Optimum):
        from adsim.report.optimizing import optimized_page

        return optimized_page(words, result, command)
    if isinstance(result, Incrementality):
        from adsim.report.causing import causing_page

        return causing_page(words, result, command)
    if isinstance(result, Fit):
        from adsim.report.fitting import fit_page

        return fit_page(words, result, command)
    if isinstance(result, MediaRun):
        from adsim.report.media import media_page

        return media_page(words, result, command)
    if isinstance(result, GameRun):
        from adsim.report.game import game_page

        return game_page(words, result, command)
    if (
        isinstance(result, Sequence)
        and len(result) == 2
        and all(isinstance(r, Run) for r in result)
    ):
        from adsim.report.pairs import compared_page

        return compared_page(words, result[0], result[1], command)
    rule = "must be a run, two runs, or what optimize, incrementality, fit, media or game.play gave"
    raise PageError(Problem("result", rule, f"is {type(result).__name__}", "give one of these"))
