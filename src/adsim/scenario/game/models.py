"""What game.toml declares: the market, the page, states of users, query classes, advertisers.

The presets follow Jordan and Wellman, "Designing an Ad Auctions Game for the Trading Agent
Competition", 2010: users move between states of search, read a page of ads from its top, click and
buy; advertisers bid for queries day by day.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from adsim.scenario.kinds import (
    Amount,
    Budget,
    Declared,
    Factor,
    Name,
    Positive,
    Share,
    Whole,
    broken,
    sums_to_one,
)

MOST_DAYS = 10_000
MOST_USERS = 1_000_000
MOST_SLOTS = 20
MOST_NAMES = 32
MOST_STATES = 64
MOST_MONEY = 1e4  # of one click
MOST_USER_DAYS = 900_000_000  # each with one click of an advertiser: its micros are an int64
DRAWN, NO = "drawn", "none"
"""Words in place of a specialty: one by lot in each game, or none."""


def _both_ends(value: object) -> object:
    return [value, value] if isinstance(value, int | float) else value


def _rises(band: tuple[float, float]) -> tuple[float, float]:
    if band[0] > band[1]:
        raise broken("must rise", f"goes from {band[0]:g} to {band[1]:g}", "exchange the two")
    return band


Band = Annotated[
    tuple[Share, Share],
    BeforeValidator(_both_ends, json_schema_input_type=Share | tuple[Share, Share]),
    AfterValidator(_rises),
]
ScoreBand = Annotated[
    tuple[Amount, Amount],
    BeforeValidator(_both_ends, json_schema_input_type=Amount | tuple[Amount, Amount]),
    AfterValidator(_rises),
]
Price = Annotated[Amount, Field(le=MOST_MONEY)]
Names = Annotated[tuple[Name, ...], Field(min_length=1, max_length=MOST_NAMES)]
Slots = Annotated[Whole, Field(ge=0, le=MOST_SLOTS)]
SlotBand = Annotated[
    tuple[Slots, Slots],
    BeforeValidator(_both_ends, json_schema_input_type=Slots | tuple[Slots, Slots]),
    AfterValidator(_rises),
]
Capacity = Annotated[Whole, Field(ge=0, le=1_000_000_000)]


def _sums_to_one(row: dict[str, float]) -> dict[str, float]:
    sums_to_one(tuple(row.values()))
    return row


Row = Annotated[dict[Name, Share], AfterValidator(_sums_to_one)]


class Market(Declared):
    """Table [game]: who plays for what, and for how long."""

    name: Name = Field(description="Name of the game.")
    days: Whole = Field(default=60, ge=1, le=MOST_DAYS, description="Days of a game.")
    virtual_days: Whole = Field(
        default=5, ge=0, le=1000, description="Days before the first on which users move, ad-free."
    )
    delay: Whole = Field(
        default=1,
        ge=0,
        le=1000,
        description="Whole days between the last one that a bid can know and its own day.",
    )
    currency: Name = Field(default="USD", description="Currency of all money, only a label.")
    makers: Names = Field(description="Makers of the products.")
    components: Names = Field(description="Components; a product is a maker's component.")
    users: Whole = Field(ge=1, le=MOST_USERS, description="Users of each product.")
    sale: Positive = Field(default=10.0, le=1000, description="Profit of a sale before ads.")
    maker_factor: Positive = Field(
        default=1.4, le=10, description="Factor of it where the product is of one's own maker."
    )
    component_factor: Positive = Field(
        default=1.6, le=1000, description="Factor of the odds of a sale of one's own component."
    )
    window: Whole = Field(
        default=5, ge=1, le=1000, description="Days, today included, whose sales fill a capacity."
    )
    discount: Share = Field(
        default=0.996, description="Factor of the CVR for each sale above the capacity."
    )
    capacities: tuple[Capacity, ...] = Field(
        default=(), description="Dealt by lot to advertisers without a capacity of their own."
    )
    bought: Name = Field(description="State that a purchase leads to.")


class Page(Declared):
    """Table [page]: how ads are ranked and shown."""

    slots: Whole = Field(default=5, ge=1, le=MOST_SLOTS, description="Most ads of a page.")
    promoted: SlotBand = Field(
        default=(0, 0),
        description="How many of them, from the top, are promoted; [least, most]: by lot.",
    )
    promoted_extra: ScoreBand = Field(
        default=(0.0, 0.0), description="What a promoted slot asks above the reserve score."
    )
    promotion_factor: Positive = Field(
        default=1.5, le=1000, description="Factor of the odds of a click in a promoted slot."
    )
    target_factor: Positive = Field(
        default=1.5,
        le=1000,
        description="Factor of the odds of a click where an ad's target is the user's product; "
        "odds are divided by it for a wrong target.",
    )
    squashing: Share | None = Field(
        default=None, description="chi: an ad scores effect^chi x bid; goes before squashing_root."
    )
    squashing_root: Positive | None = Field(
        default=None, le=1000, description="chi by lot: U^(1 / root) in each game, U uniform."
    )

    @model_validator(mode="after")
    def _fits(self) -> Page:
        if self.squashing is None and self.squashing_root is None:
            cure = "give squashing = 0.5, say, or squashing_root = 4"
            raise broken("must have squashing or squashing_root", "has neither", cure)
        if self.promoted[1] > self.slots:
            found = f"has up to {self.promoted[1]} of {self.slots}"
            raise broken(
                "must have at most as many promoted slots as slots", found, "lower promoted"
            )
        return self


class Bursts(Declared):
    """Table [bursts]: days on which users of one product move by their burst rows."""

    chance: Share = Field(default=0.0, description="Chance of a burst on a day.")
    again: Share = Field(default=0.0, description="The same soon after a burst.")
    within: Whole = Field(
        default=3, ge=0, le=1000, description="Days after a burst on which that holds."
    )


class State(Declared):
    """One of [[states]]: what its users search, whether they may buy, where they go."""

    name: Name = Field(description="Name of the state.")
    share: Share = Field(default=0.0, description="Share of users before the first virtual day.")
    queries: dict[Name, Factor] = Field(
        default={}, description="Weights of the query classes searched; absent: no search."
    )
    buys: bool = Field(default=True, description="Whether a click may become a purchase.")
    daily: Row = Field(description="Chance of each state tomorrow; they sum to 1.")
    burst: Row | None = Field(default=None, description="The same in a burst; absent: as daily.")


class QueryClass(Declared):
    """One of [[classes]]: queries that name as much of a product."""

    name: Name = Field(description="Name of the class.")
    names: Literal[0, 1, 2] = Field(
        description="Of maker and component, how many a query names: 0, 1 (either) or 2."
    )
    effect: Band = Field(
        description="Chance of a click on a generic ad; a number, or [low, high]: uniform, drawn "
        "for each game, advertiser and query."
    )
    continuation: Band = Field(
        description="Chance to read on after an ad; a number, or [low, high] for each query."
    )
    cvr: Share = Field(description="P(purchase | click) of users who may buy.")
    reserve: ScoreBand = Field(
        description="Least score of an ad; a number, or [low, high] for the class."
    )


class Strategy(Declared):
    """What an advertiser does every day; Python may play for it instead."""

    kind: Literal["none", "fixed", "value"] = Field(
        description="none: no bids; fixed: the same; value: a share of what a click is worth."
    )
    bids: dict[Name, Price] = Field(default={}, description="fixed: the bid of each query class.")
    share: Factor | None = Field(
        default=None,
        le=1000,
        description="value: bid / expected profit of a click before its cost, at what was sold.",
    )
    targeted: bool = Field(
        default=False, description="Whether ads are for the product of both own specialties."
    )
    limit: Budget = Field(default=None, description="Most money of a day in all.")
    limits: dict[Name, Amount] = Field(
        default={}, description="Most money of a day for each query of a class."
    )

    @model_validator(mode="after")
    def _says_enough(self) -> Strategy:
        if self.kind == "fixed" and not self.bids:
            raise broken("must have bids where it is fixed", "has none", "give bids by class")
        if self.kind == "value" and self.share is None:
            raise broken("must have a share of the value", "has none", "give share = 0.4, say")
        return self


class Advertiser(Declared):
    """One of [[advertisers]]."""

    name: Name = Field(description="Name of the advertiser.")
    maker: Name = Field(default=NO, description=f"Maker specialty; {DRAWN}: by lot; {NO}: no one.")
    component: Name = Field(default=NO, description="Component specialty, likewise.")
    capacity: Capacity | None = Field(
        default=None,
        description="Sales of the window at the full CVR; absent: dealt by lot from "
        "game.capacities, without limit where there are none.",
    )
    strategy: Strategy = Field(description="What it does.")


class Game(Declared):
    """A game, as its TOML declares it; money in currency units, scores in units of a bid."""

    game: Market
    page: Page
    bursts: Bursts = Field(default_factory=Bursts)
    states: Annotated[tuple[State, ...], Field(min_length=1, max_length=MOST_STATES)]
    classes: Annotated[tuple[QueryClass, ...], Field(min_length=1, max_length=MOST_NAMES)]
    advertisers: Annotated[tuple[Advertiser, ...], Field(min_length=1, max_length=1000)]

    @model_validator(mode="after")
    def _can_be_counted(self) -> Game:
        market = self.game
        most = market.users * len(self.products) * market.days
        if most > MOST_USER_DAYS:
            rule = f"must have users x products x days up to {MOST_USER_DAYS:,}"
            raise broken(rule, f"has {most:,}", "give fewer users or days")
        return self

    @property
    def products(self) -> list[tuple[str, str]]:
        """Maker and component of every product."""
        return [(m, c) for m in self.game.makers for c in self.game.components]

    def queries_of(self, place: int) -> list[str]:
        """Names of the queries of a class: first those by maker, then those by component."""
        declared, market = self.classes[place], self.game
        if declared.names == 0:
            return [declared.name]
        if declared.names == 1:
            return [f"{declared.name} {each}" for each in (*market.makers, *market.components)]
        return [f"{declared.name} {maker} {component}" for maker, component in self.products]
