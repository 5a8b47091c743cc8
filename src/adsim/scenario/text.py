"""How texts are compared, and how a misspelt name is met."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable

import polars as pl

SEARCHED_AT_MOST = 5_000  # names among which a closest one is looked for; more would take seconds


def normalize(text: str) -> str:
    """Text as it is compared: NFKC, lower case, white space as single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def normalized(column: str) -> pl.Expr:
    """`normalize` of a text column."""
    lower = pl.col(column).str.normalize("NFKC").str.to_lowercase()
    return lower.str.replace_all(r"\s+", " ").str.strip_chars()


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word nearest to a misspelt one, or None where nothing is near."""
    candidates = [name for name in known if abs(len(name) - len(word)) <= 3]
    if len(candidates) > SEARCHED_AT_MOST:
        candidates = [name for name in candidates if name[:1] == word[:1]][:SEARCHED_AT_MOST]
    nearest = difflib.get_close_matches(word, candidates, n=1, cutoff=0.6)
    return nearest[0] if nearest else None


def name_cure(word: str, known: Iterable[str], declare: str) -> str:
    """What to do about an unknown name: the nearest known one, or how to declare it."""
    names = list(known)
    nearest = closest(word, names)
    if nearest is not None:
        return f"did you mean {nearest}? If not, {declare}"
    return (
        f"{declare} (known: {', '.join(names[:10]) or 'none'}{', ...' if len(names) > 10 else ''})"
    )
