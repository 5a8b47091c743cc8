"""`--set KEY=VALUE`: one key of scenario.toml changed from the outside."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from adsim.errors import Problem
from adsim.scenario.declaring import KeyPath
from adsim.scenario.text import name_cure

STEP = re.compile(r'\s*("(?P<quoted>[^"]*)"|(?P<bare>[^."]+))\s*(\.|$)')


def apply_overrides(
    raw: dict[str, Any], overrides: Sequence[str]
) -> tuple[dict[str, Any], dict[KeyPath, str], list[Problem]]:
    """Raw keys with overrides applied in their order; the last one wins.

    An override is ``KEY=VALUE``: KEY a path with dots, an entry of a list by its name or its
    number from 0 (names with dots in "quotes"), VALUE as in TOML, or a bare word.

    Returns:
        The changed keys, the override that each changed path comes from, and the problems.
    """
    changed = deepcopy(raw)
    origins: dict[KeyPath, str] = {}
    problems: list[Problem] = []
    for override in overrides:
        path = _parse_path(override.partition("=")[0])
        if "=" not in override or not path:
            cure = "write it like auction.reserve_score=3"
            problems.append(Problem(f"--set {override}", "must be KEY=VALUE", "is not", cure))
            continue
        problem = _assign(changed, path, _parse_value(override.partition("=")[2]), override)
        if problem is not None:
            problems.append(problem)
        origins[path] = override
    return changed, origins, problems


def _parse_path(text: str) -> KeyPath:
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
    except (tomllib.TOMLDecodeError, KeyError):
        return text.strip()


def _assign(raw: dict[str, Any], path: KeyPath, value: Any, override: str) -> Problem | None:
    node: Any = raw
    for depth, step in enumerate(path):
        if isinstance(node, list):
            place = _place(node, str(step))
            if place is None:
                return _unknown_entry(node, path[: depth + 1], override)
            step = place
        elif not isinstance(node, dict):
            rule = f"{'.'.join(map(str, path[:depth]))} must be a table or a list"
            return Problem(f"--set {override}", rule, "is a single value", "set it as a whole")
        if depth == len(path) - 1:
            node[step] = value
        elif isinstance(node, dict):
            node = node.setdefault(step, {})
        else:
            node = node[step]
    return None


def _place(entries: list[Any], step: str) -> int | None:
    """Number of an entry given by name or by number."""
    for place, entry in enumerate(entries):
        if isinstance(entry, dict) and entry.get("name") == step:
            return place
    return int(step) if step.isdecimal() and int(step) < len(entries) else None


def _unknown_entry(entries: list[Any], path: KeyPath, override: str) -> Problem:
    known = [str(entry["name"]) for entry in entries if isinstance(entry, dict) and "name" in entry]
    cure = name_cure(str(path[-1]), known, f"use a name or a number below {len(entries)}")
    rule = f"{'.'.join(map(str, path))} must be an entry of scenario.toml"
    return Problem(f"--set {override}", rule, "is not", cure)
