"""Pages of searches that mind a risk."""

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
    shop = adsim.synthetic_scenario(3, queries=3, searches=600)
    variants = ["demand=0.5"] if risk == "worst" else []
    best = adsim.optimize(shop, risk=risk, worst_of=variants, trials=0, replications=4)
    for lang, told in zip(("en", "zh"), TOLD[risk], strict=True):
        page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", render_page(best, lang, "")))
        assert told in page.replace("\u00a0", " ")
