"""What is printed on stdout, and the command as the recipe tells it."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

if TYPE_CHECKING:
    import polars as pl

    from adsim.batch import Sweep
    from adsim.calibrate import Fit
    from adsim.game import GameRun
    from adsim.media import MediaRun
    from adsim.optimize import Incrementality, Optimum
    from adsim.results.files import FileFormat
    from adsim.results.heads import Lang
    from adsim.scenario import Scenario
    from adsim.simulate import Run


CHANGES_NOTHING = {"out", "threads", "workers", "cluster", "quiet", "help"}
"""Parameters without which a command gives the same result."""

BEFORE_AND_AFTER = {
    "en": "a: today's bids, b: the new plan",
    "zh": "a：当前出价，b：新方案",
}
HELD_OUT = {
    "en": "held out: what a fit that did not see them says of them, with 80 % intervals, and how "
    "many of the campaigns and of the single keywords lie inside",
    "zh": "留出部分：未见过它们的拟合所作的预测及其 80 % 区间，以及落在区间内的"
    "计划与单个关键词的比例",
}


def print_result(
    table: pl.DataFrame,
    file_format: Literal["table"] | FileFormat,
    quiet: bool,
    note: str | None = None,
    lang: Lang = "en",
) -> None:
    """A table for people, who are told what had no room and `note`, or bytes for programs."""
    if file_format != "table":
        from adsim.results.files import write_table

        write_table(table, sys.stdout.buffer, file_format)
        return
    from adsim.results.terminal import show_table

    told = [line for line in (show_table(table, lang), note) if line and not quiet]
    sys.stdout.flush()  # where both go into one file, the sentences follow their table
    for line in told:
        print(line, file=sys.stderr)


NEXT: dict[str, dict[Lang, str]] = {
    "new": {
        "en": "wrote {0}; next: adsim check {0}, adsim simulate {0} --by campaign,keyword",
        "zh": "已写好 {0}；下一步：adsim check {0}，adsim simulate {0} --by campaign,keyword",
    },
    "game": {
        "en": "wrote {0}; next: adsim game {0}",
        "zh": "已写好 {0}；下一步：adsim game {0} --lang zh",
    },
    "media": {
        "en": "wrote {0}; next: adsim media {0}",
        "zh": "已写好 {0}；下一步：adsim media {0} --lang zh",
    },
    "simulate": {"en": "wrote {0}: report.html", "zh": "已写好 {0}：网页 report.html"},
    "optimize": {
        "en": "wrote {0}: report.html; the bid sheet is {0}/plan/keywords.csv",
        "zh": "已写好 {0}：网页 report.html；出价表 {0}/plan/keywords.csv",
    },
    "fit": {
        "en": "wrote {0}; next: adsim check {0}, adsim optimize {0} --trials 0",
        "zh": "已写好 {0}；下一步：adsim check {0}，adsim optimize {0} --trials 0 --lang zh",
    },
}
"""What a command, or a copy of a game or media, has written, and what to do with it."""


CELLS_PRINTED = 40
MORE_CELLS: dict[Lang, str] = {
    "en": "{0:,} more rows in {1}/summary.csv",
    "zh": "另有 {0:,} 行，见 {1}/summary.csv",
}


def say_next(command: str, folder: Path, lang: Lang, quiet: bool) -> None:
    """Say on stderr what was written, and what to do with it."""
    sys.stdout.flush()
    if not quiet:
        print(NEXT[command][lang].format(folder), file=sys.stderr)


def window_note(scenario: Scenario, days: int, replications: int, lang: Lang = "en") -> str:
    """What the sums of a run are over."""
    money = scenario.scenario.currency
    if lang == "zh":
        luck = "" if replications == 1 else f"，{replications} 次模拟的平均"
        return f"周期：{days} 天{luck}；金额单位 {money}"
    shown = "1 day" if days == 1 else f"{days} days"
    luck = "" if replications == 1 else f", means of {replications} replications"
    return f"window: {shown}{luck}; money in {money}"


def print_lines(lines: Sequence[str], file_format: str) -> None:
    """Print text: beside a table, or on stderr, out of the way of a program that reads stdout."""
    for line in lines:
        print(line, file=sys.stdout if file_format == "table" else sys.stderr)


def page_of(
    result: Run | Sequence[Run] | Optimum | Incrementality | Fit | MediaRun | GameRun,
    lang: Lang,
    context: typer.Context,
) -> dict[str, str]:
    """The page of a result, as a file to write."""
    from adsim.report import render_page

    return {"report.html": render_page(result, lang, shlex.join(command_of(context)))}


def tables_of(run: Run) -> dict[str, str]:
    """Files beside a run's result: persons of a journey by morning and state; creatives by day,

    and, of the first replication, their counts as `adsim creative-test` reads them.
    """
    files = {}
    if run.scenario.journey is not None:
        files["journey.csv"] = run.journey().write_csv()
    if run.scenario.has_creatives:
        files["creatives_by_day.csv"] = run.creatives("day").write_csv()
        if run.fidelity != "expected":
            files["creatives.csv"] = run.creative_counts().write_csv()
    return files


def print_creatives(run: Run, file_format: str, quiet: bool, lang: Lang) -> None:
    """A second table for people, of creatives, where there are some."""
    if run.scenario.has_creatives and file_format == "table":
        print_result(run.creatives(), "table", quiet, lang=lang)


def print_sweep(
    done: Sweep,
    answer: Sequence[str],
    lang: Lang,
    file_format: Literal["table", "json", "csv"],
    quiet: bool,
) -> None:
    """Print the cells of a sweep, people the first only, and what its page answers."""
    cells, note = done.tables["summary"], None
    more = cells.height - CELLS_PRINTED
    if more > 0 and file_format == "table":
        cells, note = cells.head(CELLS_PRINTED), MORE_CELLS[lang].format(more, done.folder)
    print_result(cells, file_format, quiet, note, lang)
    print_lines(answer, file_format)


def write_sweep_page(done: Sweep, lang: Lang, context: typer.Context) -> Sequence[str]:
    """Write `report.html` beside the results of a sweep; its answer in a sentence or two."""
    from adsim.report.page import render
    from adsim.report.sweeps import Swept, sweep_page
    from adsim.report.words import Words
    from adsim.report.writing import write_text

    tables, n_failed = done.tables, done.failed.height
    labels = tables["summary"].columns
    swept = Swept(
        **tables,
        settings=labels[: labels.index("seeds")],
        done=done.manifest.height - n_failed,
        failed=n_failed,
        currency=done.recipe["currency"] or "",
        recipe=done.recipe,
    )
    page = sweep_page(Words(lang), swept, shlex.join(command_of(context)))
    write_text(render(page), done.folder / "report.html")
    return page.answer


def command_of(context: typer.Context) -> list[str]:
    """The command that repeats a result: folders by name only, nothing that changes no number."""
    words = ["adsim", str(context.command.name)]
    for parameter in context.command.params:
        value = context.params.get(parameter.name)
        if value is None or parameter.name in CHANGES_NOTHING:
            continue
        flag = [parameter.opts[0]] if parameter.opts[0].startswith("--") else []
        for one in value if isinstance(value, list | tuple) else [value]:
            words += [*flag, one.resolve().name if isinstance(one, Path) else str(one)]
    return words
