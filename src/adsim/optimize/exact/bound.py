"""What no plan can pass.

For any prices mu >= 0 of the payers' money on every day, and any rents r >= 0 of the places on
queries that several own keywords share, the goal of every plan is at most

    sum over days and payers of mu x budget + sum over shared places of r
    + sum over own keywords of max over bids of the sum over their queries of
          value - mu x spend, on shared places the part above r
    + the worth of one click for every payer and day.

Why: spend never passes a budget, so value <= value + mu x (budget - spend) for every payer. What
is left falls apart into the hour blocks that a campaign takes part in. A block that a campaign
with a limit would rather miss counts 0: its money may be gone by then. On a shared query one own
ad stands at a time, the same one in all cells and hours where the campaigns' coefficients have the
same proportions, for there the order of ad ranks is the same: these make up a place. Whichever ad
stands, it brings no more there than r and what it passes r by; rents near what the second best ad
would bring make that sharp. A plan does not see the demand shock, whose mean is 1, so the bound
holds for mean values under a shock as well.

The last term is for the fidelities that play clicks: the click that reaches a budget is billed the
rest of it only. Let p = mu + the worth of a unit of spending, w a click's worth, c its charge. The
clicks of a day bring at most the sum of w - p c, as the Lagrangian has it, and p x (charge -
billed) of the last one. Where no effective bid is above w / p of the keyword's best query, p c <=
w, so that this is at most the best w. A bid above that can only gain on the last click of a day
what it loses on every click it is charged so much for, and such a click that is the last one brings
no more than w, too. So the term is enough where a keyword has one coefficient, and assumed to be
where it has several. Fidelity `expected` knows no last click and needs no such term: it is left out
where a target or an amount to be reached is asked for, which hold at that fidelity.

With a target, its slack (revenue - roi x spend, or cpa x orders - spend, not negative for a plan
that holds it) has a price, too, and is part of the value: see `Task.pressed`. A target, a floor
and an amount to be reached are those of the mean over the window at fidelity `expected`.

Assumptions: the plan changes bids and pauses only, coefficients and budgets stay; bids are those
of `kernels.choices` (multiples of the step, one percent apart where they are high, of which the
best is missed by less than one part in ten thousand); paused keywords stay paused; named rivals
keep their bids and do not run out of money.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from adsim.kernels import doors
from adsim.kernels.choices import Choice
from adsim.kernels.model import Market, PlanArrays
from adsim.kernels.relaxed import Prices
from adsim.optimize.aims.days import Days
from adsim.optimize.exact.chunks import over_keywords
from adsim.optimize.exact.worths import TINY, link_worths
from adsim.results.tables import Floats
from adsim.simulate.histories import compile_door

ROUNDS = 12  # of better prices where own keywords share queries
CLOSE = 1e-4  # relative; a round that brings the bound down by less is idle
PATIENCE = 3  # idle rounds before the rest is left out


@dataclass(frozen=True)
class Relaxation:
    """The problem with prices instead of budgets.

    Attributes:
        budgets: float64[C + 1], money a day, the account's last; inf = no limit.
        floor: Money that has to be spent in the whole window where the goal is a return, else 0.
        reach: Amount of the goal to be reached with the least spend, if any.
        spend: Money of the window that the account's price is looked up at where one of the two
            is given, else 0.
        with_clicks: Whether the worth of one click for every payer and day is part of the bound.
    """

    market: Market
    plan: PlanArrays
    choice: Choice
    days: Days
    budgets: Floats
    floor: float
    reach: float | None
    pool: ThreadPoolExecutor
    spend: float = 0.0
    with_clicks: bool = True

    @property
    def may_end(self) -> np.ndarray:
        """bool[C], campaigns whose money may run out."""
        return np.asarray(np.isfinite(np.minimum(self.budgets[:-1], self.budgets[-1])))


@dataclass(frozen=True)
class _Known:
    relaxation: Relaxation
    place: np.ndarray  # as of `list_places`
    click_worths: Floats


def find_bound(relaxation: Relaxation, prices: Floats, rounds: int = ROUNDS) -> float:
    """The least bound found, from prices[D, C + 1] on (the account's last).

    Where own keywords share queries, rents and prices are improved in so many rounds. In a window
    whose spending has a price, value <= L + price x spend, L being the rest of the Lagrangian.
    Where the goal is a return, value / spend <= L / floor + price follows, as spend >= floor.
    Where an amount is to be reached, spend >= (amount - L) / price; minus that is given, so that
    less is better everywhere.
    """
    place = list_places(relaxation)
    rent = np.zeros((len(prices), len(place), int(place.max(initial=0)) + 1))
    worths = click_worths(relaxation.market, relaxation.choice, relaxation.budgets)
    known = _Known(relaxation, place, worths)
    best, spend, bids = _bound(known, prices, rent)
    if not len(place):
        return best
    low, high = np.zeros_like(prices), np.full_like(prices, np.inf)
    idle = 0
    for turn in range(rounds):
        prices = _closer(relaxation, prices, spend, (low, high)) if turn else prices
        second = _second_best(known, prices, rent, bids)
        rent = (rent + second) / 2 if turn else second
        found, spend, bids = _bound(known, prices, rent)
        idle = 0 if best - found > CLOSE * abs(best) else idle + 1
        best = min(best, found)
        if idle == PATIENCE:
            break
    return best


def _closer(
    relaxation: Relaxation, prices: Floats, spend: Floats, bracket: tuple[Floats, Floats]
) -> Floats:
    """Prices nearer to where each payer just spends its budget; the bracket is narrowed."""
    low, high = bracket
    totals = np.concatenate((spend, spend.sum(axis=1, keepdims=True)), axis=1)
    limits = relaxation.budgets * relaxation.days.count[:, None]
    if relaxation.spend:
        limits[:, -1] = relaxation.spend * totals[:, -1] / max(totals[:, -1].sum(), TINY)
    over = totals > limits
    low[over] = prices[over]
    high[~over] = prices[~over]
    middle = np.where(np.isinf(high), 1.5 * prices + 0.05, (low + high) / 2)
    return np.where(np.isinf(limits), 0.0, middle)


def _bound(known: _Known, prices: Floats, rent: Floats) -> tuple[float, Floats, np.ndarray]:
    """The bound at these prices and rents, and the spend[D, C] and bids[K] that attain it."""
    relaxation = known.relaxation
    priced = _priced(known, prices, rent)
    value, spend, bids = _relaxed(relaxation, priced)
    own = np.where(np.isfinite(relaxation.budgets[:-1]), priced.price - prices[:, -1:], 0.0)
    held = np.where(np.isfinite(relaxation.budgets), relaxation.budgets, 0.0)
    count = relaxation.days.count
    value += float((count @ own) @ held[:-1])
    paying = np.append(priced.price, prices[:, -1:], axis=1) + relaxation.choice.spend_worth > 0
    value += float(rent.sum())
    if relaxation.with_clicks:
        value += float(count @ (paying @ known.click_worths))
    if relaxation.reach is not None:
        missing = max(0.0, relaxation.reach - value)
        return -missing / max(float(prices[:, -1].max()), TINY), spend, bids
    if relaxation.floor:
        return max(0.0, value) / relaxation.floor + float(prices[:, -1].max()), spend, bids
    return value + float(count @ prices[:, -1]) * held[-1], spend, bids


def _priced(known: _Known, prices: Floats, rent: Floats) -> Prices:
    relaxation = known.relaxation
    return Prices(
        weight=relaxation.days.weight * relaxation.days.count[:, None],
        price=np.maximum(prices[:, :-1], prices[:, -1:]),
        may_end=relaxation.may_end,
        shared_row=np.cumsum(relaxation.choice.shared) - 1,
        place=known.place,
        rent=rent,
    )


def _second_best(known: _Known, prices: Floats, rent: Floats, bids: np.ndarray) -> Floats:
    found = np.empty_like(rent)
    relaxation = known.relaxation
    arguments = (relaxation.market, relaxation.choice, _priced(known, prices, rent), bids, found)
    compile_door(doors.fill_second_best_values, "bound", arguments)
    doors.fill_second_best_values(*arguments)
    return found


def _relaxed(relaxation: Relaxation, prices: Prices) -> tuple[float, Floats, np.ndarray]:
    known = (relaxation.market, relaxation.choice, prices)
    size = relaxation.market.keywords.size
    found = over_keywords(relaxation.pool, doors.relax_own_keywords, "bound", known, size)
    values, spends, bids = zip(*found, strict=True)
    return sum(values), sum(spends), np.concatenate(bids)  # in order: floats do not commute


def list_places(relaxation: Relaxation) -> np.ndarray:
    """int64[shared queries, S, B], cells and hours in which own ads stand in the same order.

    There the coefficients of the campaigns on the query have the same proportions. Hours of
    different blocks are apart where money may end between them, and every cell is on its own where
    the floor price may turn the order around.
    """
    market, choice, plan = relaxation.market, relaxation.choice, relaxation.plan
    shared = np.flatnonzero(choice.shared)
    places = np.zeros((len(shared), *plan.coefficient.shape[1:]), np.int64)
    known: dict[tuple[bytes, bool], np.ndarray] = {}
    for row, query in enumerate(shared):
        own = market.links[market.queries["first_link"][query] : market.queries["end_link"][query]]
        own = own[choice.today[own] > 0]
        campaigns = np.unique(market.keywords["campaign"][own])
        turned = market.rules.floor * market.keywords["weight"][own].max() > market.rules.reserve
        key = (campaigns.tobytes(), bool(turned))
        if key not in known:
            known[key] = _alike(plan.coefficient[campaigns], relaxation.may_end[campaigns], turned)
        places[row] = known[key]
    return places


def _alike(coefficient: Floats, may_end: np.ndarray, apart: bool) -> np.ndarray:
    """Numbers int64[S, B]: equal where coefficient[.., S, B] has the same proportions."""
    _, n_sides, n_blocks = coefficient.shape
    cell = np.arange(n_sides * n_blocks)
    traits = coefficient.reshape(len(coefficient), -1)
    traits = np.round(traits / np.maximum(traits.max(axis=0), TINY), 9)
    keys = [*traits, cell if apart else np.where(may_end.any(), cell % n_blocks, 0 * cell)]
    return np.unique(np.array(keys), axis=1, return_inverse=True)[1].reshape(n_sides, n_blocks)


def click_worths(market: Market, choice: Choice, budgets: Floats) -> Floats:
    """Mean worth of a click of the best keyword of every payer with an end, float64[C + 1]."""
    best = np.zeros(len(budgets))
    keyword = market.links
    _, worth = link_worths(market, choice)
    worth = np.maximum(worth, 0.0)
    worth[choice.today[keyword] <= 0] = 0.0
    np.maximum.at(best, market.keywords["campaign"][keyword], worth)
    best[-1] = best[:-1].max()
    return np.where(np.isfinite(budgets) & (np.minimum(budgets, budgets[-1]) > 0), best, 0.0)
