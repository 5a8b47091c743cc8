"""Reports with a row a keyword and day."""

from __future__ import annotations

import datetime

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import adsim
from adsim.calibrate.daily import shock_cv, total_days
from adsim.calibrate.reading import read_report
from adsim.errors import ReportError
from adsim.scenario import check_scenario, synthetic_scenario
from tests.calibrate.accounts import KEY, SIZES, write_daily_report
from tests.calibrate.conftest import CUP, HEADER


@pytest.fixture(scope="module")
def daily_path(tmp_path_factory):
    scenario = synthetic_scenario(4, queries=120, **SIZES, shock_cv=0.5)
    return write_daily_report(scenario, tmp_path_factory.mktemp("daily") / "report.csv")


@pytest.fixture(scope="module")
def fitted(daily_path):
    return adsim.fit(daily_path)


def test_totals_come_back(daily_path, fitted):
    rows = pl.read_csv(daily_path)
    reported = fitted.recovery.filter(campaign="all campaigns")
    for metric in ("impressions", "clicks", "orders", "revenue"):
        assert reported.filter(metric=metric)["reported"][0] == pytest.approx(rows[metric].sum())
    assert reported["error"].abs().max() < 0.01
    assert fitted.scenario.tables.keywords.height == rows.select(KEY).unique().height


def test_days_tell_the_start_and_how_demand_swings(daily_path, fitted):
    """28 days of 120 keywords: cv^2 = 0.25 is known within about 5 %; the seed is fixed."""
    general = fitted.scenario.scenario
    first = pl.read_csv(daily_path, try_parse_dates=True)["day"].min()
    assert (general.start, general.days) == (first, 28)
    assert fitted.scenario.demand.shock_cv == pytest.approx(0.5, abs=0.05)
    assert "shocks" not in [unknown.key for unknown in fitted.unknowns]
    assert any("rows of 28 days" in line for line in fitted.assumptions)


def test_steady_demand_has_no_shock():
    day = [datetime.date(2025, 6, 1) + datetime.timedelta(i) for i in range(20)]
    shown = [100.0, 110.0, 90.0, 95.0] * 5
    rows = pl.DataFrame(dict.fromkeys(KEY, "a") | {"day": day, "impressions": shown})
    assert shock_cv(rows) == 0.0


def test_the_last_days_are_held_out(fitted):
    """Of 80 % intervals for 120 keywords 70 to 90 % cover; by chance outside once in 100."""
    days = fitted.backtest.coverage.filter(held_out="days")
    assert days["metric"].to_list() == ["impressions", "clicks", "spend", "orders", "revenue"]
    assert days["covered"].is_between(0.7, 0.9).all(), days
    assert set(fitted.backtest.summary["held_out"]) == {"keywords", "days"}


def test_means_are_weighted():
    both = {"account": "", "row": 1, "known": True, "clicks": 1.0, "cost": 1.0, "conversions": 0.0}
    both |= dict.fromkeys(KEY, "a") | {"revenue": 0.0, "lost_to_budget": 0.0}
    one = both | {"impressions": 10.0, "bid": 1.0, "avg_position": 2.0, "impression_share": 0.5}
    two = both | {"impressions": 30.0, "bid": 2.0, "avg_position": 0.0, "impression_share": 0.25}
    days = [datetime.date(2025, 6, day) for day in (1, 2)]
    row = total_days(pl.DataFrame([one, two]).with_columns(day=pl.Series(days))).row(0, named=True)
    assert (row["impressions"], row["clicks"]) == (40.0, 2.0)
    assert row["bid"] == pytest.approx(1.75) and row["avg_position"] == 2.0
    assert row["impression_share"] == pytest.approx(40 / (20 + 120))


def test_rows_by_device_are_added_up(report):
    head = f"{HEADER},Device,Currency code"
    rows = ("phone,EUR", "desktop,EUR")
    parts = ("cup,exact,2.00,900,40,50,2.0,2,100", "cup,exact,1.00,100,10,10,1.0,1,50")
    lines = [f"{part},{row}" for part, row in zip(parts, rows, strict=True)]
    found = adsim.fit(report(head, *lines), days=30, holdout=0)
    whole = "cup,exact,1.90,1000,50,60,1.9,3,150"
    alone = adsim.fit(report(HEADER, whole, name="whole.csv"), days=30, holdout=0, currency="EUR")
    same = ("queries", "keywords")
    for name in same:
        one, other = (getattr(fit.scenario.tables, name) for fit in (found, alone))
        assert_frame_equal(one, other)
    assert found.scenario.scenario.currency == "EUR"
    assert any("by Device (2 of them)" in line for line in found.assumptions)
    assert not any("--currency" in line for line in found.assumptions)


def test_rows_by_several_things_are_added_up(report):
    head = f"{HEADER},Day,时段,Network (with search partners),Top vs. Other,Age,Currency code"
    places = [(hour, net) for hour in (9, 21) for net in ("Google search", "Search partners")]
    lines = [f"{CUP},2025-06-01,{hour},{net},Other,,USD" for hour, net in places]
    found = adsim.fit(report(head, *lines), holdout=0)
    assert found.report.rows["impressions"].to_list() == [4000.0]
    assert found.report.ignored == ("Top vs. Other", "Age")
    told = "按时段（2 种）；Network (with search partners)（2 种）分行"
    assert any(told in line for line in found.explain("zh"))


def test_a_column_that_splits_nothing_is_left_alone(report):
    found = read_report(report(f"{HEADER},Device,Search term", f"{CUP},phone,cups"))
    assert found.segments == () and found.ignored == ("Device", "Search term")


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("Audience segment", "counts in every crowd that its searcher is in"),
        ("买家搜索词", "leave out the searches that were rare"),
        ("Click type", "for every kind of click that it offers"),
        ("Conversion action", "belong to all of them alike"),
    ],
)
def test_rows_that_do_not_add_up_are_refused_with_the_reason(report, title, reason):
    path = report(f"{HEADER},Device,{title}", f"{CUP},phone,a", f"{CUP},phone,b")
    with pytest.raises(ReportError) as caught:
        adsim.fit(path)
    (told,) = map(str, caught.value.problems)
    assert f"those by {title} do not" in told and reason in told
    assert told.endswith(f"export the report without {title}.")


def test_devices_of_a_day_are_added_up_too(report):
    head = f"{HEADER},day,device"
    days = [f"{CUP},2025-06-0{day},{device}" for day in (1, 2) for device in ("phone", "pad")]
    found = adsim.fit(report(head, *days), holdout=0)
    assert found.options.days == 2
    assert found.report.rows["impressions"].to_list() == [4000.0]


def test_two_currencies_are_refused_and_one_device_twice_as_well(report):
    lines = (f"{CUP},phone,CNY", f"{CUP},phone,USD")
    with pytest.raises(ReportError) as caught:
        adsim.fit(report(f"{HEADER},device,currency", *lines))
    told = [str(problem) for problem in caught.value.problems]
    assert "row 2: currency must be one for all rows, but is USD, and CNY above" in told[0]
    assert "must be unique" in told[1]


def test_bad_days_are_told(report):
    head = f"{HEADER},day"
    lines = (f"{CUP},2025-06-01", f"{CUP},2025-06-31", f"{CUP},", f"{CUP},2025/06/01")
    with pytest.raises(ReportError) as caught:
        adsim.fit(report(head, *lines))
    told = [str(problem) for problem in caught.value.problems]
    assert "row 2: day must be a date, but is 2025-06-31" in told[0]
    assert "row 3" in told[1] and "is empty" in told[1]
    assert any("row 4" in line and "must be unique" in line for line in told)


def test_days_that_differ_from_the_reports_are_an_error(daily_path):
    with pytest.raises(ReportError, match="days: must be left out"):
        adsim.fit(daily_path, days=30, holdout=0)
    assert adsim.fit(daily_path, days=28, holdout=0).options.days == 28


def test_what_is_written_loads(fitted, tmp_path):
    fitted.write(tmp_path / "made")
    assert not check_scenario(tmp_path / "made")
