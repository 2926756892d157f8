"""Numbers as expressions over a class's arguments. None is believed before it has been tried on every use."""

from __future__ import annotations

import ast
import operator
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from math import isinf
from typing import Any

from cnnspec.contract.values import Value

Env = Mapping[str, Any]
"""What a class's arguments are in one use of it."""

BINARY: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {each.__name__: each for each in (min, max)}
_token = re.compile(
    r"\s*(?:in\(@(?P<ref>\w+)\)\.c\b|(?P<entry>in\.c)\b|(?P<number>\d+(?:\.\d+)?)(?![\w.])|(?P<name>[A-Za-z_]\w*)(?![\w.])"
    r"|(?P<sign>//|==|!=|<=|>=|[-+*%()<>,]))"
)
WORDS = {"yes": "True", "no": "False", "and": "and", "or": "or", "not": "not"}


class Untold(Exception):
    """This cannot be said as Python, or has no value here."""


def translated(text: str) -> str | None:
    """An expression of the language as Python; None where Python has no such thing. `in.c` is called `in_channels`."""
    parts, at = [], 0
    text = text.strip()
    while at < len(text):
        found = _token.match(text, at)
        if found is None:
            return None
        if found["ref"]:
            parts.append(f"{found['ref']}_channels")
        elif found["entry"]:
            parts.append("in_channels")
        elif found["name"]:
            parts.append(WORDS.get(found["name"], found["name"]))
        else:
            parts.append(found["number"] or found["sign"])
        at = found.end()
    try:
        return ast.unparse(_parsed(" ".join(parts)))
    except Untold:
        return None


@cache
def _parsed(text: str) -> ast.expr:
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise Untold from error


def names(text: str) -> frozenset[str]:
    """The arguments that an expression reads."""
    found = {each.id for each in ast.walk(_parsed(text)) if isinstance(each, ast.Name)}
    return frozenset(found - set(FUNCTIONS) - {"float"})


def value(text: str, env: Env) -> Any:
    """What an expression comes to; Untold where it has no value."""
    return _value(_parsed(text), env)


def _value(node: ast.expr, env: Env) -> Any:
    match node:
        case ast.Constant(value=found):
            return found
        case ast.Name(id=name) if env.get(name) is not None:
            return env[name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in BINARY:
            return _applied(BINARY[type(op)], _value(left, env), _value(right, env))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _applied(operator.mul, _value(operand, env), -1)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _value(operand, env)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in BINARY:
            return _applied(BINARY[type(op)], _value(left, env), _value(right, env))
        case ast.BoolOp(op=op, values=values):
            chosen = all if isinstance(op, ast.And) else any
            return chosen(_value(each, env) for each in values)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS and args:
            return _applied(FUNCTIONS[name], *(_value(each, env) for each in args))
    raise Untold


def _applied(function: Callable[..., Any], *operands: Any) -> Any:
    if any(isinstance(each, (str, tuple)) for each in operands) and function not in (operator.eq, operator.ne):
        raise Untold
    try:
        return function(*operands)
    except (TypeError, ZeroDivisionError) as error:
        raise Untold from error


NEGATED: dict[type[ast.AST], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
}


def negated(text: str) -> str:
    """`s == 1 and c == d` → `s != 1 or c != d`"""
    return ast.unparse(_negated(_parsed(text)))


def _negated(node: ast.expr) -> ast.expr:
    match node:
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in NEGATED:
            return ast.Compare(left, [NEGATED[type(op)]()], [right])
        case ast.BoolOp(op=op, values=values):
            return ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), [_negated(each) for each in values])
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return operand
    return ast.UnaryOp(ast.Not(), node)


def holds(text: str, values: Sequence[Any], envs: Sequence[Env]) -> bool:
    """Whether the expression gives each use's own value; a use that has none (None) is not asked."""
    try:
        return all(each is None or same(value(text, env), each) for each, env in zip(values, envs, strict=True))
    except Untold:
        return False


def same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def substituted(text: str, given: Mapping[str, str]) -> str | None:
    """The expression with others in place of its names; None where one is missing."""
    if not names(text) <= set(given):
        return None

    class Into(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return _parsed(given[node.id]) if node.id in given else node

    return ast.unparse(Into().visit(ast.parse(text, mode="eval")))


def folded(text: str) -> str:
    """The number itself, where the expression reads no argument."""
    return total([text]) if names(text) else literal(value(text, {}))


def product(factors: Sequence[str]) -> str:
    """`32 * 5 * 5`"""
    return " * ".join(f"({each})" if len(factors) > 1 and not _tight(each) else each for each in factors) or "1"


def _tight(text: str) -> bool:
    node = _parsed(text)
    return isinstance(node, (ast.Constant, ast.Name)) or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult))


def total(terms: Sequence[str]) -> str:
    """`in_channels + 3 * growth + 8`: what is alike is put together."""
    counts: Counter[str] = Counter()
    known = 0
    for term in terms:
        for factor, rest in _addends(_parsed(term)):
            if rest is None:
                known += factor
            else:
                counts[ast.unparse(rest)] += factor
    told = [text if count == 1 else product([str(count), text]) for text, count in counts.items()]
    return " + ".join([*told, *([str(known)] if known or not told else [])])


def _addends(node: ast.expr) -> Iterator[tuple[int, ast.expr | None]]:
    """Each as a factor and what it multiplies; None for a number alone."""
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield from _addends(left)
            yield from _addends(right)
        case ast.Constant(value=int(number)):
            yield number, None
        case ast.BinOp(left=ast.Constant(value=int(number)), op=ast.Mult(), right=right):
            yield number, right
        case _:
            yield 1, node


def guesses(available: Sequence[str], values: Sequence[Any]) -> Iterator[str]:
    """Small expressions over these names that are worth a try, the plainest first."""
    yield from available
    if not all(is_whole(each) for each in values if each is not None):
        return
    for name in available:
        yield from (f"{factor} * {name}" for factor in range(2, 9))
        yield from (f"{name} // {factor}" for factor in (2, 3, 4, 6, 8, 16))
        yield from (f"{name} - 1", f"{name} + 1", f"({name} - 1) // 2")
    for one in available:
        for other in available:
            if one < other:
                yield from (f"{one} * {other}", f"{one} + {other}")
            if one != other:
                yield from (f"{one} // {other}", f"{one} - {other}")


def is_whole(number: Any) -> bool:
    return isinstance(number, int) and not isinstance(number, bool)


def literal(number: Any) -> str:
    """A value as Python writes it."""
    if isinstance(number, float) and isinf(number):
        return f'float("{number}")'
    if isinstance(number, str):
        return f'"{number}"'
    if isinstance(number, tuple):
        return f"({', '.join(map(literal, number))}{',' if len(number) == 1 else ''})"
    return repr(number)


def tuple_items(text: str) -> list[str] | None:
    """The items of a tuple as it is written; None for anything else."""
    node = _parsed(text) if text.startswith("(") else None
    return [ast.unparse(each) for each in node.elts] if isinstance(node, ast.Tuple) else None


def plain(argument: Value) -> Any:
    """A bound argument as Python's own number; None where it is none (a word, a list)."""
    if isinstance(argument, (bool, int)):
        return argument
    if isinstance(argument, tuple):
        whole = all(isinstance(each, int) for each in argument)
        return (argument[0] if len(set(argument)) == 1 else tuple(argument)) if argument and whole else None
    if isinstance(argument, str):
        return None
    return float(argument)
