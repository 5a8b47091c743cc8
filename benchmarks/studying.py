"""The search over policies, measured: asking and telling, a whole study, and what it reaches."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from adsim.kernels.model import PlanArrays
    from adsim.optimize.bench import Bench
    from adsim.optimize.exact.search import Found

ROOT = Path(__file__).resolve().parents[1]
TRIALS, PARAMETERS = 400, 12
SIZES = (20, 200)  # keywords of the markets whose best plan is known
REACHED_WITHIN = 100  # trials
HIGHEST = 1.5  # highest bid that is tried one by one, in the highest of today and of the plan found

Figures = tuple[str, str, bool, float, str, list[float], str]


def studies() -> Iterator[Figures]:
    """Figures of the search over policies, each in a process of its own."""
    scene = f"{PARAMETERS} parameters, journal file, {TRIALS} trials without playing, tpe"
    asking = [_run(f"ask_and_tell({TRIALS})")]
    yield "ask and tell", "a trial", False, 25.0, "ms", asking, scene
    scene = "`adsim optimize scenarios/kuaiche_daily --days 1 --trials 400`, journal file"
    what = f"{TRIALS} trials x 32 replications, with bids and race, kernels compiled"
    yield "study", what, False, 120.0, "s", [_run(f"whole_study({TRIALS})")], scene
    for size in SIZES:
        scene = f"{size} keywords, one a query; each bid of every keyword tried for the optimum"
        found = _run(f"reached({size}, {REACHED_WITHIN})")
        what = "expected profit of the exact bids, in the optimum"
        yield f"exact {size}", what, True, 99.99, "%", [found["exact"]], scene
        what = f"likewise, {REACHED_WITHIN} trials from one bid for all, no exact bids"
        yield f"policies {size}", what, True, 99.0, "%", [found["policies"]], scene


def _run(call: str) -> Any:
    code = f"from benchmarks import studying; studying.{call}"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, cwd=ROOT, stdout=subprocess.PIPE
    )
    return json.loads(done.stdout)


def ask_and_tell(trials: int) -> None:
    """Print milliseconds a trial."""
    from adsim.optimize.policies.parameters import Parameter
    from adsim.optimize.policies.study import open_study

    names = [f"scale.{number}" for number in range(PARAMETERS)]
    question = {"seed": 7, "sampler": "tpe"}
    parameters = [Parameter(name, 0.6, 1.6) for name in names]
    with (
        tempfile.TemporaryDirectory(prefix="adsim-") as folder,
        open_study(f"{folder}/a.study", question, parameters, [{}]) as study,
    ):
        begin = time.perf_counter()
        while len(study.told()) < trials:
            for number, values in study.claim(trials):
                study.tell(number, -sum((values[name] - 1.1) ** 2 for name in names), 32)
        taken = time.perf_counter() - begin
    print(1000 * taken / trials)


def whole_study(trials: int) -> None:
    """Print the seconds of a whole search on one day of the shipped scenario."""
    import adsim

    scenario = adsim.load_scenario(ROOT / "scenarios" / "kuaiche_daily")
    adsim.optimize(scenario, days=1, trials=1, replications=2)  # compiles what is left
    with tempfile.TemporaryDirectory(prefix="adsim-") as folder:
        begin = time.perf_counter()
        adsim.optimize(scenario, days=1, trials=trials, study=f"{folder}/a.study")
        print(time.perf_counter() - begin)


def reached(size: int, trials: int) -> None:
    """Print the percentages of the best expected profit: of exact bids, of a search without them.

    The search begins at one bid for all keywords, the median of today's.
    """
    import adsim
    from adsim.market.compile import compile_market
    from adsim.optimize.aims.goals import GOALS, Aim
    from adsim.optimize.bench import Bench
    from adsim.optimize.exact.search import search_bids
    from adsim.scenario import todays_plan
    from adsim.simulate.histories import thread_pool

    shop = adsim.synthetic_scenario(3, queries=size, flat=True)
    market = compile_market(shop, [todays_plan(shop)])
    with thread_pool(None) as pool:
        bench = Bench(market, pool)
        exact = search_bids(bench, market.plans[0], Aim(GOALS["profit"]))
        plan = _searched(bench, exact, trials)
        profit = float(GOALS["profit"].measure(bench.expect([plan]))[0])
        best = best_profit(bench, HIGHEST * max(exact.bids.max(), market.plans[0].bid.max()))
    print(json.dumps({"exact": 100 * exact.value / best, "policies": 100 * profit / best}))


def _searched(bench: Bench, exact: Found, trials: int) -> PlanArrays:
    """The best of so many trials of policies around one bid for all."""
    from adsim.optimize.exact.candidates import Candidate, SearchSettings, Workplace
    from adsim.optimize.policies.improving import prepare
    from adsim.optimize.policies.study import open_study
    from adsim.optimize.policies.trials import find_best, search_policies
    from adsim.scenario import todays_plan

    arrays = bench.market.plans[0]
    today = Candidate("today", todays_plan(bench.market.scenario), arrays)
    bid = int(np.median(arrays.bid[arrays.bid > 0]))
    start = replace(exact, bids=np.where(arrays.bid > 0, bid, 0))
    settings = SearchSettings(trials, "tpe", 7, None, False, None)
    place = Workplace(bench, exact.aim, exact.ranges, today)
    course, _, starts = prepare(place, start, settings)
    question = {"seed": settings.seed, "sampler": settings.sampler}
    with open_study(None, question, course.policy.parameters, starts) as study:
        told = search_policies(course, study, trials)
    best = find_best(told, course.replications)
    return course.compile(best.values if best else {})


def best_profit(bench: Bench, highest: float) -> float:
    """The optimum where no two keywords share a query and nothing limits the spending.

    Keywords are then independent: each takes the bid (up to `highest`, micros) that brings it
    most, or none.
    """
    from adsim.money import to_micros
    from adsim.optimize.aims.goals import GOALS

    today, auction = bench.market.plans[0], bench.market.scenario.auction
    step = to_micros(auction.bid_step or auction.charge_step)
    best = np.zeros(1)
    for bid in np.arange(step, int(highest) + step, step):
        plan = today._replace(bid=np.where(today.bid > 0, bid, 0))
        by_keyword = np.moveaxis(bench.expect([plan], ["keyword"]), 2, 0)[:, :, :, None]
        profit = [float(GOALS["profit"].measure(one)[0]) for one in by_keyword]
        best = np.maximum(best, profit)
    return float(best.sum())
