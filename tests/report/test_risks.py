"""Pages of searches that mind a risk, or show a front."""

from __future__ import annotations

import re

import pytest

import adsim
from adsim.report import render_page

TOLD = {
    "cvar:0.2": ("Profit in the worst 20 % of luck", "运气最差的 20% 情形下的平均利润"),
    "loss:0.3": ("at most 30 % asked for", "要求不超过 30%"),
    "worst": ("Scenario by scenario", "逐个情景"),
}


@pytest.mark.parametrize("risk", TOLD)
def test_the_page_tells_the_risk_that_counts(risk):
    shop = adsim.synthetic_scenario(3, queries=3, searches=600, charge_step=0.05)
    variants = ["demand=0.5"] if risk == "worst" else []
    best = adsim.optimize(shop, risk=risk, worst_of=variants, trials=0, replications=4)
    for lang, told in zip(("en", "zh"), TOLD[risk], strict=True):
        assert told in text_of(best, lang)


def text_of(best, lang):
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", render_page(best, lang, "")))
    return page.replace("\u00a0", " ")


def test_the_page_shows_the_front():
    shop = adsim.synthetic_scenario(3, queries=3, searches=600, charge_step=0.05)
    best = adsim.optimize(shop, front=("revenue", "cvar"), trials=0, replications=4)
    told = {"en": ("Two goals at once", "today's plan ("), "zh": ("两个目标之间的取舍", "现状（")}
    for lang, texts in told.items():
        page = text_of(best, lang).replace("&#39;", "'")
        assert all(text in page for text in texts)
        assert page.count("plan 0" if lang == "en" else "方案 0") >= 1
