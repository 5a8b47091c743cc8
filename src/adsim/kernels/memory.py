"""Memory that is asked for before it is needed."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

AHEAD = 24  # rows of work: what is asked for now is needed when those are done
_FOR_WRITING, _KEEP, _DATA = 1, 3, 1  # of LLVM's llvm.prefetch


def _prefetch(typing_context: Any, array: Any, row: Any) -> Any:
    """Ask for row `row` of an array: a loop over random rows waits for memory otherwise.

    It changes nothing that a program can see, and a row beyond the array does no harm.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind, _ = signature.args
        view = context.make_array(kind)(context, builder, arguments[0])
        stride = builder.extract_value(view.strides, 0)
        start = builder.ptrtoint(view.data, ir.IntType(64))
        place = builder.add(start, builder.mul(stride, arguments[1]))
        pointer, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind_of_call = ir.FunctionType(ir.VoidType(), [pointer, number, number, number])
        call = builder.module.declare_intrinsic("llvm.prefetch", [pointer], kind_of_call)
        hints = [ir.Constant(number, hint) for hint in (_FOR_WRITING, _KEEP, _DATA)]
        builder.call(call, [builder.inttoptr(place, pointer), *hints])
        return context.get_dummy_value()

    return types.void(array, types.int64), generate


prefetch: Any = intrinsic(_prefetch)
