"""Reads a page back: its tables, its figures, the data and specifications of its charts."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any


@dataclass
class Table:
    heads: list[str] = field(default_factory=list)
    rows: list[list[tuple[str, float | None]]] = field(default_factory=list)

    def column(self, place: int) -> list[float | None]:
        return [row[place][1] for row in self.rows]

    def texts(self, place: int) -> list[str]:
        return [row[place][0] for row in self.rows]


@dataclass
class Read:
    tables: dict[str, Table]
    figures: list[tuple[str, float | None]]
    text: str
    data: dict[str, list[dict[str, Any]]]
    charts: dict[str, dict[str, Any]]
    places: list[str]


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, Table] = {}
        self.figures: list[tuple[str, float | None]] = []
        self.places: list[str] = []
        self.said: list[str] = []
        self.embedded = ""
        self._open: list[str] = []
        self._table: Table | None = None
        self._cell: list[str] | None = None
        self._value: float | None = None
        self._section = ""
        self._in_data = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag == "div" and known.get("class") == "table":
            self._table = self.tables.setdefault(str(known["id"]).removeprefix("table-"), Table())
        if tag == "div" and known.get("class") == "chart":
            self.places.append(str(known["id"]).removeprefix("chart-"))
        if tag in ("thead", "tbody"):
            self._section = tag
        if tag == "tr" and self._table is not None:
            if self._section == "thead":
                self._table.heads = []
            else:
                self._table.rows.append([])
        if tag in ("th", "td") or (tag == "span" and known.get("class") == "value"):
            self._cell = []
            value = known.get("data-v")
            self._value = float(value) if value else None
        self._in_data = known.get("id") == "page-data"
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._cell is not None and tag in ("th", "td", "span"):
            text = "".join(self._cell)
            if tag == "span":
                self.figures.append((text, self._value))
            elif self._table is not None and self._section == "thead":
                self._table.heads.append(text)
            elif self._table is not None:
                self._table.rows[-1].append((text, self._value))
            self._cell = None
        if tag == "table":
            self._table = None
        self._in_data = False
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._in_data:
            self.embedded += data
        elif not {"script", "style"} & set(self._open[-1:]):
            self.said.append(data)
        if self._cell is not None:
            self._cell.append(data)


def read_page(html: str) -> Read:
    parser = _Parser()
    parser.feed(html)
    parser.close()
    embedded = json.loads(parser.embedded)
    text = re.sub(r"\s+", " ", " ".join(parser.said))
    return Read(
        parser.tables, parser.figures, text, embedded["data"], embedded["charts"], parser.places
    )


def shown_number(text: str) -> float:
    """The number that a text shows: 1,234.5, −3, 12.5 % and +2.1 pp."""
    digits = text.replace("−", "-").replace(",", "").replace("+", "")
    return float(digits.split(" ")[0]) / (100 if digits.endswith(("%", "pp")) else 1)
