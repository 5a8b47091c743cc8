"""scenario.toml and plan.toml: from text to checked declarations, in words a user can act on."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

import numpy as np
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from adsim.errors import Problem
from adsim.scenario.auctions import Auction
from adsim.scenario.journeys import Journey, State
from adsim.scenario.models import (
    Account,
    Campaign,
    Crowd,
    DatedFactor,
    Declaration,
    Demand,
    Device,
    General,
    Product,
    Rival,
)
from adsim.scenario.populations import Column, Effect, Population, Spread
from adsim.scenario.reading import read_text
from adsim.scenario.text import closest

KeyPath = tuple[str | int, ...]
WhereOf = Callable[[KeyPath], str]
Model = TypeVar("Model", bound=BaseModel)

SECTIONS: dict[str, type[BaseModel]] = {
    "scenario": General,
    "auction": Auction,
    "demand": Demand,
    "account": Account,
    "products": Product,
    "campaigns": Campaign,
    "crowds": Crowd,
    "population": Population,
    "journey": Journey,
    "devices": Device,
    "rivals": Rival,
}
INNER: dict[tuple[str, str, int], type[BaseModel]] = {  # two keys and how many lead to it
    ("demand", "calendar", 3): DatedFactor,
    ("population", "columns", 5): Spread,
    ("population", "columns", 3): Column,
    ("population", "effects", 3): Effect,
    ("journey", "states", 3): State,
}
RULES = {
    "missing": "must be given",
    "greater_than": "must be > {gt:g}",
    "greater_than_equal": "must be >= {ge:g}",
    "less_than": "must be < {lt:g}",
    "less_than_equal": "must be <= {le:g}",
    "too_short": "must have at least {min_length} values",
    "too_long": "must have at most {max_length} values",
    "literal_error": "must be {expected}",
    "finite_number": "must be a finite number",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "string_type": 'must be a text in "quotes"',
    "string_too_short": "must not be empty",
    "date_type": "must be a date such as 2025-06-01, without quotes and without a time",
    "tuple_type": "must be a list (a list of tables is written under [[NAME]])",
    "dict_type": "must be a table of names and numbers",
    "model_type": "must be a table",
}


def read_toml(path: Path) -> dict[str, Any] | Problem:
    """Keys of a TOML file."""
    text = read_text(path)
    if isinstance(text, Problem):
        return text
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # TOMLDecodeError is a ValueError
        is_name = "key part" in str(error)
        cure = 'put a name that is not in plain letters A-Z into "quotes"' if is_name else ""
        return Problem(
            str(path), "must be valid TOML", f"is not: {error}", cure or "correct that place"
        )


def validate(
    model: type[Model], raw: Mapping[str, Any], where: WhereOf, prefix: KeyPath = ()
) -> tuple[Model | None, list[Problem]]:
    """Model of raw keys, or the problems that forbid it.

    Args:
        model: Class to build.
        raw: Keys as read from TOML.
        where: File or option that a key path comes from.
        prefix: Key path of `raw` within its file.
    """
    try:
        return model.model_validate(raw), []
    except ValidationError as error:
        problems = [
            _problem(details, model, raw, where, prefix)
            for details in error.errors(include_url=False)
            if not _follows_from_another(details)
        ]
        return None, problems


def alone(model: type[Model], raw: Any) -> Model | None:
    """The model of a part of a file with mistakes elsewhere; None where it has some itself."""
    try:
        return model.model_validate(raw)
    except ValidationError:
        return None


def _follows_from_another(details: ErrorDetails) -> bool:
    """Whether a list is called short only because its items were refused one by one."""
    limit: int = details.get("ctx", {}).get("min_length", 0)
    return details["type"] == "too_short" and len(details["input"]) >= limit


def _problem(
    details: ErrorDetails,
    model: type[BaseModel],
    raw: Mapping[str, Any],
    where: WhereOf,
    prefix: KeyPath,
) -> Problem:
    path = prefix + named_path(raw, details["loc"])
    key = ".".join(map(str, path))
    kind, context = details["type"], details.get("ctx", {})
    if kind == "adsim":
        rule = f"{key} {context['rule']}".strip()  # the whole file has no key
        return Problem(where(path), rule, context["found"], context["cure"])
    if kind == "extra_forbidden":
        cure = _known_key_cure(path, model)
        return Problem(where(path), f"{key} must be a known key", "is not", cure)
    rule = _rule(kind, context) if kind in RULES else details["msg"]
    return Problem(
        where(path), f"{key} {rule}", _found(kind, details["input"]), _cure(kind, path, model)
    )


def named_path(raw: Mapping[str, Any], loc: Sequence[str | int]) -> KeyPath:
    """Key path with the name of a list's entry in place of its number, where it has one."""
    path: KeyPath = ()
    node: Any = raw
    for step in loc:
        path = (*path, entry_name(node, step))
        node = _step_into(node, step)
    return path


def entry_name(node: Any, step: str | int) -> str | int:
    """The name of a list's entry, or the step itself where it has none."""
    entry = _step_into(node, step) if isinstance(step, int) else None
    name = entry.get("name") if isinstance(entry, Mapping) else None
    return name if isinstance(name, str) and name else step


def _step_into(node: Any, step: str | int) -> Any:
    if isinstance(step, int):
        return node[step] if isinstance(node, Sequence) and len(node) > step else None
    return node.get(step) if isinstance(node, Mapping) else None


def _rule(kind: str, context: Mapping[str, Any]) -> str:
    is_date = any(isinstance(one, str) for one in context.values())
    return (RULES[kind].replace(":g", "") if is_date else RULES[kind]).format(**context)


def _found(kind: str, value: object) -> str:
    if kind == "missing":
        return "is missing"
    if kind in ("too_short", "too_long"):
        return f"has {len(value)}"  # type: ignore[arg-type]  # pydantic measured it too
    return f"is {shown(value)}"


def shown(value: object) -> str:
    """A value as its file would show it, cut where it is long."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime.date):
        return str(value)
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _cure(kind: str, path: KeyPath, model: type[BaseModel]) -> str:
    section = _model_at(path, model)
    for name in path[-1:0:-1] or path:
        field = _fields(section).get(str(name))
        if field is not None and field.description:
            verb = "add" if kind == "missing" else "correct"
            return f"{verb} it ({field.description.rstrip('.')})"
    return "see `adsim schema` for what it holds"


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _model_at(path: KeyPath, model: type[BaseModel]) -> type[BaseModel]:
    """The model that holds the last key of a path."""
    if len(path) == 1:
        return model
    if model is not Declaration:
        return _model_along(path, model)
    if path[0] == "campaigns":
        return _model_along(path[2:], Campaign)
    for (first, second, steps), inner in INNER.items():
        if path[:2] == (first, second) and len(path) > steps:
            return inner
    return SECTIONS.get(str(path[0]), model)


def _model_along(path: KeyPath, model: type[BaseModel]) -> type[BaseModel]:
    """The model that holds the last key of a path, by what the models say of their fields."""
    for step in path[:-1]:
        field = _fields(model).get(str(step))
        model = (_model_in(field.annotation) if field else None) or model
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model within an annotation such as `tuple[Model, ...]` or `Model | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def _known_key_cure(path: KeyPath, model: type[BaseModel]) -> str:
    known = list(_fields(_model_at(path, model)))
    nearest = closest(str(path[-1]), known)
    return f"did you mean {nearest}?" if nearest else f"use one of {', '.join(known)}"


def declare(raw: Mapping[str, Any], where: WhereOf) -> tuple[Declaration | None, list[Problem]]:
    """Declaration of the keys of a scenario.toml, or its problems."""
    return validate(Declaration, raw, where)


def as_toml(value: Any) -> Any:
    """Keys as TOML has them: tuples and arrays as lists, numbers of numpy as plain ones."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, dict):
        return {key: as_toml(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_toml(item) for item in value]
    return value
