"""What differs between two steps, or two scopes, in words."""

from __future__ import annotations

from typing import Any

from cnnspec.compare.steps import Argument, Sort, Step
from cnnspec.contract.fields import Field
from cnnspec.contract.layer import Layer
from cnnspec.ir.graph import Scope
from cnnspec.passes.analysis import Row
from cnnspec.reports.numbers import counted, per_axis
from cnnspec.reports.step import said, step


def change(each: Step, arrow: str, short: bool = False) -> str:
    """`conv 7x7 64 /2 → conv 7x7 58 /2`, or in `short` `conv channels 64 → 58`, which is the same in many steps."""
    one, other = each.a, each.b
    if one is None or other is None:
        return _step(each.row)
    parts = []
    if one.node.layer.word != other.node.layer.word:
        parts.append(f"{_step(one)} {arrow} {_step(other)}")
    elif each.arguments:
        parts += _rebound(each.arguments, one.node.layer, other.node.layer, arrow, short)
    else:
        parts.append(other.node.layer.word if short else _step(other))
    if each.rewired:
        parts.append(_reads(one, other, each.reordered, arrow, short))
    if each.reuses:
        parts.append(f"{_owner(one)} {arrow} {_owner(other)}")
    if each.sort is Sort.MOVED:
        parts.append("at another place")
    if each.sort is Sort.FOLLOWS:
        parts += _following(one, other, arrow)
    return ", ".join(parts)


def _rebound(arguments: tuple[Argument, ...], one: Layer, other: Layer, arrow: str, short: bool) -> list[str]:
    """Arguments that have changed: in the steps as they are written, if they stand there by place, else by name."""
    fields = other.fields
    placed = {each.name for each in arguments if each.name in fields and _is_placed(fields[each.name])}
    if not fields:
        return [f"{other.word} {', '.join(_of_input(each, arrow) for each in arguments)}"]
    named = [
        f"{name} {_value(old)} {arrow} {_value(new)}" for name, old, new in arguments if short or name not in placed
    ]
    if short:
        return [f"{other.word} {', '.join(named)}"]
    if placed:
        return [f"{step(one, options=False)} {arrow} {step(other, options=False)}", *named]
    return [f"{step(other, options=False)}: {', '.join(named)}"]


def _of_input(argument: Argument, arrow: str) -> str:
    """`shape 3x32x32 → 3x64x64`, `with size=any`: what may be left out has no value then."""
    name, old, new = argument
    if old is None or new is None:
        return f"{'with' if old is None else 'without'} {name}={said(new if old is None else old)}"
    return f"{name} {said(old)} {arrow} {said(new)}"


def _value(value: Any) -> str:
    return "default" if value is None else said(value)


def _is_placed(field: Field) -> bool:
    return field.positional or field.slash


def _step(row: Row) -> str:
    return "input" if not row.node.inputs else step(row.node.layer, row.node.inputs)


def _reads(one: Row, other: Row, reordered: bool, arrow: str, short: bool) -> str:
    if len(one.node.inputs) != len(other.node.inputs):
        return f"{counted(len(one.node.inputs), 'operand')} {arrow} {len(other.node.inputs)}"
    if short:
        return f"reads {'its operands in another order' if reordered else 'other steps'}"
    operands = f"{' '.join(one.node.inputs)} {arrow} {' '.join(other.node.inputs)}"
    return f"reads its operands in another order ({operands})" if reordered else f"reads {operands}"


def _owner(row: Row) -> str:
    return f"weights of {row.node.reuse_of}" if row.node.reuse_of else "weights of its own"


def _following(one: Row, other: Row, arrow: str) -> list[str]:
    """What differs beside shape and costs, which have columns of their own."""
    if one.field and other.field and one.field.axes != other.field.axes:
        fields = (per_axis(tuple(axis.size for axis in each.axes)) for each in (one.field, other.field))
        old, new = fields
        return [f"field {old} {arrow} {new}"] if old != new else []
    if one.runs != other.runs:
        return ["runs at inference" if other.runs else "does not run at inference"]
    return []


def block(scope: Scope) -> str:
    """`Bottleneck c=256 s=1`; `{ }` for braces without a block."""
    return " ".join([scope.block or "{ }", *(f"{name}={said(value)}" for name, value in scope.arguments.items())])


def block_change(before: Scope | None, after: Scope | None, arrow: str) -> str:
    """`Stage c=64 → 58`, `Basic c=64 → Bottleneck c=64`; only the block's name where it is the same, and nothing for
    braces without a block."""
    known = after or before
    if before is None or after is None or before.block is None or after.block is None:
        return (known.block if known else "") or ""
    if before.block != after.block:
        return f"{block(before)} {arrow} {block(after)}"
    changed = [
        f"{name}={said(before.arguments[name])} {arrow} {said(value)}"
        if name in before.arguments
        else f"{name}={said(value)}"
        for name, value in after.arguments.items()
        if name not in before.arguments or before.arguments[name] != value
    ]
    return " ".join([after.block, *changed])
