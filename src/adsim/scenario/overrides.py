"""Keys of scenario.toml changed from the outside: `--set KEY=VALUE`, or a dictionary in Python."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from adsim.errors import Problem, ScenarioError
from adsim.scenario.declaring import KeyPath, as_toml, entry_name
from adsim.scenario.text import name_cure

Path = tuple[str, ...]
Overrides = Sequence[str] | Mapping[str, Any]
STEP = re.compile(r'\s*("(?P<quoted>[^"]*)"|(?P<bare>[^."]+))\s*(\.|$)')


def apply_overrides(
    raw: dict[str, Any], overrides: Overrides
) -> tuple[dict[str, Any], dict[KeyPath, str], list[Problem]]:
    """Raw keys with overrides applied in their order; the last one wins.

    An override is ``KEY=VALUE``: KEY a path with dots, an entry of a list by its name or its
    number from 0 (names with dots in "quotes"), VALUE as in TOML, or a bare word. Or it is an item
    of a dictionary from such paths to values of Python.

    Returns:
        The changed keys, what errors call the override of each changed path, and the problems.
    """
    changed = deepcopy(raw)
    origins: dict[KeyPath, str] = {}
    problems: list[Problem] = []
    for where, path, value in _assignments(overrides, problems):
        try:
            for changed_path in _assign(changed, path, value, where):
                origins[changed_path] = where
        except ScenarioError as error:
            problems += error.problems
    return changed, origins, problems


def _assignments(overrides: Overrides, problems: list[Problem]) -> Iterator[tuple[str, Path, Any]]:
    """What errors call an override, its key path and its value; unreadable ones are problems."""
    if isinstance(overrides, Mapping):
        for key, value in overrides.items():
            if path := _parse_path(str(key)):
                yield f"key {key}", path, as_toml(value)
            else:
                cure = "write it like auction.reserve_score"
                problems.append(Problem(f"key {key}", "must be names with dots", "is not", cure))
        return
    for override in overrides:
        key, equals, text = override.partition("=")
        path = _parse_path(key)
        if equals and path:
            yield f"--set {override}", path, _parse_value(text)
        else:
            cure = "write it like auction.reserve_score=3"
            problems.append(Problem(f"--set {override}", "must be KEY=VALUE", "is not", cure))


def value_at(raw: Any, key: str) -> Any:
    """What declared keys hold under a key path such as those of overrides; None = nothing."""
    for step in _parse_path(key):
        if isinstance(raw, list | tuple):
            names = [str(entry_name(raw, place)) for place in range(len(raw))]
            raw = raw[names.index(step)] if step in names else None
        else:
            raw = raw.get(step) if isinstance(raw, dict) else None
    return raw


def _parse_path(text: str) -> Path:
    """Steps of a key path; empty where the text is none."""
    steps: list[str] = []
    place = 0
    while place < len(text):
        step = STEP.match(text, place)
        if step is None:
            return ()
        steps.append(step["quoted"] if step["quoted"] is not None else step["bare"].strip())
        place = step.end()
    return () if text.rstrip().endswith(".") or "" in steps else tuple(steps)


def _parse_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):  # TOMLDecodeError is a ValueError
        return text.strip()


def _assign(raw: dict[str, Any], path: Path, value: Any, where: str) -> Iterator[KeyPath]:
    """Set one key and yield the paths that are new by it, entries of lists by name."""
    node: Any = raw
    named: KeyPath = ()
    for depth, step in enumerate(path):
        key: str | int = step
        if isinstance(node, list):
            key = _place(node, step, path[: depth + 1], where)
        elif not isinstance(node, dict):
            rule = f"{'.'.join(path[:depth])} must be a table or a list"
            cure = "set it as a whole"
            raise ScenarioError(Problem(where, rule, "is a single value", cure))
        named = (*named, entry_name(node, key))
        if depth == len(path) - 1:
            node[key] = value
            yield named
        elif isinstance(node, dict) and key not in node:
            node[key] = {}
            yield named
        node = node[key]


def _place(entries: list[Any], step: str, path: Path, where: str) -> int:
    """Number of an entry given by name or by number."""
    names = [entry_name(entries, place) for place in range(len(entries))]
    if step in names:
        return names.index(step)
    if step.isdecimal() and int(step) < len(entries):
        return int(step)
    known = [name for name in names if isinstance(name, str)]
    cure = name_cure(step, known, f"use a name or a number below {len(entries)}")
    rule = f"{'.'.join(path)} must be an entry of scenario.toml"
    raise ScenarioError(Problem(where, rule, "is not", cure))
