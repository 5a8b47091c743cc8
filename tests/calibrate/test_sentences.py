"""What a fit says is said in both languages."""

from __future__ import annotations

from string import Formatter

import pytest

import adsim
from adsim.calibrate.sentences import ASSUMPTIONS, SENTENCES, UNKNOWNS, Metric, say
from adsim.errors import ReportError
from adsim.results.heads import LANGUAGES

HEADER = "keyword,match_type,bid,impressions,clicks,cost,avg_position,conversions,revenue"


def places(text):
    return {name for _, name, *_ in Formatter().parse(text) if name}


@pytest.mark.parametrize("key", SENTENCES)
def test_both_languages_have_the_same_places(key):
    english, chinese = SENTENCES[key]
    assert places(english) == places(chinese)


def test_a_key_means_one_sentence():
    assert not set(ASSUMPTIONS) & set(UNKNOWNS)


def test_lists_are_told_part_by_part_in_their_language():
    errors = [say("metric_error", metric=Metric(m), error=0.012) for m in ("clicks", "spend")]
    told = [say("recovered", errors=errors).tell(lang) for lang in LANGUAGES]
    assert told[0].endswith("gives the report back: clicks +1.20%; spend +1.20%.")
    assert told[1].endswith("还原报表：点击数 +1.20%；花费 +1.20%。")


def test_assumptions_are_told_in_two_languages(tmp_path):
    report = tmp_path / "report.csv"
    rows = ["杯子,exact,2,900,30,42,2.1,3,150", "茶杯,exact,1,400,9,16,2.5,0,0"]
    report.write_text("\n".join([HEADER, *rows, "碗,broad,1,0,0,0,0,0,0"]) + "\n", encoding="utf-8")
    found = adsim.fit(report, brand=["茶"], holdout=0)
    english, chinese = found.explain(), found.explain("zh")
    assert english == found.assumptions
    assert len(chinese) == len(english) == len(found.assumed)
    assert all(any("一" <= letter <= "鿿" for letter in line) for line in chinese)
    assert not any(mark in line for line in english + chinese for mark in "{}")
    for told, part in ((english, "1 row left out"), (chinese, "略去 1 行")):
        assert any(part in line for line in told)
    with pytest.raises(ReportError, match="must be en or zh"):
        found.explain("fr")
