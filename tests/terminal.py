"""A terminal of our own, for tests: what stands on it, and after it was made wider or narrower."""

import fcntl
import os
import re
import struct
import termios

TOKEN = re.compile(r"\x1b\[(\??)([\d;]*)([A-Za-z])|([\r\n])|([^\x1b\r\n]+)")

MARK = b"\x1b[9999m"


class Terminal:
    """A pseudo-terminal; programs write to `slave`. Lines that are wider than it are broken, and joined again when it
    grows, as most terminals do. It has no end below, so nothing is lost above."""

    def __init__(self, width: int, height: int = 24) -> None:
        self.master, self.slave = os.openpty()
        self.lines: list[list[str]] = [[]]
        self.line, self.at = 0, 0  # where the cursor is
        self.shows_cursor = True
        self.raw = ""
        self.resize(width, height)

    def resize(self, width: int, height: int = 24) -> None:
        self.read()  # what was written before was written for the width before
        self.width = width
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    @property
    def column(self) -> int:
        return self.at % self.width

    @property
    def echoes(self) -> bool:
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def text(self) -> list[str]:
        """The lines as they were written, without what is blank at the end."""
        self.read()
        made = ["".join(each).rstrip() for each in self.lines]
        while made and not made[-1]:
            made.pop()
        return made

    def read(self) -> str:
        """What has come since the last time."""
        os.write(self.slave, MARK)  # what comes before it has come
        data = b""
        while MARK not in data:
            data += os.read(self.master, 65536)
        new = data.replace(MARK, b"").decode()
        self._take(new)
        self.raw += new
        return new

    def _broken(self, line: int) -> int:
        """The rows of a line."""
        return max(-(-len(self.lines[line]) // self.width), 1)

    def _up(self, rows: int) -> None:
        column, row = self.column, self.at // self.width - rows
        while row < 0:
            assert self.line, "the cursor leaves the terminal"
            self.line -= 1
            row += self._broken(self.line)
        self.at = row * self.width + column

    def _take(self, text: str) -> None:
        end = 0
        for found in TOKEN.finditer(text):
            assert found.start() == end, f"not understood: {text[end : end + 20]!r}"
            end = found.end()
            private, number, letter, move, plain = found.groups()
            if letter:
                self._obey(private + letter, number)
            elif move == "\r":
                self.at -= self.column
            elif move == "\n":
                assert self.at // self.width >= self._broken(self.line) - 1, "a step down within a line"
                self.line, self.at = self.line + 1, self.column
                if self.line == len(self.lines):
                    self.lines.append([])
            else:
                self._put(plain)
        assert end == len(text)

    def _obey(self, letter: str, number: str) -> None:
        if letter == "A":
            self._up(int(number))
        elif letter in ("K", "J"):
            del self.lines[self.line][self.at :]
            if letter == "J":
                del self.lines[self.line + 1 :]
        elif letter in ("?l", "?h"):
            assert number == "25"
            self.shows_cursor = letter == "?h"
        else:
            assert letter == "m", f"what is {letter}?"

    def _put(self, text: str) -> None:
        cells = self.lines[self.line]
        cells.extend(" " * (self.at - len(cells)))
        cells[self.at : self.at + len(text)] = text
        self.at += len(text)

    def close(self) -> None:
        os.close(self.master)
        os.close(self.slave)
