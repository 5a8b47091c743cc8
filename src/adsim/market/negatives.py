"""Negative keywords: which queries an ad group or a campaign stays away from."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from adsim.market.index import TextIndex
from adsim.market.text import Segmenter

SCOPES = (["campaign"], ["campaign", "ad_group"])


class Negatives:
    """The rules of `negatives` (columns campaign, ad_group, text, match_type) for `keywords`.

    A row holds for its ad group, or for the whole campaign where ad_group is empty or null.
    """

    def __init__(
        self, negatives: pl.DataFrame, keywords: pl.DataFrame, segmenter: Segmenter
    ) -> None:
        for_campaign = pl.col("ad_group").fill_null("") == ""
        self._rules = [
            _Rules(rows, keywords, scope, segmenter)
            for scope, test in zip(SCOPES, (for_campaign, ~for_campaign), strict=True)
            if not (rows := negatives.filter(test)).is_empty()
        ]

    def obeyed_by(self, pairs: pl.DataFrame, queries: Sequence[str]) -> pl.DataFrame:
        """The pairs of query and keyword row (columns query, row) that no negative forbids."""
        for rules in self._rules:
            pairs = rules.obeyed_by(pairs, queries)
        return pairs


class _Rules:
    """Negatives of one kind of scope; each ad group or campaign is known by a number."""

    def __init__(
        self, rows: pl.DataFrame, keywords: pl.DataFrame, scope: list[str], segmenter: Segmenter
    ) -> None:
        scopes = keywords.select(scope).unique().with_row_index("scope")
        self._index = TextIndex(rows, segmenter)
        self._scope_of_rule = _scope_of(rows, scopes, scope)
        self._scope_of_keyword = _scope_of(keywords, scopes, scope)

    def obeyed_by(self, pairs: pl.DataFrame, queries: Sequence[str]) -> pl.DataFrame:
        forbidden = self._index.rows_of(queries).join(self._scope_of_rule, on="row")
        scoped = pairs.join(self._scope_of_keyword, on="row")
        allowed = scoped.join(forbidden, on=["query", "scope"], how="anti")
        return allowed.select("query", "row")


def _scope_of(rows: pl.DataFrame, scopes: pl.DataFrame, scope: list[str]) -> pl.DataFrame:
    """Columns row, scope."""
    numbered = rows.select(scope).with_row_index("row")
    return numbered.join(scopes, on=scope).select("row", "scope")
