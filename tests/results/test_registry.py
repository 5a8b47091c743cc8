from __future__ import annotations

from adsim.kernels import tally
from adsim.results.registry import COLUMNS, FIELDS, GROUPS, VALUE_COLUMNS, group_columns

CONTRACT = (
    "searches, eligible, impressions, clicks, carts, orders, spend, revenue, profit, ctr, cpc, "
    "cvr, cpa, roi, profit_roi, avg_position, impression_share, lost_to_rank, lost_to_budget"
)


def test_value_columns_are_those_of_the_contract_in_its_order():
    assert [column.name for column in VALUE_COLUMNS] == CONTRACT.split(", ")


def test_every_column_says_what_it_means():
    for column in COLUMNS.values():
        assert column.formula and column.zh and column.en and column.dtype


def test_every_column_is_made_of_tallied_fields():
    for column in VALUE_COLUMNS:
        used = {*column.plus, *column.minus, *([column.per] if column.per else [])}
        assert column.plus and used <= set(FIELDS)


def test_micros_become_currency_units_only_where_they_do_not_cancel():
    divisors = {column.name: column.divisor for column in VALUE_COLUMNS}
    in_money = {name for name, divisor in divisors.items() if divisor == 1_000_000}
    assert in_money == {"spend", "revenue", "profit", "cpc", "cpa"}
    assert in_money == {column.name for column in VALUE_COLUMNS if column.unit == "money"}


def test_keyword_groups_bring_the_whole_key_once():
    assert group_columns(["hour", "keyword", "campaign"]) == (
        "campaign",
        "ad_group",
        "keyword",
        "match_type",
        "hour",
    )
    assert group_columns([]) == ()


def test_groups_name_registered_columns():
    assert {column for columns in GROUPS.values() for column in columns} <= set(COLUMNS)


def test_fields_are_in_the_order_that_the_kernels_write():
    assert [getattr(tally, field.upper()) for field in FIELDS] == list(range(tally.N_FIELDS))
