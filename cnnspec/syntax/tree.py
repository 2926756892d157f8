"""The tree of a `.cnn` file: what was written, where, and nothing that was worked out.

All nodes are immutable. Every `span` covers exactly the text of its node.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from cnnspec.source.text import Span


class Ident(NamedTuple):
    """A name as it stands in the text. A dotted one (`rn.Stage`, a label such as `inner_blocks.2.0`) is kept whole."""

    name: str
    span: Span


UNREADABLE = "__unreadable__"
"""The name that stands for a value which could not be read; its mistake is told."""

# -- expressions ------------------------------------------------------------------------------------------------------


class Number(NamedTuple):
    """`64` (an int), `0.5`, `1e-5` and the ratio `1/255` (exact Fractions); a leading sign is part of it."""

    value: int | Fraction
    span: Span


class Size(NamedTuple):
    """`3x3`"""

    value: tuple[int, ...]
    span: Span


class Quantity(NamedTuple):
    """`12M`, `64MB`: its whole number of units or bytes, or an exact Fraction such as 1.5 written without rest."""

    value: int
    unit: str
    span: Span


class Text(NamedTuple):
    value: str
    span: Span


class Flag(NamedTuple):
    """`yes`, `no`"""

    value: bool
    span: Span


class Name(NamedTuple):
    """A bare word: a parameter, a `let`, or a word that an argument lists."""

    name: str
    span: Span


class InDim(NamedTuple):
    """`in.c`, or `in(@skip).c` with a reference."""

    axis: Ident
    ref: "Ref | None"
    span: Span


class Call(NamedTuple):
    """`divisible(32*width, 8)`"""

    function: Ident
    args: tuple["Expr", ...]
    span: Span


class Unary(NamedTuple):
    """`not x`"""

    op: str
    operand: "Expr"
    span: Span


class Binary(NamedTuple):
    """`+ - * // %`, the comparisons, `and`, `or`"""

    op: str
    left: "Expr"
    right: "Expr"
    span: Span


class ListOf(NamedTuple):
    """`0.5,0.5,0.5`"""

    items: tuple["Expr", ...]
    span: Span


Expr = Number | Size | Quantity | Text | Flag | Name | InDim | Call | Unary | Binary | ListOf


# -- steps ------------------------------------------------------------------------------------------------------------


class Ref(NamedTuple):
    """`@layer3.0.conv1`; `path` is without the mark."""

    path: tuple[str, ...]
    span: Span


class Arg(NamedTuple):
    """An argument of a step. `name` is None for a positional one; `slash` marks `/2`; a Ref is a tensor argument."""

    name: Ident | None
    value: Expr | Ref
    slash: bool
    span: Span


class Apply(NamedTuple):
    """A word or block with its arguments and perhaps a body: `conv 3x3 64 /2`, `add { … }`, `Basic 64`. A section
    (`image { … }`) has this form too."""

    word: Ident
    args: tuple[Arg, ...]
    body: "Body | None"
    span: Span


class Braces(NamedTuple):
    """`{ … }`, or `[]{ … }` with `listed`. `label[]: { … }` is told by Step.listed."""

    listed: bool
    body: "Body"
    span: Span


class Group(NamedTuple):
    """`( … )`"""

    chain: "Chain"
    span: Span


class Cond(NamedTuple):
    """`if … { } else if … { } else { }`; `other` is a Body, a further Cond, or None."""

    test: Expr
    then: "Body"
    other: "Body | Cond | None"
    span: Span


class Loop(NamedTuple):
    """`for i in 1..n { }` (`last` is set, `values` holds the first) or `for d in 12,24 { }`."""

    var: Ident
    values: tuple[Expr, ...]
    last: Expr | None
    body: "Body"
    span: Span


Core = Apply | Braces | Group | Cond | Loop | Ref


class ExpectedShape(NamedTuple):
    """`=> 64x56x56`; None stands for `?`."""

    dims: tuple[int | None, ...]
    span: Span


class Step(NamedTuple):
    """One step of a chain. `label` may hold dots and `{i}`; `listed` is `label[]:`; `repeat` is the count of `x n`."""

    label: Ident | None
    listed: bool
    core: Core
    repeat: Expr | None
    expect: ExpectedShape | None
    span: Span


class Chain(NamedTuple):
    steps: tuple[Step, ...]
    span: Span


# -- lines ------------------------------------------------------------------------------------------------------------


class Let(NamedTuple):
    name: Ident
    value: Expr
    span: Span


class Set(NamedTuple):
    """`set conv, depthwise pad=same bias=no`"""

    words: tuple[Ident, ...]
    args: tuple[Arg, ...]
    span: Span


class Input(NamedTuple):
    """`input left: 1x28x28 size=any`"""

    label: Ident | None
    args: tuple[Arg, ...]
    span: Span


class Output(NamedTuple):
    label: Ident
    chain: Chain
    span: Span


class Aux(NamedTuple):
    """`aux weight=0.3 aux1: Head classes`"""

    label: Ident
    args: tuple[Arg, ...]
    chain: Chain
    span: Span


class Require(NamedTuple):
    tests: tuple[Expr, ...]
    message: Text | None
    span: Span


class Broken(NamedTuple):
    """A line that could not be read; its diagnostic is told already, and what would follow from it stays silent."""

    span: Span


Line = Chain | Let | Set | Input | Output | Aux | Require | Broken


class Body(NamedTuple):
    """The lines between braces. `bars` are the `|` that separate lines, which only a merge may hold."""

    lines: tuple[Line, ...]
    bars: tuple[Span, ...]
    span: Span


# -- files ------------------------------------------------------------------------------------------------------------


class Param(NamedTuple):
    """`c`, `width=1.0`, `/s=1` (slash), `@skip` (tensor, never a default)"""

    name: Ident
    default: Expr | None
    slash: bool
    tensor: bool
    span: Span


class Use(NamedTuple):
    """`use "blocks.cnn" as rn`"""

    path: Text
    alias: Ident | None
    span: Span


class Block(NamedTuple):
    """`block Basic(c, /s=1)[] { … }`. `broken`: its header could not be read, so its parameters are unknown."""

    name: Ident
    params: tuple[Param, ...]
    listed: bool
    body: Body
    broken: bool
    span: Span


class Model(NamedTuple):
    """`model ResNet18(classes=1000) { … }`"""

    name: Ident
    params: tuple[Param, ...]
    listed: bool
    body: Body
    broken: bool
    span: Span


Item = Use | Let | Set | Block | Model | Apply | Broken


class Comment(NamedTuple):
    """`# …`, to the end of its line."""

    text: str
    span: Span


class File(NamedTuple):
    """A whole file. `version` is the edition (None where it is not said); sections at file level are Apply items."""

    version: Number | None
    items: tuple[Item, ...]
    comments: tuple[Comment, ...]
    span: Span


def walk(node: Any) -> Iterator[Any]:
    """Every node below one and the node itself, each before those that it holds."""
    waiting = [node]
    while waiting:
        at = waiting.pop()
        if hasattr(at, "span"):
            yield at
        waiting += [each for each in reversed(at) if isinstance(each, tuple) and type(each) is not Span]
