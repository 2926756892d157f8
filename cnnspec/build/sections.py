"""Sections to settings: words with arguments and bodies, bound like steps, each with its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cnnspec.build.modules import Modules
from cnnspec.build.scope import Context, Env, Settings
from cnnspec.build.troubles import Refused
from cnnspec.contract.errors import LayerError
from cnnspec.contract.settings import Setting
from cnnspec.contract.values import describe
from cnnspec.source.diagnostic import Label
from cnnspec.source.nearest import nearest
from cnnspec.source.text import Span
from cnnspec.syntax import tree


class Line(NamedTuple):
    """A section, or a line of its body: the word that it begins with, what it says, and where it and each of its
    arguments stand. `lines` are those of its own body."""

    word: str
    setting: Setting
    span: Span
    places: Mapping[str, Span]
    lines: tuple[Line, ...] = ()


class Sections(Modules):
    def section(self, kind: type[Setting], step: tree.Apply, ctx: Context) -> Line | None:
        """A section with its body, bound; None where something in it was told.

        What `set` gives to a layer is not for a section's word that happens to be called so.
        """
        env = Env(ctx.env)
        env.settings = Settings()
        try:
            return self._line(kind, step, ctx._replace(env=env))
        except Refused:
            return None

    def _line(self, kind: type[Setting], step: tree.Apply, ctx: Context) -> Line:
        word, args = step.word, step.args
        if kind.kinds:
            kind, word = self._chosen(kind, step, ctx)
            args = args[1:]
        bound = self.bind_surely(word, kind.fields, args, ctx, kind.usage)
        lines = self._body_of(kind, step, ctx)
        try:
            setting = kind(tuple(each.setting for each in lines), **bound.values)
        except LayerError as error:
            place = bound.places.get(error.about) if isinstance(error.about, str) else None
            raise self.troubles.layer_error(error, place or word.span, ctx.trace) from None
        return Line(step.word.name, setting, word.span, bound.places, lines)

    def _chosen(self, kind: type[Setting], step: tree.Apply, ctx: Context) -> tuple[type[Setting], tree.Ident]:
        """Which of its kinds a word is: its first argument says so, by name or by the text that a name stands for."""
        listed = ", ".join(kind.kinds)
        first = step.args[0] if step.args else None
        if first is None or first.name is not None or first.slash:
            message = f"`{step.word.name}` does not say which: {listed}"
            raise self.troubles.error("missing-argument", message, step.word.span, help=f"for example `{kind.usage}`")
        span = first.value.span
        if not isinstance(first.value, tree.Name):
            message = f"`{step.word.name}` begins with one of {listed}, not with `{span.text}`"
            raise self.troubles.error("bad-argument", message, span, help=f"for example `{kind.usage}`")
        name = first.value.name
        if name not in kind.kinds:
            _, value = ctx.env.find(name)
            name = str(value) if isinstance(value, str) else name
        if name not in kind.kinds:
            near, help = _meant(name, kind.kinds, kind.also), f"it is one of {listed}"
            message = f"`{step.word.name}` is never `{describe(name) if ' ' in name else name}`"
            raise self.troubles.error("unknown-word", message, span, help=help, meant=near)
        return kind.kinds[name], tree.Ident(name, span)

    # -- bodies -----------------------------------------------------------------------------------------------------

    def _body_of(self, kind: type[Setting], step: tree.Apply, ctx: Context) -> tuple[Line, ...]:
        if not kind.steps:
            if step.body is not None:
                message = f"`{step.word.name}` takes no body"
                raise self.troubles.error("unexpected-body", message, step.body.span)
            return ()
        if step.body is None:
            message = f"`{step.word.name}` needs a body"
            raise self.troubles.error("missing-body", message, step.word.span, help=f"`{kind.usage}`")
        found: dict[str, Line] = {}
        failed = any(isinstance(line, tree.Broken) for line in step.body.lines)
        for place, each in enumerate(self._words_in(step.body, kind)):
            try:
                line = self._line(self._kind_of(kind, each), each, ctx)
                is_one_of_many = kind.ordered or line.word in kind.repeated
                if not is_one_of_many and line.word in found:
                    raise self.twice(line.word, line.span, found[line.word].span)
                found[str(place) if is_one_of_many else line.word] = line
            except Refused:
                failed = True
        if failed:
            raise Refused
        return tuple(found.values())

    def twice(self, word: str, again: Span, first: Span) -> Refused:
        """Tells that a line or section which stands once is given a second time."""
        message = f"`{word}` is given twice"
        return self.troubles.error(
            "repeated-argument", message, again, "again here", secondary=(Label(first, "first here"),)
        )

    def _kind_of(self, section: type[Setting], step: tree.Apply) -> type[Setting]:
        kind = section.steps.get(step.word.name)
        if kind is None:
            what = "step" if section.ordered else "line"
            near = _meant(step.word.name, section.steps, section.also)
            message = f"`{section.word}` has no {what} `{step.word.name}`"
            help = f"its {what}s are {', '.join(section.steps)}"
            raise self.troubles.error("unknown-word", message, step.word.span, help=help, meant=near)
        return kind

    def _words_in(self, body: tree.Body, section: type[Setting]) -> list[tree.Apply]:
        found = []
        for line in body.lines:
            if isinstance(line, tree.Broken):
                continue  # told by the parser
            steps = line.steps if isinstance(line, tree.Chain) else ()
            for step in steps:
                plain = step.label is None and step.repeat is None and step.expect is None
                if not plain or not isinstance(step.core, tree.Apply):
                    raise self._no_plain_step(section, step.span)
                found.append(step.core)
            if not steps:
                raise self._no_plain_step(section, line.span)
        return found

    def _no_plain_step(self, section: type[Setting], span: Span) -> Refused:
        message = f"`{section.word}` holds plain steps, a word and its arguments each"
        help = f"no labels, parentheses, repeats and conditions here: `{section.usage}`"
        return self.troubles.error("bad-section", message, span, help=help)


def _meant(name: str, known: Mapping[str, object], also: Mapping[str, str]) -> str | None:
    return also.get(name.lower().replace("_", "")) or nearest(name, known)
