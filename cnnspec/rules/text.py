"""The text of one file as lints look at it: what is defined, what is used, and where."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from cnnspec.contract.layer import Layer
from cnnspec.source.diagnostic import Edit, Fix
from cnnspec.source.text import Source, Span
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


class Text:
    """`words` is the register; `used` holds the blocks' names of each file that `use` brings, by its path."""

    def __init__(
        self, file: tree.File, words: Mapping[str, type[Layer]], used: Mapping[str, tuple[str, ...]] | None = None
    ) -> None:
        self.file, self.words, self.used = file, words, used or {}

    @property
    def source(self) -> Source:
        return self.file.span.source

    @cached_property
    def _walked(self) -> _Walk:
        walk = _Walk()
        walk.all(self.file.items)
        return walk

    @property
    def places(self) -> dict[tuple[int, int], Place]:
        """Every step by the span of its core, which is that of the nodes it makes."""
        return self._walked.places

    def place_of(self, span: Span) -> Place | None:
        return self.places.get((span.start, span.end)) if span.source is self.source else None

    @property
    def applies(self) -> list[tree.Apply]:
        """Every word and block with its arguments, in order."""
        return self._walked.applies

    @property
    def bound(self) -> list[tuple[tree.Let | tree.Set, int]]:
        """Every `let` and `set` with the end of the body that it holds in, in order."""
        return self._walked.bound

    @cached_property
    def by_word(self) -> dict[str, list[tree.Apply]]:
        """The steps of each word, in order."""
        found: dict[str, list[tree.Apply]] = {}
        for each in self.applies:
            found.setdefault(each.word.name, []).append(each)
        return found

    def between(self, word: str, start: int, end: int) -> list[tree.Apply]:
        """The steps of a word that begin in a part of the text, in order."""
        steps = self.by_word.get(word, [])
        return steps[bisect_left(steps, start, key=_start) : bisect_left(steps, end, key=_start)]

    @property
    def end(self) -> int:
        return len(self.source.text)

    def may_be(self, word: str) -> bool:
        """Whether a step's word is a parameter, and so may be any word."""
        return word in self._walked.parameters

    def uses(self, name: str, start: int, end: int) -> bool:
        """Whether a name is read between two places: in an expression, as a step, in a label's `{i}`."""
        places = self._walked.names.get(name, ())
        at = bisect_right(places, start)
        return at < len(places) and places[at] < end

    def readings(self, label: str) -> list[Span]:
        """The references that lead to or through a label of that name."""
        return self._walked.referred.get(label.partition(".")[0], [])

    def without_step(self, span: Span) -> tuple[Edit, ...] | None:
        """The edits that take a step out of its chain; None where its label, repeat or expectation is in the way.

        `id` takes its place where it is all of the chain, or where the one step that is left would get its line's name,
        or is a loop, whose turns would be branches.
        """
        place = self.place_of(span)
        if place is None or place.step.label or place.step.repeat or place.step.expect:
            return None
        left = place.before or place.after
        if len(place.chain.steps) == 2 and left and (isinstance(left.core, tree.Loop) or self._lends_name(place.chain)):
            return (Edit(span, "id"),)
        if place.before is not None:
            return (Edit(Span(self.source, place.before.span.end, place.step.span.end), ""),)
        if place.after is not None:
            return (Edit(Span(self.source, place.step.span.start, place.after.span.start), ""),)
        if id(place.chain) in self._walked.lines and self.alone_on_line(span):
            return (Edit(self.whole_line(span), ""),)
        return (Edit(span, "id"),)

    def _lends_name(self, chain: tree.Chain) -> bool:
        return id(chain) in self._walked.lending

    def deletion(self, span: Span) -> Fix | None:
        """A fix that takes out what has its lines for itself, and these with it."""
        return Fix("", (Edit(self.whole_line(span), ""),), safe=True) if self.alone_on_line(span) else None

    def alone_on_line(self, span: Span) -> bool:
        """Whether nothing else stands on the lines of a span."""
        text = self.source.text
        begin, end = text.rfind("\n", 0, span.start) + 1, text.find("\n", span.end)
        around = text[begin : span.start] + text[span.end : end if end >= 0 else len(text)]
        return not around.strip()

    def whole_line(self, span: Span) -> Span:
        """The span with all of its lines, the last one's end too."""
        text = self.source.text
        begin, end = text.rfind("\n", 0, span.start) + 1, text.find("\n", span.end)
        return Span(self.source, begin, end + 1 if end >= 0 else len(text))


def _start(step: tree.Apply) -> int:
    return step.span.start


class _Walk:
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
            self.lines.difference_update(map(id, step.body.lines))

    def body(self, body: tree.Body) -> None:
        outer, self.end = self.end, body.span.end
        self.lines.update(map(id, body.lines))
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


def _parts(*names: str) -> Callable[[_Walk, Any], None]:
    """Looks into these fields."""

    def look(walk: _Walk, value: Any) -> None:
        for name in names:
            part = getattr(value, name)
            walk.all(part) if type(part) is tuple else walk.into(part)

    return look


_LOOKS: dict[type, Callable[[_Walk, Any], None]] = {
    tree.Chain: _Walk.chain,
    tree.Apply: _Walk.apply,
    tree.Body: _Walk.body,
    tree.Ref: _Walk.ref,
    tree.Param: _Walk.param,
    tree.Output: _Walk.named_chain,
    tree.Aux: _Walk.named_chain,
    tree.Let: _Walk.bind,
    tree.Set: _Walk.bind,
    tree.Name: _Walk.name,
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
