"""Numbers on a page against those that a tool prints."""

from __future__ import annotations

import re

import pytest

NUMBER = re.compile(r"-?\d[\d,]*\.?\d*")


def assert_same_answer(page: str, computed: str) -> None:
    """The same words, and numbers that agree to 2 % or one in the last place but one."""
    assert NUMBER.sub("#", page) == NUMBER.sub("#", computed)
    for written, found in zip(NUMBER.findall(page), NUMBER.findall(computed), strict=True):
        a, b = (float(text.replace(",", "")) for text in (written, found))
        assert a == pytest.approx(b, rel=0.02, abs=0.11), (written, found)
