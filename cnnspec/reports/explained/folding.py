"""Paragraphs folded to a width in terminal cells: at blanks, and between characters where a script has no blanks."""

from __future__ import annotations

import re

from cnnspec.reports.filling import COMFORT, spelled
from cnnspec.reports.look import Look, cells

NO_BEGIN = "，。、；：）》”！？．,.;:)"
"""No line begins with these."""

NO_END = "（《“("
"""No line ends with these."""

_PIECE = re.compile(r"`[^`]*`|[^\s\u2e80-\uffef`]+|[\u2e80-\uffef]|`|\s+")


def fold(text: str, look: Look, indent: int = 0, hanging: int | None = None) -> list[str]:
    """The lines, the first one behind `indent` blanks, the others behind `hanging`, or as many. What stands in
    backticks stays on one line."""
    width = min(look.width, COMFORT)
    lines, line, gap = [], " " * indent, ""
    begun = False
    for piece in _units(spelled(in_signs(text, look), look)):
        if piece.isspace():
            gap = " " if begun else ""
        elif begun and cells(line) + len(gap) + cells(piece) > width:
            lines.append(line)
            line, gap = " " * (indent if hanging is None else hanging) + piece, ""
        else:
            line, gap, begun = line + gap + piece, "", True
    return [*lines, line] if begun else []


def in_signs(text: str, look: Look) -> str:
    """With arrows and primes that the stream has."""
    return text if look.unicode else text.replace("→", look.arrow).replace("′", "'").replace("−", "-")


def _units(text: str) -> list[str]:
    """Pieces that may stand on lines of their own: words, single characters of scripts without blanks with the marks
    that belong to them, and blanks."""
    units: list[str] = []
    for piece in _PIECE.findall(text):
        joins = bool(units) and not piece.isspace() and not units[-1].isspace()
        wide = joins and (_is_wide(piece[0]) or _is_wide(units[-1][-1]))
        if joins and (not wide or piece[0] in NO_BEGIN or units[-1][-1] in NO_END):
            units[-1] += piece
        else:
            units.append(piece)
    return units


def _is_wide(character: str) -> bool:
    return "\u2e80" <= character <= "\uffef"
