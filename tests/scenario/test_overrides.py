import numpy as np
import polars as pl
import pytest

from adsim.errors import ScenarioError
from adsim.scenario import load_scenario


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("auction.increment=3", lambda s: s.auction.increment == 3.0),
        (" auction . increment = 0.5 ", lambda s: s.auction.increment == 0.5),
        ("auction.examination=[1, 0.25]", lambda s: s.auction.examination == (1.0, 0.25)),
        ("auction.examination.1=0.125", lambda s: s.auction.examination == (1.0, 0.125)),
        ("scenario.start=2024-02-29", lambda s: str(s.scenario.start) == "2024-02-29"),
        ("scenario.platform=google", lambda s: s.scenario.platform == "google"),
        ("scenario.name='a = b'", lambda s: s.scenario.name == "a = b"),
        ("campaigns.core.daily_budget=500", lambda s: s.campaigns[0].daily_budget == 500.0),
        ("campaigns.1.daily_budget=7", lambda s: s.campaigns[1].daily_budget == 7.0),
        ("campaigns.core.daily_budget=unlimited", lambda s: s.campaigns[0].daily_budget is None),
        (
            "campaigns.tail.premiums.visitors=1",
            lambda s: s.campaigns[1].premiums == {"visitors": 1},
        ),
        ('campaigns."tail".devices={mobile=0}', lambda s: s.campaigns[1].devices == {"mobile": 0}),
        ("demand.shock_cv=0.8", lambda s: s.demand.shock_cv == 0.8),
        ("account.daily_budget=9", lambda s: s.account.daily_budget == 9.0),
        ("crowds.visitors.share=0.5", lambda s: s.crowds[0].share == 0.5),
    ],
)
def test_a_key_is_set(folder, override, value):
    assert value(load_scenario(folder, [override]))
    assert value(load_scenario(folder).with_overrides([override]))
    assert not value(load_scenario(folder))


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("auction.increment", np.float64(0.5), "auction.increment=0.5"),
        ("auction.examination", np.array([1.0, 0.25]), "auction.examination=[1, 0.25]"),
        ("scenario.days", np.int64(3), "scenario.days=3"),
        ("campaigns.core.daily_budget", 500, "campaigns.core.daily_budget=500"),
        ("campaigns.tail.devices", {"mobile": 0.0}, "campaigns.tail.devices={mobile=0}"),
    ],
)
def test_a_dictionary_sets_what_a_text_sets(folder, key, value, text):
    expected = load_scenario(folder, text)
    assert load_scenario(folder, {key: value}) == expected
    plain = load_scenario(folder)
    assert plain.with_overrides({key: value}) == plain.with_overrides(text) == expected != plain


def test_tables_are_replaced_under_the_rules_of_files(folder):
    scenario = load_scenario(folder)
    dearer = scenario.tables.keywords.with_columns(pl.col("bid") * 2)
    changed = scenario.with_overrides(keywords=dearer)
    assert changed.tables.keywords.equals(dearer) and changed.auction == scenario.auction
    assert changed.with_overrides(keywords=scenario.tables.keywords).digest() == scenario.digest()
    bare = changed.with_overrides(negatives=scenario.tables.negatives.clear())
    assert bare.tables.negatives.is_empty() and bare.tables.keywords.equals(dearer)


def test_all_mistakes_of_a_change_come_at_once(folder):
    keywords = load_scenario(folder).tables.keywords
    with pytest.raises(ScenarioError) as raised:
        load_scenario(folder).with_overrides(
            {"auction.increment": -3, "auction..slots": 3, "campaigns.cor.daily_budget": 3},
            querys=pl.DataFrame(),
            queries=pl.DataFrame(),
            keywords=keywords.with_columns(campaign=pl.lit("cor")),
            negatives=[{}],
        )
    told = str(raised.value)
    for part in (
        "key auction.increment: auction.increment must be >= 0, but is -3",
        "key auction..slots: must be names with dots",
        "key campaigns.cor.daily_budget: campaigns.cor must be an entry",
        "querys: must be a table of a scenario, but is not; did you mean queries?",
        "queries: must have rows",
        "keywords row 1: campaign must be declared",
        "negatives: must be a polars DataFrame, but is of type builtins.list",
    ):
        assert part in told


def test_the_last_override_wins(folder):
    assert load_scenario(folder, ["scenario.days=2", "scenario.days=3"]).scenario.days == 3


@pytest.mark.parametrize(
    ("override", "parts"),
    [
        ("auction.increment", ["must be KEY=VALUE", "auction.reserve_score=3"]),
        ("=3", ["must be KEY=VALUE"]),
        ("auction.=3", ["must be KEY=VALUE"]),
        ("auction..increment=3", ["must be KEY=VALUE"]),
        ("auction.incremnt=3", ["auction.incremnt must be a known key", "did you mean increment?"]),
        ("acution.increment=3", ["acution must be a known key", "did you mean auction?"]),
        ("auction.increment=-3", ["auction.increment must be >= 0", "is -3"]),
        ("auction.increment=much", ["auction.increment must be a number", "is 'much'"]),
        ("campaigns.cor.daily_budget=3", ["campaigns.cor must be an entry", "did you mean core?"]),
        ("campaigns.2.daily_budget=3", ["campaigns.2 must be an entry", "number below 2"]),
        ("scenario.name.first=3", ["scenario.name must be a table or a list"]),
        ("campaigns.1.daily_budget=-3", ["campaigns.tail.daily_budget must be >= 0"]),
        ("campaigns.core.premiums.visitor=1", ["must be declared under [[crowds]]"]),
    ],
)
def test_a_bad_override_is_named_itself(folder, override, parts):
    with pytest.raises(ScenarioError) as raised:
        load_scenario(folder, [override])
    message = str(raised.value)
    assert all(part in message for part in parts), message
    assert message.startswith(f"--set {override}: ")


def test_the_file_is_blamed_for_its_own_mistakes(folder, edit):
    edit("scenario.toml", "price = 50.0", "price = -1")
    with pytest.raises(ScenarioError) as raised:
        load_scenario(folder, ["auction.increment=-1"])
    assert [problem.where for problem in raised.value.problems] == [
        "--set auction.increment=-1",
        str(folder / "scenario.toml"),
    ]


def test_an_override_can_mend_a_file(folder, edit):
    edit("scenario.toml", "price = 50.0", "price = -1")
    assert load_scenario(folder, ["products.cup.price=1"]).products[0].price == 1.0


def test_changed_scenarios_are_checked_against_their_tables(folder):
    scenario = load_scenario(folder)
    with pytest.raises(ScenarioError, match=r"keywords\.csv row 1: bid must be >= 3"):
        scenario.with_overrides(["auction.bid_min=3"])
    with pytest.raises(ScenarioError, match=r"row 1: campaign must be declared"):
        scenario.with_overrides(["campaigns.core.name=heart"])
