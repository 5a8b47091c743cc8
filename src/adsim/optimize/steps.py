"""One progress bar for work in parts."""

from __future__ import annotations

from adsim.simulate.histories import Progress


def part_of(progress: Progress | None, first: int, last: int, whole: int) -> Progress | None:
    """Progress of a part of the work: its own steps are spread over first .. last of `whole`."""
    if progress is None:
        return None

    def tell(done: int, total: int) -> None:
        progress(first + (last - first) * done // max(1, total), whole)

    return tell


def split_progress(
    progress: Progress | None, replications: int
) -> tuple[Progress | None, Progress | None]:
    """The search in closed form counts as much as the histories of one plan, then two plans'."""
    whole = 3 * replications
    search = part_of(progress, 0, replications, whole)
    return search, part_of(progress, replications, whole, whole)
