"""Rules that join the parts of a game: names that must be declared, shares, lots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from adsim.errors import Problem
from adsim.scenario.declaring import KeyPath, WhereOf
from adsim.scenario.game.models import DRAWN, NO
from adsim.scenario.kinds import SHARE_TOLERANCE
from adsim.scenario.text import name_cure

Broken = tuple[KeyPath, str, str, str]
"""A key path, then rule, found and cure."""


def check_game(raw: Mapping[str, Any], where: WhereOf) -> list[Problem]:
    """All problems between the tables of a game.

    Args:
        raw: Keys of game.toml, valid or not: what is no table or no text is told elsewhere.
        where: File or option that a key path comes from.
    """
    found = [*_repeated(raw), *_states(raw), *_shares(raw), *_advertisers(raw), *_lots(raw)]
    return [
        Problem(where(path), f"{'.'.join(map(str, path))} {rule}".strip(), what, cure)
        for path, rule, what, cure in found
    ]


def _table(raw: Any, key: str) -> Mapping[str, Any]:
    found = raw.get(key) if isinstance(raw, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _entries(raw: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = raw.get(key)
    entries = found if isinstance(found, list) else []
    return [entry for entry in entries if isinstance(entry, Mapping)]


def _texts(raw: Mapping[str, Any], key: str) -> list[str]:
    found = raw.get(key)
    return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []


def _names(raw: Mapping[str, Any], key: str) -> list[str]:
    names = [entry.get("name") for entry in _entries(raw, key)]
    return [name for name in names if isinstance(name, str)]


def _repeated(raw: Mapping[str, Any]) -> Iterator[Broken]:
    market = _table(raw, "game")
    parts = _texts(market, "makers") + _texts(market, "components")
    listed = {key: _names(raw, key) for key in ("states", "classes", "advertisers")}
    for key, names in (*listed.items(), ("game.makers and game.components", parts)):
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield (key,), "must have different names", f"{name} is there twice", "rename one"
    for name in {DRAWN, NO}.intersection(parts):
        rule, cure = "must not use a word for a specialty by lot or for none", "rename it"
        yield ("game",), rule, f"{name} is one", cure


def _states(raw: Mapping[str, Any]) -> Iterator[Broken]:
    states, classes = _names(raw, "states"), _names(raw, "classes")
    for state in _entries(raw, "states"):
        own = ("states", str(state.get("name")))
        for key in ("daily", "burst"):
            yield from _unknown((*own, key), _table(state, key), states, "states")
        weights = _table(state, "queries")
        yield from _unknown((*own, "queries"), weights, classes, "classes")
        if weights and all(weight == 0 for weight in weights.values()):
            cure = "give a weight > 0, or leave queries out"
            yield (*own, "queries"), "must have a weight > 0", "has none", cure
    bought = _table(raw, "game").get("bought")
    if isinstance(bought, str):
        yield from _unknown(("game", "bought"), [bought], states, "states")


def _unknown(path: KeyPath, names: Any, known: list[str], kind: str) -> Iterator[Broken]:
    for name in names:
        if name not in known:
            cure = name_cure(str(name), known, f"declare it under [[{kind}]]")
            yield path, f"must name {kind}", f"{name} is none", cure


def _shares(raw: Mapping[str, Any]) -> Iterator[Broken]:
    shares = [state.get("share", 0.0) for state in _entries(raw, "states")]
    if not shares or not all(isinstance(share, int | float) for share in shares):
        return
    total = sum(shares)
    if abs(total - 1.0) > SHARE_TOLERANCE:
        cure = f"divide each by {total:.9g}" if total > 0 else "give one share = 1.0"
        yield ("states",), "must have shares that sum to 1", f"sum to {total:.9g}", cure


def _advertisers(raw: Mapping[str, Any]) -> Iterator[Broken]:
    market, classes = _table(raw, "game"), _names(raw, "classes")
    for advertiser in _entries(raw, "advertisers"):
        own = ("advertisers", str(advertiser.get("name")))
        for key, lists in (("maker", "makers"), ("component", "components")):
            known, value = _texts(market, lists), advertiser.get(key, NO)
            if isinstance(value, str) and value not in (*known, DRAWN, NO):
                cure = name_cure(value, known, f"name one of {lists}, {DRAWN} or {NO}")
                yield (*own, key), f"must be one of {lists}", f"is {value}", cure
        strategy = _table(advertiser, "strategy")
        for key in ("bids", "limits"):
            path = (*own, "strategy", key)
            yield from _unknown(path, _table(strategy, key), classes, "classes")


def _lots(raw: Mapping[str, Any]) -> Iterator[Broken]:
    """As many capacities as advertisers that have none."""
    capacities = _table(raw, "game").get("capacities")
    n_open = sum("capacity" not in each for each in _entries(raw, "advertisers"))
    if isinstance(capacities, list) and capacities and len(capacities) != n_open:
        rule = f"must have one for each of the {n_open} advertisers without a capacity"
        cure = "add or delete some; unlimited are all where there are no capacities"
        yield ("game", "capacities"), rule, f"has {len(capacities)}", cure
