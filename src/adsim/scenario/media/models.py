"""What the TOML of a category declares: persons, their drift, media, search, sales."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from adsim.scenario.auctions import Auction
from adsim.scenario.kinds import (
    Amount,
    Budget,
    Day,
    Declared,
    Factor,
    Finite,
    Name,
    Positive,
    Share,
    Whole,
    broken,
)
from adsim.scenario.media.rows import (
    ActivityShares,
    AvailabilityShares,
    BrandMoves,
    ByBrand,
    ByValue,
    CarryOver,
    FavorabilityShares,
    LoyaltyShares,
    Moves,
)

MOST_PERIODS = 10_000
MOST_PERSONS = 10_000_000_000
MOST_SEARCHES = 50.0
MOST_MONEY = 9e12  # of all periods: its micros are an int64


def _listed(value: object) -> object:
    return value if isinstance(value, list | tuple) else [value]


Series = BeforeValidator(_listed)
Shares = Annotated[tuple[Share, ...], Series, Field(min_length=1)]
Amounts = Annotated[tuple[Amount, ...], Series, Field(min_length=1)]
Budgets = Annotated[tuple[Budget, ...], Series, Field(min_length=1)]
Prices = Annotated[tuple[Positive, ...], Series, Field(min_length=1)]


class General(Declared):
    """Table [scenario]: who is simulated, and for how long."""

    name: Name = Field(description="Name of the scenario.")
    persons: Whole = Field(ge=1, le=MOST_PERSONS, description="Persons in all.")
    period: Literal["week", "day"] = Field(default="week", description="Length of a period.")
    periods: Whole = Field(ge=1, le=MOST_PERIODS, description="Number of periods.")
    cycle: Whole = Field(
        default=52,
        ge=1,
        le=MOST_PERIODS,
        description="Periods of one budget, a year of weeks, say.",
    )
    start: Annotated[Day, Field(ge=datetime.date(1970, 1, 1), le=datetime.date(2200, 1, 1))] = (
        Field(description="First day of the first period.")
    )
    currency: Name = Field(default="CNY", description="Currency of all money, only a label.")


class Measured(Declared):
    """Table [measured]: where media are taken away to see what they cause.

    Sales count from the first of these periods to the end of the run, so that what a medium does
    later is its own too; media are as declared before and after.
    """

    first: Whole = Field(default=0, ge=0, description="First period, counted from 0.")
    last: Whole | None = Field(default=None, ge=0, description="Last period; absent: the end.")


class Season(Declared):
    """Share of the possible market in it: mean + swing x cos(2 pi (period - peak) / length)."""

    mean: Share = Field(description="Mean share.")
    swing: Share = Field(default=0.0, description="Highest share less the mean.")
    length: Positive = Field(default=52.0, description="Periods from peak to peak.")
    peak: Finite = Field(default=0.0, description="A period at the peak.")

    @model_validator(mode="after")
    def _stays_a_share(self) -> Season:
        if not self.swing <= self.mean <= 1 - self.swing:
            found = f"goes from {self.mean - self.swing:g} to {self.mean + self.swing:g}"
            raise broken("must stay from 0 to 1", found, "lower the swing")
        return self


class Market(Declared):
    """Table [market]: how many are in the market, and when a need comes back."""

    rate: Share = Field(default=1.0, description="Share of persons that can be in the market.")
    season: Season | None = Field(default=None, description="Its course over the periods.")
    rates: Shares | None = Field(
        default=None, description="Instead of season: the course itself, repeated at its end."
    )
    noise_sd: Factor = Field(default=0.0, le=1, description="Sd of a factor of mean 1 on it.")
    noise_memory: Annotated[Finite, Field(gt=-1, lt=1)] = Field(
        default=0.0, description="Correlation of that factor with the period before."
    )
    need_returns: Share = Field(
        default=1.0, description="Share of the satiated who want again in the next period."
    )
    entering: ActivityShares = Field(
        default_factory=lambda: ActivityShares(inactive=1.0),
        description="Activity of those who come into the market, or want again.",
    )

    @model_validator(mode="after")
    def _one_course(self) -> Market:
        if self.season is not None and self.rates is not None:
            raise broken("must have season or rates", "has both", "leave one of them out")
        return self


class Start(Declared):
    """Table [start]: shares of persons before the first period, independent of each other."""

    favorability: FavorabilityShares = Field(description="Of those who are not loyal.")
    loyalty: LoyaltyShares = Field(
        default_factory=lambda: LoyaltyShares(switcher=1.0),
        description="Share of each value; the loyal are favorable.",
    )
    availability: AvailabilityShares = Field(
        default_factory=lambda: AvailabilityShares(average=1.0),
        description="Share of each value.",
    )


class Natural(Moves):  # type: ignore[misc]
    """Table [natural]: how persons drift by themselves at the beginning of a period."""

    carry_over: CarryOver = Field(
        default_factory=CarryOver,
        description="Share of persons who do not drift, by dimension: how long effects last.",
    )


class Hill(Declared):
    """Response to the mean frequency f of the reached: 1 / (1 + (f / half)^-slope)."""

    half: Positive = Field(description="Frequency at which half of the effect is reached.")
    slope: Positive = Field(default=1.0, le=20, description="How steep it is there.")


class Medium(Declared):
    """One of [[media]]: exposures are bought and move those whom they reach."""

    name: Name = Field(description="Name of the medium.")
    budget: Amounts = Field(description="Money of each cycle, repeated at its end.")
    flighting: Amounts = Field(
        default=(1.0,),
        description="Weight of each period within its cycle, repeated at its end.",
    )
    cost: Positive = Field(description="Money for one exposure.")
    audience: ByValue | None = Field(
        default=None, description="Chance to be in the audience, by value."
    )
    hill: Hill = Field(description="Response to frequency.")
    moves: Moves = Field(
        description="Transitions of the moved, in the order activity .. availability."
    )


class Band(Declared):
    """An auction in two numbers: share of voice rises linearly from `low` to `high`.

    A click costs the bid, at least `low` and at most `high`. Source: Zhang and Vaver 2017, paid
    search.
    """

    low: Amount = Field(description="Bid at which no ad is shown.")
    high: Positive = Field(description="Bid at which every ad is shown.")

    @model_validator(mode="after")
    def _rises(self) -> Band:
        if self.high < self.low:
            raise broken(
                "must have high >= low", f"has {self.high:g} < {self.low:g}", "exchange them"
            )
        return self


class Rivals(Auction):
    """The auction of a mean search: the keys of a scenario's [auction], and the rivals in it."""

    rivals: Amount = Field(description="Mean number of rivals.")
    rival_family: Literal["lognormal", "loglogistic", "gamma"] = Field(
        default="lognormal", description="Family of one rival's ad rank."
    )
    rival_scale: Positive = Field(description="Median (gamma: mean) of a rival's ad rank.")
    rival_shape: Positive = Field(description="Its sigma, beta or k.")
    quality: Positive = Field(default=1.0, description="Quality of the own ads.")

    @model_validator(mode="after")
    def _no_rules_of_bids(self) -> Rivals:
        for name in ("bid_min", "bid_max", "bid_step"):
            if getattr(self, name) is not None:
                cure = "leave it out, and give bids that the platform accepts"
                raise broken(f"must not have {name}", "has it", cure)
        if self.clicks != "slots" or self.promoted_slots:
            cure = 'write clicks = "slots" with an examination, and no promoted_slots'
            found = "has more"
            raise broken("must have clicks by slot alone: persons differ in CTR", found, cure)
        return self


class Effect(Declared):
    """Share of the persons whom search moves by its tables, by the most that has happened."""

    click: Share = Field(default=1.0, description="Of those who have clicked an ad.")
    view: Share = Field(default=0.0, description="Of those who have only seen one.")
    search: Share = Field(default=0.0, description="Of those who have searched and seen none.")


class Search(Declared):
    """One of [[search]]: persons search, see ads, click; after all [[media]] of a period."""

    name: Name = Field(description="Name of the medium.")
    searches: Annotated[Finite, Field(ge=0, le=MOST_SEARCHES)] = Field(
        default=1.0, description="Mean searches of a person of the audience in a period."
    )
    audience: ByValue | None = Field(
        default=None, description="Chance to be in the audience, by value."
    )
    ctr: ByValue = Field(description="P(click | an ad is examined), by value.")
    match: Shares = Field(
        default=(1.0,), description="Share of searches that the keywords match, by cycle, repeated."
    )
    bid: Amounts = Field(description="Bid of each cycle, repeated at its end.")
    running: Shares = Field(
        default=(1.0,), description="Share of each period in which ads run, repeated at its end."
    )
    budget: Budgets = Field(
        default=(None,), description="Most money of a period, by cycle, repeated; or unlimited."
    )
    auction: Rivals | None = Field(default=None, description="Rivals of a mean search.")
    band: Band | None = Field(default=None, description="Instead of auction: a linear band.")
    effect: Effect = Field(default_factory=Effect, description="Who is moved.")
    lever: Literal["match", "bid", "budget"] = Field(
        default="bid", description="What grows where a little more is spent on it."
    )
    moves: Moves = Field(
        description="Transitions of the moved, in the order activity .. availability."
    )

    @model_validator(mode="after")
    def _can_run(self) -> Search:
        if (self.auction is None) == (self.band is None):
            found = "has neither" if self.auction is None else "has both"
            raise broken("must have either an auction or a band", found, "give one of the two")
        if self.lever == "budget" and None in self.budget:
            cure = "give a budget, or choose match or bid"
            raise broken("must have a budget where it is the lever", "has none", cure)
        return self


class Rival(Declared):
    """Table [sales.rival]: purchases of other brands."""

    demand: ByBrand | None = Field(
        default=None, description="P(buys a rival's | ours is out of the question), by value."
    )
    held: ByBrand | None = Field(
        default=None, description="Share of those who want both that the rival gets, by value."
    )
    moves: BrandMoves | None = Field(
        default=None, description="Transitions of those who have bought a rival's."
    )

    @model_validator(mode="after")
    def _demand_and_held(self) -> Rival:
        if (self.demand is None) != (self.held is None):
            found = "has one of them"
            raise broken("must have demand and held together", found, "give both, or none")
        return self


class Sales(Declared):
    """Table [sales]: who buys at the point of purchase.

    Alone, ours is wanted by d = demand - slope x (price - reference_price), within [0, 1]. A rival
    gets r = max(0, rival.demand - (1 - rival.held) d), we get max(d, rival.demand) - r.
    Source: Zhang and Vaver 2017, sales.
    """

    price: Prices = Field(description="Price of each period, repeated at its end.")
    reference_price: Amount | None = Field(
        default=None, description="Price at which demand holds; absent: the first price."
    )
    unit_cost: Amount = Field(default=0.0, description="Cost of one unit.")
    demand: ByBrand = Field(description="P(wants ours | at the point of purchase), by value.")
    slope: ByBrand | None = Field(
        default=None, description="Fall of that chance a unit of money, by value; absent: 0."
    )
    units: Annotated[Finite, Field(ge=1)] = Field(
        default=1.0, description="Mean units of a buyer at the reference price."
    )
    units_slope: Amount = Field(default=0.0, description="Their fall a unit of money.")
    moves: BrandMoves | None = Field(
        default=None, description="Transitions of those who have bought ours."
    )
    rival: Rival = Field(default_factory=Rival, description="Purchases of other brands.")


class MediaScenario(Declared):
    """A category under many media, as its TOML declares it; money in currency units."""

    scenario: General
    measured: Measured = Field(default_factory=Measured)
    market: Market = Field(default_factory=Market)
    start: Start
    natural: Natural = Field(default_factory=Natural)
    media: tuple[Medium, ...] = ()
    search: tuple[Search, ...] = ()
    sales: Sales

    @model_validator(mode="after")
    def _fits_together(self) -> MediaScenario:
        for name in self.names:
            if self.names.count(name) > 1:
                cure = "rename one"
                raise broken("must have media of different names", f"has {name} twice", cure)
        first, end = self.window
        if not first < end <= self.scenario.periods:
            rule = f"must have 0 <= measured.first <= measured.last < {self.scenario.periods}"
            raise broken(rule, f"has {first} and {end - 1}", "correct [measured]")
        units = self.scenario.persons * self.scenario.periods * self.sales.units
        most = units * max(self.sales.price)
        if most >= MOST_MONEY:
            cure = "write money in thousands, or fewer persons"
            raise broken(
                f"must have persons x periods x price below {MOST_MONEY:g}", f"is {most:g}", cure
            )
        return self

    @property
    def names(self) -> list[str]:
        """The names of all media, in that order."""
        return [medium.name for medium in self.all_media]

    @property
    def all_media(self) -> tuple[Medium | Search, ...]:
        """All media in the order in which they act."""
        return (*self.media, *self.search)

    @property
    def window(self) -> tuple[int, int]:
        """The measured periods, first and one past the last."""
        last = self.measured.last
        return self.measured.first, self.scenario.periods if last is None else last + 1
