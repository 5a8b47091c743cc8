"""The command line: run one command, say on stderr what went wrong, leave with an exit code."""

from __future__ import annotations

import logging
import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from errno import EDQUOT, EIO, ENOSPC
from functools import cache
from io import TextIOWrapper
from typing import Any, NoReturn

import typer

import adsim
from adsim.cli.commands import app
from adsim.cli.naming import as_typed
from adsim.errors import AdsimError, tell

DONE, OUR_FAULT, INPUT, INTERRUPTED = 0, 1, 2, 130
"""Exit codes; an error of adsim carries its own (3: partly done)."""

NO_ROOM = {EDQUOT, EIO, ENOSPC}
"""What the system says when a disk, or what else is behind stdout, takes no more."""


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    if isinstance(sys.stdout, TextIOWrapper):  # an old console shows ? for what it cannot spell
        sys.stdout.reconfigure(errors="replace")
    sys.exit(run(sys.argv[1:] or ["--help"]))


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code, having said on stderr what went wrong."""
    try:
        return _finish(arguments)
    except BrokenPipeError:  # the reader has seen enough, as in `adsim ... | head`
        _let_go_of_stdout()
        return DONE
    except KeyboardInterrupt:
        _say("interrupted; nothing is left half done")
        return INTERRUPTED
    except AdsimError as error:
        _say(tell([as_typed(problem, _command(), arguments) for problem in error.problems]))
        return error.exit_code
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        _say(f"{error.format_message()} See {context.command_path if context else 'adsim'} --help.")
        return INPUT
    except OSError as error:
        return _no_room(error) if error.errno in NO_ROOM else _our_fault(error)
    except Exception as error:
        return _our_fault(error)


def _finish(arguments: Sequence[str]) -> int:
    """Run the command to the last byte on stdout, notices and warnings told on stderr."""
    logging.getLogger("adsim").handlers = [_Notices()]
    with warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)  # what python -W may have made an error
        told: set[str] = set()
        warnings.showwarning = lambda message, *_: _warn(str(message), told)
        code = _invoke(arguments)
    sys.stdout.flush()
    return code


def _invoke(arguments: Sequence[str]) -> int:
    try:
        with _command().make_context("adsim", list(arguments)) as context:
            _command().invoke(context)
    except typer.Exit as stop:
        return stop.exit_code
    return DONE


@cache
def _command() -> Any:
    """What typer makes of the commands, once for however many are run."""
    return typer.main.get_command(app)


def _no_room(error: OSError) -> int:
    _let_go_of_stdout()
    _say(f"writing failed: {error.strerror}; make room, or write somewhere else.")
    return INPUT


def _let_go_of_stdout() -> None:
    """Send what is still in its buffer nowhere, or the interpreter fails on it as it leaves."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _our_fault(error: Exception) -> int:
    if os.environ.get("ADSIM_DEBUG") == "1":
        traceback.print_exception(error)
    said = " ".join(str(error).split())
    _say(
        f"internal error: {type(error).__name__}: {said}; this is a fault of adsim "
        f"{adsim.__version__}, please report it with the command and with what ADSIM_DEBUG=1 adds"
    )
    return OUR_FAULT


class _Notices(logging.Handler):
    """Passes on to stderr what the rooms have to tell, such as that they compile something."""

    def emit(self, record: logging.LogRecord) -> None:
        _say(record.getMessage())


def _warn(text: str, told: set[str]) -> None:
    """Say a warning once, however many runs of one command give it."""
    if text not in told:
        told.add(text)
        _say(f"warning: {text}")


def _say(text: str) -> None:
    print(text, file=sys.stderr)
