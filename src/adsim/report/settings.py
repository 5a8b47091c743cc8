"""What two plans set differently in campaigns: budgets, delivery, premiums, devices, hours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from adsim.report.formats import number, percent, plain
from adsim.report.page import Cell, Head, Table
from adsim.report.words import Words
from adsim.scenario import Plan
from adsim.scenario.models import Campaign


def changed_settings(words: Words, a: Plan, b: Plan, names: tuple[str, str]) -> Table | None:
    """A row a setting that differs; None where none does."""
    rows = list(_rows(words, a, b))
    if not rows:
        return None
    heads = [words.metric("campaign"), words("setting"), *names]
    return Table(
        "settings",
        words("campaign_changes"),
        [Head(head, is_number=False) for head in heads],
        [[Cell(text) for text in row] for row in rows],
    )


def _rows(words: Words, a: Plan, b: Plan) -> Iterator[tuple[str, ...]]:
    if a.account_budget != b.account_budget:
        budgets = (_money(words, plan.account_budget) for plan in (a, b))
        yield (words("account"), words("set_budget"), *budgets)
    for old, new in zip(a.campaigns, b.campaigns, strict=True):
        before, after = dict(_settings(words, old)), dict(_settings(words, new))
        for name in dict.fromkeys([*before, *after]):
            texts = before.get(name, "–"), after.get(name, "–")
            if texts[0] != texts[1]:
                yield (old.name, name, *texts)


def _settings(words: Words, campaign: Campaign) -> Iterator[tuple[str, str]]:
    yield words("set_budget"), _money(words, campaign.daily_budget)
    yield words("set_delivery"), words(campaign.delivery)
    for crowd, premium in campaign.premiums.items():
        yield words("set_premium", name=crowd), percent(premium, signed=True)
    for device, factor in campaign.devices.items():
        yield words("set_device", name=device), f"× {plain(factor)}"
    cap = campaign.frequency_cap
    text = words("set_cap_days", cap=cap or 0, days=campaign.cap_days)
    yield words("set_cap"), words("unlimited") if cap is None else text
    yield words("set_hours"), hours_text(words, campaign.hours)


def _money(words: Words, budget: float | None) -> str:
    return words("unlimited") if budget is None else number(budget, "money")


def hours_text(words: Words, hours: Sequence[Sequence[float]]) -> str:
    """Coefficients in words: spans of equal hours, days that are alike together."""
    names = words("weekdays").split()
    found: dict[str, list[str]] = {}
    for name, day in zip(names, hours, strict=True):
        found.setdefault(_day_text(words, day), []).append(name)
    if len(found) == 1:
        return next(iter(found))
    return "; ".join(words("colon", name=" ".join(d), text=text) for text, d in found.items())


def _day_text(words: Words, day: Sequence[float]) -> str:
    spans = []
    for factor, span in groupby(range(24), key=lambda hour: day[hour]):
        hours = list(span)
        first, last = hours[0], hours[-1] + 1
        spans.append(words("hour_span", first=first, last=last, factor=plain(factor)))
    return ", ".join(spans)
