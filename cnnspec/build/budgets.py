"""`require params <= 12M`: conditions on the finished model, put off until its numbers are known."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from cnnspec.build.calls import Calls
from cnnspec.build.scope import Context, Env
from cnnspec.build.troubles import Refused
from cnnspec.contract.values import Value, describe
from cnnspec.source.diagnostic import Diagnostic
from cnnspec.syntax import tree

QUANTITIES = frozenset({"params", "macs", "rf", "memory", "depth"})
"""What a condition may ask of the finished model."""

Budgets = Callable[[Mapping[str, int]], tuple[Diagnostic, ...]]
"""Given the model's quantities, what there is to say of its budgets."""


class Budget(NamedTuple):
    test: tree.Expr
    message: str | None
    ctx: Context


class Requirements(Calls):
    put_off: list[Budget]

    def require(self, line: tree.Require, ctx: Context) -> None:
        """Tells each condition that does not hold; one about the finished model is put off."""
        for test in line.tests:
            message = line.message.value if line.message else None
            if _asks_for_quantity(test, ctx):
                if ctx.depth > 1:
                    asked = "a condition on the finished model belongs to the model's own body"
                    self.troubles.error("misplaced-line", asked, test.span, trace=ctx.trace)
                else:
                    self.put_off.append(Budget(test, message, ctx))
            else:
                self._hold(test, message, ctx)

    def settle_budgets(self, quantities: Mapping[str, int]) -> tuple[Diagnostic, ...]:
        """The conditions on the finished model, now that its quantities are known."""
        self.in_budget = True
        before = set(self.troubles.all())
        for test, message, ctx in self.put_off:
            env = Env(ctx.env)
            env.values.update(quantities)
            self._hold(test, message, ctx._replace(env=env))
        self.in_budget = False
        return tuple(each for each in self.troubles.all() if each not in before)

    def _hold(self, test: tree.Expr, message: str | None, ctx: Context) -> None:
        try:
            if self.truth(test, ctx):
                return
            values = self._values_in(test, ctx)
        except Refused:
            return
        told = message or f"`{test.span.text}` does not hold"
        shown = ", ".join(f"{name} = {_shown(value)}" for name, value in values.items())
        self.troubles.error(
            "require", f"{told} ({shown})" if shown else told, test.span, "this does not hold", trace=ctx.trace
        )

    def _values_in(self, expr: tree.Expr, ctx: Context) -> dict[str, Value]:
        """What each name and dimension that a condition reads stands for."""
        if isinstance(expr, (tree.Name, tree.InDim)):
            return {expr.span.text: self.evaluate(expr, ctx)}
        parts: tuple[tree.Expr, ...] = ()
        if isinstance(expr, tree.Binary):
            parts = (expr.left, expr.right)
        elif isinstance(expr, tree.Unary):
            parts = (expr.operand,)
        elif isinstance(expr, tree.Call):
            parts = expr.args
        found: dict[str, Value] = {}
        for part in parts:
            found.update(self._values_in(part, ctx))
        return found


def _shown(value: Value) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else describe(value)


def _asks_for_quantity(expr: tree.Expr, ctx: Context) -> bool:
    if isinstance(expr, tree.Name):
        return expr.name in QUANTITIES and not ctx.env.find(expr.name)[0]
    if isinstance(expr, tree.Binary):
        return _asks_for_quantity(expr.left, ctx) or _asks_for_quantity(expr.right, ctx)
    if isinstance(expr, tree.Unary):
        return _asks_for_quantity(expr.operand, ctx)
    if isinstance(expr, tree.Call):
        return any(_asks_for_quantity(each, ctx) for each in expr.args)
    return False
