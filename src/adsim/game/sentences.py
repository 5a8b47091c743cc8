"""What games say, in sentences, English and Chinese."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adsim.results.heads import Lang

if TYPE_CHECKING:
    from adsim.game.playing import GameRun


TEXTS = {
    "most": {
        "en": "{advertiser} earns most: {profit} {currency} a game{between}.",
        "zh": "{advertiser} 利润最高：每局 {profit} {currency}{between}。",
    },
    "between": {"en": " ({low} to {high})", "zh": "（{low} 至 {high}）"},
    "ahead": {
        "en": "It is ahead of {other} by {gain} a game{between}, game by game under the same luck.",
        "zh": "与 {other} 逐局相比（随机性相同），每局多 {gain}{between}。",
    },
    "least": {
        "en": "{advertiser} earns least: {profit}.",
        "zh": "{advertiser} 利润最低：{profit}。",
    },
    "searches": {
        "en": "Searches a day: {searches}; {orders} orders, {spend} {currency} for ads.",
        "zh": "每天搜索：{searches}；成交 {orders} 单，广告花费 {spend} {currency}。",
    },
}


def answers(run: GameRun, lang: Lang) -> list[str]:
    """Who earned most and least, and what a day of users brought."""
    from adsim.results.compare import half_width

    def say(key: str, **values: Any) -> str:
        return TEXTS[key][lang].format(**values)

    def between(low: float | None, high: float | None) -> str:
        told = low is not None and high is not None and low == low
        return say("between", low=f"{low:,.0f}", high=f"{high:,.0f}") if told else ""

    currency = run.game.game.currency
    rows = sorted(run.advertisers.to_dicts(), key=lambda row: -row["profit"])
    best = rows[0]
    lines = [
        say(
            "most",
            advertiser=best["advertiser"],
            profit=f"{best['profit']:,.0f}",
            currency=currency,
            between=between(best["profit_low"], best["profit_high"]),
        )
    ]
    if len(rows) > 1:
        profit = {
            name[0]: group["profit"].to_numpy()
            for name, group in run.by_game.group_by(["advertiser"], maintain_order=True)
        }
        gain = profit[best["advertiser"]] - profit[rows[1]["advertiser"]]
        mean, half = float(gain.mean()), half_width(gain)
        ends = between(mean - half, mean + half)
        other = rows[1]["advertiser"]
        lines.append(say("ahead", other=other, gain=f"{mean:,.0f}", between=ends))
        least = rows[-1]
        lines.append(say("least", advertiser=least["advertiser"], profit=f"{least['profit']:,.0f}"))
    days = run.days_played
    counts = zip(run.classes["class"], run.classes["searches"], strict=True)
    lines.append(
        say(
            "searches",
            searches=", ".join(f"{name} {count / days:,.1f}" for name, count in counts),
            orders=f"{run.classes['orders'].sum() / days:,.1f}",
            spend=f"{run.classes['spend'].sum() / days:,.0f}",
            currency=currency,
        )
    )
    return lines
