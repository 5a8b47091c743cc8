from __future__ import annotations

import pytest

import adsim
from adsim.calibrate.reading import read_report
from adsim.errors import ReportError
from tests.calibrate.conftest import CUP, HEADER

DOUBLECLICK = (
    "Publisher ID,Publisher Name,Keyword ID,Keyword,Match Type,Campaign,Keyword Group,Category,"
    "Bid Strategy,Keyword Type,Status,Search Engine Bid,Clicks,Click Charges,Avg. Cost per Click,"
    "Impressions,Engine Click Thru %,Avg. Pos.,Trans. Conv. %,Total Cost/ Trans.,Amount,"
    "Total Cost,Total Volume of Bookings"
)
ENGINE_ROW = "K1,Engine,43,{},{},Trips,Rome,none,,Unassigned,Live,2,5,6,1.2,90,5.6,2,20,6,70,6,1"


def problems_of(path, platform=None):
    with pytest.raises(ReportError) as caught:
        read_report(path, platform)
    return [str(problem) for problem in caught.value.problems]


def test_a_plain_report_is_read_as_it_stands(report):
    found = read_report(report(HEADER, CUP, "blue cup,broad,1,10,0,0,,0,0"))
    assert found.format.name == "plain"
    assert found.rows.row(0, named=True) == {
        "keyword": "cup",
        "match_type": "exact",
        "bid": 2.0,
        "impressions": 1000.0,
        "clicks": 50.0,
        "cost": 60.0,
        "avg_position": 1.8,
        "conversions": 3.0,
        "revenue": 150.0,
        "impression_share": 0.0,
        "lost_to_budget": 0.0,
        "account": "",
        "campaign": "all keywords",
        "ad_group": "all keywords",
        "row": 1,
        "known": True,
    }
    assert found.rows["avg_position"][1] == 0.0


def test_other_names_and_spellings_of_cells_are_known(report):
    found = read_report(
        report(
            "Search Keyword,Match type,Max. CPC,Impr.,Clicks,Cost,Avg. position,CONVERSIONS,"
            "Conv. value,Search impr. share,Account,Campaign,Ad_Group,Quality Score",
            '[cup],Exact match,"1,002.50","1,234,567",50,60.00,1.8,3,150,45%,shop,Cups,All,7',
        )
    )
    row = found.rows.row(0, named=True)
    assert (row["keyword"], row["match_type"], row["campaign"]) == ("cup", "exact", "shop / Cups")
    assert (row["bid"], row["impressions"], row["impression_share"]) == (1002.5, 1234567.0, 0.45)
    assert found.ignored == ("Quality Score",)


def test_chinese_columns_are_known(report):
    found = read_report(
        report(
            "推广计划,推广单元,关键词,匹配方式,出价,展现数,点击数,花费,平均排名,总订单行,总订单金额",
            "核心,杯子,杯子,切词匹配,2,100,5,6,1.5,1,99",
        )
    )
    assert found.rows.select("campaign", "keyword", "match_type").row(0) == (
        "核心",
        "杯子",
        "broad",
    )


def test_a_doubleclick_sheet_is_told_by_its_columns(report):
    types = ("Broad", "Advanced", "Standard", "N/A", "Exact")
    words = ("cheap fly", "fly far", "flights", "trip", "[rome]")
    lines = [ENGINE_ROW.format(*pair) for pair in zip(words, types, strict=True)]
    found = read_report(report(DOUBLECLICK, *lines))
    assert found.format.name == "doubleclick"
    assert found.rows["match_type"].to_list() == ["broad", "broad", "exact", "broad", "exact"]
    assert found.rows["keyword"][4] == "rome"
    row = found.rows.row(0, named=True)
    assert (row["campaign"], row["account"]) == ("Engine / Trips", "Engine")
    assert (row["cost"], row["revenue"], row["conversions"]) == (6.0, 70.0, 1.0)


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("cup,exact,two,1000,50,60,1.8,3,150", ["bid must be a number", "is two"]),
        ("cup,exact,2,-1,50,60,1.8,3,150", ["impressions must be >= 0", "is -1"]),
        ("cup,exact,2,1e12,50,60,1.8,3,150", ["impressions must be < 1e+09"]),
        ("cup,exact,2,1000,inf,60,1.8,3,150", ["clicks must be finite"]),
        ("cup,exact,2,1000,50,nan,1.8,3,150", ["cost must be finite"]),
        ('cup,exact,2,"1,0",50,60,1.8,3,150', ["impressions must be a number", "is 1,0"]),
        ("cup,exact,2,1000,50,60,< 2,3,150", ["avg_position must be a number", "is < 2"]),
        ("cup,exact,2,1000,50,60,1.8,,150", ["conversions must be given", "is empty", "0 if none"]),
        ("cup,exact,2,1000,50,60,1.8,3,--", ["revenue must be given", "is empty"]),
        (",exact,2,1000,50,60,1.8,3,150", ["keyword must be given"]),
        (
            "cup,fuzzy,2,1000,50,60,1.8,3,150",
            ["must be exact, phrase or broad, or a", "fuzzy"],
        ),
        (" Cup ,exact,1,1,1,1,1,1,1", ["must be unique", "row 1 has the same"]),
        ("mug,exact,2,1000,50,60,1.8,3", ["must have 9 cells", "has 8"]),
    ],
)
def test_bad_cells_are_named_with_row_and_column(report, line, parts):
    path = report(HEADER, CUP, line)
    (problem,) = problems_of(path)
    assert problem.startswith(f"{path} row 2: ")
    assert all(part in problem for part in parts), problem


def test_all_bad_cells_are_told_at_once(report):
    bad = [f"word {i},exact,x,y,5,6,1,1,1" for i in range(30)]
    problems = problems_of(
        report(f"{HEADER},impression_share", CUP + ",1.2", *[f"{b}," for b in bad])
    )
    assert any("impression_share must be <= 1" in problem for problem in problems)
    for column in ("bid", "impressions"):
        assert sum(f"{column} must be a number" in problem for problem in problems) == 21
    assert any("10 more rows" in problem for problem in problems)


def test_missing_columns_of_the_nearest_format_are_listed(report):
    problems = problems_of(report("keyword,match_type,bid,clicks,cost,revenue", "a,exact,1,1,1,1"))
    assert [problem.split(" must have the column ")[1].split(",")[0] for problem in problems] == [
        "impressions",
        "conversions",
    ]
    assert "it may be named Impr. or 展现数" in problems[0]
    without_cost = DOUBLECLICK.replace("Total Cost,", "Sum,")
    (problem,) = problems_of(report(without_cost, ENGINE_ROW.format("fly", "Broad")))
    assert "a doubleclick report must have the column cost" in problem


def test_what_an_amazon_report_lacks_is_guessed_and_said(report):
    head = "Campaign Name,Keyword Text,Impressions,Clicks,Spend,7 Day Total Orders (#),Sales"
    path = report(head, "Auto,mug,1000,50,60.00,3,150", "Auto,cup,2000,80,70.00,4,200")
    (problem,) = problems_of(path)
    assert "or guess: assumed_share 0.3, say" in problem
    found = adsim.fit(path, assumed_share=0.4, days=30, holdout=0)
    rows = found.report.rows
    assert rows["match_type"].to_list() == ["exact"] * 2
    assert rows["impression_share"].to_list() == [0.4] * 2
    assert found.scenario.tables.keywords["bid"].to_list() == pytest.approx([2.4, 1.75])
    said = "\n".join(found.assumptions)
    assert "no match types" in said and "no bids" in said and "2 rows had neither" in said
    assert found.recovery.filter(metric="impressions")["error"].abs().max() < 1e-6


def test_an_assumed_share_leaves_alone_what_is_told(report):
    told = report(f"{HEADER},impression_share", f"{CUP},0.7", "mug,exact,2,1000,50,60,,3,150,")
    found = read_report(told, assumed_share=0.2)
    assert found.rows["impression_share"].to_list() == [0.7, 0.2] and found.assumed == 1
    with pytest.raises(ReportError, match="assumed_share: must be a number from"):
        adsim.fit(told, assumed_share=2)


@pytest.mark.parametrize(("word", "ours"), [("精准", "exact"), ("广泛匹配", "broad")])
def test_match_types_have_the_names_of_their_platforms(report, word, ours):
    found = read_report(report(HEADER, CUP.replace("exact", word)))
    assert found.rows["match_type"].to_list() == [ours]


def test_the_platform_must_be_known_and_fit(report):
    path = report(HEADER, CUP)
    (problem,) = problems_of(path, "doubleclik")
    assert "must be doubleclick or plain" in problem and "did you mean doubleclick?" in problem
    assert "a doubleclick report must have" in problems_of(path, "doubleclick")[0]
    assert read_report(path, "plain").format.name == "plain"


def test_two_columns_for_one_thing_are_an_error(report):
    (problem,) = problems_of(report(f"{HEADER},Spend", f"{CUP},61"))
    assert "cost must be in one column" in problem and "cost and Spend" in problem


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"", "is empty"),
        (HEADER.encode(), "header only"),
        (f"{HEADER}\n{CUP}\nété à côté{CUP}".encode("cp1252"), "neither UTF-8 nor GBK"),
        (f"{HEADER}\n杯子".encode()[:-4], "cut off"),
        (f"{HEADER}\n杯子和水壶{CUP}".encode().replace(b"\x90", b"\x20"), "neither UTF-8 nor GBK"),
        (f"{HEADER}\n{CUP}".encode("utf-16")[:-1], "UTF-16"),
        (f"{HEADER}\n{CUP}".encode("utf-32"), "UTF-32"),
        (b"PK\x03\x04 workbook", "must be a workbook that can be read"),
        (bytes(range(256)), "binary"),
        (HEADER.replace(",", ";").encode(), "separated by commas"),
    ],
)
def test_a_file_that_is_no_table_says_so(tmp_path, data, part):
    path = tmp_path / "report.csv"
    path.write_bytes(data)
    assert part in problems_of(path)[0]


def test_a_folder_and_nothing_say_so(tmp_path):
    assert "is a folder" in problems_of(tmp_path)[0]
    assert "is not there" in problems_of(tmp_path / "absent.csv")[0]


@pytest.mark.parametrize("encoding", ["gbk", "gb18030"])
def test_a_report_from_a_chinese_system_is_read_and_said_to_be(tmp_path, encoding):
    text = f"{HEADER}\n空气净化器 镕，{CUP}\r\n{CUP}\n"
    for name, kind in (("utf.csv", "utf-8"), ("gbk.csv", encoding)):
        (tmp_path / name).write_bytes(text.encode(kind))
    plain, found = read_report(tmp_path / "utf.csv"), read_report(tmp_path / "gbk.csv")
    assert found.rows.equals(plain.rows) and found.rows["keyword"][0] == "空气净化器 镕，cup"
    assert (plain.encoding, found.encoding) == ("UTF-8", "GBK/GB18030")
