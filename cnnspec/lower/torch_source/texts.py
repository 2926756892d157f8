"""The expressions that a step's text has for its fields: `conv 3x3 4*c /s` says 4*c of the channels.

What is read here is only ever a proposal: an expression is tried on every use of a class before it is written.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.contract.layer import Layer
from cnnspec.ir.graph import Node

OPERATORS = ("//", "==", "!=", "<=", ">=", "+", "-", "*", "%", "<", ">")
JOINING = frozenset({*OPERATORS, "and", "or", "not"})


def texts_of(node: Node) -> dict[str, str]:
    """By field, for those that the step itself gives."""
    return dict(_by_field(node.layer, list(arguments(node.span.text.partition("{")[0]))[1:]))


def arguments(text: str) -> Iterator[str]:
    """The word and its arguments: separated by spaces, but not around an operator and not in parentheses."""
    held: list[str] = []
    depth = 0
    for part in text.split():
        begins = part in JOINING or (part.startswith(OPERATORS[:-2]) and not part.startswith("-"))
        ends = held and (held[-1] in JOINING or held[-1].endswith(OPERATORS))
        if held and not depth and not begins and not ends:
            yield " ".join(held)
            held = []
        held.append(part)
        depth += part.count("(") - part.count(")")
    if held:
        yield " ".join(held)


def _by_field(layer: Layer, given: list[str]) -> Iterator[tuple[str, str]]:
    placed = [field for field in layer.fields.values() if field.positional and not field.kind.tensor]
    slashed = [field for field in layer.fields.values() if field.slash]
    for argument in given:
        name, named, value = argument.partition("=")
        if named and name.isidentifier() and not value.startswith("="):
            yield name, value
        elif argument.startswith("@"):
            continue
        elif argument.startswith("/") and slashed:
            yield slashed[0].name, argument[1:]
        elif placed:
            field = placed[0] if placed[0].kind.many else placed.pop(0)
            yield field.name, argument
