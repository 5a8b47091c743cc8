"""What persons of a category can be: six dimensions and the 198 states that they make.

Source: Zhang and Vaver, "Introduction to the Aggregate Marketing System Simulator", Google, 2017,
section 2: only persons in the market whose need is not met are active, and only persons to whom the
brand is favorable are loyal to it.
"""

from __future__ import annotations

from itertools import product

DIMENSIONS = {
    "market": ("out", "in"),
    "satiation": ("satiated", "unsatiated"),
    "activity": ("inactive", "exploratory", "purchase"),
    "favorability": ("unaware", "negative", "neutral", "somewhat_favorable", "favorable"),
    "loyalty": ("switcher", "loyal", "competitor_loyal"),
    "availability": ("low", "average", "high"),
}
"""Every dimension and its values, in their order."""

MOVABLE = ("activity", "favorability", "loyalty", "availability")
"""Dimensions in which tables of transitions move persons."""

BRAND = ("favorability", "loyalty", "availability")
"""What a purchase may change besides satiation."""

State = tuple[str, ...]


def is_valid(state: State) -> bool:
    """Whether a person can be in a state, given as one value of each dimension."""
    market, satiation, activity, favorability, loyalty, _ = state
    may_act = market == "in" and satiation == "unsatiated"
    may_be_loyal = favorability == "favorable"
    return (activity == "inactive" or may_act) and (loyalty != "loyal" or may_be_loyal)


STATES: tuple[State, ...] = tuple(filter(is_valid, product(*DIMENSIONS.values())))
"""The valid states; their places are the indices of every array of persons."""

PLACE = {state: place for place, state in enumerate(STATES)}
"""Index of each state."""


def changed(state: State, **values: str) -> State:
    """A state with other values of some dimensions, valid or not."""
    return tuple(values.get(name, value) for name, value in zip(DIMENSIONS, state, strict=True))
