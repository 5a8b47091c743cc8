"""Mistakes told in the words of who typed them: options instead of the arguments of Python."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from adsim.errors import Problem


def as_typed(problem: Problem, command: Any, arguments: Sequence[str]) -> Problem:
    """The problem with the command's options where it names their parameters.

    Elsewhere than in its place a name counts where it cannot be a usual word: target_roi, or risk
    in "must come without risk".
    """
    called = getattr(command, "commands", {}).get(next(iter(arguments), ""))
    declared = [] if called is None else called.params
    flags = {one.name: one.opts[0] for one in declared if one.opts[0].startswith("--")}
    names = "|".join(name if "_" in name else f"(?<=come without ){name}" for name in flags)

    def spoken(text: str) -> str:
        return re.sub(rf"\b({names})\b", lambda name: flags[name[0]], text) if names else text

    return replace(
        problem,
        where=flags.get(problem.where, problem.where),
        rule=spoken(problem.rule),
        cure=spoken(problem.cure),
    )
