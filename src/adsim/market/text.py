"""Query and keyword text: one spelling, the kind of each character, and the words of a text.

Scripts differ in what a word is. In a script with spaces (Latin, Greek, Cyrillic, digits, ...) a
word is a run of letters and digits, and part of a run is not a word: no "cup" in "cupboard". In a
script without spaces (Chinese, kana, Thai, ...) any substring may be a word, and a segmenter says
which. A run of pictures, such as emoji, is a word of its own. All else separates words.
"""

from __future__ import annotations

import importlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from adsim.errors import MarketError, Problem

Segmenter = Callable[[str], list[str]]
"""Splits a run of a script without spaces into words; the words joined give the run back."""

SPACED, UNSPACED, PICTURE, SEPARATOR = "w", "c", "p", " "

SCRIPTS_WITHOUT_SPACES = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x312F),  # radicals, kana, Bopomofo
    (0x31A0, 0x31FF),  # Bopomofo and kana extensions
    (0x3400, 0x4DBF),  # Han extension A
    (0x4E00, 0x9FFF),  # Han
    (0xF900, 0xFAFF),  # Han compatibility
    (0x1B000, 0x1B16F),  # kana supplement
    (0x20000, 0x3FFFF),  # Han extensions B and on
)

VARIATION_SELECTORS = range(0xFE00, 0xFE10)  # marks by category, but they dress pictures


def normalize(text: str) -> str:
    """One spelling of a text: NFKC, case folded, white space collapsed to single spaces.

    Case folding can undo NFKC, so that NFKC comes twice; normalizing again changes nothing.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def _kind(code: int) -> str:
    category = unicodedata.category(chr(code))
    if category == "So" or code in VARIATION_SELECTORS:
        return PICTURE
    if category[0] not in "LMN":
        return SEPARATOR
    unspaced = any(low <= code <= high for low, high in SCRIPTS_WITHOUT_SPACES)
    return UNSPACED if unspaced else SPACED


class _Kinds(dict[int, str]):
    """The table of `str.translate` that fills itself with the kinds of the characters it meets."""

    def __missing__(self, code: int) -> str:
        self[code] = kind = _kind(code)
        return kind


_KINDS = _Kinds()


def kinds(text: str) -> str:
    """The kind of each character: a text as long as `text`, of SPACED, UNSPACED, ... letters."""
    return text.translate(_KINDS)


def runs(text: str) -> Iterator[tuple[str, str]]:
    """The longest stretches of one kind, separators left out, as (kind, stretch)."""
    for run in re.finditer("w+|c+|p+", kinds(text)):
        yield run[0][0], text[run.start() : run.end()]


def words_of(text: str, segmenter: Segmenter) -> tuple[str, ...]:
    """The words of a normalized text in order, repeated ones too; none if all is punctuation."""
    words: list[str] = []
    for kind, run in runs(text):
        words += segmenter(run) if kind == UNSPACED else [run]
    return tuple(words)


def dictionary_segmenter(texts: Iterable[str]) -> Segmenter:
    """A segmenter whose dictionary is what the `texts` themselves show to be words.

    Every run of a script without spaces, set off by the ends of a text, by spaces, punctuation or
    another script, is a word of the dictionary. A run is split by greedy longest match from the
    left, where neither the run itself nor a single character counts (the latter would break 台灯
    because of 灯); what lies between matches is a word too; the parts are split again until
    nothing splits. So 进口巧克力 is 进口 + 巧克力 once a text 巧克力 is known, and one word before.
    """
    spelled = {normalize(text) for text in texts}
    words = {run for text in spelled for kind, run in runs(text) if kind == UNSPACED}
    lengths: dict[str, set[int]] = defaultdict(set)
    for word in words:
        if len(word) > 1:
            lengths[word[:2]].add(len(word))
    longest_first = {head: sorted(found, reverse=True) for head, found in lengths.items()}

    def match_at(run: str, start: int) -> int:
        """The length of the longest word of the dictionary at `start`, 0 where there is none."""
        room = min(len(run) - start, len(run) - 1)
        for length in longest_first.get(run[start : start + 2], ()):
            if length <= room and run[start : start + length] in words:
                return length
        return 0

    def split(run: str) -> list[str]:
        parts, rest, start = [], 0, 0
        while start < len(run):
            length = match_at(run, start)
            if length:
                parts += [run[rest:start], run[start : start + length]]
                rest = start + length
            start += length or 1
        return [part for part in (*parts, run[rest:]) if part]

    def segment(run: str) -> list[str]:
        found, pending = [], [run]
        while pending:
            parts = split(pending.pop())
            if len(parts) == 1:
                found += parts
            else:
                pending += reversed(parts)
        return found

    return segment


def jieba_segmenter(words: Iterable[str] = ()) -> Segmenter:
    """A segmenter with jieba's dictionary of Chinese, to which `words` are added.

    Raises
    ------
    MarketError
        jieba is not installed.
    """
    try:
        jieba = importlib.import_module("jieba")
    except ModuleNotFoundError as error:
        problem = Problem(
            where="segmenter",
            rule="jieba must be installed to segment with it",
            found="no package jieba",
            cure='install jieba (the extra "chinese") or take segmenter="dictionary"',
        )
        raise MarketError(problem) from error
    jieba.setLogLevel("WARNING")
    tokenizer = jieba.Tokenizer()
    for word in words:
        tokenizer.add_word(normalize(word))
    return lambda run: list(tokenizer.lcut(run))
