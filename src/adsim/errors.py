"""What can go wrong, said so that the reader can mend it.

Every error of adsim carries `Problem`s: where, which rule, what was found, what to do. A stage
collects all of its problems before it raises, so that a user mends a file in one pass.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

HOW_ROWS_COUNT = "Rows are counted below the header: row 1 is row 2 of a spreadsheet."


@dataclass(frozen=True)
class Problem:
    """One broken rule.

    Attributes:
        where: File and row, file alone, or command-line option.
        rule: What must hold, with the column or key: ``bid must be > 0``.
        found: What was found instead, as the rest of a sentence after "but": ``is -1``.
        cure: What to do, as an instruction: ``give a bid in yuan or leave the row out``.
    """

    where: str
    rule: str
    found: str
    cure: str

    def __str__(self) -> str:
        end = "" if self.cure.endswith("?") else "."
        return f"{self.where}: {self.rule}, but {self.found}; {self.cure}{end}"


def tell(problems: Sequence[Problem]) -> str:
    """A line a problem and, where one names a row, how rows are counted."""
    lines = [str(problem) for problem in problems]
    if any(re.search(r" row \d+$", problem.where) for problem in problems):
        lines.append(HOW_ROWS_COUNT)
    return "\n".join(lines)


class AdsimError(Exception):
    """Base of all errors that adsim raises on purpose.

    Attributes:
        problems: All problems found, in the order of the files.
        exit_code: What the command line returns for this error (2: the input is at fault).
    """

    exit_code = 2

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class ScenarioError(AdsimError):
    """A scenario folder breaks the contract of its files."""


class PlanError(AdsimError):
    """A plan folder breaks the contract of its files or does not fit its scenario."""


class MarketError(AdsimError):
    """A valid scenario cannot be compiled into a market."""


class SimulationError(AdsimError):
    """A run was asked for in a way that cannot be done."""


class ReportError(AdsimError):
    """A platform's report cannot be read or does not hold what a fit needs."""


class CreativeError(AdsimError):
    """A table of creatives, or what is asked of a test or a plan of one, is at fault."""


class OptimizeError(AdsimError):
    """A search was asked for in a way that cannot be done."""


class OutputError(AdsimError):
    """A result cannot be written where it was asked for."""


class BatchError(AdsimError):
    """A sweep was asked for in a way that cannot be done."""


class PageError(AdsimError):
    """A page was asked for of something that has none."""
