"""What a run of a category says, in sentences, English and Chinese."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from adsim.results.heads import Lang

if TYPE_CHECKING:
    from adsim.media.asking import MediaRun


TEXTS = {
    "window": {
        "en": "Media taken away in periods {first} to {last} ({span}), sales counted to the end.",
        "zh": "在第 {first} 至 {last} 期（{span}）逐一去掉各媒体，销售计至期末。",
    },
    "caused": {
        "en": "{medium}: {spend} {currency} cause {revenue} of revenue{between}, {roas} for each "
        "1 spent; {marginal}.",
        "zh": "{medium}：花费 {spend} {currency}，带来销售额 {revenue}{between}，"
        "每花 1 带来 {roas}；{marginal}。",
    },
    "between": {"en": " ({low} to {high})", "zh": "（{low} 至 {high}）"},
    "next": {
        "en": "1 % more brings {roas} for each 1 more",
        "zh": "再多 1% 时每多花 1 带来 {roas}",
    },
    "no_next": {"en": "1 % more cannot be spent", "zh": "再多 1% 也花不出去"},
    "nothing": {"en": "{medium}: nothing is spent.", "zh": "{medium}：没有花费。"},
    "anyway": {
        "en": "{medium} would report {reported} sales of those who have clicked; it causes {caused}"
        ". {anyway} of what it reports would have come anyway.",
        "zh": "{medium} 会报告点击者的 {reported} 件销售，实际带来 {caused} 件；"
        "报告量的 {anyway} 本来就会发生。",
    },
    "more": {
        "en": "{medium} would report {reported} sales of those who have clicked; it causes "
        "{caused}: it moves persons who buy later, or without a click.",
        "zh": "{medium} 会报告点击者的 {reported} 件销售，实际带来 {caused} 件："
        "被它影响的人也会之后购买，或不点击就购买。",
    },
}


def answers(run: MediaRun, lang: Lang) -> list[str]:
    """The answer, medium by medium."""

    def say(key: str, **values: Any) -> str:
        return TEXTS[key][lang].format(**values)

    general = run.scenario.scenario
    first, end = run.scenario.window
    days = run.history()["date"]
    span = f"{days[first]} – {days[end - 1]}"
    lines = [say("window", first=first, last=end - 1, span=span)]
    for row in run.media.to_dicts():
        lines += _of_medium(say, row, general.currency)
    return lines


def _of_medium(say: Any, row: dict[str, Any], currency: str) -> Iterator[str]:
    medium = row["medium"]
    if not row["spend"]:
        yield say("nothing", medium=medium)
        return
    low, high = row["revenue_caused_low"], row["revenue_caused_high"]
    between = "" if low is None else say("between", low=_short(low), high=_short(high))
    marginal = row["marginal_roas"]
    yield say(
        "caused",
        medium=medium,
        spend=_short(row["spend"]),
        currency=currency,
        revenue=_short(row["revenue_caused"]),
        between=between,
        roas=_ratio(row["roas"]),
        marginal=say("no_next") if marginal is None else say("next", roas=f"{marginal:.2f}"),
    )
    if row["sales_reported"]:
        reported, caused = row["sales_reported"], row["sales_caused"]
        share = 1 - caused / reported
        texts = {"medium": medium, "reported": _short(reported), "caused": _short(caused)}
        yield say("anyway", **texts, anyway=f"{share:.0%}") if share > 0 else say("more", **texts)


def _ratio(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"
