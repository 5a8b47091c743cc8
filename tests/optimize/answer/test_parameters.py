"""Parameters of policies in words that name what moves."""

from __future__ import annotations

import pytest

from adsim.optimize.answer.parameters import explain_moves, tell_parameter, tell_value


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("scale.long_tail", 0.8, "bids of long-tail campaigns x 0.80"),
        ("scale.exact", 1.25, "bids of exact keywords x 1.25"),
        ("scale.low_quality", 0.5, "bids of keywords of the lowest third in quality x 0.50"),
        (
            "value.brand",
            1.2,
            "how steeply bids of brand campaigns follow what a click is worth exponent 1.20",
        ),
        ("mix.broad", 0.7, "part of the broad keywords that bid, those of most worth first 70%"),
        ("premium.a.b", 1.5, "premium of a.b 150%"),
        ("device.pc", 0.9, "coefficient of pc x 0.90"),
        ("hours.23-06", 0.7, "coefficient from 23 to 6 h x 0.70"),
        ("hours.shape", 0.0, "how far today's hour coefficients swing exponent 0.00"),
        ("budget.core", 0.6, "most that core may spend of the account's budget 60%"),
    ],
)
def test_every_parameter_is_told_in_both_languages(name, value, told):
    assert f"{tell_parameter(name).tell()} {tell_value(name, value).tell()}" == told
    assert tell_parameter(name).tell("zh") != tell_parameter(name).tell()


def test_moves_of_bids_are_one_line_and_coefficients_are_told_elsewhere():
    (line,) = explain_moves({"scale.core": 0.85, "premium.x": 2.0, "mix.broad": 0.5})
    assert line.tell().endswith(
        "by group: bids of core campaigns x 0.85, part of the broad keywords that bid, those of "
        "most worth first 50%"
    )
    assert list(explain_moves({"premium.x": 2.0, "scale.core": 1.0})) == []
