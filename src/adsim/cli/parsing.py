"""A command whose options tell all that is wrong with them at once.

Parsers of options (`options.number`, `options.one_of`) give back a `Wrong` where typer would have
them raise: it stops at the first error.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer
import typer.core


class Wrong(str):
    """What is wrong with a value, in place of it: rule, value, cure."""


class WrongOptions(typer.TyperException):
    """All that is wrong with the options of one command, a line each."""

    def __init__(self, context: Any, problems: list[typer.TyperException]) -> None:
        super().__init__("\n".join(problem.format_message() for problem in problems))
        self.ctx = context


class Command(typer.core.TyperCommand):
    """A command that looks at all options before it complains."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse as typer does; raises WrongOptions, or what typer finds where that is all."""
        other: list[typer.TyperException] = []
        rest: list[str] = []
        try:
            rest = super().parse_args(ctx, args)
        except typer.TyperException as error:  # a missing option, say: looked for after the others
            other = [error]
        parameters: list[Any] = list(self.params)
        wrong: list[typer.TyperException] = [
            typer.BadParameter(text, ctx, parameter)
            for parameter in parameters
            for text in _wrong_values(ctx.params.get(parameter.name))
        ]
        if wrong:
            raise WrongOptions(ctx, [*wrong, *other])
        if other:
            raise other[0]
        return rest


class Commands(typer.Typer):
    """An app of such commands."""

    def command(self, *args: Any, **options: Any) -> Any:
        """As typer's, with `Command` for its class."""
        return super().command(*args, cls=Command, **options)


def _wrong_values(value: Any) -> Iterator[Wrong]:
    for one in value if isinstance(value, list | tuple) else [value]:
        if isinstance(one, Wrong):
            yield one
