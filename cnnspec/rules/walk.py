"""One walk over the tree of a text: what is defined, what is used, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any, NamedTuple

from cnnspec.source.text import Span
from cnnspec.syntax import tree


class Place(NamedTuple):
    """A step of the text, the chain it is in, and its number there."""

    step: tree.Step
    chain: tree.Chain
    number: int

    @property
    def before(self) -> tree.Step | None:
        return self.chain.steps[self.number - 1] if self.number else None

    @property
    def after(self) -> tree.Step | None:
        return self.chain.steps[self.number + 1] if self.number + 1 < len(self.chain.steps) else None


class Walk:
    """One walk over a tree, in the order of the text. A large text is a hundred thousand steps: what holds nothing that
    is looked for is not entered."""

    def __init__(self) -> None:
        self.places: dict[tuple[int, int], Place] = {}
        self.applies: list[tree.Apply] = []
        self.bound: list[tuple[tree.Let | tree.Set, int]] = []
        self.parameters: set[str] = set()
        self.names: dict[str, list[int]] = {}
        self.referred: dict[str, list[Span]] = {}
        self.lending: set[int] = set()  # the chains whose line lends its name to one step that stands alone
        self.lines: set[int] = set()  # the chains that stand one behind the other, in a body that is no merge's
        self.above: dict[int, tree.Chain] = {}  # the chain that each of these takes its value from
        self.end = 1 << 62

    def into(self, value: Any) -> None:
        """A node, or a tuple of nodes."""
        look = _LOOKS.get(type(value))
        if look is not None:
            look(self, value)

    def all(self, values: Iterable[Any]) -> None:
        for each in values:
            look = _LOOKS.get(type(each))
            if look is not None:
                look(self, each)

    def chain(self, chain: tree.Chain) -> None:
        places = self.places
        for number, step in enumerate(chain.steps):
            label, core, repeat = step.label, step.core, step.repeat
            span = core.span
            places[span.start, span.end] = Place(step, chain, number)
            if label is not None:
                self._braces(label.name, label.span)
            _LOOKS[type(core)](self, core)
            if repeat is not None:
                self.into(repeat)

    def apply(self, step: tree.Apply) -> None:
        self.applies.append(step)
        self._reads(step.word.name, step.word.span)
        for arg in step.args:
            look = _LOOKS.get(type(arg.value))
            if look is not None:
                look(self, arg.value)
        if step.body is not None:
            self.body(step.body)
            for each in map(id, step.body.lines):
                self.lines.discard(each)
                self.above.pop(each, None)

    def body(self, body: tree.Body) -> None:
        outer, self.end = self.end, body.span.end
        self.lines.update(map(id, body.lines))
        chains = [each for each in body.lines if isinstance(each, tree.Chain)]
        self.above.update((id(this), above) for above, this in pairwise(chains))
        self.all(body.lines)
        self.end = outer

    def ref(self, ref: tree.Ref) -> None:
        self._reads(ref.path[0], ref.span)
        for part in ref.path:
            self.referred.setdefault(part, []).append(ref.span)
            self._braces(part, ref.span)

    def param(self, param: tree.Param) -> None:
        self.parameters.add(param.name.name)
        self.into(param.default)

    def named_chain(self, line: tree.Output | tree.Aux) -> None:
        self.lending.add(id(line.chain))
        self._braces(line.label.name, line.label.span)
        self.all(line.args if isinstance(line, tree.Aux) else ())
        self.chain(line.chain)

    def bind(self, line: tree.Let | tree.Set) -> None:
        self.bound.append((line, self.end))
        self.all((line.value,) if isinstance(line, tree.Let) else line.args)

    def name(self, name: tree.Name) -> None:
        self._reads(name.name, name.span)

    def _reads(self, name: str, span: Span) -> None:
        self.names.setdefault(name, []).append(span.start)
        if "." in name:
            self.names.setdefault(name.partition(".")[0], []).append(span.start)

    def _braces(self, label: str, span: Span) -> None:
        while "{" in label:
            inner, _, label = label.partition("{")[2].partition("}")
            self._reads(inner, span)


def _parts(*names: str) -> Callable[[Walk, Any], None]:
    """Looks into these fields."""

    def look(walk: Walk, value: Any) -> None:
        for name in names:
            part = getattr(value, name)
            walk.all(part) if type(part) is tuple else walk.into(part)

    return look


_LOOKS: dict[type, Callable[[Walk, Any], None]] = {
    tree.Chain: Walk.chain,
    tree.Apply: Walk.apply,
    tree.Body: Walk.body,
    tree.Ref: Walk.ref,
    tree.Param: Walk.param,
    tree.Output: Walk.named_chain,
    tree.Aux: Walk.named_chain,
    tree.Let: Walk.bind,
    tree.Set: Walk.bind,
    tree.Name: Walk.name,
    tree.Arg: _parts("value"),
    tree.Braces: _parts("body"),
    tree.Group: _parts("chain"),
    tree.Cond: _parts("test", "then", "other"),
    tree.Loop: _parts("values", "last", "body"),
    tree.InDim: _parts("ref"),
    tree.Call: _parts("args"),
    tree.Unary: _parts("operand"),
    tree.Binary: _parts("left", "right"),
    tree.ListOf: _parts("items"),
    tree.Input: _parts("args"),
    tree.Require: _parts("tests"),
    tree.Block: _parts("params", "body"),
    tree.Model: _parts("params", "body"),
}
"""What is looked into and how; numbers, texts and places hold nothing."""
