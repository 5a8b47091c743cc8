"""How long a person waits before anything happens; each start is a new process."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

PYTHON = sys.executable
ADSIM = str(Path(PYTHON).with_name("adsim"))
SCENARIOS = Path(__file__).resolve().parents[1] / "scenarios"


def run(*command: str, **environment: str) -> None:
    variables = {**os.environ, **environment}
    subprocess.run(
        command, check=True, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


class Start:
    """Promised: `adsim --help` in less than 0.3 s; the bare interpreter is the floor."""

    def time_python(self) -> None:
        run(PYTHON, "-c", "pass")

    def time_import(self) -> None:
        run(PYTHON, "-c", "import adsim")

    def time_help(self) -> None:
        run(ADSIM, "--help")

    def time_simulate(self) -> None:
        run(ADSIM, "simulate", str(SCENARIOS / "kuaiche_daily"))


class Compile:
    """Whole processes with an empty cache of kernels, by what they compile."""

    params = ("expected", "counts", "events")
    param_names = ("fidelity",)
    number = 1
    repeat = 1
    warmup_time = 0.0
    timeout = 300.0

    def time_first_run(self, fidelity: str) -> None:
        command = [ADSIM, "simulate", str(SCENARIOS / "smallest"), "--fidelity", fidelity]
        with tempfile.TemporaryDirectory() as folder:
            run(*command, "--replications", "1", NUMBA_CACHE_DIR=folder)
