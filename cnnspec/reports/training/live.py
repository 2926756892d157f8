"""A run that is under way, as a few lines: how far it is, how it learns, how long it takes."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log
from typing import TYPE_CHECKING, NamedTuple

from cnnspec.reports.look import Look, can_show

if TYPE_CHECKING:
    from cnnspec.training.loop import Epoch, Updated

KEPT = 512
"""Losses kept for the spark-line; where more would be, each two become their mean."""
LABEL = 10
"""Cells of a row's name, with the two before it, where the cursor rests."""
LEAST = 12
"""Cells that a bar has at least; where there are fewer, what stands on the right gives way."""
SPARKS, PLAIN_SPARKS = "▁▂▃▄▅▆▇█", "_.-:=+*#"
BARS, PLAIN_BARS = "━╸─", "# -"


class Line(NamedTuple):
    """`text` with its colours takes `cells` of the terminal."""

    text: str
    cells: int


class Row(NamedTuple):
    """`middle` is a share, which becomes a bar, or numbers, which become a spark-line, or a text."""

    label: str
    value: str
    middle: float | Sequence[float] | str
    right: str = ""


class Losses:
    """The course of a loss from the first update on, in a bounded number of means of equally many updates."""

    def __init__(self) -> None:
        self.means: list[float] = []
        self.each = 1
        self.sum, self.count = 0.0, 0

    def add(self, loss: float) -> None:
        self.sum += loss
        self.count += 1
        if self.count == self.each:
            self.means.append(self.sum / self.count)
            self.sum, self.count = 0.0, 0
        if len(self.means) == KEPT:
            pairs = zip(self.means[::2], self.means[1::2], strict=True)
            self.means = [(one + other) / 2 for one, other in pairs]
            self.each *= 2


class Progress:
    """What is known of a run, told by its events. Times are seconds of one clock."""

    def __init__(self, steps: int, per_epoch: int, history: Sequence[Epoch], now: float) -> None:
        """`history` is of the epochs before, if the run is gone on with."""
        self.steps, self.per_epoch = steps, per_epoch
        self.epochs = list(history)
        self.losses = Losses()
        self.last: Updated | None = None
        self.begin = self.epoch_begin = self.now = now
        self.done = self.epoch_done = self.samples = 0  # since then
        self.pace: tuple[float, int, int] | None = None  # of the epoch before: seconds, updates, samples

    def epoch(self, event: Epoch, now: float) -> None:
        self.epochs.append(event)
        if self.epoch_done:  # up to its last update, without the judging
            self.pace = (self.now - self.epoch_begin, self.epoch_done, self.samples)
        self.now = self.epoch_begin = now
        self.epoch_done = self.samples = 0

    def updated(self, event: Updated, now: float) -> None:
        self.now, self.last = now, event
        self.losses.add(event.loss)
        self.done += 1
        self.epoch_done += 1
        self.samples += event.samples

    def lines(self, width: int, look: Look) -> list[Line]:
        """None is wider than `width`."""
        rows = [self._epoch(), self._run(), self._loss(), self._held(look), self._pace(look)]
        values, rights = (max(map(len, texts)) for texts in zip(*((row.value, row.right) for row in rows), strict=True))
        middle = width - LABEL - values - rights - 6
        if middle < LEAST:  # no column on the right; a row keeps what leaves it enough
            middle, rights = width - LABEL - values - 4, 0
        rule = (BARS if can_show(BARS, look.encoding) else PLAIN_BARS)[2] * width
        return [
            Line(look.paint("dim", rule), width),
            *(_line(row, (values, middle, rights), width, look) for row in rows),
        ]

    # -- rows -----------------------------------------------------------------------------------------------------

    def _epoch(self) -> Row:
        step = self.last.step if self.last else len(self.epochs) * self.per_epoch
        begun = len(self.epochs) * self.per_epoch
        length = min(self.per_epoch, self.steps - begun) or self.per_epoch
        share = min(max((step - begun) / length, 0.0), 1.0)
        every = ceil(self.steps / self.per_epoch)
        number = f"{min(len(self.epochs) + 1, every):{len(str(every))}} of {every}"
        if share == 1 and self.epoch_done:
            right = "judging"
        else:
            seconds, done, _ = self._pace_now()
            right = _left(seconds, done, begun + length - step)
        return Row("epoch", number, share, right)

    def _run(self) -> Row:
        step = self.last.step if self.last else len(self.epochs) * self.per_epoch
        share = step / self.steps
        return Row("run", f"{share:.0%}", share, _left(self.now - self.begin, self.done, self.steps - step))

    def _loss(self) -> Row:
        means = self.losses.means
        first = f"{means[0]:.4f} at first" if means else ""
        # Of a logarithm each halving is a step down, the late ones too.
        shown = [log(each) for each in means] if means and min(means) > 0 else means
        return Row("loss", f"{self.last.loss:.4f}" if self.last else "", shown, first)

    def _held(self, look: Look) -> Row:
        held = [each.held_accuracy for each in self.epochs if each.held_accuracy is not None]
        if not held:
            right = [each.accuracy for each in self.epochs]
            return Row("accuracy", f"{right[-1]:.2%}" if right else look.dash, right)
        best = next(each for each in reversed(self.epochs) if each.is_best)
        return Row("held out", f"{held[-1]:.2%}", held, f"best {best.held_accuracy:.2%}, epoch {best.epoch}")

    def _pace(self, look: Look) -> Row:
        rate = f"{self.last.lr:.3g}" if self.last else look.dash
        seconds, _, samples = self._pace_now()
        speed = f"{samples / max(seconds, 1e-9):,.0f} samples/s" if samples else ""
        return Row("lr", rate, speed, f"{clock(self.now - self.begin)} so far")

    def _pace_now(self) -> tuple[float, int, int]:
        """Seconds, updates, samples: of this epoch, or of the one before if this one has only begun."""
        if self.pace and self.epoch_done < 2:
            return self.pace
        return self.now - self.epoch_begin, self.epoch_done, self.samples


def clock(seconds: float) -> str:
    """0:05, 12:05, 1:02:05, 3 d 4 h."""
    whole = round(seconds)
    minutes, hours = whole // 60, whole // 3600
    if hours >= 48:
        return f"{hours // 24} d {hours % 24} h"
    return f"{hours}:{minutes % 60:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def _left(elapsed: float, done: int, todo: int) -> str:
    return f"{clock(elapsed / done * todo)} left" if done else ""


def _line(row: Row, widths: tuple[int, int, int], width: int, look: Look) -> Line:
    values, middle, rights = widths
    pieces = [("dim", f"  {row.label}".ljust(LABEL) + "  "), ("bold", row.value.ljust(values) + "  ")]
    least = len(row.middle) if isinstance(row.middle, str) else LEAST // 2
    if not rights and middle - len(row.right) - 2 >= least:
        middle, rights = middle - len(row.right) - 2, len(row.right)
    shown = _middle(row.middle, middle, look) if middle >= 4 else []
    pieces += shown
    if rights:
        pieces.append(("", " " * (middle - sum(len(text) for _, text in shown) + 2) + row.right.rjust(rights)))
    made, room = "", width
    for style, text in pieces:
        made += look.paint(style, text[:room])
        room -= len(text[:room])
    return Line(made, width - room)


def _middle(what: float | Sequence[float] | str, room: int, look: Look) -> list[tuple[str, str]]:
    if isinstance(what, str):
        return [("", what[:room])]
    if isinstance(what, float | int):
        whole, half, rest = tuple(BARS if can_show(BARS, look.encoding) else PLAIN_BARS)
        halves = round(what * 2 * room)
        done = whole * (halves // 2) + half * (halves % 2)
        return [("share", done), ("dim", rest * (room - len(done)))]
    return [("step", _spark(what, room, SPARKS if can_show(SPARKS, look.encoding) else PLAIN_SPARKS))]


def _spark(values: Sequence[float], room: int, marks: str) -> str:
    """Each cell is the mean of equally many values, the last one perhaps of fewer."""
    if not values:
        return ""
    each = ceil(len(values) / room)
    means = [sum(part) / len(part) for part in (values[at : at + each] for at in range(0, len(values), each))]
    low, high = min(means), max(means)
    scale = (len(marks) - 1) / (high - low) if high > low else 0.0
    return "".join(marks[round((mean - low) * scale)] for mean in means)
