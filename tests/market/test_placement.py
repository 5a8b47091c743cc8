"""Room for several words in one query, against all ways to place them."""

from __future__ import annotations

import random
import time
from itertools import product

from adsim.market.placement import contested, have_room


def test_contested_words_are_the_repeated_and_the_overlapping() -> None:
    assert contested(("手机", "机壳", "女款")) == ("手机", "机壳")
    assert contested(("手机壳", "手机", "新")) == ("手机壳", "手机")
    assert contested(("red", "red", "cup", "cups")) == ("red", "red")


def test_room_is_found_exactly_where_there_is_some() -> None:
    rng = random.Random(3)
    verdicts = {True: 0, False: 0}
    for _ in range(1000):
        query = "".join(rng.choices("甲乙丙", k=rng.randint(3, 11)))
        words = ["".join(rng.choices("甲乙丙", k=rng.choice([1, 2, 2, 3]))) for _ in range(3)]
        spans = [
            [range(i, i + len(word)) for i in range(len(query)) if query.startswith(word, i)]
            for word in words
        ]
        ways = product(*spans)
        expected = any(len(set().union(*way)) == sum(map(len, words)) for way in ways)
        assert have_room(query, words) is expected, (query, words)
        verdicts[expected] += 1
    assert min(verdicts.values()) > 50, verdicts


def test_many_overlapping_words_do_not_take_forever() -> None:
    characters = [chr(0x4E00 + i) for i in range(24)]
    ring = [a + b for a, b in zip(characters, [*characters[1:], characters[0]], strict=True)]
    start = time.perf_counter()
    assert not have_room("".join(characters * 2), ring)
    assert have_room("".join(characters * 3), ring)
    assert time.perf_counter() - start < 10  # milliseconds; minutes if nothing were dropped
