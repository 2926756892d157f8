"""Inputs whose channels stand last: whoever comes from Keras meets the errors that follow from that, one by one.

It is said first, and with the turned shape tried; what else would make the text compile is not proposed then, as it
would make a wrong network of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cnnspec.contract.channels import may_be_turned, without_batch
from cnnspec.contract.values import Shape, dress
from cnnspec.fixes.bench import Bench, errors_of
from cnnspec.fixes.channels_last import ID, channels_last, words
from cnnspec.fixes.cost import cost_of
from cnnspec.pipeline import Compiled, compile_models
from cnnspec.source.diagnostic import Diagnostic, Label, Severity
from cnnspec.source.text import Span
from cnnspec.syntax import tree
from cnnspec.syntax.allowing import allowed_lines

OF_SIZES = frozenset({"shape-mismatch", "shape-expectation", "bad-argument", "different-reuse", "require"})
"""The errors that come of it."""


class Turned(NamedTuple):
    """What is said of the input, and which errors (numbers of the bench's) are gone with it."""

    told: tuple[Diagnostic, ...]
    gone: frozenset[int]


def turned(bench: Bench, one: Compiled) -> Turned | None:
    """The inputs of one model turned, if errors of its shapes go with that and none comes to what was understood."""
    if not any(each.id in OF_SIZES and each.is_error for each in one.diagnostics):
        return None
    return _asked(bench, one) if one.options.inputs else _written(bench, one)


def _written(bench: Bench, one: Compiled) -> Turned | None:
    found = [channels_last(*each) for each in _inputs(one)]
    edits = [edit for each in found if each.fix for edit in each.fix.edits]
    outcome = bench.tried(edits) if found else None
    if outcome is None or len(outcome.added) > len(outcome.revealed) or not _helps(bench, outcome.gone):
        return None
    cost = cost_of(bench, outcome, []) if len(found) == 1 else ""  # of several it is that of all together
    own = {i for i, each in enumerate(bench.errors) if each in one.diagnostics}
    note = _note("it" if len(found) == 1 else "them", len(outcome.gone & own), len(own), shows_more=bool(outcome.added))
    told = (each._replace(notes=(note,), fix=each.fix._replace(cost=cost) if each.fix else None) for each in found)
    return Turned(tuple(told), outcome.gone)


def _asked(bench: Bench, one: Compiled) -> Turned | None:
    """A shape that was asked for beside the text."""
    asked = {name: (shape, right) for name, shape in one.options.inputs.items() if (right := _likely(shape))}
    nodes = one.built.graph.inputs if one.built else {}
    if not asked or not nodes or one.source is None:
        return None
    inputs = {**one.options.inputs, **{name: right for name, (_, right) in asked.items()}}
    left = {_key(each) for each in errors_of(compile_models(one.source, one.options._replace(inputs=inputs)))}
    gone = frozenset(i for i, each in enumerate(bench.errors) if _key(each) not in left)
    if left or not _helps(bench, gone):
        return None
    told = []
    for name, (shape, right) in asked.items():
        message, help = words(shape, right)
        option = f"`--input {f'{name}=' if name else ''}{dress(right)}`"
        help = f"{help.partition(':')[0]}: {option}"
        node = nodes.get(name) if name else next(iter(nodes.values()))
        if node is not None:
            told.append(Diagnostic(ID, Severity.WARNING, message, Label(node.span), notes=("as asked",), help=help))
    return Turned(tuple(told), gone)


def _note(what: str, gone: int, errors: int, *, shows_more: bool) -> str:
    """What comes of it for the errors of the model."""
    if gone < errors:
        return f"with {what} {gone} of {errors} errors {'is' if gone == 1 else 'are'} gone"
    if shows_more:
        which = "the error is" if gone == 1 else f"the {gone} errors are"
        return f"with {what} {which} gone, and what else is wrong is seen"
    return f"with {what} the model compiles"


def _helps(bench: Bench, gone: frozenset[int]) -> bool:
    return any(bench.errors[i].id in OF_SIZES for i in gone)


def _inputs(one: Compiled) -> Iterator[tuple[Shape, Shape, Span]]:
    """Of the inputs that look turned: the shape, the one that was likely meant, and where it is written."""
    made = {node.span for node in one.built.graph.inputs.values()} if one.built else set()
    items = one.trees.file.items if one.trees else ()
    for line in (line for item in items if isinstance(item, tree.Model) for line in item.body.lines):
        if not isinstance(line, tree.Input) or line.span not in made or not line.args:
            continue
        size = line.args[0].value
        right = _likely(tuple(size.value)) if isinstance(size, tree.Size) else None
        if isinstance(size, tree.Size) and right is not None and not _is_allowed(size.span):
            yield tuple(size.value), right, size.span


def _is_allowed(span: Span) -> bool:
    """Whether a comment beside it or above it says that the shape is as it is meant."""
    return span.line in allowed_lines(span.source, ID)


def _likely(shape: Shape) -> Shape | None:
    return without_batch(shape) or may_be_turned(shape)


def _key(error: Diagnostic) -> tuple[object, ...]:
    span = error.label.span if error.label else None
    return error.id, span and (span.source.name, span.start, span.end)
