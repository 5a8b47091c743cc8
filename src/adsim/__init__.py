"""adsim: try a keyword-ads bid plan before paying for it.

A scenario is the world and a plan what the advertiser decides; both are objects and never change:

    scenario = adsim.load_scenario("scenarios/kuaiche_daily")  # or make_scenario, of Python
    other = scenario.with_overrides({"auction.reserve_score": 4.0})  # checked
    plan = adsim.make_plan(scenario, keywords)  # or load_plan, of a folder

What they lead to are runs and answers, with polars tables:

    run = adsim.simulate(scenario, plan, fidelity="counts", replications=64, seed=7)
    run.report(by=["campaign", "day"])            # means and quantiles
    run.report(by=["replication", "campaign"])    # each history's own numbers
    adsim.compare(scenario, None, plan)           # today's plan and this one under the same luck
    adsim.landscape(scenario, "coffee cup")       # what one keyword brings at other bids
    adsim.optimize(scenario, goal="profit")       # the best plan, its bound, and why
    adsim.sweep("sweep.toml", "out")              # grids of scenarios, settings, plans and seeds

Everything that is wrong with an input comes at once, in one AdsimError. `help` of a name says what
it takes, gives back and raises; docs/python.md goes through all of this with examples.
"""

# Each name loads its room only when it is first used, so that `import adsim` is quick: a program
# that only reads scenarios never pays for the compiled kernels.

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adsim import game
    from adsim.audience import crowds
    from adsim.batch import Sweep, load_sweep, sweep
    from adsim.calibrate import Fit, fit
    from adsim.creatives import CreativeTest, creative_test, plan_creative_test
    from adsim.errors import AdsimError
    from adsim.media import load_media, media
    from adsim.optimize import Incrementality, Optimum, compare, incrementality, optimize
    from adsim.report import write_page
    from adsim.scenario import (
        Plan,
        Scenario,
        load_markets,
        load_plan,
        load_scenario,
        make_plan,
        make_scenario,
        synthetic_scenario,
        todays_plan,
        write_plan,
        write_scenario,
    )
    from adsim.simulate import Run, landscape, reach_curve, run_auction, simulate

__version__ = "0.1.0"

__all__ = [
    "AdsimError",
    "CreativeTest",
    "Fit",
    "Incrementality",
    "Optimum",
    "Plan",
    "Run",
    "Scenario",
    "Sweep",
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
    "todays_plan",
    "write_page",
    "write_plan",
    "write_scenario",
]

_ROOM_OF = {
    "AdsimError": "errors",
    "CreativeTest": "creatives",
    "Fit": "calibrate",
    "Incrementality": "optimize",
    "Optimum": "optimize",
    "Plan": "scenario",
    "Run": "simulate",
    "Scenario": "scenario",
    "Sweep": "batch",
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
    "todays_plan": "scenario",
    "write_page": "report",
    "write_plan": "scenario",
    "write_scenario": "scenario",
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
