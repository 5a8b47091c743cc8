"""The answer of a test, and how it was found, in plain sentences with their numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adsim.creatives.counts import CreativeTable
from adsim.creatives.goals import GOALS
from adsim.creatives.judging import Judged
from adsim.creatives.options import Options
from adsim.creatives.texts import Say
from adsim.scenario.reading import UTF_8

UNEVEN = 1e-3
"""Below this p impressions were hardly shared by chance; why that matters: Fabijan et al.,
Diagnosing Sample Ratio Mismatch in Online Controlled Experiments, KDD 2019."""


def answers(
    say: Say, names: Sequence[str], judged: Sequence[Judged], options: Options
) -> Iterator[str]:
    """What each test says: the decision, the claim, what is still needed, a warning."""
    for name, test in zip(names, judged, strict=True):
        for line in _of_test(say, test, options):
            yield say("of_test", name=name, line=line) if len(names) > 1 else line


def _of_test(say: Say, test: Judged, options: Options) -> Iterator[str]:
    yield _decided(say, test, options)
    if test.leads and test.decision != "single":
        yield _claim(say, test, options)
    if test.decision == "go on":
        yield _needed(say, test, options)
    if test.imbalance_p is not None and test.imbalance_p < UNEVEN:
        p = "p < 1e-12" if test.imbalance_p < 1e-12 else f"p = {test.imbalance_p:.2g}"
        yield say("uneven", imbalance=f"{test.imbalance:.1%}", p=p)


def _decided(say: Say, test: Judged, options: Options) -> str:
    leader = test.names[test.leader]
    values = {
        "leader": leader,
        "best": f"{test.p_best[test.leader]:.1%}",
        "loss": f"{test.loss_share[test.leader]:.2%}",
        "limit": f"{options.care:.2%}",
        "measure": say(options.goal),
    }
    if test.decision == "single":
        return say("single", leader=leader)
    if test.decision == "no difference":
        return say("no_difference", **values | {"loss": f"{test.loss_share.max():.2%}"})
    if test.decision == "take":
        also = [
            name
            for i, name in enumerate(test.names)
            if i != test.leader and test.loss_share[i] <= options.care
        ]
        return say("take", **values) + (say("as_good", names=say("and").join(also)) if also else "")
    if test.leads:
        return say("go_on", **values)
    if not test.successes:
        return say("nothing", counts=say(f"count_{GOALS[options.goal].successes}"))
    return say("tie", leaders=say("and").join(test.front), **values)


def _claim(say: Say, test: Judged, options: Options) -> str:
    leader = test.names[test.leader]
    if test.p_value is None:
        return say("untested", leader=leader)
    key = "proven" if test.p_value <= options.alpha else "not_proven"
    if key == "not_proven" and test.decision == "take":
        key = "not_proven_but"
    return say(key, leader=leader, alpha=f"{options.alpha:.1%}", p=f"{test.p_value:.2g}")


def _needed(say: Say, test: Judged, options: Options) -> str:
    aim = say(
        "aim",
        lift=f"{options.lift:.0%}",
        power=f"{options.power:.0%}",
        alpha=f"{options.alpha:.1%}",
    )
    if test.needed is None:
        return say("unknown_need", aim=aim)
    missing = max(0.0, test.needed - test.impressions.min())
    key = "need" if missing else "need_met"
    return say(key, aim=aim, needed=f"{test.needed:,.0f}", missing=f"{missing:,.0f}")


def methods(
    say: Say, table: CreativeTable, options: Options, spread: float | None, source: str
) -> Iterator[str]:
    """How the figures came about."""
    yield _prior(say, options, spread, source)
    yield say("intervals")
    if GOALS[options.goal].pays or {"orders", "revenue", "spend"} <= set(table.rows.columns):
        yield say("revenues", order_cv=options.order_cv)
    if table.encoding != UTF_8:
        yield say("encoding", encoding=table.encoding)
    if table.sheet is not None:
        yield say("sheet", sheet=table.sheet)
    if table.above:
        yield say("above", count=table.above)
    if table.totals:
        yield say("totals", count=table.totals)
    if table.ignored:
        yield say("ignored", names=", ".join(table.ignored))


def _prior(say: Say, options: Options, spread: float | None, source: str) -> str:
    if spread is None:
        return say("flat")
    borrowed = source == "published" and options.goal != "ctr"
    return say("prior", spread=spread, how=say("borrowed" if borrowed else source))
