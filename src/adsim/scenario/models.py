"""What scenario.toml declares: every key with its unit, bounds and neutral default."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    Field,
    Strict,
    field_validator,
    model_validator,
)

from adsim.scenario.auctions import Auction
from adsim.scenario.journeys import Journey
from adsim.scenario.kinds import (
    Amount,
    Budget,
    Cap,
    Day,
    Declared,
    Factor,
    Name,
    OrderValue,
    Positive,
    Premium,
    Share,
    Whole,
    WholeDay,
    broken,
    sums_to_one,
)
from adsim.scenario.populations import Population
from adsim.scenario.rotations import Rotation
from adsim.scenario.text import closest

HELD_OUT = "holdout"  # what tables call people who are never shown an ad
RESERVED = ("crowd", "none", HELD_OUT)  # a column of crowds, people in none, and those
EFFECTS = ("ctr", "cvr", "organic", "order_value")  # keys of a crowd with a share
MAX_CROWDS = 10  # with a share: each of them doubles the audience cells
MOST_CROWDS = 60  # in all: a pattern of memberships is the bits of one number


class General(Declared):
    """Table [scenario]: what is simulated, and when."""

    name: Name = Field(description="Name of the scenario.")
    start: Annotated[Day, Field(ge=datetime.date(1970, 1, 1), le=datetime.date(2200, 1, 1))] = (
        Field(description="First simulated day, a date such as 2025-06-01.")
    )
    days: Whole = Field(default=1, ge=1, le=3660, description="Number of simulated days.")
    currency: Name = Field(default="CNY", description="Currency of all money, only a label.")
    timezone: Name = Field(
        default="Asia/Shanghai", description="IANA time zone of all days and hours, only a label."
    )
    holdout: Annotated[Share, Field(lt=1)] = Field(
        default=0.0,
        description="Share of persons (without a population: of searches) who are never shown an "
        "ad of ours, so that what ads cause can be measured.",
    )
    platform: Literal["kuaiche", "taobao", "google", "amazon", "other"] = Field(
        default="kuaiche", description="Platform, for the coefficients that the optimizer may set."
    )
    rival_spread: Literal["declared", "assumed", "given"] = Field(
        default="declared",
        description="Where a fit of a report made the market: whether it assumed how rivals are "
        "spread, or was given it; plans for such a market come with a caution.",
    )

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        known = zoneinfo.available_timezones()
        if name not in known:
            nearest = closest(name, known) or "Asia/Shanghai"
            raise broken("must be an IANA time zone", f"is {name!r}", f"write one like {nearest}")
        return name


class DatedFactor(Declared):
    """One entry of demand.calendar: a factor on one `date`, or `from` a day `to` a day."""

    date: Day | None = Field(default=None, description="The day, instead of from and to.")
    first: Day | None = Field(default=None, alias="from", description="First day.")
    last: Day | None = Field(default=None, alias="to", description="Last day, included.")
    factor: Factor = Field(description="Factor of searches on these days.")

    @model_validator(mode="after")
    def _one_day_or_a_range(self) -> DatedFactor:
        given = (self.date is not None, self.first is not None, self.last is not None)
        if given not in [(True, False, False), (False, True, True)]:
            cure = "write { date = 2025-06-18, factor = 2.0 } or { from = ..., to = ..., factor }"
            raise broken("must name either date, or from and to", "does not", cure)
        if self.first is not None and self.last is not None and self.first > self.last:
            found = f"from is {self.first} and to is {self.last}"
            raise broken("from must not be after to", found, "exchange the two")
        return self

    @property
    def days(self) -> tuple[datetime.date, datetime.date]:
        """First and last day of the factor, both included."""
        first, last = self.first or self.date, self.last or self.date
        assert first is not None and last is not None  # the validator saw to it
        return first, last


class Demand(Declared):
    """Table [demand]: how many searches, when. All of it is neutral where absent."""

    shock_cv: Factor = Field(
        default=0.0,
        description="Coefficient of variation of the Gamma shock of (query group, day).",
    )
    hour: Annotated[tuple[Share, ...], AfterValidator(sums_to_one)] = Field(
        default_factory=lambda: (1 / 24,) * 24,
        min_length=24,
        max_length=24,
        description="Share of the day's searches in each hour, 24 values with sum 1.",
    )
    day_of_week: tuple[Factor, ...] = Field(
        default_factory=lambda: (1.0,) * 7,
        min_length=7,
        max_length=7,
        description="Factor of each day of the week, 7 values, Monday first.",
    )
    calendar: tuple[DatedFactor, ...] = Field(
        default=(), description="Dated factors of searches; overlapping ones multiply."
    )


class Account(Declared):
    """Table [account]: what holds for all campaigns together."""

    daily_budget: Budget = Field(
        default=None,
        description='Money a day for all campaigns together; absent or "unlimited" = no limit.',
    )


class Product(Declared):
    """One of [[products]]: what an order brings."""

    name: Name = Field(description="Name that keywords.csv refers to.")
    price: Positive = Field(description="Revenue of one order, in money.")
    unit_cost: Amount = Field(default=0.0, description="Cost of goods of one order, in money.")
    competitiveness: Factor = Field(default=1.0, description="CVR factor of the product.")
    page: Factor = Field(default=1.0, description="CVR factor of the detail page.")
    price_advantage: Factor = Field(default=1.0, description="CVR factor of the price.")
    cart_rate: Share = Field(default=0.0, description="P(put into the cart | click).")


class Campaign(Declared):
    """One of [[campaigns]]: budget, delivery and bid coefficients."""

    name: Name = Field(description="Name that keywords.csv refers to.")
    purpose: Literal["core", "long_tail", "test", "event", "brand"] = Field(
        default="core", description="What the campaign is for; policies may treat these apart."
    )
    delivery: Literal["accelerated", "standard"] = Field(
        default="accelerated",
        description="accelerated: every search until the money is gone; standard: over the day.",
    )
    daily_budget: Budget = Field(
        default=None, description='Money a day; absent or "unlimited" = no limit.'
    )
    premiums: dict[Name, Premium] = Field(
        default={}, description="Premium of each crowd, a fraction: 0.3 = bid + 30 %."
    )
    devices: dict[Name, Factor] = Field(
        default={}, description="Bid coefficient of each device; 1 = unchanged, 0 = no ads."
    )
    hours: Annotated[tuple[WholeDay, ...], Field(min_length=7, max_length=7)] = Field(
        default_factory=lambda: ((1.0,) * 24,) * 7,
        description="Bid coefficients, 7 lists of 24, Monday first; 1 = unchanged, 0 = no ads.",
    )
    frequency_cap: Cap = Field(
        default=None,
        description="Most impressions that a person gets of the campaign in a period of cap_days; "
        'absent or "unlimited" = no cap.',
    )
    cap_days: Annotated[Whole, Field(ge=1, le=3660)] = Field(
        default=1, description="Days of a period of the cap, from the first day of the scenario on."
    )
    fatigue: Annotated[Share, Field(lt=1)] = Field(
        default=0.0,
        description="Share of a person's CTR that each earlier impression of the campaign takes.",
    )
    fatigue_floor: Share = Field(
        default=0.5, description="Least factor on CTR that fatigue leaves."
    )
    rotations: dict[Name, Rotation] = Field(
        default={},
        description="How the creatives of an ad group share its impressions, by ad group; those "
        "that are not named: equal.",
    )

    @model_validator(mode="after")
    def _nothing_idle(self) -> Campaign:
        given = self.model_fields_set
        if "cap_days" in given and "frequency_cap" not in given:
            cure = "add frequency_cap, or leave cap_days out"
            raise broken("must have cap_days only with a frequency_cap", "has no cap", cure)
        if "fatigue_floor" in given and self.fatigue == 0.0:
            cure = "add fatigue, or leave fatigue_floor out"
            raise broken("must have a fatigue_floor only with fatigue", "has none", cure)
        return self

    @property
    def counts_exposures(self) -> bool:
        """Whether it matters how often a person has seen the campaign."""
        return self.frequency_cap is not None or self.fatigue > 0.0


class Crowd(Declared):
    """One of [[crowds]]: people, by one of share, where and lookalike."""

    name: Name = Field(description="Name that premiums and conditions refer to, without '+'.")
    share: Share | None = Field(
        default=None,
        description="Share of searches made by the crowd, independent of all other crowds.",
    )
    where: Name | None = Field(
        default=None,
        description="Condition in SQL over the columns of the population and the names of other "
        "crowds: \"brand_relation = 'carted' AND NOT buyers\".",
    )
    lookalike: Name | None = Field(
        default=None, description="Seed crowd whose likes, outside it, make up this one."
    )
    size: Annotated[float, Strict(), Field(gt=0, le=0.5)] | None = Field(
        default=None, description="Size of a lookalike, a share of the population: 0.05 = 5 %."
    )
    traits: tuple[Name, ...] = Field(
        default=(),
        description="Columns that a lookalike compares; absent: all that its seed does not fix.",
    )
    frozen: bool = Field(
        default=False,
        description="Whether a crowd with a condition keeps its members of the start; lookalikes "
        "always do.",
    )
    ctr: Factor = Field(default=1.0, description="CTR factor of a crowd with a share.")
    cvr: Factor = Field(default=1.0, description="CVR factor of a crowd with a share.")
    organic: Factor = Field(
        default=1.0, description="Factor of its organic orders, beside that of the CVR."
    )
    order_value: OrderValue = Field(
        default=1.0, description="Factor of revenue and goods cost of its orders."
    )

    @field_validator("name")
    @classmethod
    def _no_plus(cls, name: str) -> str:
        if "+" in name:
            raise broken("must not contain '+', which joins crowds", f"is {name!r}", "rename it")
        if name in RESERVED:
            raise broken("must not be a word of the tables", f"is {name!r}", "rename it")
        return name

    @model_validator(mode="after")
    def _one_kind(self) -> Crowd:
        kinds = [key for key in ("share", "where", "lookalike") if getattr(self, key) is not None]
        if len(kinds) != 1:
            found = f"has {' and '.join(kinds) or 'none'}"
            cure = "say who is in it in one way"
            raise broken("must have one of share, where and lookalike", found, cure)
        wrong = [key for key in EFFECTS if key in self.model_fields_set and self.share is None]
        if wrong:
            rule = f"must have no {', '.join(EFFECTS)}, which belong to traits, not to membership"
            cure = "write [[population.effects]] with a where of its own"
            raise broken(rule, f"has {' and '.join(wrong)}", cure)
        if (self.lookalike is None) != (self.size is None):
            cure = "give size = 0.05, say" if self.size is None else "leave size out"
            found = f"has {'no size' if self.size is None else 'a size'}"
            raise broken("must have a size if it is a lookalike, and only then", found, cure)
        if self.frozen and self.where is None:
            cure = "leave frozen out: no others live"
            raise broken("must be frozen only if it has a condition", "has none", cure)
        if self.traits and self.lookalike is None:
            raise broken("must have traits only if it is a lookalike", "has some", "leave them out")
        return self


class Device(Declared):
    """One of [[devices]]: a kind of device; the shares of all sum to 1."""

    name: Name = Field(description="Name that campaigns' devices refer to.")
    share: Share = Field(description="Share of searches made on the device.")
    ctr: Factor = Field(default=1.0, description="CTR factor of the device.")
    cvr: Factor = Field(default=1.0, description="CVR factor of the device.")
    organic: Factor = Field(
        default=1.0, description="Factor of its organic orders, beside that of the CVR."
    )
    order_value: OrderValue = Field(
        default=1.0, description="Factor of revenue and goods cost of its orders."
    )


class Rival(Declared):
    """One of [[rivals]]: another advertiser, whose bids stand in rivals.csv."""

    name: Name = Field(description="Name that rivals.csv refers to.")
    daily_budget: Budget = Field(
        default=None, description='Money a day; absent or "unlimited" = no limit.'
    )


def _own_names(entries: tuple[NamedEntry, ...]) -> tuple[NamedEntry, ...]:
    names = [entry.name for entry in entries]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        found = f"more than one is named {', '.join(repeated)}"
        raise broken("must each have a name of its own", found, "rename all but one")
    return entries


def _device_shares(devices: tuple[Device, ...]) -> tuple[Device, ...]:
    if devices:
        sums_to_one(tuple(device.share for device in devices))
    return devices


def _few_crowds(crowds: tuple[Crowd, ...]) -> tuple[Crowd, ...]:
    n_shares = sum(crowd.share is not None for crowd in crowds)
    if n_shares > MAX_CROWDS:
        rule = f"must be at most {MAX_CROWDS} with a share ({2**MAX_CROWDS:,} audience cells)"
        raise broken(rule, f"are {n_shares}", "join crowds or leave some out")
    if len(crowds) > MOST_CROWDS:
        raise broken(f"must be at most {MOST_CROWDS}", f"are {len(crowds)}", "leave some out")
    return crowds


NamedEntry = Product | Campaign | Crowd | Device | Rival
_OwnNames = AfterValidator(_own_names)


class Declaration(Declared):
    """The whole of scenario.toml."""

    scenario: General = Field(description="What is simulated, and when.")
    auction: Auction = Field(description="Slots, ranking and charging.")
    demand: Demand = Field(default=Demand(), description="How many searches, when.")
    account: Account = Field(default=Account(), description="What holds for all campaigns.")
    products: Annotated[tuple[Product, ...], Field(min_length=1), _OwnNames] = Field(
        description="What is sold."
    )
    campaigns: Annotated[tuple[Campaign, ...], Field(min_length=1), _OwnNames] = Field(
        description="The campaigns of the account."
    )
    crowds: Annotated[tuple[Crowd, ...], _OwnNames, AfterValidator(_few_crowds)] = Field(
        default=(), description="Crowds; a search may belong to several."
    )
    population: Population | None = Field(
        default=None, description="The persons whose traits make crowds."
    )
    journey: Journey | None = Field(
        default=None, description="The states in which persons live, and what moves them."
    )
    devices: Annotated[tuple[Device, ...], _OwnNames, AfterValidator(_device_shares)] = Field(
        default=(), description="Devices; their shares sum to 1."
    )
    rivals: Annotated[tuple[Rival, ...], _OwnNames] = Field(
        default=(), description="Named rivals, whose bids stand in rivals.csv."
    )


def names_of(entries: Iterable[NamedEntry]) -> list[str]:
    """Names of declared entries, in their order."""
    return [entry.name for entry in entries]
