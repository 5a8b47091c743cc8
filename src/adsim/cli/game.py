"""The command about ad auctions games."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from adsim.cli import options
from adsim.cli.printing import command_of, page_of, print_lines, print_result
from adsim.errors import Problem, ScenarioError

GameFile = Annotated[
    Path, typer.Argument(metavar="SCENARIO", help="A TOML file, or a folder with a game.toml.")
]
Games = Annotated[
    int,
    typer.Option(
        metavar="N",
        help="Games, each with its own lots and luck.",
        parser=options.number(int, 1, options.MOST, "give 16, say"),
    ),
]
GameTableName = Literal["advertisers", "classes", "slots", "states", "days", "games"]
GameTable = Annotated[
    GameTableName,
    options.one_of(
        GameTableName,
        "Advertisers, classes of queries, slots, states of users, days, or single games.",
        "--by",
    ),
]
HIDDEN = tuple(
    f"{name}_{end}"
    for name in ("revenue", "spend", "clicks", "impressions", "orders")
    for end in ("low", "high")
)


def is_game(path: Path) -> bool:
    """Whether a path is a TOML file of a game, or a folder of one and of no shop."""
    if path.is_dir():
        return (path / "game.toml").exists() and not (path / "scenario.toml").exists()
    if path.suffix != ".toml":
        return False
    from adsim.scenario.declaring import read_toml

    keys = read_toml(path)
    return path.name == "game.toml" or (isinstance(keys, dict) and "advertisers" in keys)


def problems_of(path: Path) -> tuple[Problem, ...]:
    """Every mistake of a game."""
    from adsim.scenario.game import load_game

    try:
        load_game(path)
    except ScenarioError as error:
        return error.problems
    return ()


def schema() -> dict[str, Any]:
    """The JSON Schema of game.toml."""
    from adsim.scenario.game import Game

    return Game.model_json_schema(by_alias=True)


def game(
    context: typer.Context,
    scenario: GameFile,
    by: GameTable = "advertisers",
    games: Games = 16,
    days: options.Days = None,
    seed: options.Seed = 7,
    overrides: options.Overrides = None,
    out: options.OutputFolder = None,
    file_format: options.Printed = "table",
    lang: options.Language = "en",
    threads: options.Threads = None,
    quiet: options.Quiet = False,
) -> None:
    """Play an ad auctions game, many times.

    Its advertisers follow their declared strategies. Users move between states of search day by
    day, read pages from their top, click and buy. In Python adsim.game.play(SCENARIO,
    agents={...}) lets functions of yours play.
    """
    from adsim.game import play
    from adsim.results.files import check_folder
    from adsim.results.terminal import ProgressBar

    if out is not None:
        check_folder(out, "game")
    with ProgressBar(quiet) as bar:
        run = play(
            scenario,
            games=games,
            days=days,
            seed=seed,
            overrides=overrides or (),
            threads=threads,
            progress=bar,
        )
    if out is not None:
        run.write(out, page_of(run, lang, context), command_of(context))
    table = run.by_game if by == "games" else getattr(run, by)
    if by == "advertisers" and file_format == "table":
        table = table.drop(HIDDEN)
    print_result(table, file_format, quiet, lang=lang)
    print_lines(run.sentences(lang), file_format)
