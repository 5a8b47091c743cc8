import pytest

from adsim.scenario import check_scenario, load_scenario

MISTAKES = [
    # old text of scenario.toml, new text, parts of the one message
    ("slots = 2", "slots = 2\nslot = 3", ["auction.slot must be a known key", "mean slots?"]),
    ("slots = 2", "slots = 2.5", ["auction.slots must be a whole number", "is 2.5", "page"]),
    ("slots = 2", "slots = true", ["auction.slots must be a whole number", "is true"]),
    ("slots = 2", "slots = 21", ["auction.slots must be <= 20", "is 21"]),
    ("slots = 2", "slots = 0", ["auction.slots must be >= 1", "is 0"]),
    ("slots = 2\n", "", ["auction.slots must be given", "is missing", "add it (Number of ad"]),
    ("slots = 2", "slots = 3", ["examination must have exactly 3 values", "has 2"]),
    ("[1.0, 0.5]", "[0.5, 1.0]", ["examination must not rise", "value 2 (1) is above"]),
    ("[1.0, 0.5]", "[1.5, 0.5]", ["auction.examination.0 must be <= 1", "is 1.5"]),
    ("[1.0, 0.5]", "1.0", ["auction.examination must be a list", "is 1.0"]),
    ("slots = 2", "slots = 2\nreserve_score = nan", ["reserve_score must be a finite", "nan"]),
    ("slots = 2", "slots = 2\nincrement = inf", ["increment must be a finite number", "inf"]),
    ("slots = 2", "slots = 2\nfloor_price = -1", ["floor_price must be >= 0", "is -1"]),
    ("slots = 2", "slots = 2\ncharge_step = '1'", ["charge_step must be a number", "is '1'"]),
    ("slots = 2", "slots = 2\nincrement = 1e9", ["increment must be < 1e+09", "is 1000000000.0"]),
    ("bid_max = 100.0", "bid_max = 0.01", ["bid_max must be at least auction.bid_min (0.1)"]),
    ('name = "test"', "name = 3", ['scenario.name must be a text in "quotes"', "is 3"]),
    ('name = "test"', 'name = " "', ["scenario.name must not be empty"]),
    ("2025-06-01", '"2025-06-01"', ["scenario.start must be a date", "without quotes"]),
    ("2025-06-01", "2025-06-01T08:00:00", ["scenario.start must be a date", "without a time"]),
    ("2025-06-01", "2025-06-01\ndays = 3661", ["scenario.days must be <= 3660", "is 3661"]),
    ("2025-06-01", "2025-06-01\nplatform = 'jd'", ["platform must be 'kuaiche', 'taobao'"]),
    ("2025-06-01", "2025-06-01\ntimezone = 'Asia/Shangai'", ["time zone", "like Asia/Shanghai"]),
    ("price = 50.0", "price = 0", ["products.cup.price must be > 0", "Revenue of one order"]),
    ("price = 50.0", "price = 5\ncart_rate = 1.1", ["products.cup.cart_rate must be <= 1"]),
    ('"tail"', '"tail"\npurpose = "tail"', ["campaigns.tail.purpose must be 'core', 'long_tail'"]),
    ('"tail"', '"tail"\ndelivery = "fast"', ["campaigns.tail.delivery must be 'accelerated'"]),
    ('"tail"', '"tail"\ndaily_budget = -5', ["campaigns.tail.daily_budget must be >= 0"]),
    ('"tail"', '"tail"\ndaily_budget = "none"', ["daily_budget must be a number", "unlimited"]),
    ('"tail"', '"tail"\nhours = [[1]]', ["hours.0 must have at least 24 values", "has 1"]),
    ('"tail"', '"tail"\npremiums = 3', ["premiums must be a table of names and numbers"]),
    ("visitors = 0.3", "visitors = -1", ["campaigns.core.premiums.visitors must be >= 0"]),
    ("visitors = 0.3", "visitors = 30", ["premiums.visitors must be <= 10", "0.3 = bid + 30 %"]),
    ("visitors = 0.3", "visitor = 1", ["premiums.visitor must be declared", "mean visitors?"]),
    ("mobile = 1.2", "tablet = 1", ["devices.tablet must be declared under [[devices]]"]),
    ("share = 0.7", "share = 0.6", ["devices must sum to 1", "0.9", "divide each by 0.9"]),
    ("share = 0.1", "share = 1.1", ["crowds.visitors.share must be <= 1"]),
    ("[[crowds]]", '[[crowds]]\nname = "a+b"\nshare = 0\n[[crowds]]', ["must not contain '+'"]),
    (
        '"Potter"',
        '"Potter"\nbudget = 3',
        ["rivals.Potter.budget must be a known key", "name, daily_budget"],
    ),
    ("[[rivals]]", "[demand]\nshock_cv = -0.1\n[[rivals]]", ["demand.shock_cv must be >= 0"]),
    ("[[rivals]]", "[demand]\nhour = [1]\n[[rivals]]", ["hour must have at least 24 values"]),
    ("[[rivals]]", "[demand]\nday_of_week = [1]\n[[rivals]]", ["day_of_week must have at least 7"]),
    ("[[rivals]]", "[account]\nbudget = 1\n[[rivals]]", ["account.budget must be a known key"]),
    ("[[rivals]]", "[acount]\n[[rivals]]", ["acount must be a known key", "did you mean account?"]),
    ('[[products]]\nname = "cup"', '[products]\nname = "cup"', ["products must be a list"]),
    ("slots = 2", "slots = ", ["must be valid TOML", "line 6"]),
    ("slots = 2", f"slots = {'9' * 5000}", ["must be valid TOML"]),
    ("slots = 2", f"slots = {'[' * 9000}", ["must be valid TOML"]),
    ("price = 50.0", f"price = {'9' * 400}", ["products.cup.price must be"]),
]


@pytest.mark.parametrize(("old", "new", "parts"), MISTAKES)
def test_a_mistake_is_named_with_key_value_and_cure(folder, edit, old, new, parts):
    edit("scenario.toml", old, new)
    messages = [str(problem) for problem in check_scenario(folder)]
    assert any(all(part in message for part in parts) for message in messages), messages
    assert all(message.startswith(str(folder / "scenario.toml")) for message in messages[:1])


@pytest.mark.parametrize(
    ("entry", "parts"),
    [
        ("{ factor = 2.0 }", ["calendar.0 must name either date, or from and to"]),
        ("{ from = 2025-06-01, factor = 2.0 }", ["calendar.0 must name either date"]),
        ("{ from = 2025-06-02, to = 2025-06-01, factor = 2.0 }", ["from must not be after to"]),
        ("{ date = 2025-06-01 }", ["demand.calendar.0.factor must be given"]),
        ("{ day = 2025-06-01, factor = 1 }", ["calendar.0.day must be a known key", "date"]),
        ("{ date = 2025-06-01, factor = -1 }", ["demand.calendar.0.factor must be >= 0"]),
    ],
)
def test_calendar_mistakes(folder, edit, entry, parts):
    edit("scenario.toml", "[[rivals]]", f"[demand]\ncalendar = [{entry}]\n[[rivals]]")
    messages = [str(problem) for problem in check_scenario(folder)]
    assert any(all(part in message for part in parts) for message in messages), messages


def test_calendar_days_include_both_ends(folder, edit):
    calendar = (
        "[{ date = 2025-06-18, factor = 2 }, { from = 2025-06-01, to = 2025-06-03, factor = 3 }]"
    )
    edit("scenario.toml", "[[rivals]]", f"[demand]\ncalendar = {calendar}\n[[rivals]]")
    one, three = load_scenario(folder).demand.calendar
    assert [str(day) for day in one.days] == ["2025-06-18", "2025-06-18"]
    assert [str(day) for day in three.days] == ["2025-06-01", "2025-06-03"]


def test_hours_must_sum_to_one(folder, edit):
    shares = ", ".join(["0.05"] * 24)
    edit("scenario.toml", "[[rivals]]", f"[demand]\nhour = [{shares}]\n[[rivals]]")
    (problem,) = check_scenario(folder)
    assert problem.rule == "demand.hour must sum to 1"
    assert (problem.found, problem.cure) == ("sum to 1.2", "divide each by 1.2")


def test_names_must_differ(folder, edit):
    edit("scenario.toml", 'name = "tail"', 'name = "core"')
    assert "campaigns must each have a name of its own, but more than one is named core" in str(
        check_scenario(folder)[0]
    )


def test_at_most_ten_crowds(folder, edit):
    more = "".join(f'[[crowds]]\nname = "c{n}"\nshare = 0.1\n' for n in range(10))
    edit("scenario.toml", "[[rivals]]", f"{more}[[rivals]]")
    (problem,) = check_scenario(folder)
    assert "crowds must be at most 10 with a share (1,024 audience cells), but are 11" in str(
        problem
    )


def test_absent_keys_are_neutral(folder):
    scenario = load_scenario(folder)
    assert scenario.demand.hour == (1 / 24,) * 24
    assert scenario.demand.day_of_week == (1.0,) * 7
    assert scenario.campaigns[1].hours == ((1.0,) * 24,) * 7
    assert scenario.campaigns[1].daily_budget is None
    assert scenario.account.daily_budget is None
    assert scenario.products[0].competitiveness == 1.0
    assert scenario.crowds[0].ctr == scenario.crowds[0].cvr == 1.0


def test_unlimited_means_no_budget(folder, edit):
    edit("scenario.toml", "daily_budget = 100.0", 'daily_budget = "unlimited"')
    assert load_scenario(folder).campaigns[0].daily_budget is None
