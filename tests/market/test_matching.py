"""Match types against the truth tables, the rules and the naive twin."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adsim.errors import MarketError
from adsim.market import matching
from adsim.market.matching import MATCH_TYPES, Matches, match_queries, match_text
from adsim.market.text import dictionary_segmenter
from tests.market import naive

KEY = ["campaign", "ad_group", "keyword", "match_type"]

TRUTH = [  # keyword, query, exact, phrase, broad
    ("进口巧克力", "进口巧克力", True, True, True),
    ("进口巧克力", "法国进口巧克力", False, True, True),
    ("进口巧克力", "进口巧克力丝滑", False, True, True),
    ("进口巧克力", "巧克力进口", False, False, True),
    ("进口巧克力", "巧克力", False, False, False),
    ("进口巧克力", "进口黑巧克力", False, False, True),
    ("电动牙刷", "儿童牙刷", False, False, False),
]


def table(rows: Sequence[tuple[str, ...]], columns: Sequence[str] = KEY) -> pl.DataFrame:
    return pl.DataFrame(list(rows), dict.fromkeys(columns, pl.String), orient="row")


def reached(found: Matches) -> list[list[int]]:
    return [part.tolist() for part in np.split(found.keyword, found.start[1:-1])]


@pytest.mark.parametrize("number", range(3))
def test_truth_table_with_this_keyword_alone_in_the_account(number: int) -> None:
    queries = [query for _, query, *_ in TRUTH]
    for keyword in {row[0] for row in TRUTH}:
        keywords = table([("c", "g", keyword, MATCH_TYPES[number])])
        hits = reached(match_queries(queries, keywords, table([])))
        for row, hit in zip(TRUTH, hits, strict=True):
            if row[0] == keyword:
                assert (hit == [0]) is row[2 + number], row


@pytest.mark.parametrize("row", TRUTH)
def test_truth_table_of_pairs(row: tuple[str, str, bool, bool, bool]) -> None:
    keyword, query, *expected = row
    assert [match_text(query, keyword, kind, ["巧克力"]) for kind in MATCH_TYPES] == expected


def test_a_chinese_keyword_that_nothing_splits_is_one_word() -> None:
    assert not match_text("巧克力进口", "进口巧克力", "broad")
    assert match_text("巧克力进口", "进口 巧克力", "broad")


@pytest.mark.parametrize(
    ("query", "keyword", "phrase", "broad"),
    [
        ("cupboard", "cup", False, False),
        ("red cup", "cup", True, True),
        ("cup-holder", "cup", True, True),
        ("red leather shoes", "red shoes", False, True),
        ("shoes red", "red shoes", False, True),
        ("running shoe", "running shoes", False, False),
        ("苹果iphone手机壳新款", "iphone手机壳", True, True),
        ("iphone15手机壳", "iphone", False, False),
        ("手机壳iphone", "iphone手机壳", False, True),
        ("iphones手机壳", "iphone手机壳", False, False),
        ("ＩＰＨＯＮＥ　手机壳", "iphone 手机壳", True, True),
        ("STRASSE 5", "straße", True, True),
        ("i̇stanbul", "i", False, False),
        ("🎁gift", "gift🎁", False, True),
        ("🎁", "gift 🎁", False, False),
        ("a - b", "-", True, True),
        ("a b", "-", False, False),
        ("a b", "!?", False, False),
        ("cup", "cup!", False, True),
        ("t shirt", "t-shirt", False, True),
        ("bye bye", "bye, bye", False, True),
        ("bye", "bye, bye", False, False),
        ("哈哈哈", "哈哈 哈哈", False, False),
        ("哈哈哈哈", "哈哈 哈哈", False, True),
        ("苹果手机壳", "手机 机壳", False, False),
        ("机壳手机", "手机 机壳", False, True),
        ("red\tcup", "red  cup", True, True),
        ("", "cup", False, False),
    ],
)
def test_phrase_and_broad(query: str, keyword: str, phrase: bool, broad: bool) -> None:
    assert match_text(query, keyword, "phrase") is phrase
    assert match_text(query, keyword, "broad") is broad


def test_words_that_fit_only_in_a_way_a_greedy_choice_misses() -> None:
    # 甲乙 taken at its first place leaves no room for 乙丙; taken at its second it does.
    assert match_text("甲乙丙丁甲乙", "甲乙 乙丙", "broad")
    assert match_text("丁乙丙甲乙丙", "甲乙 乙丙", "broad")
    assert not match_text("甲乙丙丁", "甲乙 乙丙", "broad")
    assert match_text("甲乙丙甲乙", "乙丙甲 甲乙 ", "broad") is False
    assert match_text("甲乙丙甲乙丁", "乙丁 甲乙丙", "broad")


TEXT = st.text(alphabet="ab1 -手机壳", min_size=1, max_size=8).filter(naive.spell)
TYPE = st.sampled_from(MATCH_TYPES)
ROW = st.tuples(st.sampled_from("cd"), st.sampled_from("gh"), TEXT, TYPE)
NEGATIVE = st.tuples(st.sampled_from("cd"), st.sampled_from(["", "g"]), TEXT, TYPE)


@settings(max_examples=150, deadline=None)
@given(st.lists(TEXT, max_size=8), st.lists(ROW, max_size=12), st.lists(NEGATIVE, max_size=2))
@example(["机壳手机", "壳手 手机壳"], [("c", "g", "手机 机壳", "broad")], [])
def test_same_as_the_naive_twin(
    queries: list[str], rows: list[tuple[str, ...]], negatives: list[tuple[str, ...]]
) -> None:
    keywords, negative = table(rows), table(negatives)
    expected = naive.match_all(queries, keywords.to_dicts(), negative.to_dicts())
    found = match_queries(queries, keywords, negative)
    assert found.start.dtype == np.int64
    assert found.keyword.dtype == np.int32
    assert len(found.start) == len(queries) + 1
    assert (reached(found) if queries else []) == expected


@settings(max_examples=200, deadline=None)
@given(TEXT, TEXT, TYPE, st.lists(TEXT, max_size=3))
def test_one_pair_is_the_same_as_the_naive_twin(
    query: str, keyword: str, match_type: str, dictionary: list[str]
) -> None:
    words = naive.chinese_runs([query, keyword, *dictionary])
    expected = naive.matches(query, keyword, match_type, words)
    assert match_text(query, keyword, match_type, dictionary) is expected


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=8)), st.lists(st.text(max_size=6).filter(naive.spell)))
def test_exact_is_within_phrase_is_within_broad(queries: list[str], texts: list[str]) -> None:
    keywords = [table([("c", "g", text, kind) for text in texts]) for kind in MATCH_TYPES]
    queries = [*queries, *texts, *("".join(pair) for pair in pairwise(texts))]
    exact, phrase, broad = (reached(match_queries(queries, rows)) for rows in keywords)
    for narrow, middle, wide in zip(exact, phrase, broad, strict=True):
        assert set(narrow) <= set(middle) <= set(wide)


def test_reading_the_queries_in_parts_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(7)
    texts = ["".join(rng.choice(list("ab 手机壳"), 6)) + "a" for _ in range(300)]
    keywords = table(
        [("c", "g", text[:4] + "b", MATCH_TYPES[i % 3]) for i, text in enumerate(texts)]
    )
    whole = match_queries(texts, keywords)
    monkeypatch.setattr(matching, "CHARACTERS_AT_ONCE", 50)
    parts = match_queries(texts, keywords)
    assert len(whole.keyword) > 300
    assert np.array_equal(whole.start, parts.start)
    assert np.array_equal(whole.keyword, parts.keyword)


def test_the_same_keyword_in_several_ad_groups_matches_in_each() -> None:
    keywords = table([("c", group, "cup", kind) for group in "gh" for kind in MATCH_TYPES])
    assert reached(match_queries(["Cup", "red cup"], keywords)) == [
        [0, 1, 2, 3, 4, 5],
        [1, 2, 4, 5],
    ]


def test_thousands_of_keywords_reach_one_query_and_a_long_query_many() -> None:
    words = [f"w{i}" for i in range(3000)]
    keywords = table([("c", "g", word, "phrase") for word in words])
    long, short = " ".join(words), "w7 w70"
    assert reached(match_queries([long, short], keywords)) == [list(range(3000)), [7, 70]]


def test_a_negative_holds_for_its_ad_group_or_the_whole_campaign() -> None:
    keywords = table([(c, g, "cup", "phrase") for c in "cd" for g in "gh"])
    negatives = table([("c", "g", "red", "phrase"), ("d", "", "blue cup", "exact")])
    queries = ["cup", "red cup", "blue cup", "blue cup!"]
    everything = [0, 1, 2, 3]
    expected = [everything, [1, 2, 3], [0, 1], everything]
    assert reached(match_queries(queries, keywords, negatives)) == expected
    null = negatives.with_columns(pl.col("ad_group").replace("", None))
    assert reached(match_queries(queries, keywords, null)) == expected


def test_links_replace_text_matching_but_not_negatives() -> None:
    keywords = table([("c", "g", "cup", "exact"), ("c", "h", "mug", "exact")])
    links = table(
        [("red", "c", "h", "mug", "exact"), ("red", "c", "g", "cup", "exact")] * 2,
        ["query", *KEY],
    )
    none = table([])
    assert reached(match_queries(["cup", "red"], keywords, none, links)) == [[], [0, 1]]
    negatives = table([("c", "g", "red", "exact")])
    assert reached(match_queries(["cup", "red"], keywords, negatives, links)) == [[], [1]]
    assert reached(match_queries(["cup", "red"], keywords, none, links.clear())) == [[0], []]


def test_unknown_links_are_listed_all_at_once() -> None:
    keywords = table([("c", "g", "cup", "exact")])
    rows = [
        ("cup", "c", "g", "cup", "exact"),
        ("tea", "c", "g", "cup", "exact"),
        ("pot", "c", "g", "cup", "broad"),
    ]
    with pytest.raises(MarketError) as caught:
        match_queries(["cup"], keywords, table([]), table(rows, ["query", *KEY]))
    assert str(caught.value).splitlines() == [
        "links.csv row 2: query must be in queries.csv, but is 'tea'; "
        "add it there or leave the link out.",
        "links.csv row 3: query must be in queries.csv, but is 'pot'; "
        "add it there or leave the link out.",
        "links.csv row 3: campaign, ad_group, keyword, match_type must be a row of keywords.csv, "
        "but are 'c', 'g', 'cup', 'broad'; add it there or leave the link out.",
    ]


def test_empty_texts_and_unknown_match_types_are_errors() -> None:
    keywords = table([("c", "g", "\u3000\t", "exact"), ("c", "g", "cup", "fuzzy")])
    with pytest.raises(MarketError) as caught:
        match_queries(["cup"], keywords)
    assert [problem.where for problem in caught.value.problems] == [
        "keywords.csv row 1",
        "keywords.csv row 2",
    ]
    with pytest.raises(MarketError, match=r"negatives\.csv row 1: keyword must not be empty"):
        match_queries(["cup"], table([]), keywords[:1])
    with pytest.raises(MarketError, match="match_type must be exact, phrase or broad"):
        match_text("cup", "cup", "Exact")


def test_rivals_need_only_keyword_and_match_type() -> None:
    rivals = table([("acme", "cup", "broad")], ["rival", "keyword", "match_type"])
    assert reached(match_queries(["red cup", "tea"], rivals)) == [[0], []]


def test_a_segmenter_of_ones_own() -> None:
    keywords = table([("c", "g", "进口巧克力", "broad")])
    queries = ["巧克力进口"]
    by_characters = match_queries(queries, keywords, segmenter=list)
    shared = match_queries(queries, keywords, segmenter=dictionary_segmenter(["巧克力"]))
    assert reached(by_characters) == reached(shared) == [[0]]
    assert reached(match_queries(queries, keywords)) == [[]]
    with pytest.raises(MarketError, match='"dictionary", "jieba" or a function'):
        match_queries(queries, keywords, segmenter="mecab")


@pytest.mark.filterwarnings("ignore")
def test_jieba_splits_what_the_account_does_not() -> None:
    pytest.importorskip("jieba")
    keywords = table([("c", "g", "进口巧克力", "broad")])
    assert reached(match_queries(["巧克力进口"], keywords, segmenter="jieba")) == [[0]]


def test_more_words_than_a_signature_has_bits() -> None:
    rng = np.random.default_rng(11)
    words = [f"w{i}" for i in range(150)]
    texts = [" ".join(rng.choice(words, 2, replace=False)) for _ in range(400)]
    queries = [" ".join(rng.choice(words, 20, replace=False)) for _ in range(60)]
    expected = [
        [row for row, text in enumerate(texts) if set(text.split()) <= set(query.split())]
        for query in queries
    ]
    assert sum(map(len, expected)) > 200
    keywords = table([("c", "g", text, "broad") for text in texts])
    assert reached(match_queries(queries, keywords)) == expected
