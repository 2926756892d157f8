"""A tree as one line of text, every structure told apart by its own brackets; for asserting shapes."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from cnnspec.source.text import Span
from cnnspec.syntax import tree


def dump(node: Any) -> str:
    """`(a + b)` a binary, `<conv 3x3>` a word with arguments, `[1, 2]` a list, `{…; …}` a body, `…/…` a fraction."""
    return str(_DUMPS[type(node)](node))


def nodes(node: Any) -> Iterator[Any]:
    """The node and all nodes below it, in the order of the fields."""
    if isinstance(node, tuple):
        if hasattr(node, "span"):
            yield node
        for each in node:
            if not isinstance(each, Span):
                yield from nodes(each)


def _number(node: tree.Number) -> str:
    return f"{node.value.numerator}/{node.value.denominator}" if isinstance(node.value, Fraction) else str(node.value)


def _arg(node: tree.Arg) -> str:
    value = dump(node.value)
    return f"/{value}" if node.slash else f"{node.name.name}={value}" if node.name else value


def _apply(node: tree.Apply) -> str:
    inner = " ".join([node.word.name, *map(dump, node.args)])
    return f"<{inner}>" + (dump(node.body) if node.body else "")


def _body(node: tree.Body) -> str:
    return f"{{{'; '.join(map(dump, node.lines))}}}" + "|" * len(node.bars)


def _cond(node: tree.Cond) -> str:
    other = f" else {dump(node.other)}" if node.other else ""
    return f"if {dump(node.test)} {dump(node.then)}{other}"


def _loop(node: tree.Loop) -> str:
    values = ", ".join(map(dump, node.values))
    return f"for {node.var.name} in {values}{f'..{dump(node.last)}' if node.last else ''} {dump(node.body)}"


def _step(node: tree.Step) -> str:
    label = f"{node.label.name}{'[]' if node.listed else ''}: " if node.label else ""
    repeat = f" x {dump(node.repeat)}" if node.repeat else ""
    return label + dump(node.core) + repeat + (f" => {dump(node.expect)}" if node.expect else "")


def _param(node: tree.Param) -> str:
    default = f"={dump(node.default)}" if node.default else ""
    return f"{'/' if node.slash else ''}{'@' if node.tensor else ''}{node.name.name}{default}"


def _definition(node: tree.Block | tree.Model) -> str:
    head = f"{type(node).__name__} {node.name.name}({', '.join(map(dump, node.params))}){'[]' if node.listed else ''}"
    return f"{head} {'broken ' if node.broken else ''}{dump(node.body)}"


def _labelled(node: tree.Input | tree.Aux) -> str:
    args = " ".join(map(dump, node.args))
    return f"{node.label.name}: {args}" if node.label else args


_DUMPS: dict[type, Any] = {
    tree.Number: _number,
    tree.Size: lambda node: "x".join(map(str, node.value)),
    tree.Quantity: lambda node: f"{node.value}({node.unit})",
    tree.Text: lambda node: f'"{node.value}"',
    tree.Flag: lambda node: "yes" if node.value else "no",
    tree.Name: lambda node: node.name,
    tree.InDim: lambda node: f"in{f'({dump(node.ref)})' if node.ref else ''}.{node.axis.name}",
    tree.Call: lambda node: f"{node.function.name}({', '.join(map(dump, node.args))})",
    tree.Unary: lambda node: f"({node.op} {dump(node.operand)})",
    tree.Binary: lambda node: f"({dump(node.left)} {node.op} {dump(node.right)})",
    tree.ListOf: lambda node: f"[{', '.join(map(dump, node.items))}]",
    tree.Ref: lambda node: "@" + ".".join(node.path),
    tree.Arg: _arg,
    tree.Apply: _apply,
    tree.Braces: lambda node: ("[]" if node.listed else "") + dump(node.body),
    tree.Group: lambda node: f"({dump(node.chain)})",
    tree.Cond: _cond,
    tree.Loop: _loop,
    tree.ExpectedShape: lambda node: "x".join("?" if each is None else str(each) for each in node.dims),
    tree.Step: _step,
    tree.Chain: lambda node: " -> ".join(map(dump, node.steps)),
    tree.Let: lambda node: f"let {node.name.name} = {dump(node.value)}",
    tree.Set: lambda node: f"set {', '.join(each.name for each in node.words)}: {' '.join(map(dump, node.args))}",
    tree.Input: lambda node: f"input {_labelled(node)}",
    tree.Output: lambda node: f"output {node.label.name}: {dump(node.chain)}",
    tree.Aux: lambda node: f"aux {_labelled(node)} {dump(node.chain)}",
    tree.Require: lambda node: (
        f"require {', '.join(map(dump, node.tests))}" + (f" {dump(node.message)}" if node.message else "")
    ),
    tree.Broken: lambda node: "BROKEN",
    tree.Body: _body,
    tree.Param: _param,
    tree.Use: lambda node: f"use {dump(node.path)}" + (f" as {node.alias.name}" if node.alias else ""),
    tree.Block: _definition,
    tree.Model: _definition,
}
