"""Conditions in SQL over the traits of one person: parsed and judged by polars, never as Python."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

import polars as pl
from polars.exceptions import PanicException, PolarsError

from adsim.scenario.models import Crowd
from adsim.scenario.text import name_cure

TOKEN = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|[^\W\d]\w*|\S""")
FUNCTIONS = (
    "abs", "cast", "ceil", "coalesce", "ends_with", "floor", "greatest", "if", "least", "length",
    "lower", "nullif", "round", "starts_with", "upper",
)  # fmt: skip
BEFORE_BRACKET = {"and", "or", "not", "in", "between", "case", "when", "then", "else", "like", "is"}
BEYOND_ONE_PERSON = {
    "current_date", "current_time", "current_timestamp", "exists", "over", "select",
}  # fmt: skip
COMPARISONS = set("=<>!")
KINDS: Mapping[type[pl.DataType], str] = {
    pl.Enum: "texts", pl.String: "texts", pl.Boolean: "true or false", pl.Null: "nothing",
}  # fmt: skip

Broken = tuple[str, str, str]
"""A broken rule: rule, found, cure, as `errors.Problem` has them."""


def parse_condition(text: str) -> pl.Expr:
    """The condition as polars has it; raises PolarsError where it is no SQL expression."""
    return pl.sql_expr(text)


def names_in(text: str) -> list[str]:
    """Columns and crowds that a condition names, each once; none where it is no SQL."""
    try:
        return list(dict.fromkeys(parse_condition(text).meta.root_names()))
    except (PolarsError, PanicException):
        return []


def broken_condition(text: str, known: pl.DataFrame) -> Broken | None:
    """What is wrong with a condition, if anything.

    Args:
        text: The condition.
        known: A frame without rows: the columns that the condition may name, with their types.
    """
    words = TOKEN.findall(text)
    try:
        names = names_in(text)
        parse_condition(text)
    except (PolarsError, PanicException) as error:
        found = f"is not: {first_line(error)}"
        return "must be a condition in SQL", found, "write it like age = '18-24' AND spend >= 3"
    return (
        _beyond_one_person(words)
        or _unknown_name([*names, *_quoted(words)], known)
        or _unknown_text(words, known)
        or _no_condition(text, known)
    )


def first_line(error: BaseException) -> str:
    """The first line of an error of polars; the others show its plan."""
    return str(error).split("\n", 1)[0]


def _beyond_one_person(words: Sequence[str]) -> Broken | None:
    for word, following in zip(words, [*words[1:], ""], strict=True):
        name = word.lower()
        is_call = following == "(" and name.isidentifier() and name not in BEFORE_BRACKET
        if name in BEYOND_ONE_PERSON or (is_call and name not in FUNCTIONS):
            cure = f"leave it out (functions: {', '.join(FUNCTIONS)})"
            return "must look at one person at a time", f"holds {word}", cure
    return None


def _unknown_name(names: Sequence[str], known: pl.DataFrame) -> Broken | None:
    for name in names:
        if name not in known.columns:
            cure = name_cure(name, known.columns, "use one that is there; texts go into '...'")
            return "must name columns of the population or crowds", f"{name} is none", cure
    return None


def _quoted(words: Sequence[str]) -> list[str]:
    """Names in quotes: polars would take "^...$" for a pattern of names."""
    return [_spelled(word, '"') for word in words if word.startswith('"')]


def _unknown_text(words: Sequence[str], known: pl.DataFrame) -> Broken | None:
    """A text that no person has: it would silently make nobody."""
    for name, text in _compared(words):
        dtype = known.schema.get(name)
        if isinstance(dtype, pl.Enum) and text not in dtype.categories:
            cure = name_cure(text, dtype.categories, "use a value that is there")
            return f"must compare {name} with a value of it", f"{text!r} is none", cure
    return None


def _compared(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each 'text' with the column that =, <, > or IN compares it with."""
    for place, word in enumerate(words):
        if not word.startswith("'"):
            continue
        before = place - 1
        while before > 0 and (words[before] in ",(" or words[before].startswith("'")):
            before -= 1
        if words[before].lower() == "in":
            before -= 2 if words[before - 1].lower() == "not" else 1
        elif words[before] in COMPARISONS:
            while before > 0 and words[before] in COMPARISONS:
                before -= 1
        else:
            continue
        yield _spelled(words[before], '"'), _spelled(word, "'")


def _spelled(word: str, mark: str) -> str:
    return word[1:-1].replace(mark * 2, mark) if word.startswith(mark) else word


def _no_condition(text: str, known: pl.DataFrame) -> Broken | None:
    try:
        dtype = known.with_columns(parse_condition(text).alias("\0")).schema["\0"]
    except (PolarsError, PanicException) as error:
        types = ", ".join(f"{name}: {_kind(known.schema[name])}" for name in names_in(text))
        return "must compare like with like", f"does not: {first_line(error)}", f"mind {types}"
    if dtype != pl.Boolean:
        cure = "compare it with something: spend >= 3, say"
        return "must be true or false for a person", f"gives {_kind(dtype)}", cure
    return None


def _kind(dtype: pl.DataType) -> str:
    return KINDS.get(dtype.base_type(), "numbers" if dtype.is_numeric() else str(dtype))


def people_in(crowd: Crowd) -> bool:
    """Whether a crowd is made of persons, not of a share of searches."""
    return crowd.share is None


def crowds_behind(crowd: Crowd) -> list[str]:
    """Columns and crowds that a crowd of persons is made from."""
    return [crowd.lookalike] if crowd.lookalike else names_in(crowd.where or "")


def crowd_order(crowds: Sequence[Crowd]) -> list[Crowd]:
    """Crowds of persons, each after those that it is made from; raises CycleError."""
    named = {crowd.name: crowd for crowd in crowds if people_in(crowd)}
    needs = {n: [m for m in crowds_behind(crowd) if m in named] for n, crowd in named.items()}
    return [named[name] for name in TopologicalSorter(needs).static_order()]


def circle_of(crowds: Sequence[Crowd]) -> list[str]:
    """Names of crowds that are made from each other in a circle; empty where there is none."""
    try:
        crowd_order(crowds)
    except CycleError as error:
        circle: list[str] = error.args[1]
        return circle
    return []
