"""One door, many keywords: chunks of them shared among the threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from adsim.simulate.histories import compile_door

KEYWORDS_A_TASK = 32


def over_keywords(
    pool: ThreadPoolExecutor, door: Any, name: str, known: tuple[Any, ...], size: int
) -> list[Any]:
    """The results of door(*known, first, last) for chunks of keywords, in their order.

    `name` tells what is compiled where that takes long.
    """
    compile_door(door, name, (*known, 0, 1))

    def chunk(first: int) -> Any:
        return door(*known, first, min(size, first + KEYWORDS_A_TASK))

    return list(pool.map(chunk, range(0, size, KEYWORDS_A_TASK)))
