"""The page of a category: what each medium causes, whom it moves, what search had anyway."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from adsim.media import MediaRun
from adsim.report import charts
from adsim.report.formats import decimals, number
from adsim.report.page import Block, Cell, Chart, Charts, Head, Page, Points, Prose, Section, Table
from adsim.report.spending import Data
from adsim.report.tables import Field, numbers, with_unit
from adsim.report.words import Words
from adsim.results.registry import COLUMNS
from adsim.scenario.media.states import DIMENSIONS

LEFT_OUT = {"out", "inactive", "unsatiated"}
"""Values that most persons have, beside which others would be a thin line."""

SHOWN = (
    "spend",
    "revenue_caused",
    "sales_caused",
    "roas",
    "marginal_roas",
    "sales_reported",
    "roas_reported",
)
BOUNDED = ("sales_caused", "roas", "marginal_roas")
DRAWN_MOVES = 12
LEAST_MOVED = 1e-4
Made = tuple[Section, Data]


def media_page(words: Words, run: MediaRun, command: str) -> Page:
    """What `media` gave."""
    sections, data = [], Data()
    for made in (
        _caused(words, run),
        _anyway(words, run),
        _over_time(words, run),
        _moved(words, run),
        _sales(words, run),
    ):
        if made is not None:
            sections.append(made[0])
            data |= made[1]
    return Page(
        words,
        words("media_title", name=run.scenario.scenario.name),
        run.sentences(words.lang)[1:],
        list(_facts(words, run)),
        sections,
        run.recipe(),
        data,
        command,
    )


def _facts(words: Words, run: MediaRun) -> Iterator[tuple[str, str]]:
    general = run.scenario.scenario
    days = run.history()["date"]
    first, end = run.scenario.window
    yield words("persons"), f"{general.persons:,}"
    yield words("periods"), words(f"periods_{general.period}s", count=general.periods)
    yield words("measured"), words("span", first=days[first], last=days[end - 1])
    yield words("fidelity"), run.fidelity
    if run.fidelity != "expected":
        yield words("replications"), f"{run.replications:,}"
        yield words("seed"), str(run.seed)
    yield words("currency"), words.currency(general.currency)


def _caused(words: Words, run: MediaRun) -> Made | None:
    """Returns drawn with their intervals, and the table of media."""
    if run.media.is_empty():
        return None
    sales = run.scenario.sales
    even = 1 / (1 - sales.unit_cost / sales.price[0]) if sales.unit_cost < sales.price[0] else 1.0
    drawn = [
        _point(words(text, medium=row["medium"]), row, name)
        for row in run.media.to_dicts()
        for text, name in (
            ("all_of_it", "roas"),
            ("next_part", "marginal_roas"),
            ("reported_part", "roas_reported"),
        )
        if row[name] is not None
    ]
    title = words("media_returns")
    spec, height = charts.intervals("returns", title, len(drawn), ",~f", even)
    chart = Charts([Chart("returns", spec, title, height=height)])
    notes = [words("media_caused_note"), words("media_even_note", even=f"{even:.2f}")]
    blocks: list[Block] = [Prose(notes), *([chart] if drawn else []), _table(words, run)]
    return Section("caused", words("media_caused"), blocks), {"returns": drawn}


def _point(label: str, row: dict[str, Any], name: str) -> dict[str, Any]:
    value = row[name]
    ends = {end: row.get(f"{name}_{end}") for end in ("low", "high")}
    ends = {end: value if found is None else found for end, found in ends.items()}
    return {"label": label, "difference": value, **ends}


def _table(words: Words, run: MediaRun) -> Table:
    currency = run.scenario.scenario.currency
    heads = [Head(words.metric("medium"), is_number=False)]
    columns = [[Cell(name) for name in run.media["medium"]]]
    for name in SHOWN:
        heads.append(Head(with_unit(words, name, currency)))
        columns.append(numbers(run.media, Field(name, heads[-1], COLUMNS[name].unit)))
        if name in BOUNDED:
            heads.append(Head(words("interval")))
            columns.append(_intervals(words, run.media, name))
    return Table("media", words("media_caused"), heads, list(zip(*columns, strict=True)))


def _intervals(words: Words, table: pl.DataFrame, name: str, signed: bool = False) -> list[Cell]:
    unit = COLUMNS[name].unit
    places = decimals(unit, table[name].to_list())
    cells = []
    for low, high in table.select(f"{name}_low", f"{name}_high").iter_rows():
        ends = [number(end, unit, places, signed) for end in (low, high)]
        text = "–" if low is None else words("between", low=ends[0], high=ends[1])
        cells.append(Cell(text, low))
    return cells


def _anyway(words: Words, run: MediaRun) -> Made | None:
    """Reported beside caused, for every search medium that reports something."""
    rows = run.media.filter(pl.col("sales_reported") > 0).to_dicts()
    if not rows:
        return None
    drawn = [
        {
            "label": words(text, medium=row["medium"]),
            "value": row[name],
            "text": f"{row[name]:,.0f}",
        }
        for row in rows
        for text, name in (("anyway_reported", "sales_reported"), ("anyway_caused", "sales_caused"))
    ]
    labels = [row["label"] for row in drawn]
    colors = ["var(--rank)", "var(--shown)"] * len(rows)
    title = words("anyway")
    spec, height = charts.bars("anyway", title, words("units_sold"), labels, colors)
    chart = Charts([Chart("anyway", spec, height=height)])
    return Section("anyway", title, [Prose([words("anyway_note")]), chart]), {"anyway": drawn}


def _over_time(words: Words, run: MediaRun) -> Made:
    """A stack of shares for each dimension that anybody moves in."""
    drawn, data = [], Data()
    for dimension, values in DIMENSIONS.items():
        kept = [value for value in values if value not in LEFT_OUT]
        rows = run.shares.filter(pl.col("dimension") == dimension, pl.col("value").is_in(kept))
        ends = rows.group_by("value").agg(pl.col("share").max() - pl.col("share").min())
        if ends["share"].max() < LEAST_MOVED:  # type: ignore[operator]
            continue
        key, title = f"states-{dimension}", words(f"dimension_{dimension}")
        data[key] = [
            {
                "day": str(row["date"]),
                "value": _state(words, row["value"]),
                "place": kept.index(row["value"]),
                "share": row["share"],
            }
            for row in rows.iter_rows(named=True)
        ]
        labels = [_state(words, value) for value in kept]
        spec = charts.stack(key, title, labels, words("share_of_persons"))
        drawn.append(Chart(key, spec, title, height=charts.STACK_HEIGHT))
    note = Prose([words("states_over_time_note")])
    section = Section("states", words("states_over_time"), [note, Charts(drawn, columns=2)])
    return section, data


def _moved(words: Words, run: MediaRun) -> Made | None:
    """Shares with and without each medium."""
    table = run.moved.filter(pl.col("share_moved").abs() >= LEAST_MOVED)
    if table.is_empty():
        return None
    largest = table.sort(pl.col("share_moved").abs(), descending=True).head(DRAWN_MOVES)
    drawn = [
        _point(f"{row['medium']} · {_state(words, row['value'])}", row, "share_moved")
        for row in largest.to_dicts()
    ]
    title = words("media_moved_chart")
    spec, height = charts.intervals("moved", title, len(drawn), "~%")
    texts = [
        [Cell(name) for name in table["medium"]],
        [Cell(words(f"dimension_{name}")) for name in table["dimension"]],
        [Cell(_state(words, name)) for name in table["value"]],
    ]
    heads = [Head(words.metric(name), is_number=False) for name in ("medium", "dimension", "value")]
    names = ("share", "share_without", "share_moved")
    fields = [Field(n, Head(words.metric(n)), "share", n == "share_moved") for n in names]
    columns = [*texts, *([*map(_plain, numbers(table, field))] for field in fields)]
    columns.append(_intervals(words, table, "share_moved", signed=True))
    heads += [*(field.head for field in fields), Head(words("interval"))]
    blocks = [
        Prose([words("media_moved_note")]),
        Charts([Chart("moved", spec, title, height=height)]),
        Table("moved", words("media_moved"), heads, list(zip(*columns, strict=True))),
    ]
    return Section("moved", words("media_moved"), blocks), {"moved": drawn}


def _state(words: Words, value: str) -> str:
    return words(f"state_{value}")


def _plain(cell: Cell) -> Cell:
    """Without a tone: more persons in a state are neither gain nor loss."""
    return cell._replace(tone="")


def _sales(words: Words, run: MediaRun) -> Made:
    rows = run.history().select(day=pl.col("date").cast(pl.String), units="units").to_dicts()
    title = words("sales_over_time")
    axis = charts.date_axis()
    spec = charts.ranges("sales", title, axis, words("units_sold"), "units", False)
    blocks = [
        Prose([words("sales_over_time_note")]),
        Charts([Chart("sales", spec, height=charts.STACK_HEIGHT)]),
        Points(run.sentences(words.lang)[:1], words("html_lang")),
    ]
    return Section("sales", title, blocks), {"sales": rows}
