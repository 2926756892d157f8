"""Errors in a block that are its caller's: what does not fit came in through a parameter, and fits in other uses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from cnnspec.build.failures import Failure
from cnnspec.build.troubles import Met
from cnnspec.contract.values import describe
from cnnspec.ir.graph import Node, Scope, Unknown
from cnnspec.source.diagnostic import Diagnostic, Edit, Fix, Label
from cnnspec.source.text import Span

IDS = frozenset({"argument-order", "bad-argument", "unknown-word"})
"""What is said of a value alone, whatever comes into the step."""
LONGEST = 40
"""Characters of a use that is shown in a message."""
_NAME = re.compile(r"(?<![\w.@\"])[A-Za-z_]\w*(?![\w.(\"])")
_ORDER = re.compile(r"the (\w+) comes first, then the (\w+)")


class Blame:
    """Who is to blame, the block or its use. What is known of a step that was refused (`failures`) goes with it."""

    def __init__(
        self, nodes: Mapping[str, Node], scopes: Mapping[str, Scope], failures: dict[tuple[str, Span], Failure]
    ) -> None:
        self.nodes, self.scopes, self.failures = nodes, scopes, failures

    def settled(self, found: Iterable[Met]) -> Iterator[Diagnostic]:
        """Everything that was met, each once, at the block or at the uses of it that are to blame."""
        for each in found:
            uses = self._at_uses(each)
            yield from uses or (each.told(),)

    def _at_uses(self, met: Met) -> list[Diagnostic]:
        """The finding at each use that is to blame; none if the block is, or one use only gives what it has to."""
        first = met.uses[0]
        if first.label is None or not (first.id in IDS or (first.id, first.label.span) in self.failures):
            return []
        moved = [self._moved(each) for each in met.uses]
        at = [each for each in moved if each is not None]
        if len(at) < len(moved) or not (self._fits_elsewhere(first.label.span, met) or _is_in_order(first)):
            return []
        by_place: dict[Span, list[Diagnostic]] = {}
        for each in at:
            assert each.label is not None, "a use has its place"
            by_place.setdefault(each.label.span, []).append(each)
        failure = self.failures.get((first.id, first.label.span))
        if failure is not None and at[0].label is not None:
            self.failures[first.id, at[0].label.span] = failure
        found: list[Diagnostic] = []
        for uses in by_place.values():
            further = Met(tuple(uses), len(uses) - 1)
            found += self._at_uses(further) or [further.told()]
        return found

    def _fits_elsewhere(self, place: Span, met: Met) -> bool:
        """Whether the step at this place, a word's or a block's, is understood in another use of its block."""
        if (met.uses[0].id, place) in self.failures:
            return self._fits_with_another(place, met)
        wrong = tuple(f"{each.trace[-1].path}." for each in met.uses)
        blocks = (each for each in self.scopes.values() if each.block is not None and _is_inside(place, each.span))
        if met.more < len(wrong) and any(not each.path.startswith(wrong) for each in blocks):
            return True
        return bool(self._understood(place))

    def _fits_with_another(self, place: Span, met: Met) -> bool:
        """Whether it is understood where the parameter is another, and nowhere where it is the same: then it is not
        what comes into the step."""
        name, wrong = place.text, [self.scopes[each.trace[-1].path].arguments.get(place.text) for each in met.uses]
        uses = [self.scopes.get(each.trace[-1].path) for each in self._understood(place) if each.trace]
        right = [each.arguments.get(name) for each in uses if each]
        return bool(right) and not any(each in right for each in wrong)

    def _understood(self, place: Span) -> list[Node]:
        """The nodes that the step at this place makes, without those that were refused."""
        around = [each for each in self.nodes.values() if _is_inside(place, each.span)]
        least = min((each.span.end - each.span.start for each in around), default=0)
        steps = (each for each in around if each.span.end - each.span.start == least)
        return [each for each in steps if not isinstance(each.layer, Unknown)]

    def _moved(self, found: Diagnostic) -> Diagnostic | None:
        """The finding at the use of its block, if that gave the values that it is about."""
        assert found.label is not None, "it has its place"
        scope = self.scopes.get(found.trace[-1].path) if found.trace else None
        names = dict.fromkeys(_NAME.findall(found.label.span.text))
        if scope is None or scope.block is None or not names or not set(names) <= set(scope.arguments):
            return None
        given = sorted((name for name in names if name in scope.places), key=lambda each: scope.places[each].start)
        if not given or len(names) != (2 if found.id == "argument-order" else 1):
            return None
        use, places = found.trace[-1].span, [scope.places[each] for each in given]
        values = " and ".join(f"`{name}` is {describe(scope.arguments[name])}" for name in given)
        is_refused = (found.id, found.label.span) in self.failures
        if is_refused and found.label.span.text != given[0]:
            return None
        swaps = () if is_refused else tuple(_swaps(use, scope, given))
        message, label, help, inside = found.message, values, found.help, "where it goes"
        if found.id == "argument-order":
            message, inside = f"in {_use(use, scope)}, {values}", found.message
            if swaps:
                label, help = "the other way round", swaps[0].title
            else:
                other = next((name for name in names if name not in given), None)
                help = f"if it is meant for `{other}`: `{other}={places[0].text}`" if other else None
        elif found.id == "unknown-word":
            message = f"{values}, which is no layer"
        return Diagnostic(
            found.id,
            found.severity,
            message,
            Label(places[0].to(places[-1]), label),
            secondary=(Label(found.label.span, inside),),
            notes=found.notes,
            help=help,
            fix=swaps[0] if swaps else None,
            alternatives=swaps[1:],
            trace=found.trace[:-1],
        )


def _is_in_order(found: Diagnostic) -> bool:
    """Whether a block hands its parameters on in the right order, by their names: `conv k c` of `block CB(c, k)`."""
    order = _ORDER.search(found.message)
    names = _NAME.findall(found.label.span.text) if found.label else []
    if order is None or len(names) != 2:
        return False
    fits = [name[0].lower() == field[0] for name, field in zip(names, order.groups(), strict=True)]
    crossed = [name[0].lower() == field[0] for name, field in zip(names, reversed(order.groups()), strict=True)]
    return any(fits) and not any(crossed)


def _swaps(use: Span, scope: Scope, names: list[str]) -> Iterator[Fix]:
    """The use with two of its values in each other's place, one of them among these."""
    plain = {name: each for name, each in scope.places.items() if name not in scope.tensors and not _is_stride(each)}
    others = names[1:] if len(names) > 1 else [each for each in plain if each not in names]
    for other in others:
        one, two = sorted((plain.get(names[0]), plain.get(other)), key=lambda each: each.start if each else -1)
        if one is None or two is None or one.text == two.text:
            continue
        text, start = use.text, use.start
        right = text[: one.start - start] + two.text + text[one.end - start : two.start - start] + one.text
        right += text[two.end - start :]
        yield Fix(f"did you mean `{right}`?", (Edit(one, two.text), Edit(two, one.text)), safe=False)


def _is_stride(value: Span) -> bool:
    return value.source.text[: value.start].endswith("/")


def _use(use: Span, scope: Scope) -> str:
    is_short = use.end - use.start <= LONGEST and "\n" not in use.text
    return f"`{use.text if is_short else scope.block}`"


def _is_inside(part: Span, whole: Span) -> bool:
    return part.source is whole.source and whole.start <= part.start and part.end <= whole.end
