"""What plans bring under common luck, with the luck of orders taken out.

An order is a coin thrown for a click; no decision of the plan depends on how it falls. So the
search replaces the orders of a history by what its clicks are worth on average: the conditional
expectation given the clicks (Rao and Blackwell). Means stay the same and most of the noise goes:
an account has far fewer orders than clicks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from adsim.kernels.model import HOURS_A_DAY, Groups, Market, PlanArrays
from adsim.kernels.tally import CLICKS, SPEND
from adsim.money import MICROS
from adsim.optimize.aims.goals import Goal, Worst
from adsim.optimize.aims.losses import link_query
from adsim.optimize.aims.risk import worst_values
from adsim.optimize.bench import Bench
from adsim.optimize.exact.worths import TINY, cell_worths
from adsim.results.tables import Floats
from adsim.simulate.opening import OpenPlan

BIN = 0.005  # classes of clicks are that far apart in the logarithm of their worth
MOST_CLASSES = 1 << 13  # of what clicks cause
WIDTHS = BIN * 2.0 ** np.arange(12)  # of such classes, the finest that are not too many
NOTHING = 1e-9  # worth of a click that brings none
PLANS_AT_A_TIME = 4  # tallies by class and open plans take room

Opened = tuple[OpenPlan, ...]
"""A plan as it is played, in every market."""


@dataclass(frozen=True)
class Worths:
    """Classes of clicks by what they are worth: the row of a click is link + side.

    Attributes:
        groups: For the kernels.
        worth: float64[G], what a click of the class adds to the goal, spending aside.
    """

    groups: Groups
    worth: Floats


@dataclass(frozen=True)
class Scorer:
    """Plans in, what every history brings and what it spends out.

    Where the bench has several markets, they take turns: replication r is played in market r mod K.
    """

    bench: Bench
    goal: Goal
    worths: tuple[Worths, ...]
    seed: int

    def play(self, plans: Sequence[PlanArrays], replications: range) -> Floats:
        """float64[plans, replications, 2]: what the goal adds up over clicks, and the spend."""
        parts = [self.play_open(self.open(some), replications) for some in in_turn(plans)]
        return np.concatenate(parts) if parts else np.empty((0, len(replications), 2))

    def open(self, plans: Sequence[PlanArrays]) -> list[Opened]:
        """A few plans (see `in_turn`), ready to be played: by plan, in every market."""
        by_market = [self.bench.open(market, plans) for market in self.bench.places]
        return list(zip(*by_market, strict=True))

    def play_open(self, plans: Sequence[Opened], replications: range) -> Floats:
        """As `play`."""
        played = np.empty((len(plans), len(replications), 2))
        count = len(self.bench.places)
        for number in range(count):
            own = [r for r in replications if r % count == number]
            if own and plans:
                columns = [r - replications.start for r in own]
                played[:, columns] = self.tell([plan[number] for plan in plans], number, own)
        return played

    def tell(self, opened: Sequence[OpenPlan], number: int, own: Sequence[int]) -> Floats:
        """As `play`, in one of the places."""
        worths = self.worths[number]
        rows = (worths.groups, len(worths.worth))
        tallies = self.bench.tally(self.bench.places[number], opened, self.seed, own, rows)
        spend = tallies[..., SPEND].sum(axis=-1) / MICROS
        return np.stack((tallies[..., CLICKS] @ worths.worth, spend), axis=-1)

    def scores(self, played: Floats) -> Floats:
        """Of a plan's played[R, 2]: values float64[R] whose mean is its goal, or minus it.

        The more, the better. Where the goal is a return, it is sum / sum, and a replication's value
        is that plus its own part in the error (the linear term of the delta method), so that
        paired differences have the right standard error.
        """
        worth, spend = played[:, 0], played[:, 1]
        if not self.goal.rises:
            return -spend
        if not self.goal.is_return:
            return np.asarray(worth - self.goal.spend * spend)
        if not spend.any():
            return np.zeros(len(spend))
        rate = worth.sum() / spend.sum()
        return np.asarray(rate - self.goal.less + (worth - rate * spend) / spend.mean())

    def lack(self, played: Floats) -> float:
        """What a plan that brought this lacks to hold what must hold under luck: nothing."""
        return 0.0

    def freedom(self, n_replications: int) -> int:
        """Degrees of freedom of the standard error of so many scores."""
        return n_replications - 1


@dataclass(frozen=True)
class WorstScorer(Scorer):
    """Likewise; plans are ranked by the mean of the market in which it is least.

    That is a mean, whose orders may be replaced by their expectation as well. Which market is the
    worst must not hang on the luck of a few replications: a plan is scored by its difference to a
    reference on common luck, plus what the reference brings in each market in many replications.

    Attributes:
        reference: float64[R], what the reference brings in each replication.
    """

    reference: Floats = field(default_factory=lambda: np.empty(0))

    def scores(self, played: Floats) -> Floats:
        """Values whose mean is the goal in the worst market."""
        gains, count = super().scores(played), len(self.worths)
        market = np.arange(len(played)) % count
        if len(self.reference):
            level = np.array([self.reference[k::count].mean() for k in range(count)])
            gains = gains - self.reference[: len(gains)] + level[market]
        return worst_values(gains, market)

    def referring_to(self, plan: PlanArrays, replications: int) -> WorstScorer:
        """With a plan as the reference, for scores from at most so many replications."""
        played = self.play([plan], range(replications))[0]
        return replace(self, reference=Scorer.scores(self, played))


def in_turn(plans: Sequence[PlanArrays]) -> Iterator[Sequence[PlanArrays]]:
    """A few plans at a time."""
    for first in range(0, len(plans), PLANS_AT_A_TIME):
        yield plans[first : first + PLANS_AT_A_TIME]


def make_scorer(bench: Bench, goal: Goal, seed: int) -> Scorer:
    """Scores under the luck of a seed."""
    classify = classify_caused if goal.is_caused else classify_clicks
    worths = [classify(market.arrays, goal, market.days) for market in bench.places]
    kind = WorstScorer if isinstance(goal, Worst) else Scorer
    return kind(bench, goal, tuple(worths), seed)


def classify_clicks(market: Market, goal: Goal, days: int) -> Worths:
    """Classes half a percent wide of orders a click (query x product x side) x worth of an order.

    A click's worth is off by that width at most, the same in every plan. On sides where the orders
    a click would pass 1 on some queries, they are right on the mean over the queries.
    """
    counts = market.queries["end_link"] - market.queries["first_link"]
    query = np.repeat(np.arange(market.queries.size), counts)
    product = market.keywords["product"][market.links]
    factor = market.products["cvr"][product] * market.keywords["cvr"][market.links]
    rate = market.queries["cvr"][query] * factor
    worths = goal.order_worth(market.order_money)
    dearest = int(np.argmax(np.abs(worths).sum(axis=0)))
    worth = worths[product, dearest]
    link, least = _bins(rate * np.abs(worth))
    share = market.queries["searches"][query] * market.queries["ctr"][query] * np.abs(worth)
    order_value = _order_values(worths, dearest)
    side, least_side = _bins(_side_rates(market.sides["cvr"], rate, share) * order_value)
    width = int(link.max(initial=0) + side.max()) + 1
    order = np.exp(least + least_side + BIN * np.arange(width))
    groups = Groups(
        link=np.where(worth < 0, width, 0) + link,
        none=np.full(market.queries.size, 2 * width, np.int64),
        side=side,
        day=np.zeros(days, np.int64),
        hour=np.zeros(HOURS_A_DAY, np.int64),
    )
    return Worths(groups, np.concatenate((goal.click + order, goal.click - order, 0 * order)))


def classify_caused(market: Market, goal: Goal, days: int) -> Worths:
    """Classes of what clicks cause: links of like orders a click and like organic orders x side.

    What a click brings less what it takes is no product of a link's and a side's factor. A class is
    worth the mean of its links, which are the more alike, the fewer sides there are.
    """
    link, n_sides = _link_classes(market, goal), market.sides.size
    n_links = int(link.max(initial=0)) + 1
    clicks, worth = cell_worths(market, goal)
    total, weight = np.zeros((2, n_links, n_sides))
    np.add.at(total, link, clicks * worth)
    np.add.at(weight, link, clicks)
    groups = Groups(
        link=link * n_sides,
        none=np.full(market.queries.size, n_links * n_sides, np.int64),
        side=np.arange(n_sides),
        day=np.zeros(days, np.int64),
        hour=np.zeros(HOURS_A_DAY, np.int64),
    )
    mean = (total / np.maximum(weight, TINY)).ravel()
    return Worths(groups, np.concatenate((mean, np.zeros(n_sides))))


def _link_classes(market: Market, goal: Goal) -> np.ndarray:
    """The class int64[N] of each link, so wide that not too many tallies are needed."""
    queries = market.queries[link_query(market)]
    product, by_itself = market.keywords["product"][market.links], queries["organic_product"]
    money = np.abs(goal.order_worth(market.order_money)[:, 0])
    brings = queries["cvr"] * market.products["cvr"][product] * money[product]
    takes = queries["organic"] * money[by_itself]
    for width in WIDTHS:
        bins = (_bins(one, width)[0] for one in (brings, takes))
        kinds = np.stack([product, by_itself, *bins])
        found = np.unique(kinds, axis=1, return_inverse=True)[1]
        if (int(found.max(initial=0)) + 1) * market.sides.size <= MOST_CLASSES:
            break
    return np.asarray(found)


def _order_values(worths: Floats, dearest: int) -> Floats:
    """Worth of an order on each side over that on the dearest; the same for every product."""
    product = int(np.argmax(np.abs(worths[:, dearest])))
    top = worths[product, dearest]
    return np.asarray(worths[product] / top if top else np.ones(worths.shape[1]))


def _side_rates(factors: Floats, rate: Floats, share: Floats) -> Floats:
    """The factor of each side: that of its crowds, as far as no click orders more than once."""
    total = float(rate @ share)
    if total <= 0:
        return factors
    return np.array([np.minimum(1.0, rate * factor) @ share / total for factor in factors])


def _bins(rate: Floats, width: float = BIN) -> tuple[np.ndarray, float]:
    """The class of each rate and the logarithm of the lowest."""
    logs = np.log(np.maximum(rate, NOTHING))
    least = float(logs.min()) if logs.size else 0.0
    return np.rint((logs - least) / width).astype(np.int64), least
