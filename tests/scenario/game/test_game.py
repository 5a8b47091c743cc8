"""What game.toml may hold, and what is said where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from adsim.errors import ScenarioError
from adsim.scenario import new_scenario, shipped_games
from adsim.scenario.game import load_game

SMALL = Path(__file__).parents[2] / "game" / "small.toml"


def problems_of(*overrides: str) -> str:
    with pytest.raises(ScenarioError) as error:
        load_game(SMALL, overrides)
    return str(error.value)


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("states.out.daily.out=0.5", "states.out.daily must sum to 1, but sum to 0.9; divide each"),
        ("states.out.burst={looks=0.9}", "states.out.burst must sum to 1"),
        ("states.out.daily={hout=1.0}", "states.out.daily must name states, but hout is none; did"),
        ("states.looks.queries={hal=1.0}", "must name classes, but hal is none; did you mean half"),
        ("states.looks.queries={half=0.0}", "must have a weight > 0, but has none"),
        ("states.out.share=0.4", "states must have shares that sum to 1, but sum to 0.9"),
        ("states.out.name=looks", "states must have different names, but looks is there twice"),
        ("game.bought=went", "game.bought must name states, but went is none"),
        ("game.makers=[]", "game.makers must have at least 1 values"),
        ('game.makers=["ha","pot"]', "must have different names, but pot is there twice"),
        ('game.makers=["ha","none"]', "must not use a word for a specialty by lot or for none"),
        ("game.capacities=[1,2,3]", "must have one for each of the 2 advertisers without"),
        ("game.users=0", "game.users must be >= 1"),
        ("game.discount=1.1", "game.discount must be <= 1"),
        ("page.promoted=4", "must have at most as many promoted slots as slots, but has up to 4"),
        ("page.promoted=[2,1]", "page.promoted must rise, but goes from 2 to 1"),
        ("page.promoted_extra=-1", "page.promoted_extra.0 must be >= 0"),
        ("page.slots=21", "page.slots must be <= 20"),
        ("classes.any.effect=[0.5,0.3]", "classes.any.effect must rise, but goes from 0.5 to 0.3"),
        ("classes.any.effect=[0.5]", "classes.any.effect"),
        ("classes.any.effect=much", "classes.any.effect must be a list"),
        ("classes.any.names=3", "classes.any.names must be 0, 1 or 2"),
        ("classes.any.name=half", "classes must have different names, but half is there twice"),
        ("advertisers.keen.strategy.kind=bold", "strategy.kind must be 'none', 'fixed' or 'value'"),
        ("advertisers.keen.strategy={kind='value'}", "must have a share of the value, but has"),
        ("advertisers.even.strategy={kind='fixed'}", "must have bids where it is fixed, but has"),
        ("advertisers.even.strategy.bids={hole=1.0}", "strategy.bids must name classes, but hole"),
        ("advertisers.even.strategy.bids={half=-1.0}", "must be >= 0"),
        ("advertisers.steady.strategy.limits={al=1.0}", "limits must name classes, but al is none"),
        ("advertisers.steady.maker=hay", "must be one of makers, but is hay; did you mean ha"),
        ("advertisers.even.component=pan", "must be one of components, but is pan"),
        ("advertisers.even.capacty=3", "must be a known key, but is not; did you mean capacity"),
        ("bursts.chance=2", "bursts.chance must be <= 1"),
    ],
)
def test_what_is_wrong_is_said(override, said):
    assert said in problems_of(override)


def test_a_game_too_large_to_be_counted():
    text = problems_of("game.users=1000000", "game.days=300")
    assert "must have users x products x days up to 900,000,000, but has 1,200,000,000" in text


def test_squashing_is_given_or_drawn():
    with pytest.raises(ScenarioError, match="must have squashing or squashing_root, but has nei"):
        load_game(SMALL, ["page={slots=3}"])
    assert load_game(SMALL, ["page.squashing=0.5"]).page.squashing == 0.5


def test_everything_is_said_at_once():
    text = problems_of(
        "states.out.daily.out=0.5",
        "game.bought=went",
        "page.promoted=4",
        "advertisers.keen.strategy.kind=bold",
        "advertisers.even.component=pan",
        "game.usrs=3",
    )
    for part in ("sum to 0.9", "went", "up to 4", "'value'", "pan", "did you mean users"):
        assert part in text
    assert "Traceback" not in text and len(text.splitlines()) == 6


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"[game]\nname = 3", b"states = 3\ngame = []"]
)
def test_a_file_that_is_no_game(tmp_path, content):
    (tmp_path / "game.toml").write_bytes(content)
    with pytest.raises(ScenarioError, match=r"game\.toml"):
        load_game(tmp_path)
    with pytest.raises(ScenarioError, match="must exist"):
        load_game(tmp_path / "none")


def test_the_shipped_game_and_a_copy_of_it(tmp_path):
    game = load_game(shipped_games()["tac"])
    assert [len(game.queries_of(place)) for place in range(3)] == [1, 6, 9]
    assert len(game.products) == 9 and len(game.advertisers) == 8
    new_scenario(tmp_path / "mine", like="tac")
    assert load_game(tmp_path / "mine") == game
