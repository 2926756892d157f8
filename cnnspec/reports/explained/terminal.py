"""An explanation in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from cnnspec.reports.explained.document import Document, Legend, Part, Sentence, Table, Worked, together
from cnnspec.reports.explained.folding import fold, in_signs
from cnnspec.reports.explained.notation import ASCII, UNICODE, Signs, steps, symbol
from cnnspec.reports.filling import COMFORT
from cnnspec.reports.look import Look, cells, visible

INDENT = 2
LONGEST_LABEL = 20
"""Cells of a label that stands before its formula; a longer one stands above it."""

GAP = 2


def explained_text(document: Document, look: Look) -> str:
    """The whole page."""
    name = visible(document.name, look.encoding)
    written = visible(document.step, look.encoding)
    head = [look.paint("bold", name)]
    if written and len(name) + GAP + len(written) <= look.width:
        head = [f"{head[0]}{' ' * GAP}{look.paint('step', written)}"]
    elif written:
        head += [look.paint("step", line) for line in fold(written, look, INDENT)]
    lines = [*head, *fold(document.summary, look)]
    for section in document.sections:
        lines += ["", look.paint("bold", section.title)]
        for kind, group in groupby(section.parts, type):
            parts = list(group)
            lines += _worked(parts, look) if kind is Worked else _others(parts, look)
    return "\n".join([*lines, ""])


def _others(parts: Sequence[Part], look: Look) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Sentence):
            yield from (look.paint("dim", line) if part.dim else line for line in fold(part.text, look, INDENT))
        elif isinstance(part, Legend):
            yield from (look.paint("dim", line) for line in fold(_legend(part, look), look, INDENT))
        elif isinstance(part, Table):
            yield from _table(part, look)


def _legend(legend: Legend, look: Look) -> str:
    signs = _signs(look)
    told = [_named(names, text, legend.comma, signs) for names, text in together(legend)]
    return legend.comma.join([*told, *([legend.primed] if legend.primed else [])])


def _named(names: Sequence[str], text: str, comma: str, signs: Signs) -> str:
    """`F kernel`, `F_h, F_w kernel`; a name that is a word says itself."""
    return text if [*names] == [text] else f"{comma.join(symbol(each, signs) for each in names)} {text}"


def _signs(look: Look) -> Signs:
    return UNICODE if look.unicode else ASCII


def _worked(parts: Sequence[Part], look: Look) -> Iterator[str]:
    """Formulas one below the other, behind their labels if these are short."""
    found = [part for part in parts if isinstance(part, Worked)]
    widest = max(cells(each.label) for each in found)
    beside = widest + GAP if 0 < widest <= LONGEST_LABEL else 0
    for each in found:
        if each.label and not beside:
            yield from fold(each.label, look, INDENT)
        at = INDENT + (beside or (2 * bool(each.label)))
        label = each.label + " " * (beside - cells(each.label)) if beside else ""
        first, *others = _formula(each, look, at)
        yield " " * INDENT + label + " " * (at - INDENT - cells(label)) + first
        yield from (" " * at + line for line in others)


def _formula(worked: Worked, look: Look, at: int) -> list[str]:
    """On one line if it fits, else a line a step, the signs of equality below one another."""
    width = min(look.width, COMFORT) - at
    pieces = steps(worked.formula, _signs(look), worked.name.split(" = ")[0])
    if " = " in worked.name:
        pieces.insert(1, " = ".join(symbol(each, _signs(look)) for each in worked.name.split(" = ")[1:]))
    *others, last = pieces
    text = " = ".join(pieces)
    if cells(text) <= width:
        lines = [" = ".join([*others, look.paint("bold", last)])]
    else:
        text = ""
        begin, *more = pieces
        head, tails = (begin, more) if worked.name else ("", pieces)
        lead = cells(head) + 1 if head else 0
        lines = []
        for place, piece in enumerate(tails):
            sign = "= " if place or head else ""
            wrapped = _broken(piece, width - lead - len(sign))
            before = f"{head} " if head and not place else " " * lead
            lines.append(before + sign + (look.paint("bold", wrapped[0]) if piece is last else wrapped[0]))
            lines += [" " * (lead + len(sign)) + each for each in wrapped[1:]]
    if not worked.remark:
        return lines
    if text and cells(text) + GAP + cells(worked.remark) <= width:
        return [f"{lines[0]}{' ' * GAP}{look.paint('dim', worked.remark)}"]
    remark = fold(worked.remark, look._replace(width=width), GAP)
    return [*lines, *(look.paint("dim", line) for line in remark)]


def _broken(piece: str, width: int) -> list[str]:
    """A long sum, broken before its signs."""
    lines = [""]
    for place, each in enumerate(piece.split(" + ")):
        text = f"+ {each}" if place else each
        if lines[-1] and cells(lines[-1]) + 1 + cells(text) > width:
            lines.append(text)
        else:
            lines[-1] = f"{lines[-1]} {text}".strip()
    return lines


def _table(table: Table, look: Look) -> Iterator[str]:
    """Columns from the left as far as they fit, the first and the last two in any case."""
    rows = [tuple(visible(in_signs(cell, look), look.encoding) for cell in row) for row in (table.titles, *table.rows)]
    widths = [max(cells(row[place]) for row in rows) for place in range(len(table.titles))]
    kept = list(range(len(widths)))
    while len(kept) > 2 and INDENT + sum(widths[each] for each in kept) + GAP * (len(kept) - 1) > look.width:
        kept.pop(1)
    for place, row in enumerate(rows):
        told = []
        for column in kept:
            blank = " " * (widths[column] - cells(row[column]))
            told.append(blank + row[column] if table.right[column] else row[column] + blank)
        line = (" " * INDENT + (" " * GAP).join(told)).rstrip()
        yield look.paint("bold", line) if not place else line
