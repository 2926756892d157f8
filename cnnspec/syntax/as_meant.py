"""The tree of a text with mistakes, as it was likely meant: so that what stands behind a mistake is looked at, too.

The fixes of the mistakes are made in a copy of the text, which is read again; the places of that tree are then led back
to the text that there is. Nothing of this is told: the mistakes are, and each has its fix.
"""

from typing import Any

from cnnspec.source.change import Change
from cnnspec.source.diagnostic import Diagnostic, Edit
from cnnspec.source.text import Source, Span
from cnnspec.syntax import tree
from cnnspec.syntax.limits import SyntaxLimits
from cnnspec.syntax.parse import parse

_NUMBERS = frozenset({"number-too-large", "malformed-number"})
_LIKELY = frozenset({"unclosed-text", "lower-case-block"})
MOST_ROUNDS = 3
"""A line with several mistakes is mended one after the other."""


def as_meant(file: tree.File, troubles: tuple[Diagnostic, ...], limits: SyntaxLimits) -> tree.File:
    """A file's tree in which lines with a mistake are read with its fix. Where that leads to no fewer mistakes, it is
    the tree that there was."""
    source = file.span.source
    steps: list[tuple[Change, Source]] = []
    meant, left, text = file, troubles, source
    for _ in range(MOST_ROUNDS):
        change = Change(_edits(left))
        if change.is_empty:
            break
        mended = Source(source.name, change.texts()[source.name])
        found, fewer = parse(mended, limits)
        if len(fewer) >= len(left):
            break
        steps.append((change, text))
        meant, left, text = found, fewer, mended
    return _led_back(meant, steps[::-1])._replace(comments=file.comments, span=file.span) if steps else file


def _edits(troubles: tuple[Diagnostic, ...]) -> list[Edit]:
    """What makes lines readable, without those that touch one before them: sure fixes, an end for a text, and for a
    number that is none something that nobody knows the value of."""
    taken: list[Edit] = []
    end = -1
    for each in troubles:
        edits = sorted(each.fix.edits if each.fix else (), key=lambda edit: edit.span.start)
        if each.id in _NUMBERS and each.label and not edits:
            edits = [Edit(each.label.span, tree.UNREADABLE)]
        elif each.fix and not each.fix.safe and each.id not in _LIKELY:
            continue
        if edits and edits[0].span.start > end:
            taken += edits
            end = edits[-1].span.end
    return taken


def _led_back(value: Any, steps: list[tuple[Change, Source]]) -> Any:
    """The same with every span in the text that the first step came from."""
    if isinstance(value, Span):
        for change, source in steps:
            value, _ = change.back(value, source)
        return value
    if not isinstance(value, tuple):
        return value
    parts = [_led_back(each, steps) for each in value]
    return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
