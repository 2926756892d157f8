"""Which forms of the language a text has: what the random networks are counted by, so that no form is left out."""

from collections.abc import Iterator, Mapping
from typing import Any

from cnnspec.build.budgets import QUANTITIES
from cnnspec.contract.register import words
from cnnspec.contract.sections import SECTIONS
from cnnspec.syntax import tree
from tests.judges.sameness import file_of, walk

FUNCTIONS = ("min", "max", "floor", "ceil", "round", "pow", "div", "dims", "divisible")
OPERATORS = ("+", "-", "*", "//", "%", "==", "!=", "<", "<=", ">", ">=", "and", "or", "not")
FORMS = frozenset(
    (
        *("edition", "use", "use as", "a block of an alias", "block", "block []", "model []", "several models"),
        *("parameter", "default", "stride parameter", "tensor parameter", "a word as a value", "a block as a value"),
        *("parameter of a model", "let", "set", "set of several words", "require", "message", "budget"),
        *("input", "several inputs", "size=any", "computed input", "vector", "1-D", "2-D", "3-D"),
        *("output", "several outputs", "output in a loop", "aux", "weight of aux", *SECTIONS),
        *(
            "label",
            "label with dots",
            "label with {i}",
            "label with -",
            "@",
            "@ into a room",
            "reuse",
            "reuse of a path",
        ),
        *("id", "none", "group", "{ }", "[]{ }", "label: { }", "label[]: { }"),
        *("x by a number", "x by a name", "x by a computation", "label: … x", "x0"),
        *("if", "else", "else if", "if as a branch", "for over a range", "for over values", "for as branches"),
        *("merge", "merge in a merge", "merge of one branch", "merge over lines", "lines of a body"),
        *("expectation", "?", "/ stride", "computed stride", "tensor argument", "list", "size", "text", "yes or no"),
        *("in.c", "in(@x).c", *(f"{each}()" for each in FUNCTIONS), *OPERATORS),
    )
)


def forms(text: str, files: Mapping[str, str]) -> set[str]:
    """The forms in a text that has no fault in its syntax, and in the files that it uses."""
    found: set[str] = set()
    for each in (text, *(text for name, text in files.items() if name.endswith(".cnn"))):
        found |= {"edition"} if each.startswith("cnn 1") else set()
        file = file_of(each)
        found |= {"several models"} if sum(isinstance(item, tree.Model) for item in file.items) > 1 else set()
        for node in walk(file):
            found.update(FOUND.get(type(node), lambda _: ())(node))
    return found


def _use(node: tree.Use) -> Iterator[str]:
    yield "use as" if node.alias else "use"


def _block(node: tree.Block) -> Iterator[str]:
    yield "block []" if node.listed else "block"
    for param in node.params:
        yield "stride parameter" if param.slash else "tensor parameter" if param.tensor else "parameter"
        yield from ["default"] if param.default else []


def _model(node: tree.Model) -> Iterator[str]:
    yield from ["model []"] if node.listed else []
    yield from ["parameter of a model"] if node.params else []
    kinds = [type(line) for line in node.body.lines]
    yield from ["several inputs"] if kinds.count(tree.Input) > 1 else []
    yield from ["several outputs"] if kinds.count(tree.Output) > 1 else []


def _set(node: tree.Set) -> Iterator[str]:
    yield "set of several words" if len(node.words) > 1 else "set"


def _require(node: tree.Require) -> Iterator[str]:
    asks = any(isinstance(each, tree.Name) and each.name in QUANTITIES for each in walk(node.tests))
    yield "budget" if asks else "require"
    yield from ["message"] if node.message else []


def _input(node: tree.Input) -> Iterator[str]:
    yield "input"
    for each in node.args:
        if each.name is not None:
            yield "size=any"
        elif isinstance(each.value, tree.Size):
            yield f"{len(each.value.value) - 1}-D"
        else:
            yield "computed input" if isinstance(each.value, tree.Call) else "vector"


def _aux(node: tree.Aux) -> Iterator[str]:
    yield "aux"
    yield from ["weight of aux"] if node.args else []


def _step(node: tree.Step) -> Iterator[str]:
    if node.label is not None:
        marks = {".": "label with dots", "{": "label with {i}", "-": "label with -"}
        yield from ("label", *(title for mark, title in marks.items() if mark in node.label.name))
        yield from ["label: … x"] if node.repeat is not None else []
        if isinstance(node.core, tree.Braces):
            yield "label[]: { }" if node.listed else "label: { }"
    if isinstance(node.repeat, tree.Number):
        yield "x by a number" if node.repeat.value else "x0"
    elif node.repeat is not None:
        yield "x by a name" if isinstance(node.repeat, tree.Name) else "x by a computation"
    if node.expect is not None:
        yield "expectation"
        yield from ["?"] if None in node.expect.dims else []


def _apply(node: tree.Apply) -> Iterator[str]:
    name = node.word.name
    if name in (*SECTIONS, "id", "none"):
        yield name
    elif name == "reuse":
        yield "reuse of a path" if "." in node.args[0].span.text else "reuse"
    elif "." in name:
        yield "a block of an alias"
    if node.body is not None and name in words():
        yield from _merge(node.body)


def _merge(body: tree.Body) -> Iterator[str]:
    yield "merge"
    cores = [each.steps[0].core for each in body.lines if isinstance(each, tree.Chain) and len(each.steps) == 1]
    yield from ["merge of one branch"] if len(body.lines) == 1 else []
    yield from [] if body.bars else ["merge over lines"]
    yield from ["if as a branch"] if any(isinstance(each, tree.Cond) for each in cores) else []
    yield from ["for as branches"] if any(isinstance(each, tree.Loop) for each in cores) else []
    inner = [each for each in walk(body.lines) if isinstance(each, tree.Apply)]
    yield from ["merge in a merge"] if any(each.body is not None for each in inner) else []


def _arg(node: tree.Arg) -> Iterator[str]:
    value = node.value
    if node.slash:
        yield "/ stride" if isinstance(value, (tree.Number, tree.Name)) else "computed stride"
    if isinstance(value, tree.Name):
        yield "a block as a value" if value.name.rpartition(".")[2][0].isupper() else "a word as a value"
    kinds = {tree.Ref: "tensor argument", tree.ListOf: "list", tree.Size: "size", tree.Text: "text"}
    yield from [kinds[type(value)]] if type(value) in kinds else []


def _braces(node: tree.Braces) -> Iterator[str]:
    yield "[]{ }" if node.listed else "{ }"
    yield from ["lines of a body"] if len(node.body.lines) > 1 else []


def _cond(node: tree.Cond) -> Iterator[str]:
    yield "else if" if isinstance(node.other, tree.Cond) else "else" if node.other else "if"


def _loop(node: tree.Loop) -> Iterator[str]:
    yield "for over values" if node.last is None else "for over a range"
    yield from ["output in a loop"] if any(isinstance(line, tree.Output) for line in node.body.lines) else []


FOUND: Mapping[type, Any] = {
    tree.Use: _use,
    tree.Block: _block,
    tree.Model: _model,
    tree.Let: lambda node: ["let"],
    tree.Set: _set,
    tree.Require: _require,
    tree.Input: _input,
    tree.Output: lambda node: ["output"],
    tree.Aux: _aux,
    tree.Step: _step,
    tree.Apply: _apply,
    tree.Arg: _arg,
    tree.Braces: _braces,
    tree.Group: lambda node: ["group"],
    tree.Cond: _cond,
    tree.Loop: _loop,
    tree.Ref: lambda node: ["@ into a room" if len(node.path) > 1 else "@"],
    tree.InDim: lambda node: ["in(@x).c" if node.ref else "in.c"],
    tree.Call: lambda node: [f"{node.function.name}()"],
    tree.Binary: lambda node: [node.op],
    tree.Unary: lambda node: [node.op],
    tree.Flag: lambda node: ["yes or no"],
}
