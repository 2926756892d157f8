"""A few lines at the foot of a terminal that are drawn again and again, below all else that is said."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import TYPE_CHECKING, Any, TextIO

from cnnspec.reports.look import Look
from cnnspec.training.launch import is_silent

if TYPE_CHECKING:
    from cnnspec.reports.training.live import Line, Progress
    from cnnspec.training.loop import Epoch, Loop, Stopped, Updated

    Event = Updated | Epoch | Stopped

EVERY = 0.2
"""Seconds from one drawing to the next."""
HIDE, SHOW = "\x1b[?25l", "\x1b[?25h"
END_OF_LINE, BELOW = "\x1b[K", "\x1b[J"


@contextmanager
def watched(loop: Loop, look: Look) -> Iterator[Callable[[Event], None]]:
    """A panel that follows the events that it is handed, if standard output is a terminal with colours; else nothing
    is drawn. What is printed meanwhile stands above it."""
    stream = sys.stdout
    can = stream is not None and stream.isatty() and look.colour and os.environ.get("TERM") != "dumb"
    if not can or is_silent():
        yield lambda event: None
        return
    from cnnspec.reports.training.live import Progress

    panel = Panel(stream, Progress(loop.steps, loop.per_epoch, loop.history, monotonic()), look)
    with _above(panel), _signals(panel):
        try:
            yield panel.take
        finally:
            panel.close()


class Panel:
    """The cursor rests at the beginning of the last line, so that it is known what stands before it: `shown`, as it was
    drawn for a terminal of `width` cells. It is hidden for the time of one writing alone, and so never left hidden."""

    def __init__(self, stream: TextIO, progress: Progress, look: Look) -> None:
        self.handle, self.progress, self.look = stream.fileno(), progress, look
        self.shown: list[Line] = []
        self.width = 0
        self.due = 0.0
        self.modes: list[Any] | None = None
        """What the terminal was set to, if typed keys are not echoed now: an Enter would move the lines."""
        self.is_amid = False
        """Whether somebody has begun a line above and not ended it."""

    def take(self, event: Event) -> None:
        from cnnspec.training.loop import Epoch, Updated

        now = monotonic()
        if isinstance(event, Updated):
            self.progress.updated(event, now)
        elif isinstance(event, Epoch):
            self.progress.epoch(event, now)
        if now >= self.due:
            self.draw()
            self.due = now + EVERY

    def draw(self) -> None:
        if self.is_amid or not self._is_in_front():
            return
        if self.modes is None:
            self.modes = _silenced(self.handle)
        try:
            width, height = os.get_terminal_size(self.handle)
        except OSError:
            width, height = 0, 0
        width, height = width or 80, height or 24
        begin = self._cleared(width) if self.shown and width != self.width else self._up(len(self.shown) - 1)
        # Neither the last column, where terminals differ in when they wrap, nor more lines than there are.
        self.shown, self.width = self.progress.lines(max(width - 1, 1), self.look)[: max(height - 1, 1)], width
        text = f"{END_OF_LINE}\n\r".join(each.text for each in self.shown)
        self._write(f"{HIDE}{begin}{text}{END_OF_LINE}{BELOW}\r{SHOW}")

    def clear(self) -> None:
        """Nothing of it is left, and the next event draws it anew."""
        if self.shown:
            try:
                width = os.get_terminal_size(self.handle).columns or self.width
            except OSError:
                width = self.width
            self._write(self._cleared(width))
        self.shown, self.due = [], 0.0

    def close(self) -> None:
        self.clear()
        if self.modes is not None:
            _set_modes(self.handle, self.modes)
            self.modes = None

    def _cleared(self, width: int) -> str:
        """A terminal that became narrower has broken lines in two, and the cursor is so many rows lower."""
        rows = sum(max(-(-each.cells // width), 1) for each in self.shown[:-1])
        return self._up(rows) + BELOW

    def _up(self, rows: int) -> str:
        return f"\r\x1b[{rows}A" if rows > 0 else "\r"

    def _is_in_front(self) -> bool:
        """Not after Ctrl-Z and `bg`, when the terminal is the shell's."""
        try:
            return os.tcgetpgrp(self.handle) == os.getpgrp()
        except (OSError, AttributeError):  # it is nobody's terminal, or there are no such groups
            return True

    def _write(self, text: str) -> None:
        """Past Python's buffers, which a signal may have caught at work."""
        try:
            os.write(self.handle, text.encode(self.look.encoding, "replace"))
        except OSError:  # the terminal has gone
            self.is_amid, self.shown = True, []


def _silenced(handle: int) -> list[Any] | None:
    """Typed keys are echoed no more; gives the modes before. None where that cannot be."""
    try:
        import termios
    except ImportError:  # Windows
        return None
    try:
        modes = termios.tcgetattr(handle)
    except termios.error:
        return None
    lflag = 3
    _set_modes(handle, [each & ~termios.ECHO if at == lflag else each for at, each in enumerate(modes)])
    return modes


def _set_modes(handle: int, modes: list[Any]) -> None:
    import termios

    with suppress(termios.error):  # the terminal has gone
        termios.tcsetattr(handle, termios.TCSANOW, modes)


class _Above:
    """A stream to the same terminal: before anything is written the panel makes way."""

    def __init__(self, stream: TextIO, panel: Panel) -> None:
        self._stream, self._panel = stream, panel

    def write(self, text: str) -> int:
        if text:
            self._panel.clear()
            self._panel.is_amid = not text.endswith("\n")
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def _above(panel: Panel) -> Iterator[None]:
    before = sys.stdout, sys.stderr
    sys.stdout = _Above(sys.stdout, panel)
    if sys.stderr is not None and sys.stderr.isatty():
        sys.stderr = _Above(sys.stderr, panel)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


@contextmanager
def _signals(panel: Panel) -> Iterator[None]:
    """SIGTERM and Ctrl-Z: the terminal is put in order first, and what would have happened happens."""

    def handled(number: int, _: object) -> None:
        panel.close()
        signal.signal(number, before[number])
        os.kill(os.getpid(), number)
        signal.signal(number, handled)  # whoever comes here goes on, after `fg`

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGTSTP") if hasattr(signal, name)]
    numbers = [each for each in numbers if signal.getsignal(each) != signal.SIG_IGN]
    before = {each: signal.signal(each, handled) for each in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
