"""adsim: try a keyword-ads bid plan before paying for it.

The names below load their rooms only when they are first used, so that `import adsim` is quick:
a program that only reads scenarios never pays for the compiled kernels.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adsim import game
    from adsim.audience import crowds
    from adsim.batch import load_sweep, sweep
    from adsim.calibrate import fit
    from adsim.creatives import creative_test, plan_creative_test
    from adsim.media import load_media, media
    from adsim.optimize import compare, incrementality, optimize
    from adsim.report import write_page
    from adsim.scenario import (
        load_markets,
        load_plan,
        load_scenario,
        make_plan,
        make_scenario,
        synthetic_scenario,
    )
    from adsim.simulate import landscape, reach_curve, run_auction, simulate

__version__ = "0.1.0"

__all__ = [
    "__version__",
    "compare",
    "creative_test",
    "crowds",
    "fit",
    "game",
    "incrementality",
    "landscape",
    "load_markets",
    "load_media",
    "load_plan",
    "load_scenario",
    "load_sweep",
    "make_plan",
    "make_scenario",
    "media",
    "optimize",
    "plan_creative_test",
    "reach_curve",
    "run_auction",
    "simulate",
    "sweep",
    "synthetic_scenario",
    "write_page",
]

_ROOM_OF = {
    "compare": "optimize",
    "creative_test": "creatives",
    "crowds": "audience",
    "fit": "calibrate",
    "incrementality": "optimize",
    "landscape": "simulate",
    "load_markets": "scenario",
    "load_media": "media",
    "load_plan": "scenario",
    "load_scenario": "scenario",
    "load_sweep": "batch",
    "make_plan": "scenario",
    "make_scenario": "scenario",
    "media": "media",
    "optimize": "optimize",
    "plan_creative_test": "creatives",
    "reach_curve": "simulate",
    "run_auction": "simulate",
    "simulate": "simulate",
    "sweep": "batch",
    "synthetic_scenario": "scenario",
    "write_page": "report",
}

_ROOMS = ("game",)
"""Public as they are: `adsim.game.play`."""


def __getattr__(name: str) -> object:
    if name in _ROOMS:
        return import_module(f"{__name__}.{name}")
    if name not in _ROOM_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_ROOM_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)


class _Package(ModuleType):
    """Keeps `adsim.simulate`, `optimize` and `media` functions where rooms bear the same names.

    Importing a room binds it in the package under its own name; a public name stays what it is.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if name in _ROOM_OF and isinstance(value, ModuleType):
            return
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
