"""The values that a `for` goes through."""

from collections.abc import Iterable
from fractions import Fraction

from cnnspec.build.budgets import Requirements
from cnnspec.build.scope import Context
from cnnspec.contract.values import Value, Values, describe
from cnnspec.source.diagnostic import Edit, Fix
from cnnspec.syntax import tree


class Loops(Requirements):
    def loop_values(self, loop: tree.Loop, ctx: Context) -> Iterable[Value]:
        """The values in their order; a parameter that holds a list stands for its values."""
        if loop.last is not None:
            return self._range(loop.values[0], loop.last, loop, ctx)
        found = [self.evaluate(each, ctx) for each in loop.values]
        if len(found) == 1:
            self._is_no_count(found[0], loop, ctx)
        return [one for each in found for one in (each if isinstance(each, Values) else (each,))]

    def _range(self, begin: tree.Expr, end: tree.Expr, loop: tree.Loop, ctx: Context) -> Iterable[Value]:
        """Both ends are in it. A last value below the first is no turn, as `x0` is none; written out it is a slip."""
        first = self.whole(begin, ctx, "the first value of a `for`", -(2**31))
        last = self.whole(end, ctx, "the last value of a `for`", -(2**31))
        limit = self.options.limits.repeat
        self.bound("repeat", last - first + 1, limit, "repeats a step more than {} times", loop.span, ctx)
        if last < first and isinstance(begin, tree.Number) and isinstance(end, tree.Number):
            span = begin.span.to(end.span)
            message = f"`{span.text}` has no values: a range goes upwards"
            fix = Fix(f"`{last}..{first}`", (Edit(span, f"{last}..{first}"),), safe=False)
            raise self.troubles.error("bad-argument", message, span, help=fix.title, fix=fix, trace=ctx.trace)
        return range(first, last + 1)

    def _is_no_count(self, value: Value, loop: tree.Loop, ctx: Context) -> None:
        """`for i in 6 { … }`: one turn, where six were meant."""
        if isinstance(value, bool) or not isinstance(value, (int, Fraction)):
            return
        span = loop.values[0].span
        message = f"`for {loop.var.name} in {span.text}` has one value, {describe(value)}, and so one turn"
        count = span.text if span.text.isdigit() else f" {span.text}" if span.text.isidentifier() else f"({span.text})"
        help = f"`1..{span.text}` counts up to it, or `( … ) x{count}`"
        fix = Fix(help, (Edit(span, f"1..{span.text}"),), safe=False)
        raise self.troubles.error("bad-argument", message, span, help=help, fix=fix, trace=ctx.trace)
