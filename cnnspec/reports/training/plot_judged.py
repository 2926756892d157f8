"""What was judged, as pictures: which class was taken for which, and precision against recall."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnnspec.reports.training.plots import COLOURS, FAINT, png, shown, styled

if TYPE_CHECKING:
    from cnnspec.training.curves import Curve
    from cnnspec.training.metrics import Metrics

COUNTED, NAMED = 20, 120
"""Up to so many classes have their counts written in the matrix, and up to so many their names beside it."""
LETTER = 0.085
"""Inches that one takes in a name of ten points."""
DRAWN = 10
"""Of up to so many classes every curve has a colour; of more, those of the `WEAK` lowest average precisions."""
WEAK = 8
BEGINS = (0.98, 0.95, 0.9, 0.8, 0.5)
"""Where both axes may begin, if all that is to be seen lies beyond."""


def confusion_png(found: Metrics, classes: tuple[str, ...], of: str) -> bytes:
    """A row is what a sample is, a column what it was taken for; a colour is a share of the row. ImportError without
    matplotlib."""
    with styled():
        from matplotlib.colors import PowerNorm
        from matplotlib.figure import Figure
        from matplotlib.ticker import PercentFormatter

        counts, count = found.confusion, len(classes)
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        names = [shown(each) for each in classes]
        room = LETTER * max(map(len, names)) if count <= NAMED else 0.4  # inches that names take on either side
        side = min(max(count * _cell(count, int(counts.max())), 3.2), 15)
        figure = Figure(figsize=(side + room + 1.9, side + room + 1.0))
        axes = figure.subplots()
        # The root shows one error in a hundred; a linear scale would show the diagonal alone.
        image = axes.imshow(shares, cmap="Blues", norm=PowerNorm(0.45, 0, 1), interpolation="nearest")
        axes.grid(visible=False)
        by_number = "" if count <= NAMED else " (classes by their number, from 0, in classes.csv)"
        axes.set_xlabel("was taken for" + by_number)
        if not by_number:
            _ticks(axes, names, across=room < side / count)
        axes.set_ylabel("is")
        axes.set_title(f"{of}, {int(counts.sum()):,} samples: {found.accuracy:.2%} right")
        if count <= COUNTED:
            _write(axes, counts, shares)
        ticks = [0, 0.01, 0.05, 0.2, 0.5, 1]
        bar = figure.colorbar(
            image, ax=axes, ticks=ticks, format=PercentFormatter(1.0), shrink=0.8, pad=0.02, aspect=30
        )
        bar.set_label("share of the class")
        bar.outline.set_visible(False)
        return png(figure)


def _cell(count: int, largest: int) -> float:
    """The side of a cell in inches."""
    if count > COUNTED:
        return 0.19 if count <= 60 else 0.13
    return max(0.4, 0.16 + LETTER * len(f"{largest:,}"))


def _ticks(axes: Any, names: list[str], across: bool) -> None:
    size = 10 if len(names) <= COUNTED else 8 if len(names) <= 60 else 6.5
    axes.set_xticks(range(len(names)), names, rotation=0 if across else 90, fontsize=size)
    axes.set_yticks(range(len(names)), names, fontsize=size)
    axes.tick_params(length=0)


def _write(axes: Any, counts: Any, shares: Any) -> None:
    for row, column in zip(*np.nonzero(counts), strict=True):
        colour = "white" if shares[row, column] > 0.4 else "black"
        axes.text(column, row, f"{counts[row, column]:,}", ha="center", va="center", color=colour, fontsize=9)


def pr_png(found: Metrics, classes: tuple[str, ...], of: str) -> bytes:
    """Each class against the rest. ImportError without matplotlib."""
    with styled():
        from matplotlib.figure import Figure
        from matplotlib.ticker import MaxNLocator, PercentFormatter

        there = [(each, name) for each, name in zip(found.curves, classes, strict=True) if each.ap is not None]
        there.sort(key=lambda pair: pair[0].ap or 0)
        figure = Figure(figsize=(8, 6))
        axes = figure.subplots()
        coloured = there if len(there) <= DRAWN else there[:WEAK]
        for curve, _ in there[len(coloured) :]:
            _draw(axes, curve, color=FAINT, linewidth=0.8, zorder=1)
        for place, (curve, name) in enumerate(coloured):
            style = "-" if place < len(COLOURS) else "--"
            label = f"{shown(name)}  {curve.ap:.2%}"
            _draw(axes, curve, color=COLOURS[place % len(COLOURS)], linestyle=style, label=label, zorder=3)
        if len(coloured) < len(there):
            axes.plot([], [], color=FAINT, label=f"{len(there) - len(coloured):,} others")
        begin = _begin([each for each, _ in there])
        axes.set_xlim(begin, 1 + 0.01 * (1 - begin))
        axes.set_ylim(begin, 1 + 0.02 * (1 - begin))
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
            axis.set_major_formatter(PercentFormatter(1.0, decimals=1 if begin == BEGINS[0] else 0))
        axes.set_xlabel("recall: of the class, so many are found" + (f" (from {begin:.0%})" if begin else ""))
        axes.set_ylabel("precision: of those found, so many are it" + (f" (from {begin:.0%})" if begin else ""))
        axes.set_title(f"{of}: each class against the rest, mean AP {found.mean_ap or 0:.2%}")
        title = "average precision" + (", the lowest" if len(coloured) < len(there) else "")
        legend = axes.legend(title=title, loc="upper left", bbox_to_anchor=(1.0, 1.0), alignment="left")
        legend.get_title().set_fontweight("bold")
        return png(figure)


def _draw(axes: Any, curve: Curve, **look: Any) -> None:
    """As steps, whose area is the average precision: up to a recall, the precision is that of its threshold."""
    recall = np.concatenate([[0.0], curve.recall])
    axes.plot(recall, np.concatenate([curve.precision[:1], curve.precision]), drawstyle="steps-pre", **look)


def _begin(curves: list[Curve]) -> float:
    """So that good curves do not hide in a corner: below where precision and recall of the weakest are alike."""
    even = min((float(np.minimum(each.precision, each.recall).max()) for each in curves), default=0.0)
    return next((each for each in BEGINS if even > each + 0.25 * (1 - each)), 0.0)
