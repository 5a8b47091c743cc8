"""Table [auction] of scenario.toml: slots, who reads them, ranking and charging."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from adsim.scenario.kinds import Amount, Declared, Factor, Finite, Positive, Share, Whole, broken


def _not_rising(values: tuple[float, ...]) -> tuple[float, ...]:
    for slot in range(1, len(values)):
        if values[slot] > values[slot - 1]:
            found = f"value {slot + 1} ({values[slot]:g}) is above value {slot}"
            raise broken("must not rise from slot to slot", found, "put the best slot first")
    return values


class Auction(Declared):
    """Table [auction]: slots, who reads them, ranking and charging."""

    slots: Whole = Field(ge=1, le=20, description="Number of ad slots on a page.")
    clicks: Literal["slots", "cascade"] = Field(
        default="slots",
        description="Who sees an ad. slots: the chance is its slot's (examination); cascade: "
        "searchers read from the top, and fewer go on from ad to ad (continuation).",
    )
    examination: Annotated[tuple[Share, ...], AfterValidator(_not_rising)] | None = Field(
        default=None,
        validate_default=True,
        description="P(an ad is seen | slot), best slot first, one value for each slot; needed "
        'with clicks = "slots", and only there.',
    )
    continuation: Share | None = Field(
        default=None,
        validate_default=True,
        description="P(a searcher reads on after an ad | nothing bought there); needed with "
        'clicks = "cascade", and only there.',
    )
    quality_exponent: Factor = Field(
        default=1.0, le=10, description="Exponent s in ad rank = effective bid x quality^s."
    )
    reserve_score: Amount = Field(default=0.0, description="Least ad rank that is shown.")
    promoted_slots: Whole = Field(
        default=0,
        ge=0,
        description="How many of the slots, from the top, are promoted where an ad rank meets the "
        "promoted reserve.",
    )
    promoted_reserve: Amount | None = Field(
        default=None,
        description="Least ad rank in a promoted slot, and least price there; absent: the reserve "
        "score.",
    )
    promotion: Annotated[Finite, Field(ge=1)] = Field(
        default=1.5,
        description="Factor on the odds of a click in a promoted slot (1.5: TAC Ad Auctions).",
    )
    increment: Amount = Field(
        default=0.0, description="Money added to the price set by the next ad rank."
    )
    floor_price: Amount = Field(default=0.0, description="Least charge for a click, in money.")
    charge_step: Amount = Field(
        default=0.01, description="Charges are rounded half up to this, in money; 0 = to the micro."
    )
    bid_min: Positive | None = Field(default=None, description="Least bid that is accepted.")
    bid_max: Positive | None = Field(default=None, description="Highest bid that is accepted.")
    bid_step: Positive | None = Field(
        default=None, description="Bids must be multiples of this, in money."
    )

    @field_validator("examination")
    @classmethod
    def _of_slots_one_each(
        cls, examination: tuple[float, ...] | None, info: ValidationInfo
    ) -> tuple[float, ...] | None:
        _needed_with("slots", examination, info, "[1.0, 0.6, ...]")
        slots = info.data.get("slots")
        if examination is not None and slots is not None and len(examination) != slots:
            found, cure = f"has {len(examination)}", "give one for each slot, or change slots"
            raise broken(f"must have exactly {slots} values (auction.slots)", found, cure)
        return examination

    @field_validator("continuation")
    @classmethod
    def _of_cascades(cls, continuation: float | None, info: ValidationInfo) -> float | None:
        _needed_with("cascade", continuation, info, "0.5, say")
        return continuation

    @field_validator("promoted_slots")
    @classmethod
    def _among_the_slots(cls, promoted_slots: int, info: ValidationInfo) -> int:
        slots = info.data.get("slots")
        if slots is not None and promoted_slots > slots:
            found, cure = f"is {promoted_slots}", "lower it, or raise slots"
            raise broken(f"must be at most {slots} (auction.slots)", found, cure)
        return promoted_slots

    @field_validator("promoted_reserve", "promotion")
    @classmethod
    def _of_promoted_slots(cls, value: float | None, info: ValidationInfo) -> float | None:
        if info.data.get("promoted_slots") == 0:
            cure = "add promoted_slots = 1, say, or leave it out"
            raise broken("must come with promoted_slots", "there are none", cure)
        return value

    @field_validator("promoted_reserve")
    @classmethod
    def _above_the_reserve(cls, reserve: float | None, info: ValidationInfo) -> float | None:
        least = info.data.get("reserve_score")
        if reserve is not None and least is not None and reserve < least:
            rule = f"must be at least auction.reserve_score ({least:g})"
            raise broken(rule, f"is {reserve:g}", "raise it, or leave it out")
        return reserve

    @field_validator("bid_max")
    @classmethod
    def _range_is_not_empty(cls, bid_max: float | None, info: ValidationInfo) -> float | None:
        bid_min = info.data.get("bid_min")
        if bid_max is not None and bid_min is not None and bid_max < bid_min:
            rule = f"must be at least auction.bid_min ({bid_min:g})"
            raise broken(rule, f"is {bid_max:g}", "exchange the two")
        return bid_max


def _needed_with(clicks: str, value: object, info: ValidationInfo, example: str) -> None:
    """A key that is needed with one value of `clicks`, and has no meaning with the other."""
    chosen = info.data.get("clicks")
    if value is None and chosen == clicks:
        rule = f'must be given with clicks = "{clicks}"'
        raise broken(rule, "is missing", f"add {info.field_name} = {example}")
    if value is not None and chosen not in (clicks, None):
        cure = f'leave it out, or write clicks = "{clicks}"'
        raise broken(f'must only be given with clicks = "{clicks}"', f'clicks is "{chosen}"', cure)
