"""Loss, accuracy and rate by epoch, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cnnspec.reports.training.plots import BLUE, GREY, ORANGE, png, styled

if TYPE_CHECKING:
    from cnnspec.training.loop import Epoch

WIDE = 20.0
"""Values whose largest is so many times the smallest are drawn on a logarithmic axis."""
FEW = 40
"""So many epochs have a dot each."""


def curves_png(epochs: Sequence[Epoch], best: int) -> bytes:
    """The best epoch is marked where samples were held out. ImportError without matplotlib."""
    with styled():
        from matplotlib.figure import Figure
        from matplotlib.ticker import MaxNLocator, PercentFormatter

        figure = Figure(figsize=(8, 7.5))
        loss, accuracy, rate = figure.subplots(3, 1, sharex=True, gridspec_kw={"height_ratios": [3, 3, 1.3]})
        _pair(loss, [(each.epoch, each.loss, each.held_loss) for each in epochs])
        _pair(accuracy, [(each.epoch, each.accuracy, each.held_accuracy) for each in epochs])
        loss.set_ylabel("loss, mean of samples" + _logarithmic(loss, _numbers(epochs, "loss", "held_loss")))
        accuracy.set_ylabel("accuracy")
        accuracy.set_ylim(*_room(_numbers(epochs, "accuracy", "held_accuracy")))
        accuracy.yaxis.set_major_formatter(PercentFormatter(1.0))
        rates = _numbers(epochs, "lr")
        rate.plot([each.epoch for each in epochs], rates, color=GREY, marker=_marker(epochs), markersize=3)
        rate.set_ylabel("rate" + _logarithmic(rate, rates) if _falls(rates) else "learning rate")
        rate.set_xlabel("epoch")
        rate.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        if len(epochs) == 1:
            rate.set_xlim(0.5, 1.5)
        held = next((each for each in epochs if each.epoch == best and each.held_accuracy is not None), None)
        if held is not None:
            _mark(loss, accuracy, held)
        loss.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, borderaxespad=0.2)
        figure.align_ylabels()
        return png(figure)


def _pair(axes: Any, rows: list[tuple[int, float, float | None]]) -> None:
    marker = _marker(rows)
    places = [row[0] for row in rows]
    axes.plot(places, [row[1] for row in rows], color=BLUE, label="trained on", marker=marker, markersize=3.5)
    held = [(row[0], row[2]) for row in rows if row[2] is not None]
    if held:
        axes.plot(*zip(*held, strict=True), color=ORANGE, label="held out", marker=marker, markersize=3.5)


def _mark(loss: Any, accuracy: Any, best: Epoch) -> None:
    for axes, value in ((loss, best.held_loss), (accuracy, best.held_accuracy)):
        label = f"best: epoch {best.epoch}, {best.held_accuracy:.2%}"
        axes.plot(
            [best.epoch], [value], "o", color=ORANGE, markersize=9, fillstyle="none", markeredgewidth=2, label=label
        )


def _logarithmic(axes: Any, values: list[float]) -> str:
    """What the label says of it, if it is."""
    if min(values) <= 0 or max(values) < WIDE * min(values):
        axes.set_ylim(0, 1.08 * max(values) or 1)
        return ""
    from matplotlib.ticker import LogLocator, NullFormatter

    axes.set_yscale("log")
    spans_few = max(values) < 300 * min(values)
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 3) if spans_few else (1,)))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())
    return ", log scale" if len(values) > 1 else ""


def _room(shares: list[float]) -> tuple[float, float]:
    """Where the axis begins and ends; a single epoch is no reason to show thousandths."""
    pad = max(0.01, 0.06 * (max(shares) - min(shares)))
    return max(min(shares) - pad, 0), min(max(shares) + pad, 1.03)


def _falls(rates: list[float]) -> bool:
    """Whether it is small for most of the time, and a line along the axis would say nothing."""
    return sum(each < 0.05 * max(rates) for each in rates) > len(rates) / 2


def _numbers(epochs: Sequence[Epoch], *names: str) -> list[float]:
    found = (getattr(each, name) for each in epochs for name in names)
    return [each for each in found if each is not None]


def _marker(rows: Sequence[object]) -> str:
    return "o" if len(rows) <= FEW else ""
