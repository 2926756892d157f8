"""A run's pictures, if matplotlib is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnnspec.training.metrics import Metrics

if TYPE_CHECKING:
    from cnnspec.training.loop import Epoch

Files = dict[str, str | bytes]
MISSING = (
    "no plots, as matplotlib is not installed: pip install 'cnnspec[plots]'; the tables (.csv) hold the same numbers"
)


def plotted(
    epochs: Sequence[Epoch], best: int, judged: Metrics | None, of: str, classes: tuple[str, ...]
) -> tuple[Files, tuple[str, ...]]:
    """The pictures by the names of their files, and notes. Without epochs there are no curves by epoch; `judged` is of
    the samples that `of` names."""
    from cnnspec.reports.training.plot_curves import curves_png
    from cnnspec.reports.training.plot_judged import confusion_png, pr_png

    made: Files = {}
    try:
        if epochs:
            made["curves.png"] = curves_png(epochs, best)
        if judged:
            made["confusion.png"] = confusion_png(judged, classes, of)
            made["pr.png"] = pr_png(judged, classes, of)
    except ImportError as error:
        if error.name and error.name.partition(".")[0] == "matplotlib":
            return {}, (MISSING,)
        raise
    return made, ()
