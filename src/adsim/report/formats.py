"""Numbers as a page shows them: as many digits as help, a true minus, a dash for nothing."""

from __future__ import annotations

from collections.abc import Iterable

from adsim.results.registry import Unit

NOTHING = "–"


def decimals(unit: Unit, values: Iterable[float | None]) -> int:
    """Decimals with which all of `values` are shown, so that their points stand in line."""
    largest = max((abs(value) for value in values if value is not None), default=0.0)
    if unit == "share":
        return 2 if largest < 0.1 else 1
    if unit == "count":
        return 2 if largest < 100 else 1 if largest < 10_000 else 0
    return 0 if unit == "money" and largest >= 10_000 else 2


def number(value: float | None, unit: Unit, places: int | None = None, signed: bool = False) -> str:
    """One number; a signed share is a difference in percentage points."""
    if value is None:
        return NOTHING
    places = decimals(unit, [value]) if places is None else places
    if unit == "share":
        tail = " pp" if signed else " %"
        text = f"{100 * value:{'+' if signed else ''}z,.{places}f}{tail}"
    else:
        text = f"{value:{'+' if signed else ''}z,.{places}f}"
    return text.replace("-", "−")


def percent(value: float | None, signed: bool = False) -> str:
    """A part of 1 in percent with two digits that matter."""
    if value is None:
        return NOTHING
    size = abs(100 * value)
    if size < 0.00005:
        return "0 %"
    places = 0 if size >= 10 else 1 if size >= 1 else 2 if size >= 0.01 else 4
    return f"{100 * value:{'+' if signed else ''}z,.{places}f} %".replace("-", "−")


def plain(value: float) -> str:
    """A bid or factor as it was typed."""
    return f"{value:,.10g}".replace("-", "−")
