"""What the stream that we write to can show: colour, characters, width; and text made safe for it."""

import os
from collections.abc import Mapping
from typing import NamedTuple, TextIO

NARROWEST = 40
PIPED_WIDTH = 120
TERMINAL_WIDTH = 80
TAB = 4

STYLES = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "hint": "\x1b[1;36m",
    "gutter": "\x1b[1;34m",
    "second": "\x1b[1;34m",
    "fix": "\x1b[32m",
    "gone": "\x1b[31m",
    "step": "\x1b[36m",
    "share": "\x1b[32m",
    "ok": "\x1b[1;32m",
    "bold": "\x1b[1m",
    "dim": "\x1b[2m",
}


class Look(NamedTuple):
    """`width` is in terminal cells; it `is_measured` where a terminal or COLUMNS says it, and else what tables may take
    of a pipe. The default is what a text kept in memory gets: UTF-8, no colour."""

    colour: bool = False
    encoding: str = "utf-8"
    width: int = PIPED_WIDTH
    is_measured: bool = False

    @property
    def unicode(self) -> bool:
        return can_show("—→…█", self.encoding)

    @property
    def ellipsis(self) -> str:
        return "…" if self.unicode else "..."

    @property
    def arrow(self) -> str:
        return "→" if self.unicode else "->"

    @property
    def dash(self) -> str:
        return "—" if self.unicode else "-"

    def paint(self, style: str, text: str) -> str:
        return f"{STYLES[style]}{text}\x1b[0m" if self.colour and style and text else text


def look_of(stream: TextIO, when: str = "auto", environment: Mapping[str, str] = os.environ) -> Look:
    """What this stream can show; `when` is auto, always or never and is about colour alone.

    NO_COLOR goes before FORCE_COLOR (no-color.org), both before TERM=dumb and the question whether it is a terminal.
    """
    terminal = stream.isatty()
    if when != "auto":
        colour = when == "always"
    elif environment.get("NO_COLOR"):
        colour = False
    elif environment.get("FORCE_COLOR"):
        colour = environment["FORCE_COLOR"] != "0"
    else:
        colour = terminal and environment.get("TERM") != "dumb"
    columns = environment.get("COLUMNS", "")
    said = int(columns) if columns.isascii() and columns.isdigit() and len(columns) < 6 else 0
    width = said or _width(stream, terminal)
    return Look(colour, stream.encoding or "utf-8", width, is_measured=terminal or said > 0)


def _width(stream: TextIO, terminal: bool) -> int:
    if not terminal:
        return PIPED_WIDTH
    try:
        return os.get_terminal_size(stream.fileno()).columns or TERMINAL_WIDTH
    except OSError:  # a terminal that does not know its size
        return TERMINAL_WIDTH


def can_show(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def visible(text: str, encoding: str = "utf-8") -> str:
    """The text with everything escaped that a terminal would obey, hide or refuse: control characters, direction
    marks, blanks that are no space, bytes that were no UTF-8, and what the encoding does not hold."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(each, encoding) for each in text)


def _shown(character: str, encoding: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a file name that was no UTF-8 (PEP 383)
        return f"\\x{code - 0xDC00:02x}"
    if character.isprintable() and (code < 128 or can_show(character, encoding)):
        return character
    if code < 256:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def cells(text: str) -> int:
    """How many terminal cells a visible text takes."""
    if text.isascii():
        return len(text)
    return sum(_cell(each) for each in text)


def _cell(character: str) -> int:
    import unicodedata  # a large table, which most texts never need

    if unicodedata.east_asian_width(character) in "WF":
        return 2
    return 0 if unicodedata.category(character) in ("Mn", "Me") else 1


class Laid(NamedTuple):
    """A line as it is shown. `columns[i]` is the cell where character `first + i` of the line begins; one more says
    where the last one ends."""

    text: str
    first: int
    columns: tuple[int, ...]

    def column(self, character: int) -> int:
        """The cell of a character of the line, or the nearest one that is shown."""
        return self.columns[min(max(character - self.first, 0), len(self.columns) - 1)]


def lay(line: str, start: int, end: int, room: int, look: Look) -> Laid:
    """The line in at most `room` cells: whole if it fits, else cut so that characters `start` to `end` are seen, or
    as much of them as there is room for."""
    if len(line) <= room:
        whole = _lay_from(line, 0, len(line), look)
        if whole.columns[-1] <= room:
            return whole
    mark = cells(look.ellipsis)
    inner = room - 2 * mark
    first = min(start, max(start - inner // 4, end - inner))
    first = 0 if end + mark <= room else max(0, min(first, len(line) - inner))
    lead = look.ellipsis if first else ""
    shown = _lay_from(line, first, min(len(line), first + room), look, lead)
    last = len(shown.columns) - 1
    if first + last == len(line) and shown.columns[-1] <= room:
        return shown
    while last > 1 and shown.columns[last] > room - mark:
        last -= 1
    shown = _lay_from(line, first, first + last, look, lead)
    return shown._replace(text=shown.text + look.ellipsis)


def _lay_from(line: str, first: int, end: int, look: Look, lead: str = "") -> Laid:
    shown, at, columns = [lead], cells(lead), []
    for character in line[first:end]:
        columns.append(at)
        text = " " * (TAB - at % TAB) if character == "\t" else _shown(character, look.encoding)
        shown.append(text)
        at += cells(text)
    return Laid("".join(shown), first, (*columns, at))
