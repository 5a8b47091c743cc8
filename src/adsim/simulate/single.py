"""One auction among given bidders: all of its places and charges."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from adsim.errors import Problem, SimulationError
from adsim.kernels import doors
from adsim.kernels.auction import ALMOST
from adsim.kernels.model import Rules
from adsim.market.ids import stable_ids
from adsim.market.text import normalize
from adsim.money import from_micros, to_micros, to_micros_array
from adsim.scenario.columns import LARGEST

LARGEST_EXPONENT = 10.0


def run_auction(
    bids: Sequence[float],
    qualities: Sequence[float],
    *,
    slots: int | None = None,
    quality_exponent: float = 1.0,
    reserve_score: float = 0.0,
    increment: float = 0.01,
    floor_price: float = 0.0,
    charge_step: float = 0.01,
    promoted_slots: int = 0,
    promoted_reserve: float | None = None,
    ids: Sequence[str] | None = None,
) -> pl.DataFrame:
    """One auction: who stands where, and what a click costs.

    Ads that meet the reserve score and the floor price are ordered by ad rank = bid x quality **
    quality_exponent. A click costs min(bid, max(floor_price, max(reserve_score, next ad rank) /
    quality ** quality_exponent + increment)), rounded half up to the charge step but never above
    the bid (generalized second price: Edelman, Ostrovsky, Schwarz 2007). The rules are those of
    every simulated auction, computed by the same code.

    Parameters
    ----------
    bids, qualities
        Effective bids in money and qualities, one each a bidder; an ad with a bid or quality of 0
        does not take part.
    slots
        How many ads are shown; all by default.
    quality_exponent, reserve_score, increment, floor_price, charge_step
        As in the table [auction] of a scenario.
    promoted_slots, promoted_reserve
        So many slots from the top are promoted where an ad rank meets the promoted reserve (absent:
        the reserve score), which then stands in the charge for the reserve score.
    ids
        Names of the bidders. Equal ad ranks are ordered by a digest of the name, or, where there
        are no names, of bid and quality: never by the order of the lists. The first of two ads
        with equal ad ranks pays its bid.

    Returns
    -------
    One row a bidder in the order given: bidder (its name, or its number from 1), ad_rank, position
    (1 = top, null where not shown), charge (money per click, null where not shown), reason (shown,
    below reserve, below floor, beyond the slots, no bid or quality), promoted (whether it stands in
    a promoted slot).

    Raises
    ------
    SimulationError
        Every argument that is out of its range.
    """
    settings = {
        "quality_exponent": quality_exponent,
        "reserve_score": reserve_score,
        "increment": increment,
        "floor_price": floor_price,
        "charge_step": charge_step,
    }
    promoted_from = reserve_score if promoted_reserve is None else promoted_reserve
    settings["promoted_reserve"] = promoted_from
    problems = _problems(bids, qualities, slots, settings, ids)
    problems += _promotion_problems(promoted_slots, promoted_reserve, slots, reserve_score)
    if problems:
        raise SimulationError(*problems)
    money, quality = np.array(bids, np.float64), np.array(qualities, np.float64)
    weight = quality**quality_exponent
    micros = np.where(quality > 0.0, to_micros_array(money), 0)
    rank = from_micros(micros) * weight
    names = [f"{b} {q}" for b, q in zip(money, quality, strict=True)] if ids is None else ids
    order = np.lexsort((stable_ids(names), -rank))
    place = np.empty(money.size, np.int64)
    charge = np.zeros(money.size, np.int64)
    money_rules = float(reserve_score), float(floor_price), float(increment), to_micros(charge_step)
    rules = Rules(*money_rules, promoted_slots, float(promoted_from))
    doors.place_auction_ads(rules, micros, weight, order, place, charge)
    reason = np.select(
        [micros == 0, rank < rules.reserve * ALMOST, place < 0, place >= (slots or money.size)],
        ["no bid or quality", "below reserve", "below floor", "beyond the slots"],
        "shown",
    )
    numbers = pl.int_range(1, money.size + 1, dtype=pl.Int64, eager=True)
    shown = reason == "shown"
    return pl.DataFrame(
        {
            "bidder": numbers if ids is None else pl.Series(ids, dtype=pl.String),
            "ad_rank": rank,
            "position": pl.Series(np.where(shown, place + 1.0, np.nan), nan_to_null=True).cast(
                pl.Int64
            ),
            "charge": pl.Series(np.where(shown, from_micros(charge), np.nan), nan_to_null=True),
            "reason": pl.Series(reason.tolist(), dtype=pl.String),
            "promoted": shown & (place < promoted_slots) & (rank >= promoted_from * ALMOST),
        }
    )


def _problems(
    bids: Sequence[float],
    qualities: Sequence[float],
    slots: int | None,
    settings: dict[str, float],
    ids: Sequence[str] | None,
) -> list[Problem]:
    problems = []
    for name, values in (("bids", bids), ("qualities", qualities)):
        for place, value in enumerate(values):
            problems += _number_problems(f"{name}[{place}]", value, LARGEST)
    given = {"bids": bids, "qualities": qualities, "ids": bids if ids is None else ids}
    if len({len(values) for values in given.values()}) > 1:
        lengths = " and ".join(f"{len(values)} {name}" for name, values in given.items())
        rule = "bids, qualities and ids must be as many"
        problems.append(Problem("run_auction", rule, f"there are {lengths}", "give one a bidder"))
    if ids is not None:
        problems += _name_problems(ids)
    if slots is not None and not (isinstance(slots, int | np.integer) and slots >= 1):
        rule = "must be a whole number >= 1"
        problems.append(Problem("slots", rule, f"is {slots!r}", "give one or leave it out"))
    for name, value in settings.items():
        highest = LARGEST_EXPONENT if name == "quality_exponent" else LARGEST
        problems += _number_problems(name, value, highest)
    return problems


def _promotion_problems(
    promoted_slots: object, reserve: float | None, slots: object, reserve_score: float
) -> list[Problem]:
    problems = []
    is_whole = isinstance(promoted_slots, int | np.integer) and promoted_slots >= 0
    if not is_whole or (isinstance(slots, int) and promoted_slots > slots):  # type: ignore[operator]
        rule, cure = "must be a whole number from 0 to slots", "correct it or leave it out"
        problems.append(Problem("promoted_slots", rule, f"is {promoted_slots!r}", cure))
    if reserve is not None and promoted_slots == 0:
        rule, cure = "must come with promoted_slots", "give promoted_slots = 1, or leave it out"
        problems.append(Problem("promoted_reserve", rule, "there are none", cure))
    if reserve is not None and _are_numbers(reserve, reserve_score) and reserve < reserve_score:
        rule = f"must be at least reserve_score ({reserve_score:g})"
        problems.append(Problem("promoted_reserve", rule, f"is {reserve:g}", "raise it"))
    return problems


def _are_numbers(*values: object) -> bool:
    """Whether all values are numbers."""
    return all(isinstance(v, int | float | np.number) and not isinstance(v, bool) for v in values)


def _number_problems(where: str, value: object, highest: float) -> list[Problem]:
    if _are_numbers(value) and 0.0 <= float(value) <= highest:  # type: ignore[arg-type]
        return []
    rule = f"must be a number from 0 to {highest:g}"
    return [Problem(where, rule, f"is {value!r}", "give one in this range")]


def _name_problems(ids: Sequence[object]) -> list[Problem]:
    """Names that are no text, or equal as texts are compared (NFKC, lower case)."""
    problems = []
    seen: dict[str, int] = {}
    for place, name in enumerate(ids):
        if not isinstance(name, str):
            rule = "must be a text"
            problems.append(Problem(f"ids[{place}]", rule, f"is {name!r}", "give a name"))
            continue
        first = seen.setdefault(normalize(name), place)
        if first != place:
            found = f"{name!r} is that of ids[{first}]"
            rule = "must be a name of its own"
            problems.append(Problem(f"ids[{place}]", rule, found, "rename one of the two"))
    return problems
