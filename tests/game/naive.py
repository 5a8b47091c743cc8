"""The slow twin of `kernels/game.py`: every user by name, every rule as the game declares it.

Takes the declaration, the lots of a game and what is bid; knows nothing of compiled tables.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict

from adsim.market.ids import stable_id
from tests.kernels.naive import philox

BURST, MOVE, SEARCH, READ, TIE = 81, 82, 83, 84, 85
DAY_0 = 2000


def odds(p, x):
    return p * x / (p * x + 1 - p)


class NaiveGame:
    """One game; `bids[day]` is an object with bid, target, limit, budget in micros, by place."""

    def __init__(self, game, lots, seed, number, bids):
        self.game, self.lots, self.key, self.bids = game, lots, (seed, number), bids
        self.states = {state.name: state for state in game.states}
        self.classes = {each.name: each for each in game.classes}
        self.queries = [q for place in range(len(game.classes)) for q in game.queries_of(place)]
        self.class_of = {q: each for i, each in enumerate(game.classes) for q in game.queries_of(i)}
        self.burst_days = dict.fromkeys(game.products)
        self.ads = defaultdict(Counter)  # (day, advertiser, query) -> fields
        self.slots = defaultdict(Counter)  # (query, slot) -> fields
        self.searches = Counter()
        self.persons = []  # Counter of states after each day, the first: before day 0
        self.sales = defaultdict(Counter)  # advertiser -> day -> sales

    def words(self, identity, day, decision, index):
        counter = (index, (day + DAY_0) | decision << 24, identity & 0xFFFFFFFF, identity >> 32)
        return philox(counter, self.key)

    def of_product(self, product, day, decision, index):
        return self.words(stable_id("product", *product), day, decision, index)

    def play(self):
        market = self.game.game
        users = [(product, u) for product in self.game.products for u in range(market.users)]
        start = {name: state.share for name, state in self.states.items()}
        first = -market.virtual_days - 1
        self.at = {user: self.choose(start, None, self.move_word(user, first)) for user in users}
        for day in range(-market.virtual_days, market.days):
            bought = self.search_all(day) if day >= 0 else set()
            if day == 0:
                self.persons.insert(0, self.before)
            bursts = {product: self.has_burst(product, day) for product in self.game.products}
            for user in users:
                state = self.states[self.at[user]]
                row = state.burst if bursts[user[0]] and state.burst is not None else state.daily
                if user in bought:
                    self.at[user] = market.bought
                else:
                    self.at[user] = self.choose(row, state.name, self.move_word(user, day))
            if day >= 0:
                self.persons.append(Counter(self.at.values()))
        return self

    def move_word(self, user, day):
        product, u = user
        return self.of_product(product, day, MOVE, u // 4)[u % 4]

    def choose(self, row, own, word):
        """The state whose share of [0, 2**32) holds the word; the own state comes first."""
        order = sorted(self.states, key=lambda name: name != own)
        return order[self.pick([row.get(name, 0.0) for name in order], word)]

    @staticmethod
    def pick(weights, word):
        total, so_far = sum(weights), 0.0
        last = max(i for i, weight in enumerate(weights) if weight > 0)
        for i, weight in enumerate(weights):
            so_far += weight
            if i == last or word < round(so_far / total * 2**32):
                return i
        raise AssertionError

    def has_burst(self, product, day):
        bursts, last = self.game.bursts, self.burst_days[product]
        soon = last is not None and day - last <= bursts.within
        word = self.of_product(product, day, BURST, 0)[0]
        is_one = word < round((bursts.again if soon else bursts.chance) * 2**32)
        if is_one:
            self.burst_days[product] = day
        return is_one

    def search_all(self, day):
        self.before = Counter(self.at.values())
        searches = []
        for place, (user, name) in enumerate(self.at.items()):
            weights = self.states[name].queries
            if weights:
                when, which, coin, _ = self.of_product(user[0], day, SEARCH, user[1])
                chances = [weights.get(each, 0.0) for each in self.classes]
                which = list(self.classes)[self.pick(chances, which)]
                searches.append((when, place, user, self.query(user[0], which, coin >> 31)))
        bought = set()
        for _, _, user, query in sorted(searches):
            self.searches[query] += 1
            if self.read(day, user, query):
                bought.add(user)
        return bought

    def query(self, product, name, coin):
        named = {0: "", 1: f" {product[coin]}", 2: f" {product[0]} {product[1]}"}
        return name + named[self.classes[name].names]

    def page(self, day, query):
        """Advertisers from the top with price and whether promoted."""
        q, bids = self.queries.index(query), self.bids[day]
        ranked = []
        for a, advertiser in enumerate(self.game.advertisers):
            spent = sum(self.ads[day, a, other]["spend"] for other in self.queries)
            is_out = self.ads[day, a, query]["spend"] >= bids.limit[a][q] or spent >= bids.budget[a]
            weight = self.lots.effect[a][q] ** self.lots.squashing
            score = weight * int(bids.bid[a][q])
            if score > 0 and not is_out:
                tie = self.words(stable_id("advertiser", advertiser.name), day, TIE, q)[0]
                ranked.append((score, tie, a, weight))
        ranked.sort(reverse=True)
        page = []
        for place, (score, _, a, weight) in enumerate(ranked[: self.game.page.slots]):
            promoted_floor = 1e6 * self.lots.promoted_reserve[q]
            floor = 1e6 * self.lots.reserve[q]
            if score < floor:
                break
            promoted = place < self.lots.promoted and score >= promoted_floor
            following = ranked[place + 1][0] if place + 1 < len(ranked) else 0.0
            least = max(following, promoted_floor if promoted else floor) / weight
            price = min(math.floor(least + 0.5 + 1e-9), int(bids.bid[a][q]))
            page.append((a, price, promoted))
        return page

    def read(self, day, user, query):
        product, u = user
        state = self.states[self.at[user]]
        q = self.queries.index(query)
        page = self.page(day, query)
        for slot, (a, _, _) in enumerate(page):
            self.count(day, a, query, slot, impressions=1, positions=slot + 1)
        for slot, (a, price, promoted) in enumerate(page):
            words = self.of_product(product, day, READ, 32 * u + slot)
            click, buy, go_on = ((word + 0.5) / 2**32 for word in words[:3])
            if click < self.click_chance(day, a, q, product, promoted):
                self.count(day, a, query, slot, clicks=1, spend=price)
                if state.buys and buy < self.sale_chance(day, a, query, product):
                    brings = self.game.game.sale * (
                        self.game.game.maker_factor if self.own(a)[0] == product[0] else 1.0
                    )
                    self.count(day, a, query, slot, orders=1, revenue=round(brings * 1e6))
                    self.sales[a][day] += 1
                    return True
            if go_on >= self.lots.continuation[q]:
                break
        return False

    def count(self, day, a, query, slot, **fields):
        self.ads[day, a, query].update(fields)
        self.slots[query, slot].update(fields)

    def own(self, a):
        market = self.game.game
        maker, component = self.lots.maker[a], self.lots.component[a]
        return (
            market.makers[maker] if maker >= 0 else None,
            market.components[component] if component >= 0 else None,
        )

    def click_chance(self, day, a, q, product, promoted):
        factor = self.game.page.promotion_factor if promoted else 1.0
        target = self.bids[day].target[a][q]
        if target >= 0 and self.game.products[target] == product:
            factor *= self.game.page.target_factor
        elif target >= 0:
            factor /= self.game.page.target_factor
        return odds(self.lots.effect[a][q], factor)

    def sale_chance(self, day, a, query, product):
        market = self.game.game
        sold = sum(self.sales[a][each] for each in range(day - market.window + 1, day + 1))
        over = max(0, sold - int(self.lots.capacity[a]))
        cvr = self.class_of[query].cvr * math.pow(market.discount, over)
        return odds(cvr, market.component_factor if self.own(a)[1] == product[1] else 1.0)
