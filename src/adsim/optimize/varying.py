"""Settings beside bids: the best plan of each, and the best of these plans.

Every setting gets its exact bids and the climb in closed form. These plans race on common luck, and
those that do best share the trials of policies, today's settings always among them, so that what a
setting brings is told apart from what better bids bring. Another race among them chooses, and what
it chooses must be surely better than the best plan at today's settings on luck that no search has
seen; otherwise today's settings stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from adsim.optimize.aims.settings import Setting
from adsim.optimize.exact.candidates import (
    Candidate,
    SearchSettings,
    Workplace,
    exact_candidate,
)
from adsim.optimize.exact.search import Found
from adsim.optimize.policies.racing import run_race
from adsim.optimize.policies.risky import scorer_of
from adsim.optimize.policies.scoring import Scorer
from adsim.optimize.searching import Searched, search_around
from adsim.optimize.steps import part_of
from adsim.results.compare import half_width
from adsim.results.tables import Floats
from adsim.simulate.histories import Progress
from adsim.simulate.settings import LARGEST_SEED

VARY_LUCK = 3  # the races' seed is so far from the search's; 1 and 2 are taken
MOST_SEARCHED = 3  # settings that share the trials
FIRST, MOST = 32, 256  # replications of a race


@dataclass(frozen=True)
class Varied:
    """The settings and what came of them.

    Attributes:
        home: The best plan at today's settings.
        best: The best of all.
        setting: Its setting.
        table: A row a setting, today's first: a column a key; metric; state (chosen, searched: with
            trials of policies, climbed: in closed form, unmet: nothing there holds what is asked
            for); expected: its best plan at fidelity expected; a: today's plan, b: its best plan,
            and the difference with its 95 % interval, on fresh luck but for that of orders; gain:
            the same over the best plan at today's settings.
    """

    home: Searched
    best: Searched
    setting: Setting
    table: pl.DataFrame


def search_settings(
    settings: Sequence[Setting],
    places: Sequence[Workplace],
    how: SearchSettings,
    asked: Mapping[str, object],
    luck: tuple[int, int, Progress | None],
) -> Varied:
    """Search all settings, today's first; `luck`: of the last test."""
    progress = luck[2]
    found = _climbed(places, how, part_of(progress, 0, len(places), 2 * len(places)))
    met = [i for i, one in enumerate(found) if one.exact.is_met] or [0]
    states = ["climbed" if one.exact.is_met else "unmet" for one in found]
    order = _race(found, met, how.seed)
    if how.trials:
        searched = sorted({0, *[i for i in order if i][: MOST_SEARCHED - 1]})
        share = replace(how, trials=max(1, how.trials // len(searched)))
        for i in searched:
            own = {**asked, "setting": dict(settings[i].changed)}
            mine = replace(share, is_beside=i > 0)
            found[i] = search_around(found[i].place, found[i].exact, mine, own)
            states[i] = "searched" if found[i].improved else states[i]
        order = _race(found, [i for i in met if i in searched] or [0], how.seed)
    tests = _test(found, luck)
    best = order[0] if not found[0].exact.is_met or _is_sure(tests[order[0]], places[0]) else 0
    states[best] = "chosen"
    metric = {"metric": places[0].aim.measured.name}
    rows = [
        {**setting.values, **metric, "state": state, **test}
        for setting, state, test in zip(settings, states, tests, strict=True)
    ]
    table = pl.DataFrame(rows, infer_schema_length=None)
    return Varied(found[0], found[best], settings[best], table)


def _is_sure(test: Mapping[str, float], home: Workplace) -> bool:
    """Whether a setting is better than the best plan at today's settings."""
    return test["gain_low"] > 0 if home.aim.measured.rises else test["gain_high"] < 0


def _climbed(
    places: Sequence[Workplace], how: SearchSettings, progress: Progress | None
) -> list[Searched]:
    """The best plan of each setting that closed forms know; a return has one floor for all."""
    found: list[Searched] = []
    for number, place in enumerate(places):
        if found and found[0].exact.is_met and found[0].exact.floor:
            place = replace(place, aim=replace(place.aim, floor=found[0].exact.floor))
        exact = place.solve(place.today.arrays)
        like = found[0].best if found and found[0].exact.is_met else None
        found.append(_top(place, exact, how, like))
        if progress is not None:
            progress(number + 1, len(places))
    return found


def _top(place: Workplace, exact: Found, how: SearchSettings, like: Candidate | None) -> Searched:
    if not how.trials or not exact.is_met:
        return Searched(place, exact, exact_candidate(place.today, exact))
    from adsim.optimize.policies.improving import climb_policy  # late: optuna

    return Searched(place, exact, climb_policy(place, exact, how, like))


def _race(found: Sequence[Searched], some: Sequence[int], seed: int) -> list[int]:
    """The numbers of some plans, the winner of their race first."""
    fresh = (seed + VARY_LUCK) % (LARGEST_SEED + 1)
    plans = [found[i].best.arrays for i in some]
    scorers = [_scorer(found[i], fresh) for i in some]

    def draw(alive: list[int], replications: range) -> Floats:
        return np.concatenate([scorers[i].play([plans[i]], replications) for i in alive])

    race = run_race(len(plans), draw, MOST, scorers[0], FIRST)
    ranks = [(i != race.winner, -race.replications[i], -race.mean[i]) for i in range(len(plans))]
    return [some[i] for i in sorted(range(len(plans)), key=lambda i: ranks[i])]


def _scorer(one: Searched, seed: int) -> Scorer:
    return scorer_of(one.place.bench, one.exact.aim, seed, (one.best.arrays, MOST))


def _test(
    found: Sequence[Searched], luck: tuple[int, int, Progress | None]
) -> list[dict[str, float]]:
    """What the best plan of every setting brings on the luck of the last test.

    Orders are replaced by their expectation, since settings share less luck than plans do.
    """
    seed, replications, progress = luck
    home = found[0].place
    n_markets = len(home.bench.places)  # each has as many as the next
    known = range(-(-replications // n_markets) * n_markets)
    judge, sign = _scorer(found[0], seed), 1 if home.aim.measured.rises else -1
    today = judge.scores(judge.play([home.today.arrays], known)[0])
    rows: list[dict[str, float]] = []
    first = today
    for number, one in enumerate(found):
        scorer = _scorer(one, seed)
        mine = scorer.scores(scorer.play([one.best.arrays], known)[0])
        first = mine if number == 0 else first
        value = one.place.aim.measured.measure(one.place.bench.expect([one.best.arrays]))
        row = {"expected": float(value[0]), "a": sign * today.mean(), "b": sign * mine.mean()}
        for name, other in (("difference", today), ("gain", first)):
            change, half = sign * float((mine - other).mean()), half_width(mine - other)
            row |= {name: change, f"{name}_low": change - half, f"{name}_high": change + half}
        rows.append(row)
        if progress is not None:
            progress(len(found) + number + 1, 2 * len(found))
    return rows
