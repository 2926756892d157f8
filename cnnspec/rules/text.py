"""The text of one file as lints look at it: what is defined, what is used, and where."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from functools import cached_property

from cnnspec.contract.layer import Layer
from cnnspec.rules.walk import Place, Walk
from cnnspec.source.diagnostic import Edit, Fix
from cnnspec.source.text import Source, Span
from cnnspec.syntax import tree


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
    def _walked(self) -> Walk:
        walk = Walk()
        walk.all(self.file.items)
        return walk

    @property
    def places(self) -> dict[tuple[int, int], Place]:
        """Every step by the span of its core, which is that of the nodes it makes."""
        return self._walked.places

    def place_of(self, span: Span) -> Place | None:
        return self.places.get((span.start, span.end)) if span.source is self.source else None

    def leading_to(self, place: Place) -> Iterator[type[Layer]]:
        """The words whose value a step takes, the nearest first, as far back as they are written out: whatever the
        parameters are, in every use of its block, these come before it."""
        chain: tree.Chain | None = place.chain
        end = place.number
        while chain is not None:
            for step in reversed(chain.steps[:end]):
                cls = self.word_of(step)
                if cls is None or cls.merges:
                    return
                yield cls
            chain = self._walked.above.get(id(chain))
            end = len(chain.steps) if chain else 0

    def word_of(self, step: tree.Step) -> type[Layer] | None:
        """The word that a step surely is: no block, nothing that a parameter or a count of 0 could make of it."""
        is_there = step.repeat is None or (isinstance(step.repeat, tree.Number) and step.repeat.value != 0)
        return self.words.get(step.core.word.name) if is_there and isinstance(step.core, tree.Apply) else None

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

    def readings_of(self, name: str, start: int, end: int) -> list[int]:
        """Where a name is read between two places, in order."""
        places = self._walked.names.get(name, [])
        return places[bisect_right(places, start) : bisect_left(places, end)]

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
