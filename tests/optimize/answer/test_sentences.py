"""The sentences of an answer, in both languages."""

from __future__ import annotations

import re
from string import Formatter
from types import SimpleNamespace

import pytest

import adsim
from adsim.errors import OptimizeError
from adsim.optimize.aims.goals import GOALS, Aim
from adsim.optimize.answer.explaining import explain_bound
from adsim.optimize.answer.sentences import SENTENCES, Message, Word, amount, say
from adsim.results.heads import LANGUAGES
from tests.optimize.conftest import COARSE


def places(sentence):
    return sorted({field for _, field, _, _ in Formatter().parse(sentence) if field})


@pytest.mark.parametrize("key", SENTENCES)
def test_every_sentence_has_the_same_places_in_every_language(key):
    told = SENTENCES[key]
    assert len(told) == len(LANGUAGES)
    assert places(told[0]) == places(told[1])


def test_a_message_tells_its_parts_in_its_language():
    message = say("indented", line=say("days", days=3))
    assert (message.tell("en"), message.tell("zh")) == ("  3 days", "  3 天")
    assert (Word("profit").tell("en"), Word("profit").tell("zh")) == ("profit", "利润")
    assert Word("XYZ").tell("zh") == "XYZ"


def test_money_comes_with_its_currency_and_counts_without():
    assert amount("profit", 1234.5, "CNY").tell("en") == "1,234.50 CNY"
    assert amount("spend", -2, "CNY", signed=True).tell("zh") == "-2.00 元"
    assert amount("clicks", 12, "CNY").tell("en") == "12.00"


@pytest.mark.parametrize(
    ("gap", "said"), [(0.00042, "0.042 %"), (0.19, "19 %"), (1.004, "100 %"), (23.5, "2,350 %")]
)
def test_what_is_left_is_told_without_powers_of_ten(gap, said):
    found = SimpleNamespace(aim=Aim(GOALS["profit"]), bound=10.0, shared_queries=0)
    (line,) = explain_bound(found, 9.0, gap, "CNY")
    assert f"at most {said} is left" in line.tell("en")


def test_an_answer_is_told_line_by_line_in_both_languages():
    shop = adsim.synthetic_scenario(3, queries=8, campaigns=2, budget_share=0.5, **COARSE)
    best = adsim.optimize(shop, budget=40.0, replications=8, trials=0)
    english, chinese = best.explain("en"), best.explain("zh")
    assert best.why == best.explain() == english
    assert len(english) == len(chinese) == len(best.reasons)
    assert all(isinstance(message, Message) for message in best.reasons)
    for line, same in zip(english, chinese, strict=True):
        assert re.findall(r"\d+\.\d\d\b", line) == [] or re.search("[一-鿿]", same)
        assert sorted(re.findall(r"\d+\.\d\d\b", line)) == sorted(re.findall(r"\d+\.\d\d\b", same))
    with pytest.raises(OptimizeError, match="lang: must be en or zh, but is 'de'"):
        best.explain("de")
