"""Sections: what belongs to the model and travels with it, `image { … }` and `labels "…"`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cnnspec.build.modules import Modules, Refusal
from cnnspec.build.scope import Context
from cnnspec.build.troubles import Refused
from cnnspec.contract.errors import LayerError
from cnnspec.contract.sections import SECTIONS, Setting
from cnnspec.source.nearest import nearest
from cnnspec.source.text import Source, Span
from cnnspec.syntax import tree

if TYPE_CHECKING:
    from cnnspec.contract.preprocess import Preprocess

TextReader = Callable[[str, Source], Source | Refusal]
"""Reads the text file that a source calls by a relative path."""


class Sections(Modules):
    texts: TextReader

    def section(self, step: tree.Apply, ctx: Context) -> tuple[Setting, tuple[Setting, ...]] | None:
        """A section and the steps of its body, bound; None where something in it was told."""
        kind = SECTIONS[step.word.name]
        try:
            head, _ = self._setting(kind, step, ctx)
            return head, self._steps_of(kind, step, ctx)
        except Refused:
            return None

    def _setting(self, kind: type[Setting], step: tree.Apply, ctx: Context) -> tuple[Setting, dict[str, Span]]:
        bound = self.bind(step.word, kind.fields, step.args, ctx, "")
        try:
            return kind(**bound.values), bound.places
        except LayerError as error:
            place = bound.places.get(error.about) if isinstance(error.about, str) else None
            raise self.troubles.layer_error(error, place or step.word.span, ctx.trace) from None

    def _steps_of(self, kind: type[Setting], step: tree.Apply, ctx: Context) -> tuple[Setting, ...]:
        if not kind.steps:
            if step.body is not None:
                message = f"`{step.word.name}` takes no body"
                raise self.troubles.error("unexpected-body", message, step.body.span)
            return ()
        if step.body is None:
            help = f"`{step.word.name} {{ {next(iter(kind.steps))} … }}`"
            raise self.troubles.error("missing-body", f"`{step.word.name}` needs a body", step.word.span, help=help)
        found, failed = [], False
        for each in self._words_in(step.body, step.word.name):
            try:
                found.append(self._setting(self._kind_of(kind, each), each, ctx)[0])
            except Refused:
                failed = True
        if failed:
            raise Refused
        return tuple(found)

    def _kind_of(self, section: type[Setting], step: tree.Apply) -> type[Setting]:
        kind = section.steps.get(step.word.name)
        if kind is None:
            near = nearest(step.word.name, section.steps)
            help = f"did you mean `{near}`?" if near else f"its steps are {', '.join(section.steps)}"
            message = f"`{section.word}` has no step `{step.word.name}`"
            raise self.troubles.error("unknown-word", message, step.word.span, help=help)
        return kind

    def _words_in(self, body: tree.Body, section: str) -> list[tree.Apply]:
        found = []
        for line in body.lines:
            if isinstance(line, tree.Broken):
                raise Refused
            steps = line.steps if isinstance(line, tree.Chain) else ()
            for step in steps:
                plain = step.label is None and step.repeat is None and step.expect is None
                if not plain or not isinstance(step.core, tree.Apply):
                    raise self._no_plain_step(section, step.span)
                found.append(step.core)
            if not steps:
                raise self._no_plain_step(section, line.span)
        return found

    def _no_plain_step(self, section: str, span: Span) -> Refused:
        message = f"`{section}` holds plain steps, a word and its arguments each"
        help = "no labels, parentheses, repeats and conditions here: `resize 256 -> crop 224`"
        return self.troubles.error("bad-section", message, span, help=help)

    def preprocess(self, section: Setting, steps: tuple[Setting, ...]) -> Preprocess:
        """The plain data that travels in the ONNX file."""
        from cnnspec.contract.preprocess import Preprocess  # brings json, which few texts need

        return Preprocess(steps, section.arguments["channels"])

    def label_names(self, file: str, span: Span) -> tuple[str, ...] | None:
        """The lines of a labels file that stands beside the text."""
        found = self.texts(file, span.source)
        if not isinstance(found, Source):
            self.troubles.error(found.id, found.message, span, help=found.help)
            return None
        return tuple(line.strip() for line in found.text.splitlines() if line.strip())
