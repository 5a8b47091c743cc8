"""The command about categories under many media."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

import adsim
from adsim.cli import options
from adsim.cli.printing import command_of, page_of, print_lines, print_result
from adsim.errors import Problem, ScenarioError

MediaFile = Annotated[
    Path, typer.Argument(metavar="SCENARIO", help="A TOML file, or a folder with a media.toml.")
]
MediaTableName = Literal["media", "moved", "shares", "history"]
MediaTable = Annotated[
    MediaTableName,
    options.one_of(
        MediaTableName,
        "What media cause, whom they move, shares by state, or sales by period.",
        "--by",
    ),
]
MediaFidelityName = Literal["expected", "counts"]
MediaFidelity = Annotated[
    MediaFidelityName, options.one_of(MediaFidelityName, "Means, or whole persons with their luck.")
]
HIDDEN = ("impressions", "clicks", "reached", "moved", "spend_caused", "spend_caused_low")
HIDDEN_ENDS = ("spend_caused_high", "revenue_caused", "revenue_caused_low", "revenue_caused_high")


def is_category(path: Path) -> bool:
    """Whether a path is a TOML file of a category, or a folder of one and of no shop."""
    here = path / "media.toml"
    return path.suffix == ".toml" or (here.exists() and not (path / "scenario.toml").exists())


def problems_of(path: Path) -> tuple[Problem, ...]:
    """Every mistake of a category."""
    from adsim.scenario.media import load_media

    try:
        load_media(path)
    except ScenarioError as error:
        return error.problems
    return ()


def schema() -> dict[str, Any]:
    """The JSON Schema of media.toml."""
    from adsim.scenario.media import MediaScenario

    return MediaScenario.model_json_schema(by_alias=True)


def media(
    context: typer.Context,
    scenario: MediaFile,
    by: MediaTable = "media",
    fidelity: MediaFidelity = "counts",
    replications: options.Replications = 32,
    seed: options.Seed = 7,
    overrides: options.Overrides = None,
    out: options.OutputFolder = None,
    file_format: options.Printed = "table",
    lang: options.Language = "en",
    threads: options.Threads = None,
    quiet: options.Quiet = False,
) -> None:
    """Say what each medium of a category causes.

    And what search would have sold anyway.

    Every history is played as declared, without each medium, and with 1 % more of it, under the
    same luck.
    """
    from adsim.results.files import check_folder
    from adsim.results.terminal import ProgressBar

    if out is not None:
        check_folder(out, "media")
    with ProgressBar(quiet) as bar:
        run = adsim.media(
            scenario,
            fidelity=fidelity,
            replications=replications,
            seed=seed,
            overrides=overrides or (),
            threads=threads,
            progress=bar,
        )
    if out is not None:
        run.write(out, page_of(run, lang, context), command_of(context))
    table = run.history() if by == "history" else getattr(run, by)
    if by == "media" and file_format == "table":
        table = table.drop(*HIDDEN, *HIDDEN_ENDS)
    print_result(table, file_format, quiet, lang=lang)
    print_lines(run.sentences(lang), file_format)
