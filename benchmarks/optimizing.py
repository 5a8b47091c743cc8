"""The exact part of the optimizer, measured: search and bound, budgets and targets."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUDGET = 0.3  # of what the best plan without a budget spends
SIZES = ((10_000, 60.0), (100_000, 60.0))
QUESTIONS = ("budget", "target", "reach")


def optimizer() -> Iterator[tuple[str, str, bool, float, str, list[float], str]]:
    """Search and bound of markets of one keyword a query: seconds, gap and memory."""
    for size, promised in SIZES:
        for question in QUESTIONS if size == SIZES[0][0] else QUESTIONS[:1]:
            code = f"from benchmarks.optimizing import measure; measure({size}, {question!r})"
            done = subprocess.run(
                [sys.executable, "-c", code], check=True, cwd=ROOT, stdout=subprocess.PIPE
            )
            found = json.loads(done.stdout)
            scene = f"{size:,} keywords, one a query; {question}"
            name = f"optimize {size // 1000}k {question}"
            what = "search and bound, kernels compiled"
            yield name, what, False, promised, "s", [found["seconds"]], scene
            yield name, "gap to the bound", False, 1.0, "%", [100 * found["gap"]], scene
            if question == "budget":
                memory = [found["megabytes"]]
                yield name, "peak memory, whole process", False, 4000.0, "MB", memory, scene


def measure(size: int, question: str) -> None:
    """Print seconds, gap and peak memory of one search."""
    import resource
    from dataclasses import replace

    import adsim
    from adsim.market.compile import compile_market
    from adsim.optimize.aims.goals import GOALS, Aim, Target, spend_of
    from adsim.optimize.bench import Bench
    from adsim.optimize.exact.search import search_bids
    from adsim.scenario import todays_plan
    from adsim.simulate.histories import thread_pool

    def bench_of(keywords: int, budget: float | None, pool: object) -> Bench:
        shop = adsim.synthetic_scenario(3, queries=keywords, flat=True)
        plan = replace(todays_plan(shop), account_budget=budget)
        return Bench(compile_market(shop, [plan]), pool)

    with thread_pool(None) as pool:
        profit = Aim(GOALS["profit"])
        small = bench_of(200, None, pool)
        free = search_bids(small, small.market.plans[0], profit)
        tallies = small.expect([small.market.plans[0]._replace(bid=free.bids)])
        spend, revenue = spend_of(tallies)[0], GOALS["revenue"].measure(tallies)[0]
        aims = {
            "budget": profit,
            "target": Aim(GOALS["revenue"], Target("roi", float(1.2 * revenue / spend))),
            "reach": Aim(GOALS["revenue"], reach=float(0.6 * revenue * size / 200)),
        }
        search_bids(small, small.market.plans[0], aims[question])  # compiles what is left
        bench = bench_of(size, float(BUDGET * spend * size / 200), pool)
        begin = time.perf_counter()
        found = search_bids(bench, bench.market.plans[0], aims[question])
        taken = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    gap = abs(found.bound - found.value) / abs(found.bound)
    print(json.dumps({"seconds": taken, "gap": gap, "megabytes": peak, "met": found.is_met}))
