"""A cache of compiled code that several processes fill."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.shops import ENVIRONMENT

pytest.importorskip("fcntl", reason="file locks are those of POSIX")

COMPILING = """
import time
from adsim.kernels.jit import door

@door
def double(number):
    return 2 * number

def compile_slowly(*types, compile=double._compiler.compile):
    time.sleep(2)
    return compile(*types)

double._compiler.compile = compile_slowly
print("ready", flush=True)
input()
double(1)
print(sum(double.stats.cache_misses.values()))
"""


def test_of_two_processes_one_compiles_and_the_other_waits_for_it(tmp_path: Path) -> None:
    (tmp_path / "compiling.py").write_text(COMPILING)
    pair = [
        subprocess.Popen(
            [sys.executable, tmp_path / "compiling.py"],
            env={**ENVIRONMENT, "NUMBA_CACHE_DIR": str(tmp_path / "cache")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in pair:
        assert process.stdout.readline() == "ready\n"
    for process in pair:
        process.stdin.write("\n")
        process.stdin.flush()
    compiled = [int(process.communicate(timeout=60)[0]) for process in pair]
    assert sorted(compiled) == [0, 1]
