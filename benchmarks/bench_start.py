"""How long a person waits before anything happens; each start is a new process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PYTHON = sys.executable
ADSIM = str(Path(PYTHON).with_name("adsim"))


def run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


class Start:
    """Promised: `adsim --help` in less than 0.3 s; the bare interpreter is the floor."""

    def time_python(self) -> None:
        run(PYTHON, "-c", "pass")

    def time_import(self) -> None:
        run(PYTHON, "-c", "import adsim")

    def time_help(self) -> None:
        run(ADSIM, "--help")
