"""Kernels that tests call one by one are kept on disk as doors are: only changed ones compile."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import pytest

from adsim.kernels import jit


@pytest.fixture(scope="session", autouse=True)
def kept_kernels() -> Iterator[None]:
    digest_behind = jit.digest_behind

    def digest(function: Callable[..., Any]) -> str:
        """That of a door, or of a kernel's file and all behind it."""
        _, _, name = function.__module__.rpartition(".")
        if name == "doors":
            return digest_behind(function)
        files = sorted(jit.files_behind(name) | {"jit"})
        hasher = hashlib.sha256(function.__qualname__.encode())
        for file in files:
            hasher.update((jit.FOLDER / f"{file}.py").read_bytes() + b"\0")
        return hasher.hexdigest()[:12]

    kept = cached_property(lambda kernel: jit.door(kernel.py_func))
    kept.__set_name__(jit._Kernel, "_alone")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jit, "digest_behind", digest)
        patch.setattr(jit._Kernel, "_alone", kept)
        yield
