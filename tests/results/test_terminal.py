from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from rich.cells import cell_len

from adsim.results import terminal
from adsim.results.compare import comparison_table
from adsim.results.heads import head_of
from adsim.results.registry import FIELDS, VALUE_COLUMNS
from adsim.results.tables import report_table
from adsim.results.terminal import ProgressBar, format_value, show_table


def report(n_groups: int, n_replications: int = 4) -> pl.DataFrame:
    shape = (n_replications, n_groups, len(FIELDS))
    tallies = np.random.default_rng(5).integers(1, 60, shape)
    groups = pl.DataFrame({"campaign": [f"计划{i}" for i in range(n_groups)]})
    return report_table(tallies, groups if n_groups > 1 else pl.DataFrame(), "counts")


@pytest.fixture
def terminal_of(monkeypatch):
    def make(columns: int) -> None:
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setenv("FORCE_COLOR", "1")  # rich takes such an output for a terminal
        monkeypatch.setenv("TERM", "dumb")

    return make


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("spend", 1234567.891, "1,234,567.89"),
        ("profit_low", -0.001, "0.00"),
        ("gain_high", 1008.6, "1,008.60"),
        ("ctr", 0.04194, "4.19 %"),
        ("roi_high", 4.0, "4.00"),
        ("clicks", 0.034, "0.03"),
        ("clicks", 12.25, "12.2"),
        ("clicks", 123456.7, "123,457"),
        ("roi", None, "-"),
        ("campaign", "核心词", "核心词"),
        ("hour", 13, "13"),
        ("bid", 0.5, "0.5"),
        ("keywords_covered", 0.907, "90.70 %"),
        ("covered", True, "yes"),
        ("covered", False, "no"),
    ],
)
def test_values_read_as_their_unit(name, value, text):
    assert format_value(name, value) == text


def test_differences_of_shares_are_in_percentage_points():
    assert format_value("ctr", -0.0123, signed=True) == "-1.23 pp"
    assert format_value("clicks", 3.0, signed=True) == "+3.00"


def test_carts_are_left_out_where_there_are_none(capsys):
    tallies = np.random.default_rng(5).integers(1, 60, (4, 1, len(FIELDS)))
    for carts in (0, 1):
        tallies[:, :, FIELDS.index("carts")] *= carts
        for table in (
            report_table(tallies, pl.DataFrame(), "counts"),
            comparison_table(tallies, tallies),
        ):
            show_table(table)
            assert ("carts" in capsys.readouterr().out) == bool(carts), carts
        tallies[:, :, FIELDS.index("carts")] = 3


def test_a_report_of_one_row_stands_upright_with_every_column(capsys):
    assert show_table(report(1)) is None
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["metric", "value", "low", "(10", "%)", "high", "(90", "%)"]
    assert [line.split()[0] for line in lines[2:]] == [column.name for column in VALUE_COLUMNS]


def test_one_replication_shows_no_quantiles(capsys):
    show_table(report(1, n_replications=1))
    assert capsys.readouterr().out.splitlines()[0].split() == ["metric", "value"]


def test_no_terminal_means_nothing_is_cut(capsys):
    hidden = show_table(report(3))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines[-1]) > 120 and "…" not in "".join(lines)
    assert "计划0" in lines[-3] and " to " in lines[-1]
    assert len(set(map(cell_len, lines[-3:]))) == 1
    assert hidden is not None
    assert hidden.startswith("not shown: searches, eligible, carts, cpa, profit_roi, avg_position;")


def test_a_terminal_gets_the_columns_that_fit_and_hears_of_the_rest(capsys, terminal_of):
    terminal_of(80)
    hidden = show_table(report(3))
    lines = capsys.readouterr().out.splitlines()
    assert "…" not in "".join(lines)
    heads = " ".join(" ".join(lines[:3]).split())
    assert "campaign impressions clicks orders spend revenue profit" in heads
    rest = "ctr, cpc, cvr, cpa, roi, profit_roi, avg_position, impression_share, lost_to_rank"
    assert hidden is not None
    assert f"searches, eligible, carts, {rest}, lost_to_budget;" in hidden


def test_long_tables_end_early_and_say_so(capsys, monkeypatch):
    monkeypatch.setattr(terminal, "MAX_ROWS", 10)
    hidden = show_table(report(35))
    assert len(capsys.readouterr().out.splitlines()) == 4 + 10
    assert hidden is not None and "25 more rows" in hidden


def test_searches_without_a_keyword_have_no_row_but_a_word(capsys):
    hidden = show_table(report(3).with_columns(campaign=pl.Series(["计划0", None, "计划2"])))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[-2:]] == ["计划0", "计划2"]
    assert "计划1" not in "".join(lines) and len(lines) == 4 + 2
    assert hidden is not None and "and searches that no own keyword matches;" in hidden


def test_a_comparison_shows_each_metric_in_its_unit_and_signs_differences(capsys):
    a = np.zeros((2, 1, len(FIELDS)), np.int64)
    a[:, :, FIELDS.index("spend")] = 2_000_000
    a[:, :, FIELDS.index("impressions")] = 50
    a[:, :, FIELDS.index("clicks")] = 1
    assert show_table(comparison_table(a, a * [[[2]], [[2]]])) is None
    rows = {line.split()[0]: line.split()[1:] for line in capsys.readouterr().out.splitlines()[3:]}
    assert rows["spend"] == ["2.00", "4.00", "+2.00", "+2.00", "+2.00"]
    assert rows["ctr"][:5] == ["2.00", "%", "2.00", "%", "+0.00"]
    assert rows["roi"] == ["0.00", "0.00", "+0.00", "+0.00", "+0.00"]


def test_other_tables_show_all_their_columns(capsys):
    assert show_table(pl.DataFrame({"bid": [0.5, 1.25], "p_shown": [0.25, None]})) is None
    assert capsys.readouterr().out.splitlines()[-1].split() == ["1.25", "-"]


def test_progress_shows_only_after_a_second_and_only_on_a_terminal(capsys, terminal_of):
    with ProgressBar() as bar:
        bar.DELAY_SECONDS = 0
        bar(1, 2)
    assert capsys.readouterr().err == ""
    terminal_of(80)
    with ProgressBar() as bar:
        bar(1, 2)
    assert capsys.readouterr().err == ""
    with ProgressBar(quiet=True) as bar:
        bar.DELAY_SECONDS = 0
        bar(1, 2)
    assert capsys.readouterr().err == ""


def test_progress_tells_the_share_done(capsys, terminal_of, monkeypatch):
    terminal_of(80)
    monkeypatch.setenv("TERM", "xterm")
    with ProgressBar() as bar:
        bar.DELAY_SECONDS = 0
        bar(1, 2)
        bar(2, 2)
    assert "100%" in capsys.readouterr().err


def test_a_table_can_be_read_in_chinese(capsys):
    table = report(3).with_columns(pl.Series("campaign", ["核心词", "长尾词", None]))
    note = show_table(table, "zh")
    head, _, first, *_ = capsys.readouterr().out.splitlines()
    assert head.split()[:4] == ["推广计划", "展现数", "点击数", "订单行"]
    assert " 至 " in first
    assert note.startswith("未显示：搜索量、") and "，以及没有匹配到自己关键词的搜索；" in note
    show_table(report(1), "zh")
    upright = capsys.readouterr().out.splitlines()
    assert upright[0].split() == ["指标", "值", "低（10", "%）", "高（90", "%）"]
    assert upright[2].startswith("搜索量 ")


def test_heads_of_bounds_say_which_and_unknown_ones_stay():
    heads = [head_of(name, "zh") for name in ("ctr_low", "difference_high", "own_trait")]
    assert heads == ["点击率\n低", "差\n高", "own\ntrait"]
    assert head_of("own_trait_low", "zh") == "own\ntrait\nlow"
