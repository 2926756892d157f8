"""Where changes are tried: the whole text is compiled again, and what is wrong with it then compared with what was."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from cnnspec.build.options import Options
from cnnspec.files import Library
from cnnspec.fixes.edits import spares_comments
from cnnspec.fixes.sites import Sites
from cnnspec.ir.graph import Node, Unknown
from cnnspec.pipeline import Compiled, compile_models
from cnnspec.source.change import Change
from cnnspec.source.diagnostic import Diagnostic, Edit
from cnnspec.source.text import Source, Span

WORK = 30_000
"""Nodes and tenths of characters that are compiled for one answer: about half a second. It is counted and not timed, so
that the same text always gets the same answer."""


PRICE_OF_AN_ERROR = 4
"""Each is compared with those that were there."""


class Outcome(NamedTuple):
    """What a change makes of the programs. `left` are the errors then, `added` those of them that were not there
    before, `revealed` those of the added ones that stand where nothing could be said before."""

    change: Change
    compiled: tuple[Compiled, ...]
    left: tuple[Diagnostic, ...]
    added: tuple[Diagnostic, ...]
    revealed: tuple[Diagnostic, ...]
    gone: frozenset[int]
    warnings: int


class Program(NamedTuple):
    """A text with the options that it is compiled with."""

    source: Source
    options: Options


def compiled_with(program: Program, texts: Mapping[str, str]) -> tuple[Compiled, ...]:
    """A program with the texts of these names in place of its own and of the files that it uses."""
    source, options = program
    text = texts.get(source.name, source.text)
    return compile_models(Source(source.name, text), options, Library(source.name, options.limits, texts))


class Bench:
    """Programs as they are, and what they would be after a change of their texts."""

    def __init__(self, programs: Sequence[Program], found: Sequence[Compiled], work: int = WORK) -> None:
        self.programs = programs
        self.found = found
        self.work = work
        self.sites = Sites()
        self.errors = errors_of(found)
        self.warnings = warnings_of(found)
        self._at = {(each.id, _place(_span(each))): i for i, each in enumerate(self.errors)}
        self.sources = {source.name: source for each in found for source in (each.source, *each.used) if source}
        self.price = sum(map(price_of, found)) + PRICE_OF_AN_ERROR * len(self.errors)

    @property
    def exhausted(self) -> bool:
        """Whether another trial would take more work than is allowed."""
        return self.work < self.price

    def tried(self, edits: Iterable[Edit]) -> Outcome | None:
        """The outcome of a change; None if there is no work left for it, or it is no change that may be made: edits
        that touch each other, or a comment."""
        change = Change(edits)
        if self.exhausted or change.overlaps or not spares_comments(change):
            return None
        self.work -= self.price
        return self.outcome(change, self.compiled(change.texts()))

    def compiled(self, texts: Mapping[str, str]) -> tuple[Compiled, ...]:
        """All programs with the texts of these names in place of their own."""
        texts = {name: source.text for name, source in self.sources.items()} | dict(texts)
        return tuple(each for program in self.programs for each in compiled_with(program, texts))

    def outcome(self, change: Change, compiled: tuple[Compiled, ...]) -> Outcome:
        left = errors_of(compiled)
        still, added, revealed = set[int](), [], []
        for each in left:
            place, is_new = self._back(each, change)
            same = self._same(each.id, place)
            still.update(same)
            if not same:
                added.append(each)
                if is_new or place is None or not self._was_understood(place):
                    revealed.append(each)
        gone = frozenset(i for i in range(len(self.errors)) if i not in still)
        warnings = len(warnings_of(compiled)) - len(self.warnings)
        return Outcome(change, compiled, left, tuple(added), tuple(revealed), gone, warnings)

    def index(self, error: Diagnostic) -> int:
        """Which of the errors it is."""
        return self._at[error.id, _place(_span(error))]

    def _same(self, id: str, place: Span | None) -> list[int]:
        """The errors of that kind which were at this place."""
        exact = self._at.get((id, _place(place)))
        if exact is not None:
            return [exact]
        return [i for i, old in enumerate(self.errors) if old.id == id and _meet(place, _span(old))]

    def before(self, found: Diagnostic, change: Change) -> Span | None:
        """Where a finding stood before the change."""
        return self._back(found, change)[0]

    def _back(self, found: Diagnostic, change: Change) -> tuple[Span | None, bool]:
        """Where a finding stood before the change, and whether it begins in what was written newly."""
        span = _span(found)
        source = self.sources.get(span.source.name) if span else None
        if span is None or source is None:
            return None, False
        return change.back(span, source)

    def _was_understood(self, place: Span) -> bool:
        """Whether the step at this place had a known shape in every use. (What is no step, such as a condition on the
        finished model, is looked at only where nothing else is wrong, and so was not.)"""
        site = self.sites.around(place)
        shapes = [
            None if isinstance(node.layer, Unknown) else each.built.shapes[node.id]
            for each in self.found
            if site and each.built
            for node in each.built.graph
            if _made_by(site.step.span, node)
        ]
        return bool(shapes) and None not in shapes


def _made_by(step: Span, node: Node) -> bool:
    """Whether a step, or one in it, made the node, itself or as an instance of a block."""
    spans = (node.span, *(frame.span for frame in node.trace))
    return any(e.source.name == step.source.name and step.start <= e.start and e.end <= step.end for e in spans)


def errors_of(found: Iterable[Compiled]) -> tuple[Diagnostic, ...]:
    """Each error once, though several programs use the file that it stands in."""
    return _distinct(each for one in found for each in one.diagnostics if each.is_error)


def warnings_of(found: Iterable[Compiled]) -> tuple[Diagnostic, ...]:
    return _distinct(each for one in found for each in one.diagnostics if not each.is_error)


def _distinct(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple({(each.id, each.message, _place(_span(each))): each for each in found}.values())


def _place(span: Span | None) -> tuple[str, int, int] | None:
    """A place by its file's name: a file that two programs use is read by each."""
    return (span.source.name, span.start, span.end) if span else None


def price_of(compiled: Compiled) -> int:
    """The work of compiling it once more."""
    characters = sum(len(source.text) for source in (compiled.source, *compiled.used) if source)
    return characters // 10 + (len(compiled.built.graph) if compiled.built else 0)


def _span(found: Diagnostic) -> Span | None:
    return found.label.span if found.label else None


def _meet(one: Span | None, other: Span | None) -> bool:
    """Whether two places of one text overlap, or are both nowhere."""
    if one is None or other is None:
        return one is other
    overlap = one.start < other.end and other.start < one.end
    return one.source.name == other.source.name and (overlap or one.start == other.start)
