"""Parameters of policies in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from adsim.optimize.answer.sentences import Message, say
from adsim.optimize.policies.parameters import NEUTRAL
from adsim.scenario.columns import MATCH_TYPES

OF_BIDS = ("scale", "value", "mix")
PARTS = ("premium", "mix", "budget")  # told in percent
EXPONENTS = ("value",)
SHAPE = "hours.shape"


def tell_parameter(name: str) -> Message:
    """What a parameter changes."""
    kind, subject = name.split(".", 1)
    if kind in OF_BIDS:
        return say(f"{kind}_of", group=_group(subject))
    if kind == "premium":
        return say("premium_of", crowd=subject)
    if kind == "device":
        return say("device_of", device=subject)
    if kind == "budget":
        return say("budget_part_of", campaign=subject)
    if name == SHAPE:
        return say("hours_shape_of")
    first, last = subject.split("-")
    return say("hours_of", first=int(first), last=int(last))


def tell_value(name: str, value: float) -> Message:
    """A value of a parameter."""
    kind = name.split(".", 1)[0]
    if kind in PARTS:
        return say("premium", value=value)
    if kind in EXPONENTS or name == SHAPE:
        return say("exponent", value=value)
    return say("times", value=value)


def explain_moves(values: Mapping[str, float]) -> Iterator[Message]:
    """How a policy moved bids, by group; one line for all that it did."""
    told = None
    for name, value in values.items():
        if name.split(".", 1)[0] in OF_BIDS and value != NEUTRAL:
            one = say("move", what=tell_parameter(name), value=tell_value(name, value))
            told = one if told is None else say("joined", first=told, second=one)
    if told is not None:
        yield say("policy_moves", moves=told)


def _group(subject: str) -> Message:
    if subject in MATCH_TYPES:
        return say("keywords_of", match_type=say(subject))
    return say(subject if subject.endswith("quality") else f"purpose_{subject}")
