"""An index of texts with match types: which of them a stretch of queries reaches.

One Aho-Corasick automaton of all texts and their words reads each query once, so that the work
grows with what occurs, not with queries x texts. Whether all words of a broad text occur is asked
only of the queries that hold its rarest word. A text or word is known by its number among the
`patterns`; pairs are frames of numbers (UInt32).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
import polars as pl
from ahocorasick_rs import AhoCorasick

from adsim.market.placement import contested, have_room
from adsim.market.text import SPACED, Segmenter, kinds, words_of

IS_EXACT, IS_BROAD = (pl.col("match_type") == name for name in ("exact", "broad"))


class TextIndex:
    """The texts of `rows` (columns text, match_type; normalized, none empty), ready for queries."""

    def __init__(self, rows: pl.DataFrame, segmenter: Segmenter) -> None:
        rows = rows.select("text", "match_type").with_row_index("row")
        inside, broad = rows.filter(~IS_EXACT), rows.filter(IS_BROAD)
        words = _words(broad["text"].unique(maintain_order=True), segmenter)
        patterns = list(dict.fromkeys(chain(inside["text"], *words.values())))
        numbered = pl.DataFrame({"text": patterns}, {"text": pl.String}).with_row_index("pattern")
        number = {pattern: n for n, pattern in enumerate(patterns)}
        self._automaton = AhoCorasick(patterns)
        self._exact = rows.filter(IS_EXACT)
        self._inside = inside.join(numbered, on="text").select("pattern", "row", "match_type")
        self._needed = _pairs(
            whole=[number[text] for text, found in words.items() for _ in set(found)],
            pattern=[number[word] for found in words.values() for word in set(found)],
        )
        self._clashing = {
            number[text]: clash for text, found in words.items() if (clash := contested(found))
        }

    def rows_of(self, queries: Sequence[str]) -> pl.DataFrame:
        """Columns query and row: each pair that matches once, in no order; `queries` normalized."""
        spelled = pl.DataFrame({"text": queries}, {"text": pl.String}).with_row_index("query")
        exact = spelled.join(self._exact, on="text").select("query", "row")
        hits = self._occurrences(queries)
        phrase = hits.join(self._inside.filter(~IS_BROAD), on="pattern").select("query", "row")
        whole = pl.concat([hits, self._by_words(queries, hits)]).unique()
        broad = whole.join(self._inside.filter(IS_BROAD), on="pattern").select("query", "row")
        return pl.concat([exact, phrase, broad])

    def _occurrences(self, queries: Sequence[str]) -> pl.DataFrame:
        """Pairs query, pattern: the pattern has a place in the query.

        The queries are read as lines of one text; no pattern holds a line end.
        """
        text = "\n".join(queries)
        spots = self._automaton.find_matches_as_indexes(text, overlapping=True)
        flat = np.fromiter(chain.from_iterable(spots), np.int64, 3 * len(spots))
        pattern, start, end = flat.reshape(-1, 3).T
        spaced = np.frombuffer(kinds(f"\n{text}\n").encode(), np.uint8) == ord(SPACED)
        inside_word = spaced[:-1] & spaced[1:]  # at i: text[i - 1] and text[i] are of one word
        whole = ~(inside_word[start] | inside_word[end])
        line_start = np.cumsum([0, *(len(query) + 1 for query in queries[:-1])])
        query = np.searchsorted(line_start, start[whole], "right") - 1
        return _pairs(query=query, pattern=pattern[whole]).unique()

    def _by_words(self, queries: Sequence[str], hits: pl.DataFrame) -> pl.DataFrame:
        """Pairs query, pattern: the query has all words of the pattern, each in its own place."""
        pairs = _all_present(hits, self._needed)
        doubtful = pl.col("pattern").is_in(list(self._clashing))
        doubted = pairs.filter(doubtful)
        room = [have_room(queries[query], self._clashing[n]) for query, n in doubted.iter_rows()]
        fitting = doubted.filter(pl.Series(room, dtype=pl.Boolean))
        return pl.concat([pairs.filter(~doubtful), fitting])


def _pairs(**columns: Iterable[int]) -> pl.DataFrame:
    return pl.DataFrame(columns, dict.fromkeys(columns, pl.UInt32))


def _words(texts: Iterable[str], segmenter: Segmenter) -> dict[str, tuple[str, ...]]:
    """The words of those texts that can match by their words alone.

    Left out are texts that are one word, which only match as a phrase, and texts without any word,
    which would match every query.
    """
    words = {text: words_of(text, segmenter) for text in texts}
    return {text: found for text, found in words.items() if found and found != (text,)}


def _all_present(hits: pl.DataFrame, needed: pl.DataFrame) -> pl.DataFrame:
    """Pairs query, pattern: every word that the pattern needs is among the query's hits.

    Candidates are the queries that hold the pattern's rarest word. A signature, one bit of 64 a
    word, rules out most of them; what is left is looked up.
    """
    hits = hits.join(needed, on="pattern", how="semi")
    likely = (
        _rarest(hits, needed)
        .join(_signatures(needed, "whole"), on="whole")
        .join(hits, on="pattern")
        .join(_signatures(hits, "query"), on="query", suffix="_of_query")
        .filter(pl.col("signature") & ~pl.col("signature_of_query") == 0)
        .select("query", "whole")
    )
    missing = likely.join(needed, on="whole").join(hits, on=["query", "pattern"], how="anti")
    present = likely.join(missing, on=["query", "whole"], how="anti")
    return present.rename({"whole": "pattern"})


def _rarest(hits: pl.DataFrame, needed: pl.DataFrame) -> pl.DataFrame:
    """Pairs whole, pattern: the word that the fewest queries hold, where they hold every word."""
    found = hits.group_by("pattern").agg(pl.len().alias("queries"))
    return (
        needed.join(found, on="pattern", how="left")
        .with_columns(pl.col("queries").fill_null(0))
        .sort("queries")
        .unique("whole", keep="first", maintain_order=True)
        .filter(pl.col("queries") > 0)
        .select("whole", "pattern")
    )


def _signatures(pairs: pl.DataFrame, key: str) -> pl.DataFrame:
    """The patterns of each key as a set of bits: columns key, signature (UInt64)."""
    bit = pl.Series(np.left_shift(np.uint64(1), np.arange(64, dtype=np.uint64)))
    bits = pairs.select(key, bit.gather(pairs["pattern"] % 64).alias("signature"))
    return bits.group_by(key).agg(pl.col("signature").bitwise_or())
