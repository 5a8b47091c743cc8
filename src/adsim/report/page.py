"""The frame of every page: sections of blocks in, one file of HTML out.

A block is a small data class with the template that draws it. Data of charts are embedded once, as
JSON; the script draws them with vega-embed, which is inlined.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar, NamedTuple

import adsim
from adsim.report.words import Words

FIRST_ROWS = 20
"""Rows of a long table that are shown before a button shows all."""

Spec = dict[str, Any]


class Cell(NamedTuple):
    """What a cell shows, the number behind it, and whether it is a `gain` or a `loss`."""

    text: str
    value: float | None = None
    tone: str = ""


class Head(NamedTuple):
    """A column's heading; columns of one `group` stand under a common one."""

    text: str
    group: str = ""
    is_number: bool = True


class Block:
    """Something in a section, drawn by its template."""

    template: ClassVar[str]


@dataclass(frozen=True)
class Prose(Block):
    """Paragraphs."""

    template: ClassVar[str] = "prose.html"
    lines: Sequence[str]


@dataclass(frozen=True)
class Points(Block):
    """A list of sentences, in the language they are written in."""

    template: ClassVar[str] = "points.html"
    lines: Sequence[str]
    lang: str


@dataclass(frozen=True)
class Figure:
    """One headline figure: a label with its unit, the value, and notes below it."""

    label: str
    value: Cell
    notes: Sequence[Cell] = ()


@dataclass(frozen=True)
class Figures(Block):
    """Headline figures side by side."""

    template: ClassVar[str] = "figures.html"
    figures: Sequence[Figure]


@dataclass(frozen=True)
class Table(Block):
    """A table that can be sorted; from `FIRST_ROWS` rows on it can be filtered and folded."""

    template: ClassVar[str] = "table.html"
    key: str
    caption: str
    heads: Sequence[Head]
    rows: Sequence[Sequence[Cell]]
    note: str = ""

    @property
    def is_long(self) -> bool:
        return len(self.rows) > FIRST_ROWS

    @property
    def groups(self) -> list[tuple[str, int]]:
        """Headings above the headings with the number of columns of each."""
        found: list[tuple[str, int]] = []
        for head in self.heads:
            if found and head.group and found[-1][0] == head.group:
                found[-1] = (head.group, found[-1][1] + 1)
            else:
                found.append((head.group, 1))
        return found if any(name for name, _ in found) else []


@dataclass(frozen=True)
class Chart:
    """A Vega-Lite specification whose data are one of the page's named data sets."""

    key: str
    spec: Spec
    title: str = ""
    note: str = ""
    height: int = 240


@dataclass(frozen=True)
class Legend(Block):
    """What the marks of charts mean: (class of the sample, text)."""

    template: ClassVar[str] = "legend.html"
    entries: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Charts(Block):
    """Charts side by side, as many in a row as there is room for."""

    template: ClassVar[str] = "charts.html"
    charts: Sequence[Chart]
    columns: int = 1


@dataclass(frozen=True)
class Section:
    """A titled part of the page; `key` is its anchor."""

    key: str
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Page:
    """A whole page.

    Attributes:
        title, answer: The heading, and what it comes to in a sentence or two.
        facts: What was done: (name, value).
        sections: The parts, in order.
        data: Named data sets of the charts: rows of objects.
        recipe: All that the numbers depend on.
        command: The command that repeats it, if it came from one.
    """

    words: Words
    title: str
    answer: Sequence[str]
    facts: Sequence[tuple[str, str]]
    sections: Sequence[Section]
    recipe: Mapping[str, Any]
    data: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    command: str = ""


def render(page: Page) -> str:
    """The page as HTML; the same page gives the same bytes."""
    charts = [
        chart
        for section in page.sections
        for block in section.blocks
        if isinstance(block, Charts)
        for chart in block.charts
    ]
    text: str = (
        _environment()
        .get_template("page.html")
        .render(
            page=page,
            words=page.words,
            version=adsim.__version__,
            first_rows=FIRST_ROWS,
            recipe=json.dumps(page.recipe, ensure_ascii=False, indent=2, sort_keys=True),
            embedded=_embedded({"data": page.data, "charts": {c.key: c.spec for c in charts}}),
            library=_library() if charts else "",
            script=_source("page.js"),
            style=_source("page.css"),
        )
    )
    return text


def _embedded(value: object) -> str:
    """JSON that may stand inside a script element: no `<` can end it."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


@cache
def _library() -> str:
    """vega, vega-lite and vega-embed in one script that keeps its names to itself."""
    import vl_convert

    bundle = vl_convert.javascript_bundle("window.vegaEmbed=vegaEmbed;").replace(
        "</script", "<\\/script"
    )
    return f"(() => {{{bundle}}})();"


@cache
def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("adsim.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _source(name: str) -> str:
    text: str = _environment().loader.get_source(_environment(), name)[0]
    return text
