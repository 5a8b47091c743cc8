"""The names that may be typed are those of the library, which the command line loads too late."""

from __future__ import annotations

from typing import get_args

import pytest

from adsim.cli import causing, media, options
from adsim.media import asking
from adsim.optimize import causing as incrementality
from adsim.optimize.aims.goals import GOAL_NAMES
from adsim.optimize.exact.candidates import SamplerName
from adsim.results.files import FileFormat
from adsim.results.heads import LANGUAGES
from adsim.simulate.settings import Fidelity


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        (options.FidelityName, get_args(Fidelity)),
        (options.GoalName, GOAL_NAMES),
        (options.SamplerName, get_args(SamplerName)),
        (options.LanguageName, LANGUAGES),
        (options.WrittenName, ("table", *get_args(FileFormat))),
        (causing.PartName, get_args(incrementality.Part)),
        (media.MediaFidelityName, get_args(asking.MediaFidelity)),
    ],
)
def test_what_may_be_typed_is_what_there_is(typed, known):
    assert get_args(typed) == known
