"""A sweep as a picture: accuracy of what is held out, by epoch and by the first axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cnnspec.reports.look import visible
from cnnspec.reports.training.plots import COLOURS, FAINT, GREY, png, styled

WIDE = 8.0
"""Numbers whose largest is so many times the smallest are drawn on a logarithmic axis."""
NAME = 44
"""A longer combination is cut."""


class Drawn(NamedTuple):
    """A combination: the held-out accuracy of each epoch, of each of its runs; the mean at the best epoch and, of
    several seeds, the deviation. None where it has no result."""

    title: str
    settings: Mapping[str, str]
    runs: tuple[tuple[float, ...], ...]
    accuracy: float | None
    std: float | None


def sweep_png(axis: str | None, drawn: Sequence[Drawn]) -> bytes:
    """The best first, in colours as far as there are; `axis` is what the second picture goes along, if there is one.
    ImportError without matplotlib."""
    with styled():
        from matplotlib.figure import Figure
        from matplotlib.ticker import MaxNLocator, PercentFormatter

        width = 11 if axis else 7.5
        figure = Figure()
        found = figure.subplots(1, 2 if axis else 1, squeeze=False)[0]
        by_epoch = found[0]
        for rank, each in reversed([*enumerate(drawn)]):  # the best above all
            _lines(by_epoch, rank, each, len(drawn))
        by_epoch.set_xlabel("epoch")
        by_epoch.set_ylabel("accuracy of those held out")
        by_epoch.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        if axis:
            _along(found[1], axis, drawn)
        for each in found:
            each.yaxis.set_major_formatter(PercentFormatter(1.0))
        handles, labels = by_epoch.get_legend_handles_labels()
        columns = max(1, min(len(labels), int(width * 11) // (max(map(len, labels), default=0) + 8)))
        rows = -(-len(labels) // columns) if len(labels) > 1 else 0
        if rows:
            figure.legend(handles[::-1], labels[::-1], loc="outside lower left", ncols=columns)
        figure.set_size_inches(width, 4.4 + 0.22 * rows)
        return png(figure)


def _lines(axes: Any, rank: int, drawn: Drawn, of: int) -> None:
    is_named = rank < len(COLOURS)
    label = _cut(drawn.title or "each seed") if is_named else f"the other {of - len(COLOURS)}"
    colour = COLOURS[rank] if is_named else FAINT
    if not is_named and rank != of - 1:
        label = ""  # one entry for all of these
    for place, each in enumerate(drawn.runs):
        marker = "o" if len(each) <= 40 else ""
        said = label if place == 0 and label else "_"
        epochs = range(1, len(each) + 1)
        axes.plot(epochs, each, color=colour, label=said, marker=marker, markersize=3, linewidth=1.5)


def _along(axes: Any, name: str, drawn: Sequence[Drawn]) -> None:
    """One line for each combination of the other settings; a dot where there are no others to join it with."""
    values = list(dict.fromkeys(each.settings[name] for each in drawn))
    numbers = {each: _number(each) for each in values}
    is_number = all(each is not None for each in numbers.values())
    if is_number:
        values.sort(key=lambda each: numbers[each] or 0.0)
    place: dict[str, float] = {each: numbers[each] or 0.0 if is_number else i for i, each in enumerate(values)}
    lines: dict[tuple[tuple[str, str], ...], list[Drawn]] = {}
    for each in drawn:
        if each.accuracy is not None:
            others = tuple((key, value) for key, value in each.settings.items() if key != name)
            lines.setdefault(others, []).append(each)
    for number, (others, found) in enumerate(lines.items()):
        found.sort(key=lambda each: place[each.settings[name]])
        colour = GREY if len(lines) == 1 else COLOURS[number] if number < len(COLOURS) else FAINT
        label = _cut(" ".join(f"{key}={value}" for key, value in others))
        x, y = [place[each.settings[name]] for each in found], [each.accuracy for each in found]
        errors = [each.std or 0.0 for each in found] if any(each.std for each in found) else None
        axes.errorbar(x, y, yerr=errors, color=colour, label=label or None, marker="o", capsize=3, linewidth=1.5)
    if is_number and place[values[0]] > 0 and place[values[-1]] >= WIDE * place[values[0]]:
        axes.set_xscale("log")
    axes.set_xticks([place[each] for each in values], [_cut(each, 16) for each in values])
    axes.minorticks_off()
    axes.set_xlabel(name)
    axes.set_ylabel("at the best epoch" + (", mean and deviation" if any(each.std for each in drawn) else ""))
    if 1 < len(lines) <= len(COLOURS):
        axes.legend(loc="best", fontsize=9)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _cut(text: str, room: int = NAME) -> str:
    text = visible(text)
    return text if len(text) <= room else text[: room - 1] + "…"
