"""Workbooks as platforms export them."""

from __future__ import annotations

import datetime
import io
import sys

import pytest
import xlsxwriter

from adsim.errors import Problem
from adsim.scenario.exports import read_export
from adsim.scenario.reported import ReportColumn
from adsim.scenario.workbooks import is_workbook, read_sheets

NAMES = ("日期", "关键词", "展现数", "点击率", "总费用(元)")
COLUMNS = [
    ReportColumn("day", "the day", ("日期",), number=False),
    ReportColumn("keyword", "the keyword", ("关键词",), number=False),
    ReportColumn("impressions", "the impressions", ("展现数",)),
    ReportColumn("cost", "the cost", ("总费用",)),
]
JUNE = datetime.datetime(2025, 6, 1)


def workbook(**sheets):
    """The bytes of a workbook; each sheet is a list of rows."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "yyyy/m/d"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
    return out.getvalue()


REPORT = [
    ["关键词报表 2025-06-01 至 2025-06-30"],
    [],
    [*NAMES, "", "备\n注"],
    [JUNE, "咖啡杯", 12345, 0.0332, 820.5, "", "新\n品"],
    [],
    [JUNE, "礼物, 生日", 800, 0.00625, 3.0],
    ["合计", "", 13145, "", 823.5],
]


@pytest.fixture
def read(tmp_path):
    def read(data):
        path = tmp_path / "report.xlsx"
        path.write_bytes(data)
        return read_export(path, COLUMNS)

    return read


def test_the_sheet_with_the_report_is_read_from_its_header_on(read):
    found = read(workbook(说明=[["请看", "下一页"]], 报表=REPORT, 空=[]))
    assert (found.above, found.sheet, found.rows.to_list()) == (2, "报表", [1, 3, 4])
    assert found.frame.columns == [*NAMES, "备 注"]
    assert found.frame.rows()[:2] == [
        ("2025-06-01", "咖啡杯", "12345", "0.0332", "820.5", "新 品"),
        ("2025-06-01", "礼物, 生日", "800", "0.00625", "3", None),
    ]


def test_one_sheet_needs_no_name(read):
    assert read(workbook(Sheet1=REPORT)).sheet is None


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (workbook(六月=REPORT, 七月=REPORT), "one sheet must hold the report, but 六月 and 七月"),
        (workbook(空=[]), "all its sheets are empty"),
        (workbook(报表=REPORT)[:900], "cannot be opened (protected by a password, damaged"),
        (b"\xd0\xcf\x11\xe0" + bytes(99), "cannot be opened"),
        (b"<html><table>", "must be a table, but is a web page; open it in Excel"),
    ],
)
def test_what_is_no_report_is_refused(read, data, said):
    (problem,) = read(data)
    assert said in str(problem)


def test_without_the_package_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "fastexcel", None)
    found = read_sheets("report.xlsx", workbook(报表=REPORT))
    assert isinstance(found, Problem) and 'install it (the extra "excel")' in found.cure
    assert is_workbook(workbook(报表=REPORT)) and not is_workbook(b"keyword,bid\n")
