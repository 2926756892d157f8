"""What a text asks of sizes (`if in.h > 64`), on the class of a size: from where to where it is answered alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction

from cnnspec.ir.decisions import Asked, Operation, Read, Test
from cnnspec.passes.formulas.known import Again, Cause, Known
from cnnspec.passes.formulas.polynomial import Polynomial, Undecided, Whole
from cnnspec.passes.sizes.forms import Forms

USED = "the text makes a step of a size that changes (`in.h`)"
TURNED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
"""Each holds where the other one does not."""


def meet_text(known: Known, forms: Forms, asked: Asked) -> None:
    """Learns where all conditions come out as they did, and what the text reads elsewhere is the same; there it makes
    the same steps. Of `a or b` that holds, what holds now is taken: the class may be smaller than it could be."""
    if not known.free:
        return
    for read in asked.reads:
        with _told_apart(known, Cause("", USED)) as cause:
            known.fix(_read(known, forms, read), cause)
    for decision in asked.decisions:
        with _told_apart(known, Cause("", decision)) as cause:
            _Condition(known, forms, cause).meet(decision.test, decision.holds)


@contextmanager
def _told_apart(known: Known, cause: Cause) -> Iterator[Cause]:
    """Where nothing can be said of the class, everything stays as it is."""
    try:
        yield cause
    except Undecided:
        known.bind_all(cause)
        raise Again from None


def _read(known: Known, forms: Forms, read: Read) -> Whole:
    if read.node not in forms.extents:
        raise Undecided("a step that does not run")
    return known.size(forms.extents[read.node][read.axis])


class _Condition:
    """One condition of a text, and the axes that it reads."""

    def __init__(self, known: Known, forms: Forms, cause: Cause) -> None:
        self.known, self.forms, self.cause = known, forms, cause

    def meet(self, test: Test, holds: bool) -> None:
        """Learns from where on it comes out so."""
        if not isinstance(test, Operation):
            return
        if test.operator == "not":
            self.meet(test.operands[0], not holds)
        elif test.operator in ("and", "or"):
            decided = test.operator == ("or" if holds else "and")  # one of the two is enough
            for each in test.operands:
                if not decided or self._now(each) == holds:
                    self.meet(each, holds)
                    if decided:
                        return
        else:
            self._compare(test.operator if holds else TURNED[test.operator], test)

    def _compare(self, operator: str, test: Operation) -> None:
        known, rest = self.known, self._difference(test)
        match operator:
            case "==":
                known.fix(rest, self.cause)
            case "!=":
                known.differ(rest, self.cause)
            case ">=" | ">":
                known.hold(rest - (operator == ">"), self.cause)
            case "<=" | "<":
                known.hold(-rest - (operator == "<"), self.cause)

    def _difference(self, test: Operation) -> Whole:
        """The first less the second, times whatever makes it whole."""
        one, other = (self._number(each) for each in test.operands)
        for this, that in ((one, other), (other, one)):
            if isinstance(this, Fraction):
                if isinstance(that, Fraction):
                    return _sign(one, other)
                scaled = that * this.denominator - this.numerator
                return -scaled if this is one else scaled
        assert not isinstance(one, Fraction)
        assert not isinstance(other, Fraction)
        return one - other

    def _number(self, test: Test) -> Whole | Fraction:
        if isinstance(test, Read):
            return _read(self.known, self.forms, test)
        if not isinstance(test, Operation):
            return test
        one, other = (self._number(each) for each in test.operands)
        if isinstance(one, Fraction) or isinstance(other, Fraction):
            if isinstance(one, Polynomial) or isinstance(other, Polynomial):
                raise Undecided("a size beside a fraction")
            return ARITHMETIC[test.operator](one, other)
        if test.operator in ("//", "%") and isinstance(one, Polynomial) and isinstance(other, int) and other > 0:
            self.known.divide(one, other, self.cause)
        return ARITHMETIC[test.operator](one, other)

    def _now(self, test: Test) -> bool:
        """Whether it holds for the inputs as they are written."""
        if not isinstance(test, Operation):
            return bool(test)
        if test.operator == "not":
            return not self._now(test.operands[0])
        if test.operator in ("and", "or"):
            return (all if test.operator == "and" else any)(map(self._now, test.operands))
        rest = self.known.now(self._difference(test))
        return bool(COMPARED[test.operator](rest))


def _sign(one: object, other: object) -> int:
    assert isinstance(one, Fraction)
    assert isinstance(other, Fraction)
    return (one > other) - (one < other)


ARITHMETIC: dict[str, Callable[..., Whole | Fraction]] = {
    "+": lambda one, other: one + other,
    "-": lambda one, other: one - other,
    "*": lambda one, other: one * other,
    "//": lambda one, other: one // other,
    "%": lambda one, other: one % other,
}
COMPARED: dict[str, Callable[[int], bool]] = {
    "==": lambda rest: rest == 0,
    "!=": lambda rest: rest != 0,
    "<": lambda rest: rest < 0,
    "<=": lambda rest: rest <= 0,
    ">": lambda rest: rest > 0,
    ">=": lambda rest: rest >= 0,
}
