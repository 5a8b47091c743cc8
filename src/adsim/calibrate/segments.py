"""Rows of a report by device, hour, network and the like: which add up, and which do not."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from adsim.calibrate.columns import KEY
from adsim.errors import Problem
from adsim.scenario.reported import plain_name
from adsim.scenario.tables import Sheet
from adsim.scenario.text import normalized

ADDITIVE = (
    *("device", "device type", "设备", "设备类型", "终端"),
    *("hour", "hour of the day", "hour of day", "小时", "时段", "时间段"),
    *(
        "day of the week",
        "day of week",
        "week",
        "month",
        "quarter",
        "year",
        "星期",
        "周",
        "月",
        "月份",
    ),
    *("network", "network (with search partners)", "网络", "投放网络", "流量来源", "流量渠道"),
    *("placement", "placement type", "top vs. other", "top vs. side", "广告位", "资源位"),
    *("投放位置", "展示位置", "投放位"),
    *("country", "country/territory", "region", "province", "city", "地域", "地区", "省份", "城市"),
    *("age", "age range", "gender", "年龄", "性别"),
)
"""Names of columns each of whose values has impressions of its own."""

PARTIAL = {
    "an impression counts in every crowd that its searcher is in, and in none for others": (
        *("audience", "audience segment", "audience name", "crowd", "crowds"),
        *("人群", "人群名称", "定向人群", "人群包"),
    ),
    "platforms leave out the searches that were rare or brought no click": (
        *("search term", "customer search term", "search terms", "search query", "query"),
        *("搜索词", "买家搜索词", "用户搜索词", "检索词"),
    ),
    "an impression counts for every kind of click that it offers": ("click type", "点击类型"),
    "impressions and clicks belong to all of them alike": (
        *("conversion action", "conversion name", "conversion category", "转化类型", "转化目标"),
    ),
}
"""Why rows by the columns of these names do not add up to their keyword's."""


@dataclass(frozen=True)
class Segment:
    """A column by which a keyword has several rows.

    Attributes:
        title: Its name in the file.
        values: How many different ones it has.
    """

    title: str
    values: int


def find_segments(sheet: Sheet, cells: pl.DataFrame) -> tuple[tuple[Segment, ...], list[Problem]]:
    """What tells the rows of one keyword (and day) apart, and every row that nothing tells apart.

    `cells` are those of the file, a line a line of the sheet.
    """
    days = [name for name in ("day",) if name in sheet.frame.columns]
    key = sheet.frame.select(*(normalized(name) for name in KEY), *days)
    if not key.is_duplicated().any():
        return (), []
    found = [title for title in cells.columns if plain_name(title) in _plain(ADDITIVE)]
    apart = key.with_columns(cells[title].alias(f"\0{title}") for title in found)
    if problem := _partial_problem(sheet.where, cells, apart):
        return (), [problem]
    counts = {title: cells[title].n_unique() for title in found}
    segments = tuple(Segment(title, count) for title, count in counts.items() if count > 1)
    return segments, _repeated(sheet, apart, [*KEY, *days, *found])


def _plain(names: tuple[str, ...]) -> set[str]:
    return {plain_name(name) for name in names}


def _partial_problem(where: str, cells: pl.DataFrame, apart: pl.DataFrame) -> Problem | None:
    """Why the rows that are still alike do not add up, where a column tells."""
    alike = cells.filter(apart.is_duplicated())
    for reason, names in PARTIAL.items():
        for title in cells.columns:
            if plain_name(title) in _plain(names) and alike[title].n_unique() > 1:
                rule = f"rows of one keyword must add up, and those by {title} do not"
                found = f"there are {alike.height} such rows ({reason})"
                return Problem(where, rule, found, f"export the report without {title}")
    return None


def _repeated(sheet: Sheet, apart: pl.DataFrame, names: list[str]) -> list[Problem]:
    lines = apart.with_row_index("\0line")
    first = lines.select(pl.col("\0line").first().over(apart.columns))["\0line"]
    key = sheet.frame.select(name for name in names if name in sheet.frame.columns)
    return sheet.problems(
        first != lines["\0line"],
        f"{', '.join(names)} must be unique",
        lambda line: (
            f"row {sheet.rows[first[line]]} has the same ({', '.join(map(str, key.row(line)))})"
        ),
        "add the rows of one keyword up",
    )
