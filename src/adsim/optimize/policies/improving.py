"""From the exact bids to the best plan found: study, bids at the new coefficients, race."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import polars as pl

from adsim.market.compile import compile_plan
from adsim.money import MICROS
from adsim.optimize.aims.goals import ROUNDING, Goal
from adsim.optimize.exact.candidates import (
    Candidate,
    SearchSettings,
    Workplace,
    exact_candidate,
    same_frame,
    same_plan,
)
from adsim.optimize.exact.search import Found
from adsim.optimize.exact.worths import keyword_click_worths, link_worths, side_click_worths
from adsim.optimize.policies.careful import NO_CARE, Care, moved, silent_candidates, start_of
from adsim.optimize.policies.climbing import Values
from adsim.optimize.policies.crowds import Audiences, list_audiences
from adsim.optimize.policies.policy import make_policy
from adsim.optimize.policies.racing import FIRST_ROUND, Race, run_race
from adsim.optimize.policies.risky import scorer_of
from adsim.optimize.policies.scoring import in_turn
from adsim.optimize.policies.starts import list_bases, list_starts
from adsim.optimize.policies.study import Told, open_study
from adsim.optimize.policies.trials import Course, find_best, search_policies, trials_table
from adsim.results.tables import Floats
from adsim.simulate.settings import LARGEST_SEED

RACE_LUCK = 2  # the race's seed is so far from the search's; the last test's is 1 away
RACED = 8  # replications of the longest race, in those of a trial
MOST_RACED = 64  # likewise

_RACE = {
    "plan": pl.String,
    "search": pl.Float64,
    "fresh": pl.Float64,
    "replications": pl.Int64,
    "difference": pl.Float64,
    "difference_low": pl.Float64,
    "difference_high": pl.Float64,
    "gain": pl.Float64,
    "gain_low": pl.Float64,
    "gain_high": pl.Float64,
    "state": pl.String,
}


@dataclass(frozen=True)
class Improved:
    """What the search over policies found.

    Attributes:
        best: The winner of the race.
        kept: Campaigns that had to keep their coefficients.
        found: What the exact part knows at its coefficients.
        trials: A row a trial (see `trials_table`).
        race: A row a candidate: plan, search (its score in the search), fresh (on fresh luck),
            replications, difference to the winner and gain over the exact plan with their 95 %
            intervals, paired over the luck that both met, state (won, lost).
    """

    best: Candidate
    kept: list[str]
    found: Found
    trials: pl.DataFrame
    race: pl.DataFrame


def improve(
    place: Workplace, exact: Found, settings: SearchSettings, question: Mapping[str, object]
) -> Improved:
    """Search policies around the exact plan, and race the best against it and today's.

    The exact plan must hold what is asked for; then the winner does, too. `question`: what a study
    must have been asked to be carried on.
    """
    place = replace(place, aim=exact.aim)  # with the floor that the exact part worked out
    course, care, starts = prepare(place, exact, settings)
    policy = course.policy
    asked = {**question, "seed": settings.seed, "sampler": settings.sampler}
    asked |= {"replications": settings.replications}
    asked |= {"parameters": {p.name: [p.low, p.high] for p in policy.parameters}}
    where = (settings.study, asked, policy.parameters, starts, settings.keep_study)
    with open_study(*where, is_beside=settings.is_beside) as study:
        n_trials = settings.trials if policy.parameters else 0
        told = search_policies(course, study, n_trials, settings.progress)
    found, solved = _found(place, course, told, care)
    own = _own(place, course, exact, care)
    candidates = _distinct([*own, *found])
    race = _race(place, settings, candidates)
    best = candidates[race.winner]
    known = [(place.today.arrays, exact), *((found[0].arrays, one) for one in [solved] if one)]
    return Improved(
        best,
        sorted(policy.kept),
        next((one for frame, one in known if same_frame(frame, best.arrays)), None)
        or place.solve(best.arrays),
        trials_table(told, course),
        _race_table(candidates, race, place.aim.measured),
    )


def climb_policy(
    place: Workplace, exact: Found, settings: SearchSettings, like: Candidate | None = None
) -> Candidate:
    """The best plan that closed forms know: exact bids, then premiums, devices, moves of bids.

    `like`: what the climb found at other settings, to begin with instead of climbing once more.
    """
    place = replace(place, aim=exact.aim)
    course, _ = _course(place, exact, settings)
    score, audiences = partial(_scores, place, course), _audiences(exact)
    if like is None:
        starts = list_starts(course.policy, audiences, score)
    else:
        starts = list_bases(course.policy, audiences, dict(like.values))
    return _candidate(course, "climbed", starts[int(np.argmax(score(starts)))])


def prepare(
    place: Workplace, exact: Found, settings: SearchSettings
) -> tuple[Course, Care, list[Values]]:
    """Where trials run, how careful the bids are that they run around, and the first of them."""
    course, care = _course(place, exact, settings)
    score = partial(_scores, place, course)
    return course, care, list_starts(course.policy, _audiences(exact), score)


def _course(place: Workplace, exact: Found, settings: SearchSettings) -> tuple[Course, Care]:
    """Where trials run, and how careful the bids are that they run around."""
    scenario, plan = place.bench.market.scenario, place.today.plan
    reference = exact_candidate(place.today, exact).arrays, RACED * settings.replications
    scorer = scorer_of(place.bench, place.aim, settings.seed, reference)
    bids, care = start_of(place, exact, scorer, settings.replications)
    worth = keyword_click_worths(place.bench.market.arrays, exact.task.choice)
    policy = make_policy(scenario, plan, bids, worth, place.ranges)
    return Course(scorer, policy, place.aim, settings.replications), care


def _own(place: Workplace, course: Course, exact: Found, care: Care) -> list[Candidate]:
    """The plans that the search starts from."""
    own = [exact_candidate(place.today, exact)]
    played = [course.centre]
    if care != NO_CARE:
        own.append(moved(place, "careful", course.policy.bidding.bids))
        played.insert(0, course.play([own[0].arrays])[0])
    scores = [course.score(one) for one in played]
    own = [replace(one, score=score) for one, score in zip(own, scores, strict=True)]
    if place.aim.risk is not None and place.aim.risk.is_of_luck:
        own += silent_candidates(place)
    return [*own, place.today] if exact.today_is_allowed else own


def _audiences(exact: Found) -> Audiences:
    """What clicks are worth by audience cell, beside what the exact bids stand for.

    A bid is at its best where it is the click's worth over what money is worth.
    """
    market, choice = exact.task.bench.market, exact.task.choice
    clicks, _ = link_worths(market.arrays, choice)
    bid = exact.bids[market.arrays.links] / MICROS
    money = choice.spend_worth + np.maximum(exact.price[:-1], exact.price[-1])
    worth = bid * money[market.arrays.keywords["campaign"][market.arrays.links]]
    mean = float(clicks @ worth / max(float(clicks @ (bid > 0)), ROUNDING))
    sides = side_click_worths(market.arrays, choice)
    return list_audiences(market.sides.members, *sides, mean)


def _scores(place: Workplace, course: Course, some: Sequence[Values]) -> Floats:
    """What some values bring at fidelity `expected`; -inf where something is not held."""
    plans = [course.compile(values) for values in some]
    return np.concatenate([place.aim.score(place.bench.expect(two)) for two in in_turn(plans)])


def _found(
    place: Workplace, course: Course, told: list[Told], care: Care
) -> tuple[list[Candidate], Found | None]:
    """The best trials, and the best one's coefficients with exact bids of their own.

    Where something must hold, only the plans that hold it at coefficients whose bids were solved,
    so that the bound is known.
    """
    best = find_best(told, course.replications)
    if best is None:
        return [], None
    found = [_candidate(course, "policy", best.values, best.score)]
    rest = [trial for trial in told if trial.number != best.number]
    following = find_best(rest, course.replications)
    if following is not None and not place.aim.has_conditions:
        found.append(_candidate(course, "next", following.values, following.score))
    if same_frame(found[0].arrays, place.today.arrays):
        return found, None
    solved = place.solve(found[0].arrays)
    if not solved.is_met:
        return [], None
    frame = replace(found[0].plan, keywords=place.today.plan.keywords)
    bids = solved.bids if care == NO_CARE else care.bids(place, found[0].arrays)
    bidding = replace(course.policy.bidding, bids=bids)
    around = replace(course, policy=replace(course.policy, plan=frame, bidding=bidding))
    found.append(_candidate(around, "solved", {}))
    held = place.allows([one.arrays for one in found])
    return [one for one, holds in zip(found, held, strict=True) if holds], solved


def _candidate(
    course: Course, name: str, values: dict[str, float], score: float | None = None
) -> Candidate:
    plan = course.policy.plan_at(values)
    arrays = compile_plan(course.scorer.bench.market, plan)
    return Candidate(name, plan, arrays, score, course.policy.felt(values))


def _distinct(candidates: list[Candidate]) -> list[Candidate]:
    kept: list[Candidate] = []
    for one in candidates:
        if not any(same_plan(one.arrays, known.arrays) for known in kept):
            kept.append(one)
    return kept


def _race(place: Workplace, settings: SearchSettings, candidates: list[Candidate]) -> Race:
    """On luck that neither the search nor the last test uses."""
    seed = (settings.seed + RACE_LUCK) % (LARGEST_SEED + 1)
    plans = [candidate.arrays for candidate in candidates]
    first = settings.replications if place.aim.risk is not None else FIRST_ROUND
    most = max(RACED * min(settings.replications, MOST_RACED), first)
    fresh = scorer_of(place.bench, place.aim, seed, (plans[0], most))

    def draw(alive: list[int], replications: range) -> Floats:
        return fresh.play([plans[i] for i in alive], replications)

    return run_race(len(plans), draw, most, fresh, first)


def _race_table(candidates: list[Candidate], race: Race, goal: Goal) -> pl.DataFrame:
    sign = 1 if goal.rises else -1
    exact = next(i for i, one in enumerate(candidates) if one.name == "exact")
    difference, gain = race.against(race.winner), race.against(exact)
    rows = [
        (
            candidate.name,
            None if candidate.score is None else sign * candidate.score,
            sign * float(race.mean[i]),
            int(race.replications[i]),
            *_interval(difference, i, sign),
            *_interval(gain, i, sign),
            "won" if i == race.winner else "lost",
        )
        for i, candidate in enumerate(candidates)
    ]
    return pl.DataFrame(rows, _RACE, orient="row")


def _interval(told: tuple[Floats, Floats], plan: int, sign: int) -> tuple[float, float, float]:
    mean, half = sign * float(told[0][plan]) + 0.0, float(told[1][plan])  # no -0
    return mean, mean - half, mean + half
