"""Arguments to fields: by place, by name, as `/n`, from `set` lines, or the default; for words, and for blocks."""

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from cnnspec.build.placing import Placing
from cnnspec.build.scope import Context, Setting
from cnnspec.build.troubles import Refused
from cnnspec.contract.errors import ArgumentError
from cnnspec.contract.fields import Field
from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Dim, Value
from cnnspec.source.diagnostic import Edit, Fix
from cnnspec.source.nearest import nearest
from cnnspec.source.text import Span
from cnnspec.syntax import tree


class Bound(NamedTuple):
    """Values by field, and where each was given; what is not in `places` is a default. `operands` are the nodes that
    tensor arguments name, in order; such a field holds its operand's index, counted from the step's own value. A field
    of which the value is not known, or is wrong (which is told), has a value that it could have, `others` another."""

    values: dict[str, Any]
    places: dict[str, Span]
    operands: list[str]
    others: dict[str, Any]


class Binding(Placing):
    def bind(
        self, word: tree.Ident, fields: Mapping[str, Field], args: tuple[tree.Arg, ...], ctx: Context, usage: str
    ) -> Bound:
        """The fields of a word from its arguments. Every argument that is wrong is told, and taken for what was likely
        meant; Refused where nothing can be said of one, or one is missing.

        `usage` is an example of the word, for the message where something is missing.
        """
        self.check_spaced(word, args, ctx)
        places = self._places(word, fields, args, ctx)
        bound, failed = Bound({}, {}, [], {}), False
        failures: dict[str, ArgumentError] = {}
        for field, arg in places:
            try:
                value = self._tensor(field, arg, bound, ctx) if field.kind.tensor else self._argument(field, arg, ctx)
                bound.places[field.name] = arg.value.span
                bound.values[field.name] = self._make(field, value, bound.values.get(field.name))
            except ArgumentError as error:
                failures[field.name] = error
            except Refused:
                bound.places[field.name] = arg.value.span
                failed |= field.kind.tensor or not _doubt(field, bound, DOUBTS)
        if failures and not self._swapped(word, fields, args, ctx, failures, bound):
            for name, failure in failures.items():
                self.troubles.layer_error(failure, bound.places[name], ctx.trace)
                first = (failure.instead or "").split(" ")[0]
                failed |= not _doubt(fields[name], bound, (int(first),) if first.isdigit() else DOUBTS)
        if failed:
            raise Refused
        self._settings(word, fields, bound, ctx)
        missing = [each for each in fields.values() if each.required and each.name not in bound.values]
        if missing and len(places) < len(args):  # it may be among those that fit nowhere, which is told
            raise Refused
        if missing:
            raise self._lacking(missing, word, _completed(word, fields, args, usage) if usage else "", ctx)
        return bound

    def bind_surely(
        self, word: tree.Ident, fields: Mapping[str, Field], args: tuple[tree.Arg, ...], ctx: Context, usage: str
    ) -> Bound:
        """The same where nothing follows from what may have been meant: Refused if anything is wrong or not known."""
        before = self.troubles.count
        bound = self.bind(word, fields, args, ctx, usage)
        if self.troubles.count > before or bound.others:
            raise Refused
        return bound

    def _make(self, field: Field, value: Value, before: Any) -> Any:
        made = field.kind.make(value)
        return (*(before or ()), made) if field.kind.many else made

    def _tensor(self, field: Field, arg: tree.Arg, bound: Bound, ctx: Context) -> int:
        if not isinstance(arg.value, tree.Ref):
            message = f"`{field.name}` takes {field.kind.expects}"
            raise self.troubles.error("bad-argument", message, arg.span, trace=ctx.trace)
        bound.operands.append(self.find(arg.value, ctx))
        return len(bound.operands)

    def _argument(self, field: Field, arg: tree.Arg, ctx: Context) -> Value:
        if isinstance(arg.value, tree.Ref):
            message = f"`{field.name}` takes {field.kind.expects}, not a tensor"
            raise self.troubles.error("bad-argument", message, arg.span, trace=ctx.trace)
        if isinstance(arg.value, tree.Number) and "/" in arg.value.span.text and not _takes_ratio(field):
            raise self.glued_stride(arg.value.span, ctx)
        return self.evaluate(arg.value, ctx, field.kind)

    def glued_stride(self, span: Span, ctx: Context) -> Refused:
        """`64/2`, which is a number where a real number is expected, and nothing else."""
        divided, apart = (span.text.replace("/", each) for each in ("//", " /"))
        message = "`/` means stride and needs a space before it"
        help = f"divide with `//`: `{divided}`; a stride stands apart: `{apart}`"
        fix = Fix("divide with `//`", (Edit(span, divided),), safe=False)
        other = Fix("set the stride apart", (Edit(span, apart),), safe=False)
        return self.troubles.error(
            "slash-without-space", message, span, help=help, fix=fix, alternatives=(other,), trace=ctx.trace
        )

    def _settings(self, word: tree.Ident, fields: Mapping[str, Field], bound: Bound, ctx: Context) -> None:
        for name, setting in ctx.env.settings.of(word.name).items():
            if name not in bound.values:
                bound.values[name] = setting.value
                bound.places[name] = setting.span
                if setting.value is UNKNOWN and not _doubt(fields[name], bound, DOUBTS):
                    raise Refused

    def _lacking(self, missing: list[Field], word: tree.Ident, completed: str, ctx: Context) -> Refused:
        needs = " and ".join((each.kind.what or f"`{each.name}`").replace("the ", "its ", 1) for each in missing)
        help = f"for example `{completed}`" if completed else None
        message = f"`{word.name}` needs {needs}"
        return self.troubles.error("missing-argument", message, word.span, help=help, trace=ctx.trace)

    def _swapped(
        self,
        word: tree.Ident,
        fields: Mapping[str, Field],
        args: tuple[tree.Arg, ...],
        ctx: Context,
        failures: Mapping[str, ArgumentError],
        bound: Bound,
    ) -> bool:
        """Two arguments by place that would fit the other way round: `conv 64 3x3`."""
        by_place = [field for field in fields.values() if field.positional and not field.kind.many]
        given = [arg for arg in args if arg.name is None and not arg.slash]
        if len(by_place) < 2 or len(given) != 2 or not set(failures) <= {each.name for each in by_place[:2]}:
            return False
        try:
            values = [self._argument(field, arg, ctx) for field, arg in zip(by_place[:2], given, strict=True)]
            if isinstance(values[0], Dim) is isinstance(values[1], Dim) or _is_repeat(*values):
                return False
            made = {
                field.name: field.kind.make(value) for field, value in zip(reversed(by_place[:2]), values, strict=True)
            }
        except (ArgumentError, Refused):
            return False
        bound.values.update(made)
        first, second = given
        edits = (Edit(first.span, second.span.text), Edit(second.span, first.span.text))
        fix = Fix(f"write {by_place[0].kind.what or by_place[0].name} first", edits, safe=True)
        text = f"{word.name} {second.span.text} {first.span.text}"
        message = f"the {by_place[0].name} comes first, then the {by_place[1].name}"
        self.troubles.error(
            "argument-order", message, first.span.to(second.span), help=f"`{text}`", fix=fix, trace=ctx.trace
        )
        return True

    def set_words(self, line: tree.Set, ctx: Context) -> Iterator[tuple[type[Layer], tree.Ident]]:
        """The words that a `set` line names; one that is none is told."""
        for word in line.words:
            cls = self.words.get(word.name)
            if cls is not None:
                yield cls, word
                continue
            near, help = nearest(word.name, self.words), "`set` names words such as `conv`"
            message = f"unknown layer `{word.name}`"
            self.troubles.error("unknown-word", message, word.span, help=help, meant=near, trace=ctx.trace)

    def apply_set(self, line: tree.Set, ctx: Context) -> None:
        """A `set` line: checks each default against the words it names, and puts it in force from here on."""
        for cls, word in self.set_words(line, ctx):
            for arg in line.args:
                field = self._named(word, cls.fields, arg, ctx)
                if field is None:
                    continue
                made: object = UNKNOWN
                try:
                    made = field.kind.make(self._argument(field, arg, ctx))
                except ArgumentError as error:
                    self.troubles.layer_error(error, arg.value.span, ctx.trace)
                except Refused:
                    pass
                ctx.env.set(word.name, field.name, Setting(made, arg.span))


def _completed(word: tree.Ident, fields: Mapping[str, Field], args: tuple[tree.Arg, ...], usage: str) -> str:
    """The user's own step with what is missing taken from an example; the example where that cannot be said."""
    plain = [each.span.text for each in args if each.name is None and not each.slash]
    needed = [each for each in fields.values() if each.positional and each.required]
    first, *shown = usage.split()
    if (
        first != word.name
        or len(plain) >= len(needed)
        or not all(re.fullmatch(r"[\w.x]+", each) for each in shown[: len(needed)])
    ):
        return usage
    more = [each.span.text for each in args if each.name is not None or each.slash]
    return " ".join((word.name, *plain, *shown[len(plain) : len(needed)], *more))


UNKNOWN = object()
"""The value of a setting that could not be worked out."""
DOUBTS: tuple[Value, ...] = (Fraction(1, 2), Fraction(1, 4), 1, 2, True)
"""What is put in place of an argument that is wrong: if with two of them the shape is the same, it is known."""


def _is_repeat(first: Value, second: Value) -> bool:
    """`3 256x2`, where the size is no window of so many channels, and a blank is missing before the x."""
    return isinstance(first, int) and isinstance(second, Dim) and max(second) > first


def _doubt(field: Field, bound: Bound, values: tuple[Value, ...]) -> bool:
    """Puts the first two of the values that a field can take in its place; False if it can take none, or takes several
    arguments, of which one says nothing about the others."""
    if field.kind.many:
        return False
    taken = []
    for each in values:
        try:
            taken.append(field.kind.make(each))
        except ArgumentError:
            continue
    if taken:
        bound.values[field.name], bound.others[field.name] = taken[0], taken[min(1, len(taken) - 1)]
    return bool(taken)


def _takes_ratio(field: Field) -> bool:
    try:
        field.kind.make(Fraction(1, 3))
    except ArgumentError:
        return False
    return True
