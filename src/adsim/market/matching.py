"""Which keywords a query reaches: match types, negative keywords, declared links.

Texts are compared as `adsim.market.text.normalize` spells them.

exact
    The query is the keyword.
phrase
    The query contains the keyword in one piece. In scripts with spaces only whole words count; in
    Chinese any substring does. So a border is needed only between two letters or digits of scripts
    with spaces: "iphone" is in "苹果iphone手机壳", not in "iphones".
broad (切词)
    Phrase, or every word of the keyword is in the query, in any order, no two words on the same
    characters; a word that the keyword has twice needs two places. Words of scripts with spaces
    end at spaces and punctuation; Chinese is split by a segmenter. A keyword of punctuation alone
    has no words and matches as a phrase. Leaving words out (省略) is not allowed.

So exact is within phrase, phrase within broad, for every query and segmenter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from adsim.errors import MarketError, Problem
from adsim.market.index import TextIndex
from adsim.market.negatives import Negatives
from adsim.market.placement import contains, contested, have_room
from adsim.market.text import (
    Segmenter,
    dictionary_segmenter,
    jieba_segmenter,
    normalize,
    words_of,
)

CHARACTERS_AT_ONCE = 100_000  # of queries matched together: bounds memory
MATCH_TYPES = ("exact", "phrase", "broad")
KEYWORD_KEY = ["campaign", "ad_group", "keyword", "match_type"]


@dataclass(frozen=True)
class Matches:
    """The keywords of each query: those of query i are `keyword[start[i]:start[i + 1]]`.

    Attributes:
        start: int64, shape (n_queries + 1,), rising from 0 to the number of links.
        keyword: int32, shape (n_links,), rows of the keywords table, ascending within a query.
    """

    start: np.ndarray
    keyword: np.ndarray


def match_queries(
    queries: Sequence[str],
    keywords: pl.DataFrame,
    negatives: pl.DataFrame | None = None,
    links: pl.DataFrame | None = None,
    segmenter: str | Segmenter = "dictionary",
) -> Matches:
    """The keywords that each query reaches.

    Parameters
    ----------
    queries
        Shape (n_queries,), as typed.
    keywords
        Columns campaign, ad_group, keyword, match_type, a row a keyword; more are ignored. Without
        `negatives` and `links` (rivals have neither) keyword and match_type are enough.
    negatives
        The same columns. A row keeps all keywords of its ad group, or of the whole campaign where
        ad_group is empty, from the queries that it matches.
    links
        Column query and those of keywords. If there are rows, they replace the matching of
        keywords by text; negatives hold all the same.
    segmenter
        "dictionary": `dictionary_segmenter` of these queries and keywords. "jieba": the package
        jieba, where it is installed. Or a function of your own, from a run of Chinese to its
        words; pass one `dictionary_segmenter` to several calls that must agree.

    Raises
    ------
    MarketError
        Texts that are empty after normalization, unknown match types, links to unknown queries or
        keywords (all of them listed), an unknown segmenter, jieba without the package.
    """
    if negatives is None:
        negatives = pl.DataFrame(schema=dict.fromkeys(KEYWORD_KEY, pl.String))
    _check_rows("keywords.csv", keywords)
    _check_rows("negatives.csv", negatives)
    split = _choose_segmenter(segmenter, [*queries, *keywords["keyword"]])
    rules = Negatives(_with_text(negatives), keywords, split)
    spelled = [normalize(query) for query in queries]
    if links is not None and len(links):
        pairs = rules.obeyed_by(_linked(queries, keywords, links), spelled)
        return _joined([(spelled, pairs)])
    index = TextIndex(_with_text(keywords), split)
    return _joined((some, rules.obeyed_by(index.rows_of(some), some)) for some in _parts(spelled))


def _parts(queries: list[str]) -> Iterator[list[str]]:
    """The queries in parts of about `CHARACTERS_AT_ONCE`."""
    part = np.cumsum([len(query) for query in queries]) // CHARACTERS_AT_ONCE
    borders = (np.flatnonzero(np.diff(part)) + 1).tolist()
    for first, last in zip([0, *borders], [*borders, len(queries)], strict=True):
        yield queries[first:last]


def _joined(parts: Iterable[tuple[list[str], pl.DataFrame]]) -> Matches:
    """From parts of the queries, each with its pairs (query counted within the part, row)."""
    counts, rows = [np.zeros(1, np.int64)], [np.empty(0, np.int32)]
    for queries, pairs in parts:
        query, row = (pairs[name].to_numpy().astype(np.int64) for name in ("query", "row"))
        keyword = np.sort(query << 32 | row) & 0xFFFFFFFF
        counts.append(np.bincount(query, minlength=len(queries)))
        rows.append(keyword.astype(np.int32))
    return Matches(np.cumsum(np.concatenate(counts)), np.concatenate(rows))


def match_text(query: str, keyword: str, match_type: str, dictionary: Sequence[str] = ()) -> bool:
    """Whether one keyword matches one query, as `match_queries` would say of them alone.

    Chinese is split by `dictionary_segmenter` of the query, the keyword and the texts in
    `dictionary`. MarketError as for `match_queries`.
    """
    _check_rows("keyword", pl.DataFrame({"keyword": [keyword], "match_type": [match_type]}))
    segmenter = dictionary_segmenter([query, keyword, *dictionary])
    query, keyword = normalize(query), normalize(keyword)
    if match_type == "exact":
        return query == keyword
    if contains(query, keyword) or match_type == "phrase":
        return contains(query, keyword)
    words = words_of(keyword, segmenter)
    present = bool(words) and all(contains(query, word) for word in words)
    return present and have_room(query, contested(words))


def _choose_segmenter(segmenter: str | Segmenter, texts: Sequence[str]) -> Segmenter:
    if callable(segmenter):
        return segmenter
    if segmenter == "dictionary":
        return dictionary_segmenter(texts)
    if segmenter == "jieba":
        return jieba_segmenter()
    raise MarketError(
        Problem(
            where="segmenter",
            rule='segmenter must be "dictionary", "jieba" or a function',
            found=f"is {segmenter!r}",
            cure="take one of these",
        )
    )


def _with_text(rows: pl.DataFrame) -> pl.DataFrame:
    texts = [normalize(text) for text in rows["keyword"]]
    return rows.with_columns(pl.Series("text", texts, pl.String))


def _check_rows(file: str, rows: pl.DataFrame) -> None:
    problems = []
    for row, (text, match_type) in enumerate(rows.select("keyword", "match_type").iter_rows(), 1):
        if not normalize(text):
            cure = "give a text or leave the row out"
            problems.append(
                Problem(f"{file} row {row}", "keyword must not be empty", f"is {text!r}", cure)
            )
        if match_type not in MATCH_TYPES:
            rule, cure = "match_type must be exact, phrase or broad", "give one of these"
            problems.append(Problem(f"{file} row {row}", rule, f"is {match_type!r}", cure))
    if problems:
        raise MarketError(*problems)


def _linked(queries: Sequence[str], keywords: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """The declared pairs as columns query, row; names are compared letter by letter."""
    found = (
        links.select("query", *KEYWORD_KEY)
        .rename({"query": "text"})
        .with_row_index("link", offset=1)
        .join(
            pl.DataFrame({"text": queries}, {"text": pl.String}).with_row_index("query"),
            on="text",
            how="left",
        )
        .join(
            keywords.select(KEYWORD_KEY).with_row_index("row"),
            on=KEYWORD_KEY,
            how="left",
            nulls_equal=True,
        )
    )
    _check_links(found.filter(pl.col("query").is_null() | pl.col("row").is_null()))
    return found.select("query", "row").unique()


def _check_links(unknown: pl.DataFrame) -> None:
    problems = []
    for link in unknown.sort("link").iter_rows(named=True):
        where, cure = f"links.csv row {link['link']}", "add it there or leave the link out"
        if link["query"] is None:
            rule = "query must be in queries.csv"
            problems.append(Problem(where, rule, f"is {link['text']!r}", cure))
        if link["row"] is None:
            rule = f"{', '.join(KEYWORD_KEY)} must be a row of keywords.csv"
            names = ", ".join(repr(link[name]) for name in KEYWORD_KEY)
            problems.append(Problem(where, rule, f"are {names}", cure))
    if problems:
        raise MarketError(*problems)
