"""What is said of kernels that compile."""

from __future__ import annotations

import logging
import time
from types import SimpleNamespace

from adsim.simulate import histories


def test_doors_that_share_a_name_are_announced_once(monkeypatch, caplog):
    monkeypatch.setattr(histories, "COMPILING_SECONDS", 0.01)
    caplog.set_level(logging.INFO, "adsim.simulate")
    door = SimpleNamespace(signatures=(), compile=lambda types: time.sleep(0.2))
    for name in ("test one", "test one", "test two"):
        histories.compile_door(door, name, (1,))
    assert [record.message.split(",")[0] for record in caplog.records] == [
        "compiling the test one kernel",
        "compiling the test two kernel",
    ]
