"""Tests of creatives held against reality: 4,873 randomized headline tests, each cut in two.

    python -m benchmarks.headlines [--tests N] [--json]

The data (Upworthy Research Archive, CC BY 4.0; impressions and clicks of 22,666 headlines) is not
part of this repository: it lies in shared/data/upworthy_matrices beside the checkout, or where
ADSIM_SHARED_DATA points.

Every impression falls into one of two halves by a fair coin (Philox, key 7), so that given the true
rates both are independent. What the first half says of each headline is held against the second:

- the chance to have the highest click rate *seen in the second half* follows from the beliefs after
  the first, noise included; headlines are grouped by their probability of being the best;
- the lead of the first half's leader over its runner-up has an unbiased estimate in the second.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, gammaln

from adsim.creatives.beliefs import Beliefs, rate_beliefs
from adsim.creatives.race import run_race
from adsim.creatives.spread import PUBLISHED_SPREAD, estimate_spread

Floats = NDArray[np.float64]

ROOT = Path(__file__).resolve().parents[1]
KEY = 7
MOST_HEADLINES = 14
EDGES = (0.0, 0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
GRID = 400  # places between which the chance of a lead is summed


@dataclass(frozen=True)
class Halves:
    """Counts of both halves, each (tests, headlines); 0 of 0 beyond a test's headlines."""

    clicks: tuple[Floats, Floats]
    impressions: tuple[Floats, Floats]


@dataclass(frozen=True)
class Headline:
    """One headline: what the first half says, and what the second showed."""

    p_best: float
    chance_to_lead: float
    led: bool


@dataclass(frozen=True)
class Checked:
    """A prior held against the second halves.

    Attributes:
        headlines: All headlines of all tests.
        log_score: Mean of the log of the chance given to the headline that led, a test.
        lead: Expected lead of the leader over the runner-up, as a share of the tests' click rate.
        lead_seen, lead_error: The same in the second halves, and its standard error.
    """

    headlines: list[Headline]
    log_score: float
    lead: float
    lead_seen: float
    lead_error: float


def folder() -> Path:
    """Where the data would be."""
    beside = ROOT.parent / "shared" / "data"
    return Path(os.environ.get("ADSIM_SHARED_DATA", beside)) / "upworthy_matrices"


def read_counts(path: Path) -> tuple[Floats, Floats]:
    """Clicks and impressions, (tests, headlines)."""
    columns = range(1, MOST_HEADLINES + 1)
    clicks, impressions = (
        np.loadtxt(path / f"{name}_matrix.csv", delimiter=",", skiprows=1, usecols=columns)
        for name in ("y", "n")
    )
    return clicks, impressions


def halve(clicks: Floats, impressions: Floats) -> Halves:
    """Each impression in one of two halves, by a fair coin."""
    luck = np.random.Generator(np.random.Philox(key=KEY))
    hits = luck.binomial(clicks.astype(np.int64), 0.5).astype(float)
    shown = hits + luck.binomial((impressions - clicks).astype(np.int64), 0.5)
    return Halves((hits, clicks - hits), (shown, impressions - shown))


def check(halves: Halves, spread: float | None) -> Checked:
    """What a prior makes of the first halves, held against the second ones; None = flat."""
    luck = np.random.Generator(np.random.Philox(key=KEY + 1))
    headlines, scores, leads, seen = [], [], [], []
    for test in range(halves.clicks[0].shape[0]):
        here = (halves.impressions[0][test] > 0) & (halves.impressions[1][test] > 0)
        if here.sum() < 2:
            continue
        first, second = (
            (halves.clicks[half][test, here], halves.impressions[half][test, here])
            for half in (0, 1)
        )
        beliefs = rate_beliefs(*first, spread)
        race = run_race(beliefs)
        chances = chances_to_lead(beliefs, second[1])
        led = int(np.argmax((second[0] + luck.random(here.sum())) / second[1]))
        headlines += [
            Headline(float(race.p_best[i]), float(chances[i]), i == led) for i in range(here.sum())
        ]
        scores.append(np.log(max(chances[led], 1e-12)))
        leader, runner_up = np.argsort(-race.expected, kind="stable")[:2]
        rates, common = second[0] / second[1], first[0].sum() / first[1].sum()
        if common > 0:
            leads.append((race.expected[leader] - race.expected[runner_up]) / common)
            seen.append((rates[leader] - rates[runner_up]) / common)
    error = float(np.std(seen) / np.sqrt(len(seen)))
    return Checked(
        headlines, float(np.mean(scores)), float(np.mean(leads)), float(np.mean(seen)), error
    )


def chances_to_lead(beliefs: Beliefs, impressions: Floats) -> Floats:
    """Chance of each to have the highest (clicks + U) / impressions, U uniform: ties are split."""
    chances = np.zeros(impressions.size)
    for k, weight in enumerate(beliefs.weights):
        most = _most_clicks(beliefs.a[k], beliefs.b[k], impressions)
        places = np.linspace(0.0, float((most / impressions).max()), GRID)
        below = np.array(
            [
                np.interp(places, np.arange(m + 2) / n, _shares_below(a, b, n, int(m)))
                for a, b, n, m in zip(beliefs.a[k], beliefs.b[k], impressions, most, strict=True)
            ]
        )
        steps, middle = np.diff(below, axis=1), (below[:, 1:] + below[:, :-1]) / 2
        for i in range(impressions.size):
            chances[i] += weight * float(steps[i] @ np.delete(middle, i, axis=0).prod(axis=0))
    return chances / chances.sum()


def _most_clicks(a: Floats, b: Floats, n: Floats) -> Floats:
    """Clicks that are next to never passed: the mean and ten standard deviations."""
    mean = n * a / (a + b)
    deviation = np.sqrt(mean * b / (a + b) * (a + b + n) / (a + b + 1.0))
    return np.minimum(n, np.ceil(mean + 10.0 * deviation + 10.0))


def _shares_below(a: float, b: float, n: float, most: int) -> Floats:
    """P(clicks < 0), ..., P(clicks <= most) of the beta-binomial."""
    y = np.arange(most + 1)
    ways = gammaln(n + 1.0) - gammaln(y + 1.0) - gammaln(n - y + 1.0)
    chances = np.exp(ways + betaln(a + y, b + n - y) - betaln(a, b))
    return np.concatenate([[0.0], np.minimum(np.cumsum(chances), 1.0)])


def groups(headlines: list[Headline]) -> Iterator[dict[str, float]]:
    """Headlines by their probability of being the best: expected and seen to lead, and z."""
    p_best = np.array([one.p_best for one in headlines])
    chance = np.array([one.chance_to_lead for one in headlines])
    led = np.array([one.led for one in headlines])
    for low, high in pairwise(EDGES):
        here = (p_best >= low) & ((p_best < high) | (high == 1.0))
        if here.any():
            error = np.sqrt((chance[here] * (1.0 - chance[here])).sum())
            yield {
                "from": low,
                "to": high,
                "headlines": int(here.sum()),
                "p_best": float(p_best[here].mean()),
                "expected_to_lead": float(chance[here].mean()),
                "led": float(led[here].mean()),
                "z": float((led[here].sum() - chance[here].sum()) / error),
            }


def main() -> None:
    parser = argparse.ArgumentParser(description="Hold tests of creatives against reality.")
    parser.add_argument("--tests", type=int, help="only the first ones")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not folder().exists():
        raise SystemExit(f"no data at {folder()}; ADSIM_SHARED_DATA may name its parent folder")
    clicks, impressions = read_counts(folder())
    spread = estimate_spread(clicks, impressions)
    halves = halve(clicks[: options.tests], impressions[: options.tests])
    checks = {"published": check(halves, PUBLISHED_SPREAD), "flat": check(halves, None)}
    found = {
        "tests": len(clicks[: options.tests]),
        "spread": spread,
        "groups": list(groups(checks["published"].headlines)),
        **{
            name: {key: value for key, value in asdict(checked).items() if key != "headlines"}
            for name, checked in checks.items()
        },
    }
    print(json.dumps(found, indent=2) if options.json else _text(found))


def _text(found: dict[str, object]) -> str:
    lines = [
        f"spread within a test, by maximum likelihood: {found['spread']:.3f} "
        f"(published {PUBLISHED_SPREAD})",
        "",
        "| P(best), first half | headlines | mean | expected to lead the second | led it | z |",
        "|---|---|---|---|---|---|",
    ]
    for row in found["groups"]:
        lines.append(
            f"| {row['from']:.0%} to {row['to']:.0%} | {row['headlines']:,} | {row['p_best']:.1%} "
            f"| {row['expected_to_lead']:.1%} | {row['led']:.1%} | {row['z']:+.1f} |"
        )
    for name in ("published", "flat"):
        one = found[name]
        lines += [
            "",
            f"prior {name}: log score {one['log_score']:.4f} a test; the leader's lead over the "
            f"runner-up was expected to be {one['lead']:.2%} of the click rate and was "
            f"{one['lead_seen']:.2%} +- {one['lead_error']:.2%}",
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
