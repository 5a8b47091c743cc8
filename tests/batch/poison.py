"""Worlds that do harm, for tests of the workers: a worker imports this module by its name."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adsim.scenario import Scenario


@dataclass(frozen=True)
class Poison:
    """A scenario under whose override `poison=...` something bad happens to the worker."""

    scenario: Scenario

    @property
    def tables(self) -> Any:
        return self.scenario.tables

    def with_overrides(self, overrides: Sequence[str]) -> Scenario:
        if "poison=deadly" in overrides:
            os.kill(os.getpid(), signal.SIGKILL)
        if "poison=slow" in overrides:
            time.sleep(60)
        if "poison=broken" in overrides:
            raise ZeroDivisionError("bad\nluck")
        return self.scenario
