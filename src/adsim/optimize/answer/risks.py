"""What an answer says of the risk that the plan takes."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from adsim.optimize.aims.fronts import Axis
from adsim.optimize.aims.goals import Aim
from adsim.optimize.answer.sentences import Message, Word, amount, say
from adsim.optimize.answer.verdict import Verdict
from adsim.results.risk import TAIL


def explain_risk(comparison: pl.DataFrame, replications: int, money: str) -> Iterator[Message]:
    """Profit in the worst tenth of luck, and how often money is lost, of both plans."""
    rows = {row["metric"]: row for row in comparison.iter_rows(named=True)}
    worst, lost = rows["profit_cvar"], rows["loss_probability"]
    yield say(
        "risk",
        **{plan: amount("profit", worst[plan], money) for plan in ("a", "b")},
        **{f"lost_{plan}": round(lost[plan] * replications) for plan in ("a", "b")},
        count=replications,
    )


def measure_of(aim: Aim) -> Message | Word:
    """What plans are ranked by, in words."""
    metric = Word(aim.measured.name)
    if aim.risk is not None and aim.risk.kind == "cvar":
        return say("cvar_of", metric=metric, percent=100 * aim.risk.level)
    if aim.risk is not None and aim.risk.kind == "worst":
        return say("worst_of", metric=metric)
    return metric


def explain_aim(aim: Aim, n_scenarios: int) -> Iterator[Message]:
    """Which risk counts."""
    risk, metric = aim.risk, Word(aim.measured.name)
    if risk is None:
        return
    if risk.kind == "worst":
        yield say("asked_worst", metric=metric, count=n_scenarios)
    else:
        yield say(f"asked_{risk.kind}", metric=metric, percent=100 * risk.level)


def explain_measure(verdict: Verdict, aim: Aim, money: str) -> Iterator[Message]:
    """What the last test says of the risk that counts."""
    if verdict.risk.is_empty():
        return
    row = verdict.risk.row(0, named=True)
    if row["risk"] != "worst" and not verdict.answer.arrays.bid.any():
        yield say("silent")
    if row["risk"] == "loss":
        shares = {name: 100 * row[name] for name in ("a", "b", "level")}
        yield say("losses", **shares, count=verdict.replications)
        if not verdict.is_kept:
            yield say("losses_unmet")
        return
    names = {"a": "a", "b": "b", "difference": "difference"}
    names |= {"low": "difference_low", "high": "difference_high"}
    told = {
        name: amount(row["metric"], row[key], money, signed=name not in ("a", "b"))
        for name, key in names.items()
    }
    yield say("measure", measure=measure_of(aim), **told)


def explain_front(front: pl.DataFrame, axes: tuple[Axis, Axis], money: str) -> Iterator[Message]:
    """From where to where the front goes."""
    plans = front.filter(pl.col("kind") != "today")
    if plans.is_empty():
        return
    ends = [plans.row(place, named=True) for place in (0, -1)]
    values = [amount(axis.metric, end[axis.name], money) for end in ends for axis in axes]
    names = [_axis(axis) for axis in axes]
    told = dict(zip(("a", "b", "c", "d"), values, strict=True))
    yield say("front", first=names[0], second=names[1], count=plans.height, **told)


def _axis(axis: Axis) -> Message | Word:
    metric = Word(axis.metric)
    return say("cvar_of", metric=metric, percent=100 * TAIL) if axis.is_tail else metric
