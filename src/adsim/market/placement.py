"""Where a text stands in one query, and whether several words find room side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from adsim.market.text import SPACED, kinds


def places(query: str, text: str) -> Iterator[int]:
    """Where `text` starts in `query`, every place, none of them inside a word.

    A border is needed only between two characters of a script with spaces: "cup" has no place in
    "cupboard", but "iphone" has one in "苹果iphone手机壳". Both texts are normalized.
    """
    kind = f" {kinds(query)} "  # shifted by one: kind[i] belongs to query[i - 1]
    start = query.find(text)
    while start >= 0:
        end = start + len(text)
        if kind[start : start + 2] != SPACED * 2 and kind[end : end + 2] != SPACED * 2:
            yield start
        start = query.find(text, start + 1)


def contains(query: str, text: str) -> bool:
    """Whether `text` has a place in `query`."""
    return next(places(query, text), None) is not None


def _may_overlap(a: str, b: str) -> bool:
    """Whether places of two different words can share characters; whole words never do."""
    if kinds(a[0]) == SPACED or kinds(b[0]) == SPACED:
        return False
    shorter = range(1, min(len(a), len(b)))
    return a in b or b in a or any(a[-n:] == b[:n] or b[-n:] == a[:n] for n in shorter)


def contested(words: Sequence[str]) -> tuple[str, ...]:
    """The words that may want the same characters of a query: repeated or overlapping ones."""
    counts = Counter(words)
    return tuple(
        word
        for word in words
        if counts[word] > 1 or any(_may_overlap(word, other) for other in counts if other != word)
    )


def have_room(query: str, words: Sequence[str]) -> bool:
    """Whether every word gets a place of its own in `query`, no two sharing a character. Exact."""
    needed, spots = Counter(words), []
    for word, count in needed.items():
        starts = list(places(query, word))
        if len(starts) < count:
            return False
        spots += [(start + len(word), start, word) for start in starts]
    spots.sort()
    return _first_come(spots, needed) or _all_ways(spots, needed)


def _first_come(spots: list[tuple[int, int, str]], needed: Counter[str]) -> bool:
    """Each free place to its word, from the left: often enough, and quick."""
    missing, free = Counter(needed), 0
    for end, start, word in spots:
        if start >= free and missing[word]:
            missing[word] -= 1
            free = end
    return not any(missing.values())


def _all_ways(spots: list[tuple[int, int, str]], needed: Counter[str]) -> bool:
    """For every choice of words placed so far, the least end they can have; spots by their end.

    Of two ways to place the same words the one that ends first can do all that the other can, so
    one way a choice is kept, and nothing is lost. A choice whose missing words are longer than
    what is left of the query is dropped.
    """
    number = {word: i for i, word in enumerate(needed)}
    wanted, last = tuple(needed.values()), spots[-1][0]
    reached = {(0,) * len(wanted): (0, sum(len(word) * n for word, n in needed.items()))}
    for end, start, word in spots:
        i = number[word]
        for placed, (free, missing) in list(reached.items()):
            if free <= start and placed[i] < wanted[i] and end + missing - len(word) <= last:
                more = (*placed[:i], placed[i] + 1, *placed[i + 1 :])
                reached.setdefault(more, (end, missing - len(word)))
    return wanted in reached
