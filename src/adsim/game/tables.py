"""The tables of games: by advertiser, class, slot, day and game, with intervals over games."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from adsim.game.lots import UNLIMITED, list_queries
from adsim.game.rounds import Played
from adsim.kernels.game import CLICKS, IMPRESSIONS, ORDERS, POSITIONS, REVENUE, SPEND
from adsim.results.compare import half_width
from adsim.results.tables import QUANTILES
from adsim.scenario.game.models import Game

COUNTS = {"impressions": IMPRESSIONS, "clicks": CLICKS, "orders": ORDERS}
MICROS = 1e6
BOUNDED = ("profit", "revenue", "spend", "clicks", "impressions", "orders")


def advertisers_table(game: Game, played: Sequence[Played]) -> pl.DataFrame:
    """A row an advertiser: means over games with 95 % intervals of the mean, rates of all games."""
    sums = np.array([each.ads.sum(axis=(0, 2)) for each in played])  # [games, A, fields]
    rows = []
    for a, advertiser in enumerate(game.advertisers):
        amounts = _amounts(sums[:, a])
        row: dict[str, Any] = {"advertiser": advertiser.name}
        for name in BOUNDED:
            mean, half = float(amounts[name].mean()), half_width(amounts[name])
            row |= {name: mean, f"{name}_low": mean - half, f"{name}_high": mean + half}
        rows.append(row | _rates(sums[:, a].sum(axis=0)))
    return pl.DataFrame(rows).fill_nan(None)


def _amounts(fields: np.ndarray) -> dict[str, np.ndarray]:
    """Counts and money of tallies [..., fields]."""
    found = {name: fields[..., field].astype(np.float64) for name, field in COUNTS.items()}
    found["spend"], found["revenue"] = fields[..., SPEND] / MICROS, fields[..., REVENUE] / MICROS
    found["profit"] = (fields[..., REVENUE] - fields[..., SPEND]) / MICROS
    return found


def _rates(total: np.ndarray) -> dict[str, float]:
    """Rates of summed tallies [fields]; NaN where there is nothing below the line."""

    def per(top: float, bottom: float) -> float:
        return float(top / bottom) if bottom else float("nan")

    return {
        "ctr": per(total[CLICKS], total[IMPRESSIONS]),
        "cpc": per(total[SPEND] / MICROS, total[CLICKS]),
        "cvr": per(total[ORDERS], total[CLICKS]),
        "avg_position": per(total[POSITIONS], total[IMPRESSIONS]),
    }


def classes_table(game: Game, played: Sequence[Played]) -> pl.DataFrame:
    """A row a class of queries: means of a game, rates of all games."""
    _, class_of = list_queries(game)
    searches = np.mean([each.searches for each in played], axis=0)
    slots = np.sum([each.slots for each in played], axis=0)
    rows = []
    for place, declared in enumerate(game.classes):
        mine = class_of == place
        total = slots[mine].sum(axis=(0, 1))
        key = {"class": declared.name, "searches": float(searches[mine].sum())}
        rows.append(key | _of_all(total, len(played)))
    return pl.DataFrame(rows).drop("avg_position").fill_nan(None)


def slots_table(game: Game, played: Sequence[Played]) -> pl.DataFrame:
    """A row a class and slot, 1 = top: means of a game; ctr is that of an ad shown, read or not."""
    _, class_of = list_queries(game)
    slots = np.sum([each.slots for each in played], axis=0)
    rows = []
    for place, declared in enumerate(game.classes):
        for slot, total in enumerate(slots[class_of == place].sum(axis=0)):
            rows.append({"class": declared.name, "slot": slot + 1} | _of_all(total, len(played)))
    return pl.DataFrame(rows).drop("avg_position").fill_nan(None)


def _of_all(total: np.ndarray, n_games: int) -> dict[str, float]:
    amounts = _amounts(total / n_games)
    kept = ("impressions", "clicks", "orders", "spend", "revenue")
    return {name: float(amounts[name]) for name in kept} | _rates(total)


def states_table(game: Game, played: Sequence[Played]) -> pl.DataFrame:
    """A row a day and state: mean share of users after the day, 10 % and 90 % quantiles of games.

    Day -1 is before the first day.
    """
    names = [state.name for state in game.states]
    shares = np.array([each.persons for each in played]) / played[0].persons[0].sum()
    n_days = shares.shape[1]
    table: dict[str, Any] = {
        "day": np.repeat(np.arange(n_days) - 1, len(names)),
        "state": names * n_days,
        "share": shares.mean(axis=0).ravel(),
    }
    if len(played) > 1:
        for suffix, part in QUANTILES.items():
            table[f"share_{suffix}"] = np.quantile(shares, part, axis=0).ravel()
    return pl.DataFrame(table)


def games_table(game: Game, played: Sequence[Played]) -> pl.DataFrame:
    """A row a game and advertiser: its lots and what it earned."""
    rows = []
    for number, each in enumerate(played):
        lots, sums = each.lots, each.ads.sum(axis=(0, 2))
        for a, advertiser in enumerate(game.advertisers):
            maker, component, capacity = lots.maker[a], lots.component[a], lots.capacity[a]
            row = {
                "game": number,
                "advertiser": advertiser.name,
                "maker": game.game.makers[maker] if maker >= 0 else None,
                "component": game.game.components[component] if component >= 0 else None,
                "capacity": None if capacity == UNLIMITED else int(capacity),
                "squashing": lots.squashing,
                "promoted": lots.promoted,
            }
            amounts = {name: float(value) for name, value in _amounts(sums[a]).items()}
            rows.append(row | {name: amounts[name] for name in BOUNDED})
    types = {"maker": pl.String, "component": pl.String, "capacity": pl.Int64}
    return pl.DataFrame(rows, schema_overrides=types)


def days_table(game: Game, played: Sequence[Played]) -> pl.DataFrame:
    """A row a day and advertiser: means over games."""
    ads = np.mean([each.ads.sum(axis=2) for each in played], axis=0)  # [days, A, fields]
    names = [each.name for each in game.advertisers]
    amounts = _amounts(ads)
    return pl.DataFrame(
        {
            "day": np.repeat(np.arange(len(ads)), len(names)),
            "advertiser": names * len(ads),
            **{name: amounts[name].ravel() for name in BOUNDED},
        }
    )
