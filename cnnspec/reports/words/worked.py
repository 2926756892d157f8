"""A worked example in words: what it makes of what, what it owns, what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.contract.facts import Weight
from cnnspec.passes.parameters import elements
from cnnspec.reports.look import Look
from cnnspec.reports.numbers import counted, size, thousands

if TYPE_CHECKING:
    from cnnspec.manual.worked import Worked


def in_and_out(worked: Worked, look: Look) -> str:
    """`conv 3x3 8 /2 pad=1` on 3x9x11 → 8x5x6"""
    return f"`{worked.example.text}` on {operands(worked)} {look.arrow} {size(worked.output)}"


def operands(worked: Worked) -> str:
    """`3x9x11`, or `3x4x5 and 2x4x5`"""
    return " and ".join(map(size, worked.example.inputs))


def numbers(worked: Worked) -> list[str]:
    """`224 parameters: weight 8x3x3x3, bias 8`, and `6,480 MACs, 240 other operations`; what is 0 is left out."""
    trainable = [each for each in worked.weights if each.trainable]
    kept = [each for each in worked.weights if not each.trainable]
    macs, ops = worked.cost
    spent = [f"{thousands(macs)} MACs"] if macs else []
    if ops:
        spent.append(counted(ops, "other operation" if macs else "operation"))
    told = (_owned("parameter", trainable), _owned("number", kept, " in buffers"), ", ".join(spent))
    return [each for each in told if each]


def _owned(what: str, weights: list[Weight], where: str = "") -> str:
    if not weights:
        return ""
    tensors = ", ".join(f"{each.name} {size(each.shape)}".rstrip() for each in weights)
    return f"{counted(sum(map(elements, weights)), what)}{where}: {tensors}"


def onnx_operators(worked: Worked) -> str:
    """The operators in their order; nothing where ONNX needs none."""
    return ", ".join(each.op for each in worked.onnx)
