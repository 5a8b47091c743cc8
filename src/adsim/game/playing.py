"""`play`: games played, and their tables."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from typing import Any

import polars as pl

from adsim.errors import Problem, SimulationError
from adsim.game import tables
from adsim.game.answers import Ledger
from adsim.game.rounds import Played, Round
from adsim.game.sentences import answers
from adsim.kernels import doors
from adsim.results.heads import Lang
from adsim.scenario.arguments import whole_problems
from adsim.scenario.game import Game, load_game
from adsim.scenario.game.models import MOST_USER_DAYS
from adsim.scenario.text import name_cure
from adsim.simulate.histories import Progress, compile_door, run_tasks, thread_pool
from adsim.simulate.recipe import model_recipe

DEFAULT_GAMES = 16
DEFAULT_SEED = 7
LARGEST_SEED = 2**32 - 1
LARGEST_BYTES = 2**31  # of the tallies of all games


@dataclass(frozen=True, repr=False)
class GameRun:
    """The outcome of `play`; tables are made when asked for, money in currency units.

    Attributes:
        game, games, seed: What was played.
        agents: Names of the advertisers for whom Python played.
        played: What each game left, by its number: lots and tallies.
    """

    game: Game
    games: int
    seed: int
    agents: tuple[str, ...]
    played: Sequence[Played]

    def __repr__(self) -> str:
        return f"<GameRun of {self.game.game.name}, {self.games} games of {self.days_played} days>"

    @property
    def days_played(self) -> int:
        """Days of each game."""
        return self.game.game.days

    @cached_property
    def advertisers(self) -> pl.DataFrame:
        """A row an advertiser: profit, revenue, spend, clicks, impressions, orders of a game.

        Each is a mean over games with its 95 % interval `_low`, `_high` (null for one game); ctr,
        cpc, cvr, avg_position are ratios of sums over all games.
        """
        return tables.advertisers_table(self.game, self.played)

    @cached_property
    def classes(self) -> pl.DataFrame:
        """A row a class of queries: searches and what came of them in a mean game."""
        return tables.classes_table(self.game, self.played)

    @cached_property
    def slots(self) -> pl.DataFrame:
        """A row a class and slot, 1 = top; ctr is that of an ad shown, whether read or not."""
        return tables.slots_table(self.game, self.played)

    @cached_property
    def states(self) -> pl.DataFrame:
        """A row a day (-1: before the first) and state: share of users at the day's end."""
        return tables.states_table(self.game, self.played)

    @cached_property
    def days(self) -> pl.DataFrame:
        """A row a day and advertiser, means over games."""
        return tables.days_table(self.game, self.played)

    @cached_property
    def by_game(self) -> pl.DataFrame:
        """A row a game and advertiser: specialties, capacity, and what it earned."""
        return tables.games_table(self.game, self.played)

    def sentences(self, lang: Lang = "en") -> list[str]:
        """Who earned most, how sure that is, and what users did."""
        return answers(self, lang)

    def recipe(self) -> dict[str, Any]:
        """All that the numbers depend on, agents in Python aside; no clock time, no path."""
        return {
            **model_recipe("game", self.game.game.name, self.game),
            "games": self.games,
            "seed": self.seed,
            "agents": list(self.agents),
        }

    def write(
        self,
        folder: str | PathLike[str],
        texts: dict[str, str] | None = None,
        command: Sequence[str] = (),
    ) -> None:
        """Write a CSV file for each table, sentences.txt and game.json.

        And the recipe, with the `command` that repeats it; `texts` are more files by name. Replaces
        only a folder that holds a recipe; raises OutputError where that is not so or the folder
        cannot be written.
        """
        from adsim.results.files import write_tables

        declared = json.loads(self.game.model_dump_json(exclude_none=True))
        files = {
            "sentences.txt": "".join(f"{line}\n" for line in self.sentences()),
            "game.json": json.dumps(declared, ensure_ascii=False, indent=2) + "\n",
        }
        recipe = self.recipe() | ({"command": list(command)} if command else {})
        tables = {
            name: getattr(self, name)
            for name in ("advertisers", "classes", "slots", "states", "days")
        }
        tables["games"] = self.by_game
        write_tables(folder, tables, recipe, files | (texts or {}))


def play(
    game: Game | str | PathLike[str],
    *,
    agents: Mapping[str, Any] | None = None,
    games: int = DEFAULT_GAMES,
    days: int | None = None,
    seed: int = DEFAULT_SEED,
    overrides: str | Sequence[str] = (),
    threads: int | None = None,
    progress: Progress | None = None,
) -> GameRun:
    """Play an ad auctions game several times, each time with lots and luck of its own.

    Parameters
    ----------
    game
        A TOML file, a folder with a game.toml, or what `load_game` gave.
    agents
        Who plays for an advertiser, by its name, instead of its declared strategy: a function
        ``agent(day, report)`` that returns `Bids`, a dict of bids by query or class, or None to
        leave all as it is. A class is made anew for each game and may remember; a function should
        know its `Report` only, since games are played side by side.
    games, seed
        How many games, and what their luck is drawn from. Luck is keyed by user and day, so that
        other bids meet the same users.
    days
        Days of a game; None: as declared.
    overrides
        Keys of the file to change, as ``page.slots=4``.
    threads, progress
        Threads (all that there are), and a function told (done, total).

    Raises
    ------
    ScenarioError
        With every problem of the file.
    SimulationError
        With every argument out of its range, or every problem of an agent's answer.
    """
    problems = whole_problems(
        ("games", games, 1, 1_000_000),
        ("days", days, 1, 10_000),
        ("seed", seed, 0, LARGEST_SEED),
        ("threads", threads, 1, 1_000_000),
    )
    given: Any = agents or {}
    if not isinstance(given, Mapping):
        found = f"is of type {type(agents).__name__}"
        problems.append(Problem("agents", "must be a dict", found, "give {NAME: agent}"))
    if isinstance(game, Game) and overrides:
        cure = "give them to load_game, or give the file"
        problems.append(Problem("overrides", "must come with a file", "game is loaded", cure))
    if problems:
        raise SimulationError(*problems)
    if not isinstance(game, Game):
        game = load_game(game, overrides)
    if days is not None:
        game = game.model_copy(update={"game": game.game.model_copy(update={"days": days})})
    _check(game, given, games)
    first = Round(game, seed, 0)
    compile_door(doors.open_game, "game", first.opening())
    compile_door(doors.play_game_day, "game", first.of_day(0, Ledger(first.setups).bids))
    played: dict[int, Played] = {}
    stop = threading.Event()

    def one(number: int) -> None:
        played[number] = Round(game, seed, number).play(given, stop)

    with thread_pool(threads) as pool:
        run_tasks(pool, one, games, progress, stop)
    return GameRun(game, games, seed, tuple(sorted(given)), [played[n] for n in range(games)])


def _check(game: Game, agents: Mapping[str, Any], games: int) -> None:
    """Raise where an agent plays for nobody or cannot be called, or tallies would fill memory."""
    problems = []
    names = [each.name for each in game.advertisers]
    for name, agent in agents.items():
        if name not in names:
            cure = name_cure(str(name), names, "name an advertiser of the game")
            problems.append(Problem("agents", "must be of advertisers", f"{name!r} is none", cure))
        if not callable(agent):
            cure = "give agent(day, report), or a class of such objects"
            found = f"is of type {type(agent).__name__}"
            problems.append(Problem(f"agents[{name!r}]", "must be a function", found, cure))
    size = (
        8
        * 6
        * game.game.days
        * len(names)
        * sum(map(len, map(game.queries_of, range(len(game.classes)))))
    )
    most_days = MOST_USER_DAYS // (game.game.users * len(game.products))
    if game.game.days > most_days:
        rule = f"must be at most {most_days:,} for so many users"
        problems.append(Problem("days", rule, f"is {game.game.days:,}", "give fewer"))
    most = LARGEST_BYTES // size
    if games > most:
        rule = f"must be at most {most:,} for so many days, advertisers and queries"
        problems.append(Problem("games", rule, f"is {games:,}", "give fewer"))
    if problems:
        raise SimulationError(*problems)
