"""Ctrl-C in the middle of the work: exit code 130, at once, without a trace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.commands.shops import COMMAND, ENVIRONMENT, everything_below

if sys.platform == "win32":
    pytest.skip("needs pseudo-terminals and POSIX signals", allow_module_level=True)

import pty

SMALLEST = Path(__file__).parents[2] / "scenarios" / "smallest"
LONG = ["--replications", "100000"]
AT_ONCE_SECONDS = 5.0


def read_until(terminal: int, word: str | None) -> str:
    """What a process says on its terminal up to a word, or up to its end."""
    said = b""
    while word is None or word.encode() not in said:
        try:
            heard = os.read(terminal, 4096)
        except OSError:  # so Linux says that nobody writes any more
            break
        if not heard:
            break
        said += heard
    return said.decode()


@pytest.mark.parametrize(
    "arguments",
    [
        ["simulate", SMALLEST, "--fidelity", "counts", *LONG, "--out", "out"],
        ["simulate", SMALLEST, "--fidelity", "events", *LONG, "--by", "hour", "--out", "out"],
        ["compare", SMALLEST, SMALLEST, SMALLEST, *LONG],
    ],
    ids=["counts", "events", "compare"],
)
def test_ctrl_c_in_the_middle_ends_at_once_and_leaves_nothing(tmp_path, arguments):
    (tmp_path / "temporary").mkdir()
    ours, theirs = pty.openpty()  # on a terminal a bar tells that the work is going on
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        cwd=tmp_path,
        env={**ENVIRONMENT, "TMPDIR": str(tmp_path / "temporary"), "TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    with process:
        before = read_until(ours, "working")
        interrupted = time.monotonic()
        process.send_signal(signal.SIGINT)
        after = read_until(ours, None)
        printed, _ = process.communicate()
    seconds = time.monotonic() - interrupted
    os.close(ours)
    assert "working" in before, before
    assert process.returncode == 130
    assert printed == b""
    assert after.rstrip().endswith("interrupted; nothing is left half done")
    assert "Traceback" not in before + after
    assert everything_below(tmp_path) == [(str(tmp_path / "temporary"), b"")]
    assert seconds < AT_ONCE_SECONDS


INTERRUPTED_WHILE_READING = """
import sys

class Interrupted:
    def find_spec(self, name, path=None, target=None):
        if name == "typer":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupted())
from adsim.__main__ import main
main()
"""


def test_ctrl_c_while_the_commands_are_still_read_leaves_no_trace():
    command = [sys.executable, "-c", INTERRUPTED_WHILE_READING]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")
