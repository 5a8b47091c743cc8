"""Reports as platforms export them, with all that surrounds the rows."""

from __future__ import annotations

import csv
import io

import pytest
import xlsxwriter

from adsim import fit
from adsim.calibrate.dates import days_of_range
from adsim.calibrate.reading import read_report
from adsim.calibrate.recovery import ALL
from adsim.errors import ReportError
from tests.calibrate.conftest import CUP, HEADER

GOOGLE = """Search keyword report
"November 1, 2025 - November 30, 2025"
Keyword status,Search keyword,Match type,Campaign,Ad group,Currency code,Max. CPC,Impr.,Clicks,\
CTR,Cost,Conversions,Conv. value,Search impr. share
Enabled,running shoes,Broad match,Shoes,Run,USD,1.50,"12,345","1,023",8.3%,869.55,23.5,"1,410.0",80%
Enabled,\"\"\"trail shoes\"\"\",Phrase match,Shoes,Trail,USD,1.20,2345,123,5.2%,92.25,3,180,< 10%
Enabled,[total shoes],Exact match,Shoes,Trail,USD, --,1345,53,3.9%,34.45,0,0,> 90%
"Total: Keywords", --, --, --, --,USD, --,"16,035","1,199",7.48%,996.25,26.50,"1,590.00",40%
"""
JD = """日期,推广计划,关键词,匹配方式,出价(元),展现数,点击数,点击率(%),总费用（元）,\
平均排名,总订单行,总订单金额(元)
2025-11-01至2025-11-30,夏季,咖啡杯,精确匹配,￥2.50,"12,345",410,3.32,820.50,2.3,25,"1,975.00"
2025-11-01至2025-11-30,夏季,礼物,切词匹配,0.80,800,5,0.63,3.50,-,0,0
合计,,,,,"13,145",415,3.1,824.00,,25,"1,975.00"
"""


def with_tabs(text: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter="\t").writerows(csv.reader(io.StringIO(text)))
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (GOOGLE.encode(), "UTF-8"),
        (GOOGLE.replace("\n", "\r\n").encode("utf-8-sig"), "UTF-8"),
        (with_tabs(GOOGLE).encode("utf-16"), "UTF-16"),
    ],
)
def test_titles_totals_and_tabs_of_a_google_report_are_left_out(tmp_path, data, encoding):
    path = tmp_path / "report.csv"
    path.write_bytes(data)
    found = read_report(path)
    assert (found.encoding, found.above, found.totals) == (encoding, 2, 1)
    assert found.rows["keyword"].to_list() == ["running shoes", "trail shoes", "total shoes"]
    assert found.rows["match_type"].to_list() == ["broad", "phrase", "exact"]
    assert found.rows["bid"].to_list() == [1.5, 1.2, 0.0]
    assert found.rows["impression_share"].to_list() == [0.8, 0.1, 0.9]
    assert found.rows["impressions"].sum() == 16_035
    assert (found.rows["avg_position"] == 0).all()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_units_ranges_of_dates_and_totals_of_a_jd_report_are_understood(tmp_path, encoding):
    path = tmp_path / "report.csv"
    path.write_bytes(JD.encode(encoding))
    found = read_report(path)
    assert (found.days, found.totals, found.ignored) == (30, 1, ("点击率(%)",))
    assert found.rows["bid"].to_list() == [2.5, 0.8]
    assert found.rows["cost"].sum() == 824.0 and "day" not in found.rows.columns


def test_a_workbook_says_what_its_sheet_as_text_says(tmp_path):
    text, book = tmp_path / "report.csv", tmp_path / "report.xlsx"
    text.write_text(JD, encoding="utf-8")
    numbers = {"strings_to_numbers": True}
    with xlsxwriter.Workbook(book, numbers) as made:
        made.add_worksheet("说明").write_row(0, 0, ["口径：15 天"])
        sheet = made.add_worksheet("关键词")
        sheet.write_row(0, 0, ["关键词报表"])
        for place, row in enumerate(csv.reader(io.StringIO(JD)), start=2):
            sheet.write_row(place, 0, row)
    found, wanted = read_report(book), read_report(text)
    assert found.rows.equals(wanted.rows)
    assert (found.days, found.totals, found.above, found.sheet) == (30, 1, 2, "关键词")
    assert "工作簿中读取的是工作表 关键词。" in fit(book, holdout=0.0).explain("zh")


@pytest.mark.parametrize(
    ("days", "first"),
    [(("2025/11/1", "2025/11/2"), "2025-11-01"), (("20251101", "20251102"), "2025-11-01")],
)
def test_days_may_be_written_in_other_ways(report, days, first):
    found = read_report(report(f"{HEADER},日期", *(f"{CUP},{day}" for day in days)))
    assert str(found.rows["day"].min()) == first and found.days is None


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("October 1, 2025 - October 31, 2025", 31),
        ("Oct 1, 2025 – Oct 7, 2025", 7),
        ("统计日期：2025年10月1日至2025年10月30日", 30),
        ("2025/10/1~2025/10/2,,", 2),
        ("20251001-20251031", 31),
        ("2025.10.01 到 2025.10.03", 3),
        ("Keywords of 2025-10-01", None),
        ("Oktober 1, 2025 - Oktober 2, 2025", None),
    ],
)
def test_ranges_of_days_are_found_in_titles(text, days):
    assert days_of_range(text) == days


@pytest.mark.parametrize(
    ("head", "cost", "currency"),
    [("cost", "$60.00", "USD"), ("花费（元）", "60", "CNY"), ("cost", "60.00", None)],
)
def test_signs_tell_the_currency(report, head, cost, currency):
    found = read_report(report(HEADER.replace("cost", head), CUP.replace("60.00", cost)))
    assert found.currency == currency and found.rows["cost"].to_list() == [60.0]


def test_the_title_tells_the_days(tmp_path):
    path = tmp_path / "report.csv"
    path.write_text(GOOGLE, encoding="utf-8")
    assert read_report(path).days == 30
    path.write_text(GOOGLE.replace("Keyword status", "Day").replace("Enabled", "2025-11-03"))
    assert read_report(path).days is None


def test_two_ranges_of_dates_are_no_days(report):
    path = report(f"{HEADER},day", f"{CUP},2025-06-01至2025-06-07", f"{CUP},2025-06-08至2025-06-14")
    with pytest.raises(ReportError, match="day must be a date"):
        read_report(path)


def test_a_keyword_may_be_called_total(report):
    found = read_report(report(HEADER, CUP, CUP.replace("cup", "total"), "Total,,,9,9,9,,9,9"))
    assert found.rows["keyword"].to_list() == ["cup", "total"] and found.totals == 1


def test_impression_shares_stand_in_for_positions(tmp_path):
    path = tmp_path / "report.csv"
    path.write_text(GOOGLE, encoding="utf-8")
    fitted = fit(path, slots=4, holdout=0.0)
    said = "\n".join(fitted.assumptions)
    for part in ("above the header: 2 rows", "others: 1 row", "No row has a position: in 3 rows"):
        assert part in said
    recovered = dict(fitted.recovery.filter(campaign=ALL).select("metric", "simulated").rows())
    assert recovered["impressions"] == pytest.approx(16_035, rel=1e-6)
    assert recovered["clicks"] == pytest.approx(1_199, rel=1e-6)
    searches = fitted.scenario.tables.queries["daily_searches"].to_list()
    wanted = [12_345 / 0.8 / 30, 2_345 / 0.1 / 30, 1_345 / 0.9 / 30]
    assert searches == pytest.approx(wanted, rel=1e-3)


def test_without_positions_and_shares_nothing_tells_of_rivals(report):
    header = HEADER.replace(",avg_position", "")
    with pytest.raises(ReportError, match="avg_position or an impression_share, but none has"):
        read_report(report(header, "cup,exact,2,1000,50,60,3,150"))
