"""Matching as the rules say it: all pairs, all ways to place the words. For short texts only.

The alphabets here are plain: Latin letters and digits, Chinese characters, anything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import product
from unicodedata import normalize

LATIN, CHINESE = r"[a-z0-9]+", r"[\u4e00-\u9fff]+"


def spell(text: str) -> str:
    return re.sub(r"\s+", " ", normalize("NFKC", text).casefold()).strip()


def chinese_runs(texts: Iterable[str]) -> set[str]:
    return {run for text in texts for run in re.findall(CHINESE, spell(text)) if len(run) > 1}


def split_chinese(run: str, dictionary: set[str]) -> list[str]:
    """Longest match from the left, the run itself aside; words again; the rest stays together."""
    tokens = [""]
    while run_left := run[sum(map(len, tokens)) :]:
        fitting = [word for word in dictionary - {run} if run_left.startswith(word)]
        if fitting:
            tokens += [max(fitting, key=len), ""]
        else:
            tokens[-1] += run_left[0]
    tokens = [token for token in tokens if token]
    if tokens == [run]:
        return tokens
    return [word for token in tokens for word in split_chinese(token, dictionary)]


def words(text: str, dictionary: set[str]) -> list[str]:
    found = []
    for run in re.findall(f"{LATIN}|{CHINESE}", text):
        found += [run] if re.fullmatch(LATIN, run) else split_chinese(run, dictionary)
    return found


def spans(query: str, text: str) -> list[set[int]]:
    """The sets of character positions at which `text` stands in `query`, whole words only."""
    found = []
    for start in range(len(query) - len(text) + 1):
        end = start + len(text)
        cuts_left = re.fullmatch("[a-z0-9]{2}", query[max(start - 1, 0) : start + 1])
        cuts_right = re.fullmatch("[a-z0-9]{2}", query[end - 1 : end + 1])
        if query[start:end] == text and not cuts_left and not cuts_right:
            found.append(set(range(start, end)))
    return found


def matches(query: str, keyword: str, match_type: str, dictionary: set[str]) -> bool:
    query, keyword = spell(query), spell(keyword)
    if match_type == "exact":
        return query == keyword
    if spans(query, keyword):
        return True
    needed = words(keyword, dictionary)
    if match_type == "phrase" or not needed:
        return False
    ways = product(*(spans(query, word) for word in needed))
    return any(len(set().union(*way)) == sum(map(len, way)) for way in ways)


def match_all(
    queries: list[str], keywords: list[dict[str, str]], negatives: list[dict[str, str]]
) -> list[list[int]]:
    """For each query the rows of the keywords that it reaches."""
    dictionary = chinese_runs([*queries, *(row["keyword"] for row in keywords)])

    def hit(query: str, row: dict[str, str]) -> bool:
        return matches(query, row["keyword"], row["match_type"], dictionary)

    def forbids(negative: dict[str, str], row: dict[str, str]) -> bool:
        same_campaign = negative["campaign"] == row["campaign"]
        return same_campaign and negative["ad_group"] in ("", row["ad_group"])

    return [
        [
            number
            for number, row in enumerate(keywords)
            if hit(query, row)
            and not any(forbids(negative, row) and hit(query, negative) for negative in negatives)
        ]
        for query in queries
    ]
