"""Slow, obvious twins of the histories: means by loops, and every search of a day one by one.

They take a compiled market and plan, and use nothing of the kernels but the meaning of the arrays.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from adsim.kernels import model
from adsim.kernels.tally import N_FIELDS
from adsim.results.registry import FIELDS
from tests.kernels.naive import Auction, Rivals

AT = {name: place for place, name in enumerate(FIELDS)}
MICROS = 1e6


@dataclass(frozen=True)
class Entry:
    """One own keyword that may stand for the shop in a search."""

    keyword: int
    campaign: int
    bid: int  # effective, micros
    rank: float
    enters: bool


@dataclass(frozen=True, eq=False)
class World:
    """A market under a plan, its auctions worked out the slow way."""

    market: model.Market
    plan: model.PlanArrays

    @cached_property
    def auctions(self) -> list[Auction]:
        return [self._auction(query) for query in range(self.market.queries.size)]

    def _auction(self, query: int) -> Auction:
        row = self.market.queries[query]
        named = self.market.named[row["first_named"] : row["end_named"]]
        rules = self.market.rules
        return Auction(
            self._rivals(row),
            rules.reserve,
            rules.floor,
            rules.increment,
            rules.step / MICROS,
            tuple(self.market.examination.tolist()),
            tuple((float(rival["rank"]), float(rival["presence"])) for rival in named),
        )

    def _rivals(self, row: np.void) -> Rivals:
        mean, a, b = (float(row[name]) for name in ("rivals", "a", "b"))
        if row["family"] == model.LOGNORMAL:
            return Rivals(mean, "lognormal", math.exp(a), b)
        if row["family"] == model.LOGLOGISTIC:
            return Rivals(mean, "loglogistic", a, b)
        if row["family"] == model.GAMMA:
            return Rivals(mean, "gamma", a / b, a)
        rows = self.market.table[int(a) : int(b)]
        return Rivals(mean, "table", table=tuple((1 - tail, rank) for tail, rank in rows.tolist()))

    def block(self, day: int, hour: int) -> int:
        return int(self.plan.block[(self.market.weekday + day) % 7 * 24 + hour])

    @cache  # noqa: B019
    def entries(self, query: int, side: int, block: int) -> list[Entry]:
        """Best first, one a campaign."""
        row, keywords = self.market.queries[query], self.market.keywords
        standing = []
        for keyword in self.market.links[row["first_link"] : row["end_link"]]:
            campaign = int(keywords["campaign"][keyword])
            factor = self.plan.coefficient[campaign, side, block]
            bid = math.floor(self.plan.bid[keyword] * factor + 0.5)
            money = bid / MICROS
            rank = money * keywords["weight"][keyword]
            rules = self.market.rules
            enters = rank >= rules.reserve and money >= rules.floor
            if bid > 0:
                standing.append(Entry(int(keyword), campaign, bid, rank, bool(enters)))
        standing.sort(key=lambda e: (not e.enters, -e.rank, keywords["identity"][e.keyword]))
        first = {}
        for entry in standing:
            first.setdefault(entry.campaign, entry)
        return list(first.values())

    @cache  # noqa: B019
    def outcome(self, query: int, keyword: int, bid: int) -> tuple[list[float], float]:
        """P(slot) and mean charge in micros."""
        weight = float(self.market.keywords["weight"][keyword])
        auction = self.auctions[query]
        money = bid / MICROS
        return auction.slots(money * weight), auction.mean_charge(weight, money) * MICROS

    def rates(self, query: int, side: int, keyword: int) -> tuple[float, float, float]:
        """P(click | examined), P(order | click) and P(cart | click)."""
        row, who = self.market.queries[query], self.market.sides[side]
        own = self.market.keywords[keyword]
        product = self.market.products[own["product"]]
        ctr = min(1.0, row["ctr"] * own["ctr"] * who["ctr"])
        cvr = min(1.0, row["cvr"] * product["cvr"] * who["cvr"])
        return ctr, cvr, float(product["cart_rate"])

    def organic(self, query: int, side: int) -> float:
        """P(order | search without a click)."""
        row, who = self.market.queries[query], self.market.sides[side]
        return float(min(1.0, row["organic"] * who["organic"]))

    def add_orders(
        self, row: np.ndarray, side: int, orders: float, keyword: int | None, query: int
    ) -> None:
        """Orders of the keyword's clicks, or organic ones of the query where it is None."""
        product = self.market.queries["organic_product"][query]
        if keyword is not None:
            product = self.market.keywords["product"][keyword]
        kind = "" if keyword is not None else "organic_"
        money = self.market.order_money[product, side]
        row[AT[f"{kind}orders"]] += orders
        row[AT[f"{kind}revenue"]] += orders * money["price"]
        row[AT[f"{kind}goods_cost"]] += orders * money["unit_cost"]

    def demand(self, day: int, hour: int) -> Iterator[tuple[int, int, float]]:
        """Query, side and mean searches of every cell in an hour."""
        for query, row in enumerate(self.market.queries):
            for side, share in enumerate(self.market.share[row["searchers"]]):
                factor = self.market.hour_factor[day, hour]
                yield query, side, float(row["searches"] * share * factor)

    def hour_means(self, day: int, hour: int, chance: np.ndarray) -> np.ndarray:
        """Means of an hour under constant participation: float64[keyword or none, field]."""
        tally = np.zeros((self.market.keywords.size + 1, N_FIELDS))
        for query, side, searches in self.demand(day, hour):
            entries = self.entries(query, side, self.block(day, hour))
            if not entries:
                tally[-1, AT["searches"]] += searches
                self.add_orders(tally[-1], side, searches * self.organic(query, side), None, query)
                continue
            free = searches
            for entry in entries:
                taken = free * chance[entry.campaign]
                free -= taken
                self._add_means(tally[entry.keyword], query, side, entry, taken)
            best = tally[entries[0].keyword]
            for name in ("searches", "eligible", "lost_to_budget"):
                best[AT[name]] += free
            self.add_orders(best, side, free * self.organic(query, side), None, query)
        return tally

    def _add_means(
        self, row: np.ndarray, query: int, side: int, entry: Entry, searches: float
    ) -> None:
        row[AT["searches"]] += searches
        row[AT["eligible"]] += searches
        shown, unclicked = 0.0, searches
        if entry.enters:
            slots, charge = self.outcome(query, entry.keyword, entry.bid)
            ctr, cvr, cart_rate = self.rates(query, side, entry.keyword)
            for slot, p in enumerate(slots):
                clicks = searches * p * ctr * self.market.examination[slot]
                shown += searches * p
                unclicked -= clicks
                row[AT["position_sum"]] += searches * p * (slot + 1)
                row[AT["clicks"]] += clicks
                row[AT["carts"]] += clicks * cart_rate
                row[AT["spend"]] += clicks * charge
                self.add_orders(row, side, clicks * cvr, entry.keyword, query)
        self.add_orders(row, side, unclicked * self.organic(query, side), None, query)
        row[AT["impressions"]] += shown
        row[AT["lost_to_rank"]] += searches - shown

    def spend_of(self, tally: np.ndarray) -> np.ndarray:
        """Spend of each campaign, the account's last."""
        by_campaign = np.zeros(self.plan.budget.size)
        np.add.at(by_campaign, self.market.keywords["campaign"], tally[:-1, AT["spend"]])
        by_campaign[-1] = by_campaign.sum()
        return by_campaign

    def participation(self, day: int, hour: int, left: np.ndarray) -> np.ndarray:
        """Each campaign's chance to take part in a search of this hour."""
        chance = np.ones(self.plan.standard.size)
        for campaign in range(chance.size):
            if left[campaign] <= 0 or left[-1] <= 0:
                chance[campaign] = 0.0
            elif self.plan.standard[campaign]:
                later = range(hour, 24)
                rest = sum(self._full_spend(day, clock)[campaign] for clock in later)
                chance[campaign] = min(1.0, left[campaign] / rest) if rest > 0 else 1.0
        return chance

    @cache  # noqa: B019
    def _full_spend(self, day: int, hour: int) -> np.ndarray:
        return self.spend_of(self.hour_means(day, hour, np.ones(self.plan.standard.size)))

    def mean_day(self, day: int, steps: int) -> np.ndarray:
        """Means of a day; budgets drain in small steps of time."""
        tally = np.zeros((self.market.keywords.size + 1, N_FIELDS))
        left = self.plan.budget.astype(float)
        for hour in range(24):
            chance = self.participation(day, hour, left)
            means, spend = None, np.zeros(left.size)
            for _ in range(steps):
                out = (left[:-1] <= 0) | (left[-1] <= 0)
                if means is None or (out & (chance > 0)).any():
                    chance[out] = 0.0
                    means = self.hour_means(day, hour, chance)
                    spend = self.spend_of(means)
                tally += means / steps
                left -= spend / steps
        return tally


class Shopper:
    """Plays every search of a day in order of time, every rival drawn one by one."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.luck = world, np.random.default_rng(seed)

    def day(self, day: int = 0) -> np.ndarray:
        """Counts of one day: int64[keyword or none, field]."""
        world = self.world
        self.tally = np.zeros((world.market.keywords.size + 1, N_FIELDS), np.int64)
        self.left = world.plan.budget.copy()
        for hour in range(24):
            chance = world.participation(day, hour, self.left)
            block = world.block(day, hour)
            searches = [
                (time, query, side)
                for query, side, mean in world.demand(day, hour)
                for time in self.luck.uniform(size=self.luck.poisson(mean))
            ]
            for _, query, side in sorted(searches):
                self._search(query, side, world.entries(query, side, block), chance)
        return self.tally

    def _search(self, query: int, side: int, entries: list[Entry], chance: np.ndarray) -> None:
        if not entries:
            self.tally[-1, AT["searches"]] += 1
            self._come_back(query, side, self.tally[-1])
            return
        for entry in entries:
            has_money = self.left[entry.campaign] > 0 and self.left[-1] > 0
            if has_money and self.luck.uniform() < chance[entry.campaign]:
                self._count(entry, "searches", "eligible")
                shown, clicked = self._auction(query, side, entry) if entry.enters else (0, 0)
                self._count(entry, "impressions" if shown else "lost_to_rank")
                if not clicked:
                    self._come_back(query, side, self.tally[entry.keyword])
                return
        self._count(entries[0], "searches", "eligible", "lost_to_budget")
        self._come_back(query, side, self.tally[entries[0].keyword])

    def _come_back(self, query: int, side: int, row: np.ndarray) -> None:
        if self.luck.uniform() < self.world.organic(query, side):
            self.world.add_orders(row, side, 1, None, query)

    def _auction(self, query: int, side: int, entry: Entry) -> tuple[bool, bool]:
        """Whether it is shown, and clicked."""
        ranks = self._rivals(query)
        slot = sum(rank > entry.rank for rank in ranks)
        if slot >= self.world.market.examination.size:
            return False, False
        self.tally[entry.keyword, AT["position_sum"]] += slot + 1
        ctr, cvr, cart_rate = self.world.rates(query, side, entry.keyword)
        clicked = self.luck.uniform() < ctr * self.world.market.examination[slot]
        if clicked:
            below = max([rank for rank in ranks if rank <= entry.rank], default=0.0)
            self._click(query, entry, below)
            if self.luck.uniform() < cvr:
                row = self.tally[entry.keyword]
                self.world.add_orders(row, side, 1, entry.keyword, query)
            if self.luck.uniform() < cart_rate:
                self._count(entry, "carts")
        return True, clicked

    def _click(self, query: int, entry: Entry, next_rank: float) -> None:
        weight = float(self.world.market.keywords["weight"][entry.keyword])
        charge = self.world.auctions[query].charge(weight, entry.bid / MICROS, next_rank)
        paid = min(round(charge * MICROS), self.left[entry.campaign], self.left[-1])
        self.left[[entry.campaign, -1]] -= paid
        self._count(entry, "clicks")
        self.tally[entry.keyword, AT["spend"]] += paid

    def _rivals(self, query: int) -> list[float]:
        auction, luck = self.world.auctions[query], self.luck
        rivals = auction.rivals
        n = luck.poisson(rivals.mean)
        if rivals.family == "lognormal":
            drawn = rivals.scale * np.exp(rivals.shape * luck.normal(size=n))
        elif rivals.family == "loglogistic":
            odds = 1 / luck.uniform(size=n) - 1
            drawn = rivals.scale * odds ** (1 / rivals.shape)
        elif rivals.family == "gamma":
            drawn = luck.gamma(rivals.shape, rivals.scale / rivals.shape, n)
        else:
            probability, rank = np.array(rivals.table).T
            drawn = np.interp(luck.uniform(size=n), probability, rank)
        named = [rank for rank, presence in auction.named if luck.uniform() < presence]
        return [*drawn.tolist(), *named]

    def _count(self, entry: Entry, *names: str) -> None:
        for name in names:
            self.tally[entry.keyword, AT[name]] += 1
