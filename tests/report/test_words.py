"""Every word of a page exists in both languages, and none is left over."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

import adsim.report
from adsim.report.words import TEXTS, Words

FOLDER = Path(adsim.report.__file__).parent
SOURCES = [*FOLDER.glob("*.py"), *FOLDER.glob("templates/*.html")]


TABLES = ("texts.py", "fit_and_sweep_texts.py", "media_texts.py", "game_texts.py")
DECLARED = ("accelerated", "standard", "exact", "phrase", "broad")


def places(text):
    return sorted({name for _, name, _, _ in Formatter().parse(text) if name})


@pytest.mark.parametrize("key", TEXTS)
def test_both_languages_say_the_same(key):
    english, chinese = TEXTS[key]
    assert english and (chinese or key == "space")
    assert set(places(english)) == set(places(chinese))


@pytest.mark.parametrize("key", TEXTS)
def test_no_text_is_left_over(key):
    written = "".join(p.read_text(encoding="utf-8") for p in SOURCES if p.name not in TABLES)
    families = (
        "fidelity_",
        "by_",
        "baseline_",
        "raced_",
        "risk_",
        "front_",
        "do_",
        "dimension_",
        "state_",
        "periods_",
        *DECLARED,
    )  # keys that are put together
    assert f'"{key}"' in written or f"'{key}'" in written or key.startswith(families)


def test_every_key_that_is_asked_for_is_there():
    for path in SOURCES:
        for key in re.findall(r"words\(\s*[\"'](\w+)[\"']", path.read_text(encoding="utf-8")):
            assert key in TEXTS, f"{key} in {path.name}"


def test_templates_hold_no_words_of_their_own():
    for path in FOLDER.glob("templates/*.html"):
        text = re.sub(r"<style>.*?</style>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        text = re.sub(r"{[{%].*?[%}]}", "", text)
        assert not re.search(r">[^<]*[a-zA-Z]{2,}[^<]*<", text), path.name


def test_words_know_metrics_and_currencies():
    assert (Words("en").metric("spend"), Words("zh").metric("spend")) == ("Spend", "花费")
    assert (Words("en").currency("CNY"), Words("zh").currency("CNY")) == ("CNY", "元")
    assert Words("zh").currency("USD") == "USD"
    with pytest.raises(KeyError):
        Words("en")("no such text")
