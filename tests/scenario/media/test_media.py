"""The TOML of a category: every mistake in words, all at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from adsim.errors import ScenarioError
from adsim.media.tables import conditional, list_tables
from adsim.scenario.media import load_media
from adsim.scenario.media.states import PLACE, STATES, is_valid

SMALL = Path(__file__).parents[2] / "media" / "small.toml"


def problems_of(*overrides):
    with pytest.raises(ScenarioError) as caught:
        load_media(SMALL, overrides)
    return str(caught.value)


@pytest.mark.parametrize(
    ("override", "said"),
    [
        (
            "natural.activity.any.inactive=0.6",
            "activity.any must sum to 1, but sums to 1.1; divide",
        ),
        (
            "natural.loyalty.loyal={ loyal = 0.5, switcher = 0.2 }",
            "loyalty.loyal must sum to 1, but sums to 0.7; divide each by 0.7, or leave out loyal",
        ),
        (
            "natural.loyalty.loyal={ competitor_loyal = 0.9, switcher = 0.2 }",
            "must sum to at most 1, but sums to 1.1",
        ),
        ("natural.activity.asleep={ purchase = 1 }", "asleep must be a known key"),
        ("media.tv.moves.favorability.unaware.happy=0.1", "unaware.happy must be a known key"),
        ("media.tv.moves.favorability.unaware.negativ=0.1", "did you mean negative?"),
        ("start.favorability.unaware=0.1", "start.favorability must sum to 1, but sums to 0.7"),
        ("media.tv.cost=0", "media.tv.cost must be > 0, but is 0; correct it (Money for one"),
        ("media.tv.budget=-1", "must be >= 0, but is -1"),
        ("media.tv.name=search", "must have media of different names, but has search twice"),
        ("media.tv.audience.activity={ inactive = 1 }", "activity.exploratory must be given"),
        ("search.search.band={ low = 1, high = 2 }", "either an auction or a band, but has both"),
        ("search.search.auction.bid_min=0.1", "must not have bid_min"),
        (
            "search.search.auction.promoted_slots=1",
            "must have clicks by slot alone",
        ),
        ("search.search.auction.clicks=cascade", "must only be given with clicks ="),
        ("search.search.lever=budget", "must have a budget where it is the lever"),
        ("search.search.searches=51", "must be <= 50"),
        ("search.search.auction.examination=[1, 0.5]", "must have exactly 3 values"),
        ("market.season={ mean = 0.8, swing = 0.3 }", "must stay from 0 to 1"),
        ("market.season={ mean = 0.5 }", "must have season or rates, but has both"),
        ("measured.last=8", "must have 0 <= measured.first <= measured.last < 8, but has 2 and 8"),
        ("measured.first=9", "measured.last < 8, but has 9 and 7"),
        ("sales.price=[1, 2e9]", "sales.price.1 must be < 1e+09"),
        ("scenario.persons=0", "scenario.persons must be >= 1, but is 0"),
        ("scenario.period=month", "must be 'week' or 'day'"),
        ("sales.price=9e8", "must have persons x periods x price below"),
        ("sales.price=[]", "sales.price must have at least 1 values"),
        ("sales.rival.held={}", ""),
        ("media.radio.cost=1", "media.radio must be an entry"),
        ("nonsense", "must be KEY=VALUE"),
    ],
)
def test_a_mistake_is_named_with_its_cure(override, said):
    if not said:  # an empty table is one: nobody is held back
        load_media(SMALL, [override])
    else:
        assert said in problems_of(override)


def test_all_mistakes_come_at_once():
    text = problems_of("media.tv.cost=0", "natural.activity.any.purchase=0.9", "scenario.persns=2")
    assert len(text.splitlines()) == 3
    assert "did you mean persons?" in text


def test_a_rival_without_what_is_held_is_refused(tmp_path):
    text = SMALL.read_text("utf-8").replace("held = {", "hold = {")
    (tmp_path / "media.toml").write_text(text, "utf-8")
    with pytest.raises(ScenarioError, match="did you mean held"):
        load_media(tmp_path)
    text = text.replace("hold = {", "# hold = {")
    (tmp_path / "media.toml").write_text(text, "utf-8")
    with pytest.raises(ScenarioError, match="must have demand and held together"):
        load_media(tmp_path)


@pytest.mark.parametrize("content", [b"", b"[scenario", b"\xff\xfe\x00", b"x = 1"])
def test_a_broken_file_is_said(tmp_path, content):
    (tmp_path / "media.toml").write_bytes(content)
    with pytest.raises(ScenarioError, match=r"media\.toml"):
        load_media(tmp_path)
    with pytest.raises(ScenarioError, match="must exist"):
        load_media(tmp_path / "none")


def test_tables_send_persons_to_valid_states_only():
    """Every table: chances of a row sum to 1, and the constraints of the states hold."""
    tables, begins = list_tables(load_media(SMALL))
    chance, target = tables.arrays()
    assert begins == sorted(begins) and begins[-1] == len(tables) == len(chance)
    left = np.ones(chance.shape[:2])
    total = np.zeros(chance.shape[:2])
    for v in range(chance.shape[2]):
        total += left * chance[:, :, v]
        left -= left * chance[:, :, v]
    np.testing.assert_allclose(total, 1.0)
    assert (target >= 0).all() and (target < len(STATES)).all()
    assert all(is_valid(state) for state in STATES) and len(PLACE) == 198


def test_moves_that_a_state_does_not_allow():
    """The loyal stay favorable; the unfavorable become switchers where they would become loyal."""
    tables, _ = list_tables(load_media(SMALL))
    chance, target = tables.arrays()
    favorability = tables.names.index(("natural", "favorability"))
    loyal = PLACE["out", "unsatiated", "inactive", "favorable", "loyal", "low"]
    assert set(target[favorability, loyal][chance[favorability, loyal] > 0]) == {loyal}
    loyalty = tables.names.index(("natural", "loyalty"))
    bound = ("out", "unsatiated", "inactive", "neutral", "competitor_loyal", "low")
    switcher = (*bound[:4], "switcher", "low")
    goes = target[loyalty, PLACE[bound]][chance[loyalty, PLACE[bound]] > 0]
    assert set(goes) == {PLACE[bound], PLACE[switcher]}


def test_the_last_chance_above_zero_takes_the_rest():
    assert conditional([0.2, 0.3, 0.5, 0.0]) == [0.2, 0.3 / 0.8, 1.0, 0.0]
    assert conditional([0.0, 1.0]) == [0.0, 1.0]
