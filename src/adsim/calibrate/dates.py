"""Days and ranges of days as reports write them."""

from __future__ import annotations

import datetime
import re
from contextlib import suppress

import polars as pl

_ONE = r"(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{8}|[A-Z][a-z]{2,8}\.? \d{1,2}, \d{4})"
RANGE = re.compile(rf"({_ONE})\s*(?:至|到|~|～|—|–|-|to)\s*({_ONE})")
FORMATS = ("%Y-%m-%d", "%Y%m%d", "%B %d, %Y", "%b %d, %Y")


def days_of_range(text: str) -> int | None:
    """Days of the first range in a text, such as 2025-06-01至2025-06-30; None without one."""
    found = RANGE.search(text)
    ends = [_date(end) for end in found.groups()] if found else []
    first, last = ends if len(ends) == 2 else (None, None)
    return None if first is None or last is None else max(1, (last - first).days + 1)


def date_of(column: str) -> pl.Expr:
    """Texts such as 2025-06-01, 2025/6/1 and 20250601 as dates."""
    parted = pl.col(column).str.replace(r"^(\d{4})(\d{2})(\d{2})$", "${1}-${2}-${3}")
    return parted.str.replace_all(r"[/.]", "-").str.to_date("%Y-%m-%d", strict=False)


def _date(text: str) -> datetime.date | None:
    plain = re.sub(r"[年月/]|(?<=\d)\.", "-", text).rstrip("日").replace(".", "")
    for form in FORMATS:
        with suppress(ValueError):
            return datetime.datetime.strptime(plain, form).date()
    return None
