"""The user's own lines with marks under them, as rustc draws them; and a fix, shown as the line that it makes."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cnnspec.reports.look import NARROWEST, Look, cells, lay, visible
from cnnspec.source.diagnostic import Edit, Fix, Label
from cnnspec.source.text import Source

MOST_LINES = 6
HANGING = 2
_BREAKS = re.compile(r"(?= → )|(?<=[,;] )")
_WORDS = re.compile(r"\s*(?:`[^`]*`|[^\s`])+")


class Mark(NamedTuple):
    """Characters `start` to `end` (from 0) of one line, the sign that is drawn under them, and what is said there."""

    start: int
    end: int
    sign: str
    text: str
    style: str


class Gutter(NamedTuple):
    """The left edge of all snippets of one diagnostic; `digits` is the length of its largest line number."""

    digits: int
    look: Look

    def row(self, text: str = "", number: int | None = None, sign: str = "|") -> str:
        shown = "" if number is None else str(number)
        edge = self.look.paint("gutter", f" {shown:>{self.digits}} {sign}")
        return f"{edge} {text}" if text else edge

    def arrow(self, place: str, sign: str = "-->") -> str:
        return f"{' ' * (self.digits + 1)}{self.look.paint('gutter', sign)} {place}"

    def remark(self, kind: str, text: str) -> list[str]:
        """`= note: …`; further lines of the text stand under its first, and what is too long for the terminal under
        these."""
        indent = " " * (self.digits + 2)
        room = self.look.width - len(indent) - len(kind) - 4 if self.look.is_measured else None
        first, *more = (part for line in text.split("\n") for part in hung(line, room))
        head = f"{indent}{self.look.paint('gutter', '=')} {self.look.paint('bold', kind + ':')} {first}"
        return [head, *(f"{indent}{' ' * (len(kind) + 4)}{each}" for each in more)]

    @property
    def room(self) -> int:
        return max(self.look.width, NARROWEST) - self.digits - 4


def hung(line: str, room: int | None) -> list[str]:
    """The line in at most `room` cells, broken in front of arrows and behind commas, where that is enough, and else
    between words; what follows is indented. What stands in backticks, and a single word, stays whole."""
    if room is None or cells(line) <= room:
        return [line]
    lines: list[str] = []
    for piece in _BREAKS.split(line):
        short = cells(piece.strip()) <= max(room, NARROWEST) - HANGING
        for each in (piece,) if short else _WORDS.findall(piece):
            if lines and cells(lines[-1] + each.rstrip()) <= max(room, NARROWEST):
                lines[-1] += each
            else:
                lines.append(" " * HANGING + each.lstrip() if lines else each)
    return [each.rstrip() for each in lines]


def last_line(label: Label) -> int:
    span = label.span
    return span.source.position(max(span.end - 1, span.start))[0]


def snippet(source: Source, labels: Sequence[tuple[Label, str, str]], gutter: Gutter) -> list[str]:
    """The lines of one source that the labels (each with its sign and style) stand on, in order, with what lies
    between: a single line is shown, more are `...`."""
    marks: dict[int, list[Mark]] = {}
    for label, sign, style in labels:
        for number, mark in _split(source, label, sign, style, gutter.look):
            marks.setdefault(number, []).append(mark)
    lines: list[str] = []
    before = None
    for number in sorted(marks):
        if before is not None and number - before == 2:
            lines.append(_plain(source.line(number - 1), number - 1, gutter))
        elif before is not None and number - before > 2:
            lines.append(gutter.look.paint("gutter", "..."))
        lines += marked_line(source.line(number), number, marks[number], gutter)
        before = number
    return lines


def _split(source: Source, label: Label, sign: str, style: str, look: Look) -> Iterable[tuple[int, Mark]]:
    """A label as marks on single lines. Of a long span only the first and the last line are marked; the words stand
    at the last."""
    first, last = label.span.line, last_line(label)
    numbers = range(first, last + 1) if last - first < MOST_LINES else (first, last)
    text = visible(label.text, look.encoding)
    for number in numbers:
        line = source.line(number)
        start = label.span.column - 1 if number == first else len(line) - len(line.lstrip())
        end = source.position(label.span.end)[1] - 1 if number == last else len(line.rstrip())
        if number == last and source.position(label.span.end)[0] != last:  # the span ends with the line's end
            end = len(line)
        if end <= start and first != last and number != last:
            continue
        yield number, Mark(start, max(end, start + 1), sign, text if number == last else "", style)


def _plain(line: str, number: int, gutter: Gutter, sign: str = "|", style: str = "") -> str:
    text = lay(line, 0, 0, gutter.room, gutter.look).text
    return gutter.row(gutter.look.paint(style, text) if style else text, number, sign)


def marked_line(line: str, number: int, marks: Sequence[Mark], gutter: Gutter) -> list[str]:
    """One line and the rows under it."""
    look = gutter.look
    laid = lay(line, min(each.start for each in marks), max(each.end for each in marks), gutter.room, look)
    placed = []
    for mark in marks:
        start = laid.column(mark.start)
        beyond = mark.end - len(line)
        end = laid.column(mark.end) + (max(beyond, 0) if mark.start >= len(line) else 0)
        placed.append(mark._replace(start=start, end=max(end, start + 1)))
    rows = [gutter.row(laid.text, number)]
    for layer in _layers(placed):
        rows += [gutter.row(_draw(row, look)) for row in _rows(layer, gutter.room)]
    return rows


def _layers(marks: Iterable[Mark]) -> list[list[Mark]]:
    """Marks that do not overlap share a row; the first given stands nearest to the line."""
    layers: list[list[Mark]] = []
    for mark in marks:
        for layer in layers:
            if all(mark.end <= each.start or each.end <= mark.start for each in layer):
                layer.append(mark)
                break
        else:
            layers.append([mark])
    return [sorted(layer) for layer in layers]


def _rows(layer: list[Mark], room: int) -> Iterable[list[tuple[int, str, str]]]:
    """The rows of one layer, each a list of (cell, text, style): the signs with the last one's words behind them,
    then the words of the others, from right to left, each hanging from its mark. Words for which there is no room
    behind the sign stand below it."""
    row = [(each.start, each.sign * (each.end - each.start), each.style) for each in layer]
    last = layer[-1]
    fits = last.end + 1 + cells(last.text) <= room
    if last.text and fits:
        row.append((last.end + 1, last.text, last.style))
    yield row
    hanging = [each for each in layer[:-1] if each.text]
    if last.text and not fits:
        begin = max(min(last.start, room - cells(last.text)), hanging[-1].start + 2 if hanging else 0)
        yield [*((each.start, "|", each.style) for each in hanging), (begin, last.text, last.style)]
    elif hanging:
        yield [(each.start, "|", each.style) for each in hanging]
    while hanging:
        low = hanging.pop()
        yield [*((each.start, "|", each.style) for each in hanging), (low.start, low.text, low.style)]


def _draw(row: list[tuple[int, str, str]], look: Look) -> str:
    drawn, at = "", 0
    for cell, text, style in row:
        drawn += " " * (cell - at) + look.paint(style, text)
        at = cell + len(text)
    return drawn


# -- fixes ------------------------------------------------------------------------------------------------------------


def fixed(fix: Fix, remark: str, gutter: Gutter) -> list[str]:
    """The lines that the fix makes, `~~~` under what it writes; a pure deletion as `-` and `+` lines."""
    lines = [gutter.row()]
    shift = 0
    groups = list(_groups(fix.edits))
    for place, group in enumerate(groups):
        if place:
            lines.append(gutter.look.paint("gutter", "..."))
        drawn, added = _changed(group, shift, gutter)
        lines += drawn
        shift += added
    return [*lines[:-1], f"{lines[-1]}    {gutter.look.paint('fix', f'[{remark}]')}"]


def _groups(edits: Sequence[Edit]) -> Iterable[list[Edit]]:
    """Edits on the same or neighbouring lines are shown together."""
    group: list[Edit] = []
    for edit in sorted(edits, key=lambda each: (each.span.source.name, each.span.start, each.span.end)):
        if group:
            last = group[-1].span
            if last.source is not edit.span.source or edit.span.line > last.source.position(last.end)[0] + 1:
                yield group
                group = []
        group.append(edit)
    if group:
        yield group


def _changed(group: list[Edit], shift: int, gutter: Gutter) -> tuple[list[str], int]:
    """The lines of one group of edits as they will be, and how many lines it adds."""
    source, end = group[0].span.source, group[-1].span.end
    first = group[0].span.line
    stop = end if _whole_lines(group) else source.text.find("\n", end)
    stop = len(source.text) if stop < 0 else stop
    old = source.text[group[0].span.start - group[0].span.column + 1 : stop].splitlines()
    text, marks = _applied(group, stop)
    new = text.rstrip().splitlines()
    added = sum(each.replacement.count("\n") - each.span.text.count("\n") for each in group)
    if not any(each.replacement.strip() for each in group):
        gone = [_plain(line, first + i, gutter, "-", "gone") for i, line in enumerate(old) if line.strip()]
        left = [_plain(line, first + shift + i, gutter, "+", "fix") for i, line in enumerate(new) if line.strip()]
        return (gone + left)[: 2 * MOST_LINES], added
    lines: list[str] = []
    for i, line in enumerate(new[:MOST_LINES]):
        number = first + shift + i
        here = [mark for at, mark in marks if at == i]
        lines += marked_line(line, number, here, gutter) if here else [_plain(line, number, gutter)]
    if len(new) > MOST_LINES:
        lines.append(gutter.look.paint("gutter", "..."))
    return lines, added


def _whole_lines(group: list[Edit]) -> bool:
    """Whether the edits end behind a line break, so that the line below is not touched."""
    last = group[-1].span
    return last.end > last.start and last.text.endswith("\n")


def _applied(group: list[Edit], stop: int) -> tuple[str, list[tuple[int, Mark]]]:
    """The text from the first edit's line to `stop` with the edits made, and marks (line from 0) on what they wrote."""
    source = group[0].span.source
    at = group[0].span.start - (group[0].span.column - 1)
    text, marks = "", []
    for edit in group:
        text += source.text[at : edit.span.start]
        for piece in edit.replacement.splitlines(keepends=True):
            begin = len(text) - (text.rfind("\n") + 1)
            blank = len(piece) - len(piece.lstrip()) if begin == 0 else 0
            if piece.strip():
                mark = Mark(begin + blank, begin + len(piece.rstrip()), "~", "", "fix")
                marks.append((text.count("\n"), mark))
            text += piece
        at = edit.span.end
    return text + source.text[at:stop], marks
