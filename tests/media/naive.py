"""The slow twin of `kernels/media.py`: every person by name, moved by the declared rows.

Written from what the TOML declares and from the published description of the model, not from the
kernel; luck is numpy's.
"""

from __future__ import annotations

import numpy as np

from adsim.scenario.media.states import DIMENSIONS

PLACES = {name: {v: i for i, v in enumerate(values)} for name, values in DIMENSIONS.items()}


class NaivePersons:
    """One history of a declared category with few persons."""

    def __init__(self, scenario, terms, rng):
        self.scenario, self.terms, self.rng = scenario, terms, rng
        self.n = scenario.scenario.persons
        self.of = {name: np.zeros(self.n, int) for name in DIMENSIONS}
        self.of["satiation"][:] = 1
        for name in ("favorability", "loyalty", "availability"):
            self.of[name] = self.draw(name, getattr(scenario.start, name).full(), self.n)
        self.of["favorability"][self.of["loyalty"] == 1] = 4

    def draw(self, dimension, chances, size):
        names = list(chances)
        places = [PLACES[dimension][name] for name in names]
        return self.rng.choice(places, size, p=[chances[name] for name in names])

    def can_act(self):
        return (self.of["market"] == 1) & (self.of["satiation"] == 1)

    def move(self, moves, dimension, who, keep=0.0):
        rows = getattr(moves, dimension, None)
        if rows is None:
            return
        before = self.of[dimension].copy()
        for name, place in PLACES[dimension].items():
            row = getattr(rows, name) or rows.any
            here = who & (before == place) & (self.rng.random(self.n) >= keep)
            if row is None:
                continue
            to = self.draw(dimension, row.full(), self.n)
            if dimension == "activity":
                here &= self.can_act()
            if dimension == "favorability":
                here &= self.of["loyalty"] != 1
            if dimension == "loyalty":
                to = np.where((to == 1) & (self.of["favorability"] != 4), 0, to)
            self.of[dimension] = np.where(here, to, self.of[dimension])

    def enter(self, who):
        to = self.draw("activity", self.scenario.market.entering.full(), self.n)
        self.of["activity"] = np.where(who & self.can_act(), to, self.of["activity"])

    def market(self, rate):
        inside = self.of["market"] == 1
        wanted, found = rate * self.n, inside.sum()
        luck = self.rng.random(self.n)
        if wanted > found:
            who = ~inside & (luck < (wanted - found) / (self.n - found))
            self.of["market"][who] = 1
            self.enter(who)
        elif found:
            who = inside & (luck < (found - wanted) / found)
            self.of["market"][who] = 0
            self.of["activity"][who] = 0

    def drift(self):
        natural = self.scenario.natural
        needs = self.rng.random(self.n) < self.scenario.market.need_returns
        who = (self.of["satiation"] == 0) & needs
        self.of["satiation"][who] = 1
        self.enter(who)
        for name in ("activity", "favorability", "loyalty", "availability"):
            self.move(natural, name, np.ones(self.n, bool), getattr(natural.carry_over, name))

    def chance(self, factors):
        product = np.ones(self.n)
        for dimension, table in factors or ():
            if table is not None:
                values = np.array([getattr(table, name) for name in DIMENSIONS[dimension]])
                product *= values[self.of[dimension]]
        return np.minimum(1.0, product)

    def all_moves(self, moves, who):
        for name in ("activity", "favorability", "loyalty", "availability"):
            self.move(moves, name, who)

    def expose(self, medium, exposures):
        audience = self.rng.random(self.n) < self.chance(medium.audience)
        if not audience.any() or exposures == 0:
            return {"reached": 0, "moved": 0}
        mean = exposures / audience.sum()
        seen = audience & (self.rng.poisson(mean, self.n) > 0)
        frequency = mean / (1 - np.exp(-mean))
        effect = frequency**medium.hill.slope
        effect /= effect + medium.hill.half**medium.hill.slope
        moved = seen & (self.rng.random(self.n) < effect)
        self.all_moves(medium.moves, moved)
        return {"reached": seen.sum(), "moved": moved.sum()}

    def search(self, search, shown, examined, charge):
        audience = self.rng.random(self.n) < self.chance(search.audience)
        searches = np.where(audience, self.rng.poisson(search.searches, self.n), 0)
        ctr = self.chance(search.ctr)
        p_click = examined * ctr
        clicks = self.rng.binomial(searches, p_click)
        views = clicks + self.rng.binomial(searches - clicks, (shown - p_click) / (1 - p_click))
        share = np.where(views > 0, search.effect.view, search.effect.search)
        share = np.where(clicks > 0, search.effect.click, share)
        moved = (searches > 0) & (self.rng.random(self.n) < share)
        self.all_moves(search.moves, moved)
        self.clicked = clicks > 0
        return {
            "spend": clicks.sum() * charge,
            "shown": views.sum(),
            "clicks": clicks.sum(),
            "reached": (views > 0).sum(),
            "moved": moved.sum(),
        }

    def sell(self, price):
        sales = self.scenario.sales
        reference = sales.price[0] if sales.reference_price is None else sales.reference_price
        buying = self.of["activity"] == 2
        fall = 0.0 if sales.slope is None else self.chance(sales.slope)
        want = np.clip(self.chance(sales.demand) - fall * (price - reference), 0, 1)
        most = self.chance(sales.rival.demand) if sales.rival.demand else np.zeros(self.n)
        held = self.chance(sales.rival.held) if sales.rival.held else np.zeros(self.n)
        rival = np.maximum(0, most - (1 - held) * want)
        own = np.maximum(0, np.maximum(want, most) - rival)
        luck = self.rng.random(self.n)
        ours = buying & (luck < own)
        theirs = buying & ~ours & (luck < own + rival)
        units = ours.sum()
        if units:
            mean = max(1.0, sales.units - sales.units_slope * (price - reference))
            units += self.rng.poisson(mean - 1.0, units).sum()
        self.of["satiation"][ours | theirs] = 0
        self.of["activity"][ours | theirs] = 0
        for moves, who in ((sales.moves, ours), (sales.rival.moves, theirs)):
            for name in ("favorability", "loyalty", "availability"):
                self.move(moves, name, who)
        reported = (ours & self.clicked).sum() if hasattr(self, "clicked") else 0
        return {"buyers": ours.sum(), "units": units, "others": theirs.sum(), "reported": reported}

    def counts(self):
        return np.concatenate(
            [np.bincount(self.of[name], minlength=len(DIMENSIONS[name])) for name in DIMENSIONS]
        )


def naive_history(scenario, terms, rates, rng):
    """Per period: counts of every value before the sales, what each medium did, the sales.

    `terms` lists for each medium and period its exposures, or (shown, examined, charge).
    """
    persons = NaivePersons(scenario, terms, rng)
    prices = scenario.sales.price
    history = []
    for period in range(scenario.scenario.periods):
        persons.market(rates[period])
        persons.drift()
        did = [
            persons.expose(medium, terms[place][period])
            for place, medium in enumerate(scenario.media)
        ]
        did += [
            persons.search(search, *terms[len(scenario.media) + place][period])
            for place, search in enumerate(scenario.search)
        ]
        counts = persons.counts()
        history.append((counts, did, persons.sell(prices[period % len(prices)])))
    return history
