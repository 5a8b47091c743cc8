"""Stable ids: the name of a thing as a number, the same in every run, plan and order of rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b

import numpy as np

from adsim.market.text import normalize

SEPARATOR = "\x1f"  # white space to `normalize`, hence in no normalized text


def _id(normalized: Iterable[str]) -> int:
    digest = blake2b(SEPARATOR.join(normalized).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def stable_id(*texts: str) -> int:
    """The 64-bit id, unsigned, of a thing named by `texts`: a BLAKE2b digest.

    Texts that are equal after `normalize` give the same id; the order of texts counts.
    """
    return _id(map(normalize, texts))


def stable_ids(*columns: Sequence[str]) -> np.ndarray:
    """The ids of many things: uint64 array of shape (rows,), `stable_id` of each row.

    Each column holds one text a row, all columns the same number of rows (ValueError if not).
    """
    spelled = []
    for column in columns:
        spelling = {text: normalize(text) for text in set(column)}
        spelled.append([spelling[text] for text in column])
    return np.array([_id(row) for row in zip(*spelled, strict=True)], np.uint64)


def mixed_ids(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """One uint64 id for each pair of ids, arrays broadcast; the same as `kernels.random.mixed_id`.

    The finalizer of MurmurHash3 (Appleby 2011) over a combination of both.
    """
    h = first ^ (second * np.uint64(0x9E3779B97F4A7C15))
    h = (h ^ (h >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    h = (h ^ (h >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return np.ascontiguousarray(h ^ (h >> np.uint64(33)))
