"""Expressions to values: exact numbers, words, sizes, lists."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from cnnspec.build.functions import FUNCTIONS, LARGEST_BITS, Number, plain
from cnnspec.build.scope import BlockWord, Context
from cnnspec.build.structural import STRUCTURAL
from cnnspec.build.troubles import Refused, Troubles
from cnnspec.contract.errors import ArgumentError
from cnnspec.contract.fields import Kind
from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Dim, Shape, Value, Values, Word, describe
from cnnspec.source.diagnostic import Edit, Fix, Label
from cnnspec.source.nearest import nearest
from cnnspec.source.text import Span
from cnnspec.syntax import tree

if TYPE_CHECKING:
    from cnnspec.ir.decisions import Decision, Test

SPELT_OTHERWISE = {"true": "yes", "on": "yes", "false": "no", "off": "no"}
"""What other languages call `yes` and `no`."""

CHANNELS_ELSEWHERE = frozenset(("c", "C", "channels", "in_channels", "cin", "c_in", "inplanes", "in_planes"))
"""What other languages call the channels that come in."""

AXES: dict[int, dict[str, int]] = {
    0: {"c": 0},
    1: {"c": 0, "w": 1},
    2: {"c": 0, "h": 1, "w": 2},
    3: {"c": 0, "d": 1, "h": 2, "w": 3},
}
"""`in.c`, `in.h` … by the number of spatial axes."""

ARITHMETIC: dict[str, Callable[[Number, Number], Number]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
}
ORDER: dict[str, Callable[[Number, Number], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


class Expressions(ABC):
    """Evaluates in a context. A value that depends on an unknown shape, or a name whose line was refused, raises
    Refused in silence; everything else that goes wrong is told first."""

    def __init__(self, troubles: Troubles, words: Mapping[str, type[Layer]]) -> None:
        self.troubles = troubles
        self.in_budget = False
        self.reads_shapes = False
        self.asked: list[tuple[str, int, bool]] = []  # node, axis, and whether that is more than a map's channels
        self.decisions: list[Decision] = []
        self.cut_short = False
        self.words = words
        self.listed_words = frozenset(
            word for cls in words.values() for field in cls.fields.values() for word in field.kind.words
        )

    @abstractmethod
    def shape_of(self, node: str) -> Shape | None:
        """None where it is unknown (given by Ground)."""

    @abstractmethod
    def find(self, ref: tree.Ref, ctx: Context) -> str:
        """By its name in the text (given by Ground)."""

    @abstractmethod
    def let_below(self, name: tree.Name) -> Span | None:
        """Where a `let` of that name stands further down (given by Ground)."""

    def evaluate(self, expr: tree.Expr, ctx: Context, kind: Kind | None = None) -> Value:
        """The value of an expression; the bare words that the `kind` of a field lists stand for themselves."""
        match expr:
            case tree.Number(value, _) | tree.Flag(value, _):
                return value
            case tree.Size(value, _):
                return Dim(value)
            case tree.Text(value, _):
                return value
            case tree.Quantity(value, _, _) if self.in_budget:
                return value
            case tree.Quantity(whole, unit, span):
                fix = Fix(f"write it out: `{whole}`", (Edit(span, str(whole)),), safe=True)
                message = f"a quantity in {unit} stands only in `require`"
                raise self.troubles.error("misplaced-quantity", message, span, help=fix.title, fix=fix, trace=ctx.trace)
            case tree.ListOf(items, _):
                return Values(self.evaluate(each, ctx, kind) for each in items)
            case tree.Name():
                return self._name(expr, ctx, kind)
            case tree.InDim():
                return self._dimension(expr, ctx)
            case tree.Call():
                return self._call(expr, ctx)
            case tree.Unary(_, operand, _):
                return not self._truth(operand, ctx)
            case tree.Binary():
                return self._binary(expr, ctx)

    def whole(self, expr: tree.Expr, ctx: Context, what: str, low: int = 0) -> int:
        """A whole number of at least `low`, for what is no layer's field (a repeat, the bounds of a `for`)."""
        value = self.evaluate(expr, ctx)
        if isinstance(value, bool) or not isinstance(value, int):
            hint = "`floor`, `ceil` or `round` makes it whole" if isinstance(value, Fraction) else None
            message = f"{what} must be a whole number, got {describe(value)}"
            raise self.troubles.error("bad-argument", message, expr.span, help=hint, trace=ctx.trace)
        if value < low:
            message = f"{what} must be at least {low}, got {value}"
            raise self.troubles.error("bad-argument", message, expr.span, trace=ctx.trace)
        return value

    def truth(self, expr: tree.Expr, ctx: Context, *, required: bool = False) -> bool:
        """The value of a condition; one on sizes is kept, for what the text says of other inputs."""
        before = len(self.asked)
        value = self._truth(expr, ctx)
        if any(of_size for _, _, of_size in self.asked[before:]):
            self._remember(expr, ctx, value, required, before)
        return value

    def _remember(self, expr: tree.Expr, ctx: Context, value: bool, required: bool, before: int) -> None:
        """Keeps a condition on sizes. Where its first half decided, that half is what was asked."""
        from cnnspec.ir.decisions import Decision

        self.cut_short = False
        test = self._resolved(expr, ctx)
        if test is not None:
            del self.asked[before:]
            self.decisions.append(Decision(test, value, required and not self.cut_short, expr.span))

    def _resolved(self, expr: tree.Expr, ctx: Context) -> Test | None:
        """The condition with every name worked out but the sizes that it reads; None where it is not only that."""
        from cnnspec.ir.decisions import Operation, Read

        if isinstance(expr, tree.InDim):
            self._dimension(expr, ctx)
            node, axis, _ = self.asked[-1]
            return Read(node, axis)
        if not _asks_for_shape(expr):
            value = self.evaluate(expr, ctx)
            return value if isinstance(value, (bool, int, Fraction)) else None
        if isinstance(expr, tree.Unary):
            test = self._resolved(expr.operand, ctx)
            return None if test is None else Operation("not", (test,))
        if not isinstance(expr, tree.Binary):
            return None
        left = self._resolved(expr.left, ctx)
        if expr.op in ("and", "or") and self._truth(expr.left, ctx) == (expr.op == "or"):
            self.cut_short = True
            return left
        right = self._resolved(expr.right, ctx)
        return None if left is None or right is None else Operation(expr.op, (left, right))

    def _truth(self, expr: tree.Expr, ctx: Context) -> bool:
        value = self.evaluate(expr, ctx)
        if not isinstance(value, bool):
            message = f"a condition is yes or no, got {describe(value)}"
            shown = expr.span.text
            hint = f"compare it: `{shown} == {describe(value)}`, `{shown} != {describe(value)}`"
            raise self.troubles.error("bad-condition", message, expr.span, help=hint, trace=ctx.trace)
        return value

    def _name(self, name: tree.Name, ctx: Context, kind: Kind | None) -> Value:
        if kind and name.name in kind.words:
            return Word(name.name)
        found, value = ctx.env.find(name.name)
        if found:
            if value is None:
                raise Refused
            return value
        if name.name in self.words or name.name in STRUCTURAL:
            return Word(name.name)
        if name.name in ctx.module.blocks:
            block = BlockWord(name.name)
            block.target = ctx.module.blocks[name.name]
            return block
        if name.name == tree.UNREADABLE or name.name in ctx.env.lost or ctx.module.may_have(name.name):
            raise Refused
        message, said = f"unknown name `{name.name}`", "not defined here"
        below = self.let_below(name)
        if below is not None:
            first, help = (Label(below, "it is named here, below"),), "a `let` holds for what stands below it"
            raise self.troubles.error(
                "unknown-name", message, name.span, said, help=help, secondary=first, trace=ctx.trace
            )
        help, near, fix = self._meant(name, ctx, kind)
        refused = self.troubles.error(
            "unknown-name", message, name.span, said, help=help, meant=near, fix=fix, trace=ctx.trace
        )
        if fix is not None and fix.edits[0].replacement in ("yes", "no"):
            return fix.edits[0].replacement == "yes"
        if near is None or self.in_budget or not self._is_known(near, ctx, kind):
            raise refused
        return self._name(name._replace(name=near), ctx, kind)

    def _is_known(self, name: str, ctx: Context, kind: Kind | None) -> bool:
        """Whether something here is called so; what may have been meant can be a text, too: `"normal 0.02"`."""
        listed = kind.words if kind else ()
        return name in listed or ctx.env.find(name)[0] or name in self.words or name in ctx.module.blocks

    def _meant(self, word: tree.Name, ctx: Context, kind: Kind | None) -> tuple[str, str | None, Fix | None]:
        """What may have been meant by a name that is none: help, the name that is near, and a fix if it is sure."""
        name = word.name
        if name.lower() in SPELT_OTHERWISE:
            right = SPELT_OTHERWISE[name.lower()]
            return "`yes` or `no`", None, Fix(f"write `{right}`", (Edit(word.span, right),), safe=True)
        if self.in_budget and "." not in name and name not in CHANNELS_ELSEWHERE:
            from cnnspec.build.budget_mistakes import meant

            found = meant(word, ctx.env.names())
            if found[1] or found[2] or not nearest(name, set(self.words) | set(ctx.module.blocks)):
                return found
        if kind and kind.text:
            quoted = f'"{name}"'
            return f"in quotes: `{quoted}`", None, Fix("put it in quotes", (Edit(word.span, quoted),), safe=False)
        near = kind.also.get(name.lower().replace("_", "")) if kind else None
        near = near or nearest(name, ctx.env.names() | set(kind.words if kind else ()))
        if not near and kind and (kind.words or name in self.listed_words):
            return f"{kind.what} must be {kind.expects}", None, None
        if name in CHANNELS_ELSEWHERE:
            return "`in.c` is the channels that come in", None, Fix("`in.c`", (Edit(word.span, "in.c"),), safe=False)
        near = near or nearest(name, set(self.words) | set(ctx.module.blocks))
        if "." in name and not near:
            return "sizes are `in.c`, `in.h`, `in.w`, and `in(@e1).c` for a label", None, None
        return "`let name = …` gives a name a value", near, None

    def is_word(self, name: str, ctx: Context) -> bool:
        """Whether a step can begin so: a word, a block, or a value that stands for one."""
        known, value = ctx.env.find(name)
        return isinstance(value, Word) if known else name in self.words or name in ctx.module.blocks

    def _dimension(self, expr: tree.InDim, ctx: Context) -> int:
        self.reads_shapes = True
        node = self.find(expr.ref, ctx) if expr.ref else ctx.env.entry
        if node is None:
            message = f"`in.{expr.axis.name}` has no value here: nothing has come in"
            hint = "it is the shape that enters a block, or the model behind its `input`"
            raise self.troubles.error("no-entry", message, expr.span, help=hint, trace=ctx.trace)
        shape = self.shape_of(node)
        if shape is None:
            raise Refused
        axes = AXES[len(shape) - 1]
        if expr.axis.name not in axes:
            form = ", ".join(f"`in.{each}`" for each in axes)
            message = f"a value of {len(shape) - 1} spatial axes has no `{expr.axis.name}`"
            raise self.troubles.error("unknown-axis", message, expr.axis.span, help=f"there is {form}", trace=ctx.trace)
        axis = axes[expr.axis.name]
        self.asked.append((node, axis, axis > 0 or len(shape) == 1))
        return shape[axis]

    def _number(self, expr: tree.Expr, ctx: Context) -> Number:
        value = self.evaluate(expr, ctx)
        if isinstance(value, bool) or not isinstance(value, (int, Fraction)):
            hint = "a plain number is a size for every axis: `3` for `3x3`" if isinstance(value, Dim) else None
            message = f"a number is needed here, got {describe(value)}"
            raise self.troubles.error("not-a-number", message, expr.span, help=hint, trace=ctx.trace)
        return value

    def _bounded(self, value: Number, span: Span, ctx: Context) -> Number:
        exact = Fraction(value)
        if max(exact.numerator.bit_length(), exact.denominator.bit_length()) > LARGEST_BITS:
            message = f"this number is too large: written out exactly it has more than {LARGEST_BITS} bits"
            raise self.troubles.error("number-too-large", message, span, trace=ctx.trace)
        return plain(exact)

    def _call(self, expr: tree.Call, ctx: Context) -> Value:
        function = FUNCTIONS[expr.function.name]
        args = [self._number(each, ctx) for each in expr.args]
        if not function.low <= len(args) <= function.high:
            message = f"`{expr.function.name}` takes {function.takes}, got {len(args)}"
            hint = f"`{function.usage}`"
            raise self.troubles.error("bad-argument", message, expr.span, help=hint, trace=ctx.trace)
        try:
            value = function.apply(*args)
        except ArgumentError as error:
            raise self.troubles.layer_error(error, expr.span, ctx.trace) from None
        if isinstance(value, Dim):
            return value
        assert isinstance(value, (int, Fraction)), "a function gives a number or a size"
        return self._bounded(value, expr.span, ctx)

    def _binary(self, expr: tree.Binary, ctx: Context) -> Value:
        if expr.op == "and":
            return self._truth(expr.left, ctx) and self._truth(expr.right, ctx)
        if expr.op == "or":
            return self._truth(expr.left, ctx) or self._truth(expr.right, ctx)
        if expr.op in ("==", "!="):
            return self._equal(expr, ctx) is (expr.op == "==")
        left, right = self._number(expr.left, ctx), self._number(expr.right, ctx)
        if expr.op in ORDER:
            return ORDER[expr.op](left, right)
        if expr.op in ("//", "%") and right == 0:
            raise self.troubles.error("bad-argument", "division by zero", expr.right.span, trace=ctx.trace)
        return self._bounded(ARITHMETIC[expr.op](left, right), expr.span, ctx)

    def _equal(self, expr: tree.Binary, ctx: Context) -> bool:
        left, right = _alike(self.evaluate(expr.left, ctx), self.evaluate(expr.right, ctx))
        if _sort(left) != _sort(right):
            message = f"{describe(left)} and {describe(right)} cannot be compared: they are of different kinds"
            raise self.troubles.error("bad-condition", message, expr.span, trace=ctx.trace)
        return left == right


def _asks_for_shape(expr: tree.Expr) -> bool:
    if isinstance(expr, tree.Binary):
        return _asks_for_shape(expr.left) or _asks_for_shape(expr.right)
    if isinstance(expr, tree.Unary):
        return _asks_for_shape(expr.operand)
    if isinstance(expr, tree.Call):
        return any(map(_asks_for_shape, expr.args))
    if isinstance(expr, tree.ListOf):
        return any(map(_asks_for_shape, expr.items))
    return isinstance(expr, tree.InDim)


def _alike(left: Value, right: Value) -> tuple[Value, Value]:
    """A number beside a size stands for all axes: `k == 1` holds for 1x1, as a kernel of 1 and of 1x1 are the same."""
    if isinstance(left, Dim) and isinstance(right, int) and not isinstance(right, bool):
        return left, Dim((right,) * len(left))
    if isinstance(right, Dim) and isinstance(left, int) and not isinstance(left, bool):
        return Dim((left,) * len(right)), right
    return left, right


def _sort(value: Value) -> str:
    if isinstance(value, bool):
        return "yes or no"
    if isinstance(value, (int, Fraction)):
        return "number"
    if isinstance(value, str):
        return "text"  # words and texts compare by their letters: `option == "A"`, `act == relu`
    return "size"
