"""`require params <= 12M`: conditions on the finished model, put off until its numbers are known."""

from collections.abc import Callable, Mapping, Set
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from cnnspec.build.calls import Calls
from cnnspec.build.scope import Context, Env
from cnnspec.build.troubles import Refused
from cnnspec.contract.values import Value, describe
from cnnspec.source.diagnostic import Diagnostic
from cnnspec.syntax import tree

if TYPE_CHECKING:
    from cnnspec.ir.account import Accounts

QUANTITIES = frozenset({"params", "macs", "rf", "memory", "depth"})
"""What a condition may ask of the finished model."""


class Kept(NamedTuple):
    """A bound that a quantity keeps; `text` is how the bound is written."""

    quantity: str
    op: str
    number: int
    limit: int | Fraction
    text: str


Budgets = Callable[[Mapping[str, int], "Accounts"], tuple[tuple[Diagnostic, ...], tuple[Kept, ...]]]
"""Given the model's quantities, and who makes each of them what it is, what there is to say of its budgets, and which
bounds are kept."""

TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
"""Comparisons, and what they are with the sides exchanged."""


class Budget(NamedTuple):
    test: tree.Expr
    message: str | None
    ctx: Context


class Bound(NamedTuple):
    """A condition on one quantity alone, as if that stood on the left: `params <= 12M`."""

    quantity: tree.Name
    op: str
    limit: tree.Expr


class Requirements(Calls):
    put_off: list[Budget]
    kept: list[Kept]

    def require(self, line: tree.Require, ctx: Context) -> None:
        """Tells each condition that does not hold; one about the finished model is put off."""
        self.in_budget = True
        message = line.message.value if line.message else None
        for test in self._conditions(line, ctx):
            if _asks_for_quantity(test, ctx):
                if ctx.depth > 1:
                    asked = "a condition on the finished model belongs to the model's own body"
                    self.troubles.error("misplaced-line", asked, test.span, trace=ctx.trace)
                else:
                    self.put_off.append(Budget(test, message, ctx))
            else:
                self._hold(test, message, ctx)
        self.in_budget = False

    def _conditions(self, line: tree.Require, ctx: Context) -> list[tree.Expr]:
        """Those of a line that can be asked. What is written as in other languages is told: `7,500,000`, which reads as
        three conditions, and bytes of what is none."""
        tests = list(line.tests)
        if any(isinstance(each, (tree.Number, tree.Quantity)) for each in tests[1:]):
            from cnnspec.build.budget_mistakes import grouped

            tests, found = grouped(line.tests)
            for each in found:
                self.troubles.tell(each)
        return [each for each in tests if not self._asks_for_bytes(each, ctx)]

    def _asks_for_bytes(self, test: tree.Expr, ctx: Context) -> bool:
        """Whether `5MB` bounds what is no memory, which is told. Of what is worked out (`100MB//4`) nobody knows."""
        found = False
        for part in _conjuncts(test):
            bound = _bound_in(part, ctx)
            limit = bound.limit if bound and bound.quantity.name != "memory" else None
            if bound and isinstance(limit, tree.Quantity) and limit.unit.endswith("B"):
                from cnnspec.build.budget_mistakes import in_bytes

                self.troubles.tell(in_bytes(bound, limit))
                found = True
        return found

    def settle_budgets(
        self, quantities: Mapping[str, int], accounts: "Accounts"
    ) -> tuple[tuple[Diagnostic, ...], tuple[Kept, ...]]:
        """The conditions on the finished model, now that its quantities are known. `a and b` are two conditions, the
        second of which is looked at where the first holds, or is a bound on one quantity."""
        self.in_budget, self.kept = True, []
        before = set(self.troubles.all())
        for test, message, ctx in self.put_off:
            env = Env(ctx.env)
            env.values.update(quantities)
            own = ctx._replace(env=env)
            for part in _conjuncts(test):
                if _asks_for_quantity(part, ctx, QUANTITIES - quantities.keys()):
                    self._without_answer(part, ctx)
                    continue
                bound = _bound_in(part, ctx)
                holds = self._keep(part, bound, message, own, accounts) if bound else self._hold(part, message, own)
                if not holds and not bound:
                    break
        self.in_budget = False
        return tuple(each for each in self.troubles.all() if each not in before), tuple(self.kept)

    def _keep(self, test: tree.Expr, bound: Bound, message: str | None, ctx: Context, accounts: "Accounts") -> bool:
        """Whether one quantity keeps its bound; tells by how much it does not, and who makes it so."""
        try:
            holds = self.truth(test, ctx)
            number, limit = self.evaluate(bound.quantity, ctx), self.evaluate(bound.limit, ctx)
        except Refused:
            return False
        if not isinstance(number, int) or not isinstance(limit, (int, Fraction)):
            return holds or self._hold(test, message, ctx)  # compared with what is no number
        if holds:
            self.kept.append(Kept(bound.quantity.name, bound.op, number, limit, bound.limit.span.text))
            return True

        from cnnspec.build.budget_mistakes import too_few
        from cnnspec.build.over_budget import Missed, blamed

        missed = Missed(bound.quantity.name, bound.op, number, limit)
        labels, notes = blamed(missed, accounts(missed.quantity))
        told = f"{message or f'`{test.span.text}` does not hold'}: {missed.told()}"
        label = missed.label() or "this does not hold"
        help = too_few(bound, number) if missed.is_over else None
        self.troubles.error(
            "require", told, test.span, label, help=help, notes=notes, secondary=labels, trace=ctx.trace
        )
        return False

    def _without_answer(self, test: tree.Expr, ctx: Context) -> None:
        """Only the receptive field may be missing; then no comparison with it holds, whichever it is."""
        why, label = "this network has no map, so no receptive field", "no step gives a map"
        notes: tuple[str, ...] = ("a map is a result of more than one position",)
        if any(shape and max(shape[1:], default=1) > 1 for shape in self.shapes.values()):
            why, label, notes = "the receptive field of its last map is not known", "`cnnspec field` says why", ()
        asked = f"`{test.span.text}` has no answer: {why}"
        self.troubles.error("require", asked, test.span, label, notes=notes, trace=ctx.trace)

    def _hold(self, test: tree.Expr, message: str | None, ctx: Context) -> bool:
        """Whether a condition holds; tells what it read if it does not."""
        try:
            if self.truth(test, ctx, required=True):
                return True
            values = self._values_in(test, ctx)
        except Refused:
            return False
        told = message or f"`{test.span.text}` does not hold"
        shown = ", ".join(f"{name} = {_shown(value)}" for name, value in values.items())
        self.troubles.error(
            "require", f"{told} ({shown})" if shown else told, test.span, "this does not hold", trace=ctx.trace
        )
        return False

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


def _asks_for_quantity(expr: tree.Expr, ctx: Context, among: Set[str] = QUANTITIES) -> bool:
    if isinstance(expr, tree.Name):
        return expr.name in among and not ctx.env.find(expr.name)[0]
    if isinstance(expr, tree.Binary):
        return _asks_for_quantity(expr.left, ctx, among) or _asks_for_quantity(expr.right, ctx, among)
    if isinstance(expr, tree.Unary):
        return _asks_for_quantity(expr.operand, ctx, among)
    if isinstance(expr, tree.Call):
        return any(_asks_for_quantity(each, ctx, among) for each in expr.args)
    return False


def _conjuncts(test: tree.Expr) -> list[tree.Expr]:
    """The parts of `a and b and c`."""
    if isinstance(test, tree.Binary) and test.op == "and":
        return [*_conjuncts(test.left), *_conjuncts(test.right)]
    return [test]


def _bound_in(test: tree.Expr, ctx: Context) -> Bound | None:
    """The bound that a condition is, if one side is a quantity and the other asks for none."""
    if not isinstance(test, tree.Binary) or test.op not in TURNED:
        return None
    left, right = test.left, test.right
    if isinstance(left, tree.Name) and _asks_for_quantity(left, ctx) and not _asks_for_quantity(right, ctx):
        return Bound(left, test.op, right)
    if isinstance(right, tree.Name) and _asks_for_quantity(right, ctx) and not _asks_for_quantity(left, ctx):
        return Bound(right, TURNED[test.op], left)
    return None
