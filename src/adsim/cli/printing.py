"""What is printed on stdout, and the command as the recipe tells it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from adsim.errors import OutputError, Problem

if TYPE_CHECKING:
    import polars as pl

    from adsim.results.files import FileFormat


@contextmanager
def checked_stdout() -> Iterator[None]:
    """Flush stdout at the end; raise OutputError where it takes no more.

    A BrokenPipeError passes: the reader has seen enough, as in `adsim ... | head`. In both cases
    stdout is closed down, so that the interpreter does not stumble over it again as it leaves.
    """
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        if isinstance(error, BrokenPipeError):
            raise
        raise OutputError(
            Problem(
                "standard output",
                "must be writable",
                f"writing failed: {error.strerror}",
                "make room, or write somewhere else",
            )
        ) from error


def print_result(
    table: pl.DataFrame, file_format: Literal["table"] | FileFormat, quiet: bool
) -> None:
    """A table for people, who are told what had no room, or bytes for programs."""
    with checked_stdout():
        if file_format != "table":
            from adsim.results.files import write_table

            write_table(table, sys.stdout.buffer, file_format)
            return
        from adsim.results.terminal import show_table

        hidden = show_table(table)
    if hidden and not quiet:
        print(hidden, file=sys.stderr)


def print_lines(lines: Sequence[str], aside: bool = False) -> None:
    """Print text; `aside` goes to stderr, out of the way of a program that reads stdout."""
    with checked_stdout():
        for line in lines:
            print(line, file=sys.stderr if aside else sys.stdout)


def command_of(context: typer.Context) -> list[str]:
    """The command that repeats a result: folders by name only, nothing that changes no number."""
    words = ["adsim", str(context.command.name)]
    for parameter in context.command.params:
        value = context.params.get(parameter.name)
        if value is None or parameter.name in {"out", "threads", "quiet", "help"}:
            continue
        flag = [parameter.opts[0]] if parameter.opts[0].startswith("--") else []
        for one in value if isinstance(value, list) else [value]:
            words += [*flag, one.resolve().name if isinstance(one, Path) else str(one)]
    return words
