"""The promised figures beside those that this machine reaches, as a Markdown table.

    python -m benchmarks.promises [--only NAME ...] [--json] [--list]

Every figure is the median of its runs with the least and the most; a ratio below 1 is a promise
that is not reached. Nothing else should run meanwhile.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np

from benchmarks.rows import Row, machine, table

ROOT = Path(__file__).resolve().parents[1]
ADSIM = str(Path(sys.executable).with_name("adsim"))
RUNS = 5
SAMPLE = 300  # keywords whose mean charge is summed the slow way
MILLION = 1e6
FAMILIES = ("lognormal", "loglogistic", "gamma", "table")


def seconds(call: Callable[[], object], runs: int = RUNS) -> list[float]:
    """How long each of some calls takes, after one that does not count."""
    call()
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return taken


def per_second(amount: float, taken: list[float]) -> list[float]:
    return [amount / MILLION / one for one in taken]


def events() -> Iterator[Row]:
    """Searches a second among landscape rivals on one thread."""
    from adsim.kernels.tally import SEARCHES
    from benchmarks import scenes

    for name, make, replications, promised, scene in (
        ("events dense", scenes.dense, 20, 150.0, "200 queries, 400 searches a query-hour"),
        ("events thin", scenes.thin, 3, 20.0, "20,000 queries, 4 searches a query-hour"),
    ):
        world = make()
        searches = float(world.run(replications)[..., SEARCHES].sum())
        taken = seconds(lambda world=world, n=replications: world.run(n))
        what = "landscape rivals, one thread"
        rates = per_second(searches, taken)
        yield Row(name, what, True, promised, "M searches/s", rates, f"{scene}; a day")


def named() -> Iterator[Row]:
    """Bids a second among named rivals on one thread."""
    from adsim.kernels.tally import SEARCHES
    from benchmarks import scenes

    for name, make, replications, promised, scene in (
        ("named dense", scenes.named_dense, 8, 60.0, "100 queries, 40 searches a query-hour"),
        ("named thin", scenes.named_thin, 4, 20.0, "1,000 queries, 4 searches a query-hour"),
    ):
        world = make()
        bids = float(world.run(replications)[..., SEARCHES].sum()) * scenes.N_BIDDERS
        taken = seconds(lambda world=world, n=replications: world.run(n))
        what = "10 bidders, every budget ends in the day, one thread"
        rates = per_second(bids, taken)
        yield Row(name, what, True, promised, "M bids/s", rates, f"{scene}; a day")


def limit() -> Iterator[Row]:
    """The events kernel against the C yardstick, taking turns."""
    from adsim.kernels.tally import SEARCHES
    from benchmarks import scenes, yardstick

    if yardstick.gcc() is None:
        print("limit: there is no gcc here, so nothing to measure against", file=sys.stderr)
        return
    for name, make, days in (("limit dense", scenes.dense, 20), ("limit thin", scenes.thin, 3)):
        world = make()
        counts = world.run(by=("query", "hour"))[0, :, SEARCHES].reshape(-1, 24).T
        program = yardstick.measure_out(world.market.arrays, world.opened.book, counts)
        ratios = []
        for _ in range(RUNS):
            ours = min(seconds(lambda world=world, n=days: world.run(n), 1))
            theirs = min(
                seconds(lambda p=program, n=days: [p.play(scenes.SEED, i) for i in range(n)], 1)
            )
            ratios.append(theirs / ours)
        what = "events against C (gcc -O3 -march=native), the same sums"
        yield Row(name, what, True, 0.5, "x", ratios, "as `events`; C is given the search counts")


def counts() -> Iterator[Row]:
    """A huge day in a process of its own, whose memory is the peak of everything."""
    code = "from benchmarks.promises import huge_day; huge_day({})"
    found = {"seconds": [0.0], "megabytes": 0.0}
    for runs in (1, RUNS):  # the first fills the cache of kernels, which takes memory too
        command = [sys.executable, "-c", code.format(runs)]
        done = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE)
        found = json.loads(done.stdout)
    scene = "10^9 searches, 1,000 keywords x 8 audience cells, budgets that bind, one thread"
    yield Row("counts", "a replication of a day", False, 0.6, "s", found["seconds"], scene)
    memory = "peak memory, whole process"
    yield Row("counts memory", memory, False, 400.0, "MB", [found["megabytes"]], scene)


def huge_day(runs: int) -> None:
    """Print how long the runs of `counts_day` took, and the peak memory of this process."""
    import resource

    from benchmarks import scenes

    world = scenes.counts_day()
    taken = seconds(world.run, runs)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": taken, "megabytes": peak}))


def expected() -> Iterator[Row]:
    """Closed forms of 100,000 keywords, with the charge step and without it, and their errors."""
    from benchmarks import exact, scenes

    for family in FAMILIES:
        for step, error in ((0.01, 1e-7), (0.0, 1e-8)):
            world = scenes.hundred_thousand(family, step)
            offers = world.opened.book.offers
            sample = offers[offers["enters"]][:: max(1, offers.size // SAMPLE)]
            slow = exact.mean_charges(world.market.arrays, sample)
            errors = np.abs(sample["charge"] / slow - 1.0)
            label = f"{family}, step {step:g}"
            scene = "100,000 keywords x 3 hour blocks, one thread"
            if step > 0:
                taken = seconds(lambda world=world: _open_and_run(world))
                what = f"offers valued and a day summed: {label}"
                yield Row(f"expected {family}", what, False, 1.5, "s", taken, scene)
            what = f"mean charge against the explicit {'sum' if step else 'integral'}: {label}"
            name = f"error {family}" + ("" if step else " unstepped")
            scene = f"largest of {sample.size} keywords"
            yield Row(name, what, False, error, "", [float(errors.max())], scene)


def _open_and_run(world: object) -> None:
    from adsim.simulate.histories import thread_pool

    with thread_pool(1) as pool:
        opened = world.open(pool)
    world.run(opened=opened)


def landscape() -> Iterator[Row]:
    """40 bids of one keyword, warm."""
    import adsim
    from adsim.kernels import doors
    from adsim.kernels.tally import N_FIELDS
    from adsim.money import to_micros_array
    from benchmarks import scenes

    scenario = scenes.one_keyword()
    bids = np.linspace(0.2, 4.1, 40).round(2)
    market = scenes.Scene(scenario, "expected").market
    weight = np.ones(1)
    query = np.zeros(1, np.int64)
    tallies = np.zeros((bids.size, N_FIELDS))
    arguments = (market.arrays, market.plans[0], 0, query, weight, to_micros_array(bids), tallies)
    text = scenario.tables.keywords["keyword"][0]
    calls = 100
    for name, what, promised, call in (
        ("landscape kernel", "the kernel, warm", 1.0, lambda: doors.run_bid_curve(*arguments)),
        (
            "landscape",
            "adsim.landscape, warm",
            5.0,
            lambda: adsim.landscape(scenario, text, bids),
        ),
    ):
        taken = seconds(lambda call=call: [call() for _ in range(calls)])
        figures = [1000 * one / calls for one in taken]
        yield Row(name, what, False, promised, "ms", figures, f"40 bids, means of {calls} calls")


def persons() -> Iterator[Row]:
    """A million persons made, their crowds told, and their audience cells."""
    from adsim.audience.cells import cells_of
    from adsim.audience.membership import Audience
    from adsim.audience.persons import make_people
    from benchmarks import scenes

    scenario = scenes.million_persons()
    people = make_people(scenario)
    told = Audience(scenario, people)
    n_crowds = len(told.members)
    scene = f"{people.height:,} persons, {people.width} columns, {n_crowds} crowds"
    for name, what, promised, call in (
        ("persons", "persons made", 3.0, lambda: make_people(scenario)),
        ("crowds", "crowds told", 1.0, lambda: Audience(scenario, people).members),
        (
            "cells",
            f"persons, crowds and their {len(cells_of(told).members)} cells",
            4.0,
            lambda: cells_of(Audience(scenario, make_people(scenario))),
        ),
    ):
        yield Row(name, what, False, promised, "s", seconds(call), scene)


def media() -> Iterator[Row]:
    """A history of the preset category_brand, three media among all states."""
    from adsim.kernels.media import make_media_luck
    from adsim.media.compile import compile_plan, compile_world, prices
    from adsim.media.histories import play
    from adsim.money import to_micros_array
    from adsim.scenario import shipped_media
    from adsim.scenario.media import load_media

    scenario = load_media(shipped_media()["category_brand"])
    world, plan = compile_world(scenario), compile_plan(scenario)
    price = to_micros_array(prices(scenario))
    scene = f"198 states x {scenario.scenario.periods} weeks, one thread"
    for name, what, is_mean in (
        ("media counts", "a history in whole persons", False),
        ("media expected", "its mean", True),
    ):
        luck = make_media_luck(7, 0, is_mean)
        play(world, plan, luck, price)
        took = [1000 * t for t in seconds(lambda luck=luck: play(world, plan, luck, price))]
        yield Row(name, what, False, 50.0, "ms", took, scene)


def games() -> Iterator[Row]:
    from benchmarks.bench_games import Games

    (games := Games()).setup()
    scene = "`scenarios/tac`: 90,000 users, 60 days, one thread"
    yield Row("game", "a game", False, 1.0, "s", seconds(games.time_game), scene)


def caps() -> Iterator[Row]:
    """Searches of persons with caps and fatigue, one thread, and what is kept of a person."""
    from benchmarks import scenes

    world = scenes.capped_persons()
    searches = int(world.run()[0, 0, 0])
    scene = "200,000 persons in 5 crowds, 4 campaigns with cap and fatigue; a day"
    figures = [searches / taken / MILLION for taken in seconds(world.run)]
    what = "searches person by person, one thread"
    yield Row("caps", what, True, 5.0, "M searches/s", figures, scene)
    kept = 2 * 2 * world.opened.plan.exposure.cap.size  # uint16: in the period, and ever
    yield Row("caps memory", "kept of a person beside the table", False, 64, "bytes", [kept], scene)


def lives() -> Iterator[Row]:
    """The same of persons who move between pools."""
    from benchmarks import scenes

    world = scenes.capped_lives()
    searches = int(world.run()[0, 0, 0])
    figures = [searches / taken / MILLION for taken in seconds(world.run)]
    scene = "as `caps`, in 3 crowds and 2 pools that persons enter and leave hour by hour"
    yield Row("lives", "searches by persons who live", True, 5.0, "M searches/s", figures, scene)


def start() -> Iterator[Row]:
    """Whole processes: help, and a simulation whose kernels are compiled already."""
    help_ = [ADSIM, "--help"]
    simulate = [ADSIM, "simulate", str(ROOT / "scenarios" / "kuaiche_daily")]
    for name, command, promised in (("help", help_, 0.3), ("simulate", simulate, 2.0)):
        shown = " ".join([Path(command[0]).name, *command[1:]]).replace(f"{ROOT}/", "")
        what = "the process" if name == "help" else "the process, kernels in the cache"
        yield Row(
            name, what, False, promised, "s", seconds(lambda c=command: _run(c)), f"`{shown}`"
        )


def compiling() -> Iterator[Row]:
    """Whole processes with an empty cache of kernels."""
    for fidelity in ("expected", "counts", "events"):
        options = ["--fidelity", fidelity, "--replications", "1"]
        command = [ADSIM, "simulate", str(ROOT / "scenarios" / "smallest"), *options]
        taken = []
        for _ in range(3):
            with tempfile.TemporaryDirectory() as folder:
                begin = time.perf_counter()
                _run(command, NUMBA_CACHE_DIR=folder)
                taken.append(time.perf_counter() - begin)
        what = "the process, empty cache of kernels"
        scene = f"`adsim simulate scenarios/smallest --fidelity {fidelity}`"
        yield Row(f"compile {fidelity}", what, False, 30.0, "s", taken, scene)


def _run(command: list[str], **environment: str) -> None:
    variables = {**os.environ, **environment}
    subprocess.run(
        command, check=True, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def threads() -> Iterator[Row]:
    """Two threads against one, taking turns."""
    from benchmarks import scenes

    if (os.cpu_count() or 1) < 2:
        print("threads: there is one core here, so nothing to compare", file=sys.stderr)
        return
    world = scenes.dense()
    ratios = []
    for _ in range(RUNS):
        one = min(seconds(lambda: world.run(40, threads=1), 1))
        two = min(seconds(lambda: world.run(40, threads=2), 1))
        ratios.append(one / two)
    what = "speed of two threads over one"
    yield Row("threads", what, True, 1.5, "x", ratios, "as `events dense`, 40 replications")


def optimizer() -> Iterator[Row]:
    """The exact part of the optimizer: seconds, gap and memory of large searches."""
    from benchmarks import optimizing

    for figures in optimizing.optimizer():
        yield Row(*figures)


def study() -> Iterator[Row]:
    """The search over policies: asking and telling, a whole study, and what it reaches."""
    from benchmarks import studying

    for figures in studying.studies():
        yield Row(*figures)


MEASURES: dict[str, Callable[[], Iterator[Row]]] = {
    "events": events,
    "named": named,
    "limit": limit,
    "counts": counts,
    "expected": expected,
    "landscape": landscape,
    "persons": persons,
    "caps": caps,
    "lives": lives,
    "media": media,
    "game": games,
    "start": start,
    "compiling": compiling,
    "threads": threads,
    "optimizer": optimizer,
    "study": study,
}


def main() -> None:
    about = (__doc__ or "").split("\n", 1)[0]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.promises", description=about)
    parser.add_argument("--only", metavar="NAME", nargs="+", choices=MEASURES, default=[*MEASURES])
    parser.add_argument("--json", action="store_true", help="print an array of objects")
    parser.add_argument("--list", action="store_true", help="print the names and what they measure")
    options = parser.parse_args()
    if options.list:
        for name, measure in MEASURES.items():
            print(f"{name:10} {measure.__doc__}")
        return
    rows = []
    for name in options.only:
        print(f"measuring {name} ...", file=sys.stderr)
        rows += MEASURES[name]()
    if options.json:
        found = [asdict(row) | {"reached": row.reached, "ratio": row.ratio} for row in rows]
        print(json.dumps({"machine": machine(), "promises": found}, indent=1))
    else:
        print(table(rows))


if __name__ == "__main__":
    main()
