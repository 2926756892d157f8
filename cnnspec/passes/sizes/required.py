"""Conditions that a text has on sizes (`require in.h % 16 == 12`), as sets of the input's sizes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import ceil, floor
from typing import TypeVar

from cnnspec.ir.decisions import Decision, Operation, Read, Test
from cnnspec.passes.sizes.conditions import Bound, Condition, Never, Tie, Untold, related
from cnnspec.passes.sizes.form import Extent, Extents, Form, Variable
from cnnspec.passes.sizes.forms import behind, product_of
from cnnspec.passes.sizes.sets import SizeSet

T = TypeVar("T", bound=Extent)

Told = bool | tuple[Variable, SizeSet]
"""Where a condition holds: always, never, or in a set of sizes of one variable."""

TURNED = {"<": ">=", ">": "<="}
"""Each holds where the other one does not."""


def of_decision(decision: Decision, extents: Mapping[str, Extents]) -> Iterator[Condition]:
    """What must hold for the text to decide so again."""
    return _conditions(decision.test, decision.holds, extents, decision)


def _conditions(test: Test, holds: bool, extents: Mapping[str, Extents], cause: Decision) -> Iterator[Condition]:
    if isinstance(test, Operation) and test.operator == "not":
        yield from _conditions(test.operands[0], not holds, extents, cause)
    elif isinstance(test, Operation) and test.operator == ("and" if holds else "or"):
        for each in test.operands:
            yield from _conditions(each, holds, extents, cause)
    else:
        told = _tie(test, holds, extents, cause) or _told(test, extents, cause)
        if isinstance(told, Tie):
            yield told
        elif isinstance(told, bool):
            if told != holds:
                yield Never(cause)
        else:
            variable, sizes = told
            yield Bound(variable, sizes if holds else sizes.others(), cause)


def _tie(test: Test, holds: bool, extents: Mapping[str, Extents], cause: Decision) -> Tie | None:
    """A comparison of sizes of two axes, as it has to come out."""
    if not isinstance(test, Operation) or test.operator in ("and", "or", "not", "+", "-", "*", "//", "%"):
        return None
    operator = test.operator
    one, other = (_number(each, extents) for each in test.operands)
    if not isinstance(one, Form) or not isinstance(other, Form) or one.variable == other.variable:
        return None
    if not holds:
        operator = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}[operator]
    if operator in ("<", "<="):
        one, other, operator = other, one, {"<": ">", "<=": ">="}[operator]
    if operator == ">":
        operator, other = ">=", _checked(behind(other, plus=1))
    if operator == "!=":
        raise Untold("a condition of the text that two sizes differ")
    (found,) = related(one, operator, other, cause)
    assert isinstance(found, Tie)
    return found


def _told(test: Test, extents: Mapping[str, Extents], cause: Decision) -> Told:
    if isinstance(test, bool):
        return test
    if not isinstance(test, Operation):
        raise Untold("a condition of the text that is a number")
    operator = test.operator
    if operator == "not":
        return _not(_told(test.operands[0], extents, cause))
    if operator in ("and", "or"):
        one, other = (_told(each, extents, cause) for each in test.operands)
        return _joined(one, other, both=operator == "and")
    if operator in TURNED:
        return _not(_told(Operation(TURNED[operator], test.operands), extents, cause))
    if operator == "!=":
        return _not(_told(Operation("==", test.operands), extents, cause))
    one_size, other_size = (_number(each, extents) for each in test.operands)
    if operator == "<=":
        one_size, other_size, operator = other_size, one_size, ">="
    return _compared(one_size, operator, other_size, cause)


def _compared(one: Extent | Fraction, operator: str, other: Extent | Fraction, cause: Decision) -> Told:
    if isinstance(one, (int, Fraction)) and isinstance(other, (int, Fraction)):
        return one == other if operator == "==" else one >= other
    if operator == "==" and (isinstance(one, Fraction) or isinstance(other, Fraction)):
        return False
    left = floor(one) if isinstance(one, Fraction) else one
    right = ceil(other) if isinstance(other, Fraction) else other
    assert not isinstance(left, Fraction), "rounded above"
    if isinstance(left, int) and operator == ">=":
        found = list(related(_product(right, -1), operator, -left, cause))
    else:
        found = list(related(left, operator, right, cause))
    if not found:
        return True
    if len(found) > 1 or isinstance(found[0], Tie):
        raise Untold("a condition of the text on several sizes")
    return (found[0].variable, found[0].sizes) if isinstance(found[0], Bound) else False


def _not(told: Told) -> Told:
    return not told if isinstance(told, bool) else (told[0], told[1].others())


def _joined(one: Told, other: Told, *, both: bool) -> Told:
    if isinstance(one, bool):
        return other if one == both else one
    if isinstance(other, bool):
        return one if other == both else other
    if one[0] != other[0]:
        raise Untold("a condition of the text on several sizes")
    return one[0], one[1].both(other[1]) if both else one[1].either(other[1])


def _number(test: Test, extents: Mapping[str, Extents]) -> Extent | Fraction:
    """What a part of a condition comes to."""
    if isinstance(test, Read):
        if test.node not in extents:
            raise Untold("a condition of the text on a size that follows no rule")
        return extents[test.node][test.axis]
    if not isinstance(test, Operation):
        return test
    one, other = (_number(each, extents) for each in test.operands)
    if isinstance(one, Fraction) or isinstance(other, Fraction):
        raise Untold("a condition of the text on a size and a fraction")
    match test.operator:
        case "+":
            return _added(one, other)
        case "-":
            return _added(one, _product(other, -1))
        case "*":
            return _product(one, other)
        case "//" | "%" if isinstance(other, int) and other > 0:
            return _divided(one, test.operator, other)
    raise Untold("a condition of the text on a size divided by another one")


def _added(one: Extent, other: Extent) -> Extent:
    if isinstance(one, int) and isinstance(other, int):
        return one + other
    if isinstance(one, Form) and isinstance(other, int):
        return _checked(behind(one, plus=other))
    if isinstance(one, int) and isinstance(other, Form):
        return _checked(behind(other, plus=one))
    if isinstance(one, Form) and isinstance(other, Form) and one.variable == other.variable:
        turned = behind(other, times=-1)
        assert isinstance(turned, Form), "a multiple has no further classes"
        return one.less(turned)
    raise Untold("a condition of the text on a sum of sizes")


def _product(one: Extent, other: Extent) -> Extent:
    if isinstance(one, int) and isinstance(other, int):
        return one * other
    if isinstance(one, Form) and isinstance(other, int):
        return _checked(behind(one, times=other))
    if isinstance(one, int) and isinstance(other, Form):
        return _checked(behind(other, times=one))
    return _checked(product_of((one, other)))


def _divided(one: Extent, operator: str, by: int) -> Extent:
    if isinstance(one, int):
        return one // by if operator == "//" else one % by
    if not isinstance(one, Form):
        raise Untold("a condition of the text on a product of sizes, divided")
    return _checked(behind(one, over=by)) if operator == "//" else one.modulo(by)


def _checked(found: T | str) -> T:
    """Or there is no such form."""
    if isinstance(found, str):
        raise Untold(found)
    return found
