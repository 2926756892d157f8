"""Changes that keep the syntax: parts of the tree take the places of others of their kind, are wrapped, doubled, left
out, called otherwise. Each makes a text that mostly can be parsed; whether it can is asked of the parser."""

import random
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from cnnspec.contract.register import words
from cnnspec.contract.values import describe
from cnnspec.source.text import Source
from cnnspec.syntax import tree
from cnnspec.syntax.parse import parse
from tests.judges.random_values import values_of
from tests.judges.rewrites import Edit, edited
from tests.judges.sameness import walk
from tests.mutants.seeds import donor

TRIES = 8
NUMBERS = ("0", "1", "2", "3", "5", "7", "16", "64", "1000", "999999999", "2147483648", "0.5", "1e-5", "(3-5)", "7//2")
SIZES = ("1x1", "3x1", "1x3x3", "0x2", "7x7", "64x64", "5x5x5x5x5")
QUANTITIES = ("params", "macs", "rf", "memory", "depth", "in.c", "in.h", "in.w", "in.d")
LINES = ("set conv pad=same", "set conv, linear init=he_normal", "let a = 2", "require in.c > 1", "require params < 1k")
LINES += ("output o: id", "aux x: relu", "input 3x8x8", 'labels "names.txt"', "image { resize 8 }", "@a", "none", "id")
WRAPPINGS = ("({})", "({}) x2", "({}) x0", "{{ {} }}", "[]{{ {} }}", "add {{ {} | id }}", "concat {{ {} | none }}")
WRAPPINGS += ("if 1 == 1 {{ {} }}", "if in.c > 3 {{ {} }} else {{ id }}", "for i in 1..3 {{ {} }}", "{} -> {}")
WRAPPINGS += ("mul {{ for i in 1,2 {{ {} }} }}", "sub {{ {} }}")
OPERATORS = ("+", "-", "*", "//", "%", "==", "!=", "<", ">=", "and", "or")
FUNCTIONS = ("min", "max", "floor", "ceil", "round", "pow", "div", "dims", "divisible")

EXPRESSIONS = (tree.Number, tree.Size, tree.Text, tree.Flag, tree.Name, tree.InDim, tree.Call, tree.Binary, tree.ListOf)
KINDS: tuple[tuple[type, ...], ...] = (
    EXPRESSIONS,
    (tree.Apply, tree.Braces, tree.Group, tree.Cond, tree.Loop, tree.Ref),
    (tree.Step,),
    (tree.Chain,),
    (tree.Chain, tree.Let, tree.Set, tree.Input, tree.Output, tree.Aux, tree.Require),
    (tree.Body,),
    (tree.Arg,),
    (tree.Param,),
    (tree.Ref,),
    (tree.ExpectedShape,),
    (tree.Block, tree.Model, tree.Use, tree.Let, tree.Set),
)
"""Parts of a text that may stand in each other's places."""

Nodes = list[Any]
Change = Callable[[random.Random, str, Nodes], "list[Edit] | None"]


@lru_cache(maxsize=64)
def nodes_of(text: str) -> Nodes | None:
    """Every node of the tree; None where the syntax is at fault."""
    file, troubles = parse(Source("mutant.cnn", text))
    return None if troubles else list(walk(file))


def changed(chance: random.Random, text: str) -> str:
    """One change after which the text can still be parsed; the text itself if none of a few was."""
    nodes = nodes_of(text)
    assert nodes is not None, "only what can be parsed is changed here"
    for _ in range(TRIES):
        edits = chance.choice(CHANGES)(chance, text, nodes)
        other = edited(text, edits) if edits else text
        if other != text and nodes_of(other) is not None:
            return other
    return text


# -- changes ----------------------------------------------------------------------------------------------------------


def exchanged(chance: random.Random, text: str, nodes: Nodes) -> list[Edit] | None:
    """Two parts of a kind change places."""
    one, other = _two_of_a_kind(chance, nodes)
    if one is None or one.span.end > other.span.start:
        return None
    return [(*_range(one), other.span.text), (*_range(other), one.span.text)]


def replaced(chance: random.Random, text: str, nodes: Nodes) -> list[Edit] | None:
    """A part as it stands elsewhere, in this text or another."""
    kind = chance.choice(KINDS)
    others = (nodes_of(donor(chance)) or []) if chance.random() < 0.5 else nodes
    here, there = _of(nodes, *kind), _of(others, *kind)
    return [(*_range(chance.choice(here)), chance.choice(there).span.text)] if here and there else None


def doubled(chance: random.Random, text: str, nodes: Nodes) -> list[Edit] | None:
    node, joined = _in_a_row(chance, nodes)
    return [(node.span.end, node.span.end, joined + node.span.text)] if node else None


def left_out(chance: random.Random, text: str, nodes: Nodes) -> list[Edit] | None:
    node, joined = _in_a_row(chance, nodes)
    if node is None:
        return None
    behind = text[node.span.end :]
    length = len(joined) if behind.startswith(joined) else 0
    return [(node.span.start, node.span.end + length, "")]


def wrapped(chance: random.Random, text: str, nodes: Nodes) -> list[Edit] | None:
    """A step's core in parentheses, a body, a merge, a condition or a loop; or twice."""
    steps = _of(nodes, tree.Step)
    if not steps:
        return None
    core = chance.choice(steps).core
    return [(*_range(core), chance.choice(WRAPPINGS).format(core.span.text, core.span.text))]


def valued(chance: random.Random, text: str, nodes: Nodes) -> list[Edit] | None:
    """A number, size, flag or text is another; or what the finished model or the input has."""
    found = _of(nodes, tree.Number, tree.Size, tree.Flag, tree.Text)
    if not found:
        return None
    node = chance.choice(found)
    ways = {
        tree.Number: (*NUMBERS, str(chance.randrange(300)), chance.choice(QUANTITIES)),
        tree.Size: (*SIZES, str(chance.randrange(9))),
        tree.Flag: ("yes", "no", "2"),
        tree.Text: ('""', '"normal 0.02"', '"../x"', '"a\\u0007b"', '"é"'),
    }
    return [(*_range(node), chance.choice(ways[type(node)]))]


def renamed(chance: random.Random, text: str, nodes: Nodes) -> list[Edit] | None:
    """A label, block, parameter or variable by the name of another, or by a new one."""
    names = [each for each in nodes if isinstance(each, tree.Ident)]
    if not names:
        return None
    one, other = chance.choice(names), chance.choice(names)
    new = chance.choice([other.name, other.name, "fresh", "Fresh", "forward", "a-b", "a.b.0", "x2", "weight", "a{i}"])
    if chance.random() < 0.3:
        new = f"{new}.{one.name}"
    return [(*_range(one), new)]


def worded(chance: random.Random, text: str, nodes: Nodes) -> list[Edit] | None:
    """Another word of the register, with the same arguments."""
    found = [each for each in _of(nodes, tree.Apply) if each.word.name in words()]
    found += [word for each in _of(nodes, tree.Set) for word in each.words]
    return (
        [(*_range(getattr(node := chance.choice(found), "word", node)), chance.choice(list(words())))]
        if found
        else None
    )


def argued(chance: random.Random, text: str, nodes: Nodes) -> list[Edit] | None:
    """A word is given one more argument, of its own or of another word."""
    found = _of(nodes, tree.Apply)
    if not found:
        return None
    node = chance.choice(found)
    word = words().get(node.word.name) if chance.random() < 0.7 else None
    fields = (word or chance.choice(list(words().values()))).fields
    if not fields:
        return None
    field = chance.choice(list(fields.values()))
    values = [describe(each) for each in values_of(field, (4, 8, 8), {}, ())] or ["@input"]
    return [(node.word.span.end, node.word.span.end, f" {field.name}={chance.choice(values)}")]


def operated(chance: random.Random, text: str, nodes: Nodes) -> list[Edit] | None:
    """Another operator or function."""
    found = _of(nodes, tree.Binary, tree.Call)
    if not found:
        return None
    node = chance.choice(found)
    if isinstance(node, tree.Call):
        return [(*_range(node.function), chance.choice(FUNCTIONS))]
    return [(node.left.span.end, node.right.span.start, f" {chance.choice(OPERATORS)} ")]


def marked(chance: random.Random, text: str, nodes: Nodes) -> list[Edit] | None:
    """A step is given a label, a repeat, or a shape to have."""
    steps = _of(nodes, tree.Step)
    if not steps:
        return None
    step = chance.choice(steps)
    way = chance.randrange(3)
    if way == 0 and step.label is None:
        return [(step.span.start, step.span.start, chance.choice(["a: ", "a[]: ", "a.b: ", "a{i}: ", "output: "]))]
    if way == 1 and step.repeat is None:
        return [(step.core.span.end, step.core.span.end, chance.choice([" x2", " x0", " x n", " x(in.c)", " x99999"]))]
    return (
        [(step.span.end, step.span.end, chance.choice([" => 8x8x8", " => ?x?", " => ?"]))] if not step.expect else None
    )


def lined(chance: random.Random, text: str, nodes: Nodes) -> list[Edit] | None:
    """One more line."""
    lines = [line for body in _of(nodes, tree.Body) for line in body.lines]
    if not lines:
        return None
    end = chance.choice(lines).span.end
    return [(end, end, "\n" + chance.choice(LINES))]


CHANGES: tuple[Change, ...] = (
    *(exchanged, exchanged, replaced, replaced, replaced, doubled, left_out, left_out, wrapped, wrapped),
    *(valued, valued, valued, renamed, renamed, worded, worded, argued, operated, marked, lined),
)


# -- nodes ------------------------------------------------------------------------------------------------------------


def _of(nodes: Nodes, *kinds: type) -> Nodes:
    return [each for each in nodes if isinstance(each, kinds)]


def _range(node: Any) -> tuple[int, int]:
    return node.span.start, node.span.end


def _two_of_a_kind(chance: random.Random, nodes: Nodes) -> tuple[Any, Any]:
    found = _of(nodes, *chance.choice(KINDS))
    if len(found) < 2:
        return None, None
    return tuple(sorted(chance.sample(found, 2), key=_range))


def _in_a_row(chance: random.Random, nodes: Nodes) -> tuple[Any, str]:
    """A part that stands in a row with others, and what joins them."""
    rows = [row for row in _rows(nodes) if row[0]]
    if not rows:
        return None, ""
    row, joined = chance.choice(rows)
    return chance.choice(row), joined


def _rows(nodes: Nodes) -> Iterator[tuple[tuple[Any, ...], str]]:
    for node in nodes:
        match node:
            case tree.Chain():
                yield node.steps, " -> "
            case tree.Body():
                yield node.lines, " | " if node.bars else "\n"
            case tree.Apply() | tree.Set():
                yield node.args, " "
            case tree.Block() | tree.Model():
                yield node.params, ", "
            case tree.File():
                yield node.items, "\n"
            case tree.ListOf():
                yield node.items, ","
            case tree.Require():
                yield node.tests, ", "
