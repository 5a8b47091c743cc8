"""The two ways in which adsim compiles: kernels, and the doors that are cached on disk."""

from __future__ import annotations

import ast
import hashlib
import inspect
from collections.abc import Callable
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import CacheImpl, CompileResultCacheImpl
from numba.core.registry import CPUDispatcher

from .waiting import WaitingCache

# No fastmath: it would drop the NaN checks and let sums be reordered.
# error_model "numpy": division by zero gives inf instead of a branch that blocks vector loops.
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}

# Told to each, or a kernel would take them from the one for which it happens to be compiled.
_OWN: dict[str, Any] = {"forceinline": False, "_nrt": True}
_WITHIN = {**OPTIONS, **_OWN, "nopython": True, "no_cpython_wrapper": True}

_Dispatcher: Any = CPUDispatcher


class _Kernel(_Dispatcher):  # type: ignore[misc]
    """A function that other kernels call; called from Python, as by a test, it compiles again.

    What lets Python in is left out of the kernel itself: with arguments of many arrays it is more
    code than the kernel, and would compile for longer.
    """

    def __call__(self, *arguments: Any) -> Any:
        return self._alone(*arguments)

    @cached_property
    def _alone(self) -> Any:
        return numba.njit(**OPTIONS)(self.py_func)


class _Borrowing(_Kernel):
    """A kernel that counts no references, and so must not make arrays nor return them."""

    def compile(self, signature: Any) -> Any:
        entry_point = super().compile(signature)
        for found in self.overloads.values():
            calls = found.type_annotation.calltypes.items()
            made = [of.return_type for call, of in calls if getattr(call, "op", "") == "call"]
            if any(map(_has_arrays, [found.signature.return_type, *made])):
                raise TypeError(f"{self.__name__} must not make or return arrays: it borrows them")
        return entry_point


def _has_arrays(kind: Any) -> bool:
    if isinstance(kind, numba.types.BaseTuple):
        return any(map(_has_arrays, kind.types))
    return isinstance(kind, numba.types.Buffer)


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function that is called by others that are compiled."""
    if numba.config.DISABLE_JIT:
        return function
    return _Kernel(function, targetoptions=_WITHIN)


def inlined(function: Callable[..., Any]) -> Any:
    """Compile a function into the kernels that call it, and count no references in it.

    A call keeps a loop from becoming vectors, and an atomic count for each array of each argument
    takes longer than the work of a short function. Arrays are the caller's, therefore: numba would
    leak those that are made in it, and free early those that it returned.
    """
    if numba.config.DISABLE_JIT:
        return function
    return _Borrowing(function, targetoptions={**_WITHIN, "forceinline": True, "_nrt": False})


FOLDER = Path(__file__).parent


def door(function: Callable[..., Any]) -> Any:
    """Compile a function that the rest of adsim calls, and cache its binary on disk.

    Numba looks at the caller's own file only: it would go on using a binary whose helpers have
    changed (numba issue 1833), and drop all binaries of a file when a line of it changes. A door's
    cache is named by the text of all kernels behind it instead, and of nothing else. What is
    missing in it is compiled by one process, for which others wait.
    """
    dispatcher = numba.njit(**OPTIONS)(function)
    dispatcher._cache = _DoorCache(function)
    return dispatcher


def digest_behind(function: Callable[..., Any]) -> str:
    """Digest of a door's text and of all kernel files that it rests on, 12 hex digits."""
    used = (function.__globals__.get(name) for name in function.__code__.co_names)
    modules = {inspect.unwrap(getattr(each, "py_func", each)).__module__ for each in used if each}
    files = {"jit"}.union(*(files_behind(name.rpartition(".")[2]) for name in modules))
    hasher = hashlib.sha256(inspect.getsource(function).encode())
    for name in sorted(files):
        hasher.update(name.encode() + b"\0" + (FOLDER / f"{name}.py").read_bytes() + b"\0")
    return hasher.hexdigest()[:12]


@cache
def files_behind(name: str) -> frozenset[str]:
    """A kernel file and all that it imports, by name."""
    found = {name}
    for node in ast.walk(ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            names = [node.module] if node.module else [alias.name for alias in node.names]
            found = found.union(*map(files_behind, names))
    return frozenset(found)


def _by_digest(locator: Any) -> Any:
    """A place of caches whose files are named, and stamped, by the digest behind their door."""

    class ByDigest(locator):  # type: ignore[misc]
        def __init__(self, function: Callable[..., Any], file: str) -> None:
            super().__init__(function, file)
            self._digest = digest_behind(function)

        def get_source_stamp(self) -> str:
            return self._digest

        def get_disambiguator(self) -> str:
            return self._digest

    return ByDigest


_LOCATORS = [_by_digest(locator) for locator in CacheImpl._locator_classes[:3]]
_DoorCacheImpl = type("_DoorCacheImpl", (CompileResultCacheImpl,), {"_locator_classes": _LOCATORS})
_DoorCache: Any = type("_DoorCache", (WaitingCache,), {"_impl_class": _DoorCacheImpl})
