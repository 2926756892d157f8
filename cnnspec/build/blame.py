"""Arguments in the wrong order in a block, told at the use of the block that gave them so: `CB 3x3 16`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from cnnspec.build.troubles import ORDER, Met, more_uses
from cnnspec.contract.values import describe
from cnnspec.ir.graph import Scope
from cnnspec.source.diagnostic import Diagnostic, Edit, Fix, Frame, Label
from cnnspec.source.text import Span

LONGEST = 40
"""Characters of a use that is shown in a message."""
MOST = 50
"""Texts of uses that are told apart for one finding; of more the block is told."""
_NAMES = re.compile(r"([A-Za-z_]\w*)[\s,]+([A-Za-z_]\w*)")
_NUMBER = re.compile(r"[0-9]+")
_KERNEL = re.compile(r"[0-9]+(x[0-9]+)+")
_CLOSES = re.compile(r"[ \t]*,?[ \t]*\)")
_ORDER = re.compile(r"the (\w+) comes first, then the (\w+)")


class Use(NamedTuple):
    """A use of a block that gave a kernel for a number: the parameter `kernel`. `given` are the parameters that it is
    about, in their order."""

    way: tuple[Frame, ...]
    scope: Scope
    kernel: str
    given: tuple[str, ...]

    @property
    def places(self) -> list[Span]:
        return [self.scope.places[name] for name in self.given]


class Group(NamedTuple):
    """Uses, by their paths, that read alike and make the same mistake; a finding in the block stands for it."""

    first: Diagnostic
    uses: dict[str, Use]


def settled(found: Iterable[Met], scopes: Mapping[str, Scope]) -> tuple[Diagnostic, ...]:
    """Everything that was met, each once, at the block or at the uses of it that are to blame."""
    blame = Blame(scopes)
    told: list[Diagnostic | Group] = []
    groups: dict[tuple[str, str], Group] = {}
    said: dict[tuple[str, str], tuple[str, str]] = {}
    for met in found:
        uses = blame.uses(met)
        if not uses:
            told.append(met.told())
        for use in uses:
            key = (use.way[-1].span.source.name, _message(use))
            if said.setdefault((use.scope.path, use.kernel), key) != key:
                continue  # the same kernel, beside another number
            if key not in groups:
                groups[key] = Group(met.first, {})
                told.append(groups[key])
            groups[key].uses.setdefault(use.scope.path, use)
    return tuple(_told(each.first, each.uses) if isinstance(each, Group) else each for each in told)


class Blame:
    """Who is to blame, the block or its uses."""

    def __init__(self, scopes: Mapping[str, Scope]) -> None:
        self.scopes = scopes

    @cached_property
    def _numbers(self) -> frozenset[tuple[str, str]]:
        """The parameters of blocks, with the block's name, that are a number in one use or another."""
        return frozenset(
            (each.block, name)
            for each in self.scopes.values()
            if each.block is not None
            for name, value in each.arguments.items()
            if type(value) is int
        )

    def uses(self, met: Met) -> Sequence[Use]:
        """The uses that are to blame for a finding: all that it was met in, each with values written out. None if it
        is the block, or a use that only hands on what it was given."""
        first = met.first
        names = _NAMES.fullmatch(first.label.span.text) if first.id == ORDER and first.label else None
        if names is None or names[1] == names[2]:
            return ()
        found, texts = list[Use](), set[str]()
        for way in met.ways:
            use = self._use(way, names.groups())
            if use is None:
                return ()
            found.append(use)
            texts.add(_message(use))
        if not found or len(texts) > MOST:
            return ()
        number = found[0].scope.block or "", found[0].kernel
        return found if number in self._numbers or _is_in_order(first.message, names.groups()) else ()

    def _use(self, way: tuple[Frame, ...], names: tuple[str, ...]) -> Use | None:
        scope = self.scopes.get(way[-1].path) if way else None
        if scope is None or scope.block is None or not set(names) <= set(scope.arguments):
            return None
        places = scope.places
        given = tuple(sorted((name for name in names if name in places), key=lambda name: places[name].start))
        if any(_is_stride(places[name]) for name in given):
            return None
        kernels = [name for name in given if _KERNEL.fullmatch(places[name].text)]
        numbers = [name for name in given if _NUMBER.fullmatch(places[name].text)]
        if len(kernels) != 1 or len(numbers) != len(given) - 1 or way[-1].span.source is not places[given[0]].source:
            return None
        return Use(way, scope, kernels[0], given)


def _told(first: Diagnostic, uses: Mapping[str, Use]) -> Diagnostic:
    """The finding at the first of uses with the same text. Its fix, for all of them, has yet to prove itself."""
    use, more = next(iter(uses.values())), len(uses) - 1
    assert first.label is not None, "it has its place"
    fix = None
    if len(use.given) == 2:
        steps = {each.way[-1].span: each for each in uses.values()}
        edits = tuple(edit for each in steps.values() for edit in _swap(*each.places))
        fix = Fix(_title(use), edits, safe=False)
    return Diagnostic(
        first.id,
        first.severity,
        _message(use),
        Label(use.places[0].to(use.places[-1]), "the other way round" if fix else ""),
        secondary=(Label(first.label.span, first.message),),
        notes=(more_uses(more),) if more else (),
        fix=fix,
        trace=use.way[:-1],
    )


def _message(use: Use) -> str:
    step = use.way[-1].span
    shown = _text(step) if _is_short(step) else use.scope.block
    values = " and ".join(f"`{name}` is {describe(use.scope.arguments[name])}" for name in use.given)
    return f"in `{shown}`, {values}"


def _swap(one: Span, two: Span) -> Iterator[Edit]:
    yield Edit(one, two.text)
    yield Edit(two, one.text)


def _title(use: Use) -> str:
    step, (one, two) = use.way[-1].span, use.places
    if not _is_short(step):
        return f"put `{one.text}` and `{two.text}` in each other's place"
    text, start = _text(step), step.start
    between = text[one.end - start : two.start - start]
    return f"did you mean `{text[: one.start - start]}{two.text}{between}{one.text}{text[two.end - start :]}`?"


def _is_stride(value: Span) -> bool:
    return value.source.text.startswith("/", value.start - 1)


def _is_short(step: Span) -> bool:
    text = _text(step)
    return len(text) <= LONGEST and "\n" not in text and text.count("(") == text.count(")")


def _text(step: Span) -> str:
    """A use with the bracket that closes behind its last argument, where there are brackets around them."""
    behind = _CLOSES.match(step.source.text, step.end) if step.text.count("(") > step.text.count(")") else None
    return step.text + (behind[0] if behind else "")


def _is_in_order(message: str, names: tuple[str, ...]) -> bool:
    """Whether a block hands its parameters on in the right order, by their names: `conv k c` of `block CB(c, k)`."""
    order = _ORDER.search(message)
    if order is None:
        return False
    fits = [name[0].lower() == field[0] for name, field in zip(names, order.groups(), strict=True)]
    crossed = [name[0].lower() == field[0] for name, field in zip(names, reversed(order.groups()), strict=True)]
    return any(fits) and not any(crossed)
