"""One spelling of texts, the kinds of characters, and the words of a text."""

from __future__ import annotations

import importlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adsim.errors import MarketError
from adsim.market.text import (
    dictionary_segmenter,
    jieba_segmenter,
    kinds,
    normalize,
    runs,
    words_of,
)


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("Cup", "cup"),
        ("  red\t\tCUP \n", "red cup"),
        ("ＩＰｈｏｎｅ　１５", "iphone 15"),
        ("Straße", "strasse"),
        ("İzmir", "i̇zmir"),
        ("ﬁlter", "filter"),
        ("é", "é"),
        ("\u3000\t ", ""),
        ("进口巧克力", "进口巧克力"),
        ("a\x1fb", "a b"),
    ],
)
def test_texts_that_mean_the_same_get_one_spelling(text: str, spelling: str) -> None:
    assert normalize(text) == spelling


@given(st.text())
def test_normalizing_twice_changes_nothing_more(text: str) -> None:
    assert normalize(normalize(text)) == normalize(text)


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_the_short_way_of_ascii_gives_the_same_as_the_long_way(text: str) -> None:
    assert normalize(text + " é").removesuffix("é").rstrip() == normalize(text)


def test_kinds_of_characters() -> None:
    assert kinds("ab1é 手机ー-🎁❤️\n") == "wwww ccc ppp "


@given(st.text())
def test_every_character_has_one_kind(text: str) -> None:
    assert len(kinds(text)) == len(text)
    assert set(kinds(text)) <= set("wcp ")


def test_runs_end_where_the_kind_changes() -> None:
    assert list(runs("苹果iphone15手机壳, red🎁")) == [
        ("c", "苹果"),
        ("w", "iphone15"),
        ("c", "手机壳"),
        ("w", "red"),
        ("p", "🎁"),
    ]


@pytest.mark.parametrize(
    ("run", "texts", "words"),
    [
        ("进口巧克力", ["进口巧克力"], ["进口巧克力"]),
        ("进口巧克力", ["进口巧克力", "巧克力"], ["进口", "巧克力"]),
        ("进口黑巧克力", ["进口", "巧克力"], ["进口", "黑", "巧克力"]),
        ("空气净化器", ["空气", "空气净化", "净化器"], ["空气", "净化", "器"]),
        ("法国进口巧克力", ["进口巧克力", "巧克力"], ["法国", "进口", "巧克力"]),
        ("台灯", ["灯", "台"], ["台灯"]),
        ("手机壳", ["iphone手机 case"], ["手机", "壳"]),
        ("巧克力巧克力", ["巧克力"], ["巧克力", "巧克力"]),
        ("壳", [], ["壳"]),
    ],
)
def test_dictionary_segmenter(run: str, texts: list[str], words: list[str]) -> None:
    assert dictionary_segmenter(texts)(run) == words


@given(
    st.text(alphabet="甲乙丙", min_size=1, max_size=12),
    st.lists(st.text(alphabet="甲乙丙 ", max_size=5)),
)
def test_the_words_of_a_run_joined_are_the_run(run: str, texts: list[str]) -> None:
    words = dictionary_segmenter(texts)(run)
    assert "".join(words) == run
    assert all(words)


def test_words_of_mixed_text() -> None:
    segmenter = dictionary_segmenter(["手机"])
    assert words_of("t-shirt, iphone手机壳 100% 🎁", segmenter) == (
        "t",
        "shirt",
        "iphone",
        "手机",
        "壳",
        "100",
        "🎁",
    )
    assert words_of("--- !?", segmenter) == ()


@pytest.mark.filterwarnings("ignore")
def test_jieba_segmenter_knows_chinese_words() -> None:
    pytest.importorskip("jieba")
    assert jieba_segmenter()("进口巧克力") == ["进口", "巧克力"]
    assert jieba_segmenter(["进口巧克力"])("进口巧克力") == ["进口巧克力"]


def test_without_jieba_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}")

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(MarketError, match="jieba must be installed") as caught:
        jieba_segmenter()
    assert 'segmenter="dictionary"' in caught.value.problems[0].cure
