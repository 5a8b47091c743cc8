"""Altair charts of a page, each over one named data set that the page embeds.

Colors are variables of the style sheet, so that dark mode and print need no other drawing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from adsim.report.page import Spec

MONEY = ",.2f"
AXIS = ",~f"
BAR = 26
"""Height of a bar with the space around it."""

STACK_HEIGHT = 230
STACK_COLORS = ("#4a93d9", "#dd8a2e", "#8fa3b5", "#7bb6a0", "#2f5f8f", "#b0688f", "#c9b458")
"""Colors of stacked kinds, told apart on white and on dark."""

ROOM = 46
"""Height of a horizontal axis with its title."""


def intervals(
    data: str, description: str, rows: int, form: str, origin: float = 0.0
) -> tuple[Spec, int]:
    """Values with their intervals: columns label, difference, low, high; a line at `origin`."""
    base = alt.Chart(alt.NamedData(data)).encode(y=alt.Y("label:N", sort=None, title=None))
    line = alt.Chart(alt.NamedData(data)).mark_rule(color="var(--soft)")
    whisker = base.mark_rule(strokeWidth=2.5, color="var(--new)").encode(
        x=alt.X("low:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(format=form)),
        x2="high:Q",
    )
    told = form.replace(",~f", MONEY).replace("~%", ".1%")
    dot = base.mark_point(filled=True, size=70, opacity=1, color="var(--new)").encode(
        x="difference:Q",
        tooltip=_tooltip([("label", None), *((n, told) for n in ("difference", "low", "high"))]),
    )
    height = BAR * rows + ROOM - 16
    layers = alt.layer(line.encode(x=alt.datum(origin)), whisker, dot)
    return _finished(layers, description, height), height


def landscape(data: str, description: str, metrics: Sequence[str], bid: str, unit: str) -> Spec:
    """What bids bring: columns bid, the metrics, and mark ("a", "b", "both" or null)."""
    base = alt.Chart(alt.NamedData(data))
    colors = ["var(--ink)", "var(--spend)"]
    lines = (
        base.transform_fold(list(metrics), as_=["metric", "amount"])
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("bid:Q", title=bid, scale=alt.Scale(nice=False, zero=False), axis=_bid_axis()),
            y=alt.Y("amount:Q", title=unit, axis=alt.Axis(format=AXIS)),
            color=alt.Color(
                "metric:N", legend=None, scale=alt.Scale(domain=list(metrics), range=colors)
            ),
        )
    )
    zero = base.mark_rule(color="var(--soft)", strokeWidth=1).encode(y=alt.datum(0))
    marked = base.transform_filter("datum.mark != null")
    rule = marked.mark_rule(strokeDash=[3, 3]).encode(x="bid:Q", color=_mark_color())
    point = marked.mark_point(filled=True, size=90, opacity=1).encode(
        x="bid:Q",
        y=f"{metrics[0]}:Q",
        color=_mark_color(),
        shape=alt.Shape(
            "mark:N", legend=None, scale=alt.Scale(domain=["a", "b"], range=["circle", "diamond"])
        ),
        tooltip=_tooltip([("bid", None), *((metric, MONEY) for metric in metrics)]),
    )
    layers = alt.layer(zero, rule, lines, point).resolve_scale(color="independent")
    return _finished(layers, description, 190)


def _bid_axis() -> alt.Axis:
    return alt.Axis(format=AXIS, tickCount=4, labelOverlap=True, grid=False)


def _mark_color() -> alt.Color:
    scale = alt.Scale(domain=["a", "b"], range=["var(--today)", "var(--new)"])
    return alt.Color("mark:N", legend=None, scale=scale)


def day_spend(
    data: str, description: str, plans: Sequence[str], texts: Sequence[str], limited: bool
) -> Spec:
    """Spend since midnight: columns plan, hour (0 to 24), spent, budget; one line a plan.

    `limited`: whether there is a budget to draw.
    """
    hour, spent = texts
    colors = ["var(--today)", "var(--new)"][-len(plans) :]
    color = alt.Color("plan:N", legend=None, scale=alt.Scale(domain=list(plans), range=colors))
    base = alt.Chart(alt.NamedData(data))
    x = alt.X(
        "hour:Q",
        title=hour,
        scale=alt.Scale(domain=[0, 24]),
        axis=alt.Axis(values=list(range(0, 25, 6)), format="d", grid=False),
    )
    lines = base.mark_line(strokeWidth=2.5).encode(
        x=x, y=alt.Y("spent:Q", title=spent, axis=alt.Axis(format=AXIS)), color=color
    )
    limit = (
        base.transform_filter("datum.hour == 0 && datum.budget != null")
        .mark_rule(strokeDash=[6, 4], strokeWidth=1.5)
        .encode(y="budget:Q", color=alt.value("var(--ink)"))
    )
    points = base.mark_point(opacity=0, size=120).encode(
        x="hour:Q",
        y="spent:Q",
        tooltip=_tooltip([("plan", None), ("hour", None), ("spent", MONEY)]),
    )
    layers = [limit, lines, points] if limited else [lines, points]
    return _finished(alt.layer(*layers), description, 180)


def shares(
    data: str, description: str, kinds: Sequence[str], axis: str, counts: tuple[int, int]
) -> tuple[Spec, int]:
    """Stacked parts of 1: columns campaign, plan, kind, share, place (0, 1, ..: left to right).

    `counts` are the numbers of campaigns and of plans; with several, each bar bears its plan.
    """
    colors = ["var(--shown)", "var(--rank)", "var(--out)", "var(--cap)"][: len(kinds)]
    scale = alt.Scale(domain=list(kinds), range=colors)
    campaigns, plans = counts
    base = alt.Chart(alt.NamedData(data)).encode(
        y=alt.Y("campaign:N", sort=None, title=None, scale=alt.Scale(paddingInner=0.25)),
        yOffset=alt.YOffset("plan:N", sort=None, scale=alt.Scale(paddingInner=0.12)),
    )
    x = alt.X(
        "share:Q",
        title=axis,
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format="~%", values=[0, 0.25, 0.5, 0.75, 1]),
    )
    bar = base.mark_bar().encode(
        x=x,
        color=alt.Color("kind:N", legend=None, scale=scale),
        order=alt.Order("place:Q"),
        tooltip=_tooltip([("campaign", None), ("plan", None), ("kind", None), ("share", ".2%")]),
    )
    layers = [bar]
    if plans > 1:
        name = base.transform_filter("datum.place == 0").mark_text(
            align="left", dx=6, fill="#ffffff", fontSize=11
        )
        layers.append(name.encode(x=alt.datum(0), text="plan:N"))
    height = (19 * plans + 6) * campaigns + ROOM
    return _finished(alt.layer(*layers), description, height), height


def bars(
    data: str, description: str, axis: str, labels: Sequence[str], colors: Sequence[str]
) -> tuple[Spec, int]:
    """A few values side by side, each with its number: columns label, value, text."""
    base = alt.Chart(alt.NamedData(data)).encode(
        y=alt.Y("label:N", sort=None, title=None),
        x=alt.X("value:Q", title=axis, axis=alt.Axis(format=AXIS)),
    )
    bar = base.mark_bar(height=18).encode(
        color=alt.Color(
            "label:N", legend=None, scale=alt.Scale(domain=list(labels), range=list(colors))
        )
    )
    text = base.mark_text(align="left", dx=6).encode(text="text:N")
    height = BAR * len(colors) + ROOM
    return _finished(alt.layer(bar, text), description, height), height


def beside(
    data: str, description: str, axis: str, kinds: Sequence[str], rows: int
) -> tuple[Spec, int]:
    """Bars of each kind side by side by label: columns label, kind, value, low, high (or null)."""
    colors = ["var(--today)", "var(--new)"]
    base = alt.Chart(alt.NamedData(data)).encode(
        y=alt.Y("label:N", sort=None, title=None, scale=alt.Scale(paddingInner=0.25)),
        yOffset=alt.YOffset("kind:N", sort=None, scale=alt.Scale(paddingInner=0.1)),
    )
    scale = alt.Scale(domain=list(kinds), range=colors[: len(kinds)])
    fields = [("label", None), ("kind", None), *((n, MONEY) for n in ("value", "low", "high"))]
    bar = base.mark_bar().encode(
        x=alt.X("value:Q", title=axis, axis=alt.Axis(format=AXIS)),
        color=alt.Color("kind:N", legend=None, scale=scale),
        tooltip=_tooltip(fields),
    )
    known = base.transform_filter("datum.low != null")
    whisker = known.mark_rule(strokeWidth=1.5, color="var(--ink)").encode(x="low:Q", x2="high:Q")
    height = (17 * len(kinds) + 8) * rows + ROOM
    return _finished(alt.layer(bar, whisker), description, height), height


def progress(data: str, description: str, x: str, y: str) -> Spec:
    """A search trial by trial: columns trial, score, best (so far)."""
    base = alt.Chart(alt.NamedData(data)).encode(
        x=alt.X("trial:Q", title=x, axis=alt.Axis(format="d", grid=False, tickMinStep=1))
    )
    scale = alt.Scale(zero=False)
    best = base.mark_line(interpolate="step-after", strokeWidth=2.5, color="var(--new)").encode(
        y=alt.Y("best:Q", title=y, scale=scale, axis=alt.Axis(format=AXIS))
    )
    dots = base.mark_point(size=30, opacity=0.8, color="var(--today)").encode(
        y=alt.Y("score:Q", title=y, scale=scale),
        tooltip=_tooltip([("trial", None), ("score", MONEY)]),
    )
    return _finished(alt.layer(dots, best), description, 170)


def front(data: str, description: str, first: str, second: str) -> Spec:
    """Plans by two goals, with intervals: columns first, second, each _low, _high, plan, kind."""
    base = alt.Chart(alt.NamedData(data))
    scale = alt.Scale(zero=False)
    x = alt.X("first:Q", title=first, scale=scale, axis=alt.Axis(format=AXIS))
    y = alt.Y("second:Q", title=second, scale=scale, axis=alt.Axis(format=AXIS))
    kinds = ["front", "today", "recommended"]
    colors = ["var(--value)", "var(--today)", "var(--new)"]
    color = alt.Color("kind:N", legend=None, scale=alt.Scale(domain=kinds, range=colors))
    across = base.mark_rule(opacity=0.5).encode(
        x=alt.X("first_low:Q", title=first), x2="first_high:Q", y=y, color=color
    )
    up = base.mark_rule(opacity=0.5).encode(
        x=x, y=alt.Y("second_low:Q", title=second), y2="second_high:Q", color=color
    )
    fields = [("plan", None), ("first", MONEY), ("second", MONEY)]
    dots = base.mark_point(filled=True, size=80, opacity=1).encode(
        x=x, y=y, color=color, tooltip=_tooltip(fields)
    )
    return _finished(alt.layer(across, up, dots), description, 260)


def ranges(data: str, description: str, x: alt.X, y: str, metric: str, banded: bool) -> Spec:
    """A metric along hours or days, with the band of its quantiles where there is one."""
    base = alt.Chart(alt.NamedData(data)).encode(x=x)
    axis = alt.Y(f"{metric}:Q", title=y, axis=alt.Axis(format=AXIS))
    fields = [f"{metric}_low", metric, f"{metric}_high"] if banded else [metric]
    line = base.mark_line(strokeWidth=2.5, color="var(--value)").encode(y=axis)
    points = base.mark_point(opacity=0, size=120).encode(
        y=axis,
        tooltip=_tooltip([(str(x.shorthand).split(":")[0], None), *((f, MONEY) for f in fields)]),
    )
    layers = [line, points]
    if banded:
        band = base.mark_area(color="var(--band)").encode(
            y=alt.Y(f"{metric}_low:Q", title=y), y2=f"{metric}_high:Q"
        )
        layers.insert(0, band)
    return _finished(alt.layer(*layers), description, 210)


def errors(data: str, description: str, axis: str, rows: int, largest: float) -> tuple[Spec, int]:
    """Relative errors up to the `largest`: columns campaign, metric, error."""
    scale = alt.Scale(domain=[-largest, largest])
    base = alt.Chart(alt.NamedData(data))
    zero = base.mark_rule(color="var(--soft)").encode(x=alt.datum(0))
    dots = base.mark_point(filled=True, size=60, opacity=0.8, color="var(--new)").encode(
        y=alt.Y("metric:N", sort=None, title=None),
        x=alt.X("error:Q", title=axis, scale=scale, axis=alt.Axis(format="+.1~%")),
        tooltip=_tooltip([("campaign", None), ("metric", None), ("error", ".3%")]),
    )
    return _finished(alt.layer(zero, dots), description, height := BAR * rows + ROOM), height


def stack(
    data: str, description: str, kinds: Sequence[str], axis: str, x: alt.X | None = None
) -> Spec:
    """Shares along dates, or `x`, one on the other: columns day, value (a kind), place, share."""
    scale = alt.Scale(domain=list(kinds), range=list(STACK_COLORS[: len(kinds)]))
    legend = alt.Legend(orient="bottom", title=None, columns=3, labelLimit=0, symbolType="square")
    chart = (
        alt.Chart(alt.NamedData(data))
        .mark_area()
        .encode(
            x=x or date_axis(),
            y=alt.Y("share:Q", title=axis, axis=alt.Axis(format="~%", tickCount=4)),
            color=alt.Color("value:N", scale=scale, legend=legend),
            order=alt.Order("place:Q"),
            tooltip=_tooltip([("day", None), ("value", None), ("share", ".2%")]),
        )
    )
    return _finished(chart, description, STACK_HEIGHT)


def date_axis() -> alt.X:
    """Dates over months and years."""
    return alt.X("day:T", title=None, axis=alt.Axis(format="%Y-%m", grid=False, tickCount=5))


def hour_axis(title: str) -> alt.X:
    """Hours 0 to 23."""
    axis = alt.Axis(values=list(range(0, 24, 3)), format="d", grid=False)
    return alt.X("hour:Q", title=title, axis=axis, scale=alt.Scale(domain=[0, 23]))


def number_axis(title: str) -> alt.X:
    """Days counted from 0."""
    return alt.X("day:Q", title=title, axis=alt.Axis(format="d", grid=False, tickMinStep=1))


def day_axis() -> alt.X:
    """Dates."""
    axis = alt.Axis(format="%m-%d", grid=False, labelOverlap=True, tickCount=8)
    return alt.X("day:T", title=None, axis=axis)


def _tooltip(fields: Sequence[tuple[str, str | None]]) -> list[alt.Tooltip]:
    return [
        alt.Tooltip(f"{name}:N") if form is None else alt.Tooltip(f"{name}:Q", format=form)
        for name, form in fields
    ]


def _finished(chart: Any, description: str, height: int) -> Spec:
    """The specification, as wide as its place; the page's script adds the looks."""
    sized = chart.properties(
        width="container",
        height=height,
        description=description,
        autosize=alt.AutoSizeParams(type="fit", contains="padding"),
    )
    spec: Spec = sized.to_dict()
    return {key: value for key, value in spec.items() if key not in ("config", "usermeta")}
