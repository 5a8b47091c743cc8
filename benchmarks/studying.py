"""The search over policies, measured: asking and telling, a whole study, and what it reaches."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
TRIALS, PARAMETERS = 400, 12
SIZES = (20, 200)  # keywords of the markets whose best plan is known
REACHED_WITHIN = 100  # trials
HIGHEST = 1.5  # highest bid that is tried one by one, in the highest of today and of the plan found

Figures = tuple[str, str, bool, float, str, list[float], str]


def studies() -> Iterator[Figures]:
    """Figures of the search over policies, each in a process of its own."""
    scene = f"{PARAMETERS} parameters, journal file, {TRIALS} trials without playing, tpe"
    asking = _run(f"ask_and_tell({TRIALS})")
    yield "ask and tell", "a trial", False, 25.0, "ms", asking, scene
    scene = "`adsim optimize scenarios/kuaiche_daily --days 1 --trials 400`, journal file"
    what = f"{TRIALS} trials x 32 replications, with bids and race, kernels compiled"
    yield "study", what, False, 120.0, "s", _run(f"whole_study({TRIALS})"), scene
    for size in SIZES:
        scene = f"{size} keywords, one a query; each bid of every keyword tried for the optimum"
        what = f"expected profit after {REACHED_WITHIN} trials, in the optimum"
        reached = _run(f"reached({size}, {REACHED_WITHIN})")
        yield f"policies {size}", what, True, 99.0, "%", reached, scene


def _run(call: str) -> list[float]:
    code = f"from benchmarks import studying; studying.{call}"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, cwd=ROOT, stdout=subprocess.PIPE
    )
    return [json.loads(done.stdout)]


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
    """Print the percentage of the best expected profit that a search reaches."""
    import adsim

    shop = adsim.synthetic_scenario(3, queries=size, flat=True)
    found = adsim.optimize(shop, trials=trials)
    highest = HIGHEST * max(found.changes["bid_today"].max(), found.changes["bid_new"].max())
    print(100 * found.value / best_profit(shop, highest))


def best_profit(shop: object, highest: float) -> float:
    """The optimum where no two keywords share a query and nothing limits the spending.

    Keywords are then independent: each takes the bid that brings it most, or none.
    """
    from adsim.market.compile import compile_market
    from adsim.money import MICROS, to_micros
    from adsim.optimize.aims.goals import GOALS
    from adsim.optimize.bench import Bench
    from adsim.scenario import todays_plan
    from adsim.simulate.histories import thread_pool

    market = compile_market(shop, [todays_plan(shop)])
    today = market.plans[0]
    step = to_micros(shop.auction.bid_step or shop.auction.charge_step)
    bids = np.arange(step, int(highest * MICROS) + step, step)
    best = np.zeros(1)
    with thread_pool(None) as pool:
        bench = Bench(market, pool)
        for bid in bids:
            plan = today._replace(bid=np.where(today.bid > 0, bid, 0))
            by_keyword = np.moveaxis(bench.expect([plan], ["keyword"]), 2, 0)[:, :, :, None]
            profit = [float(GOALS["profit"].measure(one)[0]) for one in by_keyword]
            best = np.maximum(best, profit)
    return float(best.sum())
