"""A run's pictures as PNG: curves by epoch, the confusion matrix, precision and recall. What they have in common."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cnnspec.reports.look import visible

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BLUE, ORANGE, GREY, FAINT = "#0072B2", "#D55E00", "#5A5A5A", "#C8C8C8"
COLOURS = (BLUE, ORANGE, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C6BB1")
"""Told apart by those who see no red or no green, too (Okabe and Ito, Color Universal Design, 2008; their yellow is too
pale on white, and violet stands for it)."""
DPI = 100
NAME = 24
"""A longer name is cut in its middle: many begin alike, and many end alike."""
STYLE: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": GREY,
    "axes.grid": True,
    "axes.labelsize": 11,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "figure.constrained_layout.h_pad": 0.08,
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.w_pad": 0.08,
    "figure.dpi": DPI,
    "figure.facecolor": "white",
    "font.size": 10,
    "grid.color": "#E6E6E6",
    "legend.fontsize": 10,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "text.parse_math": False,  # a class may be called `$5`
    "xtick.color": GREY,
    "xtick.labelcolor": "black",
    "ytick.color": GREY,
    "ytick.labelcolor": "black",
}


@contextmanager
def styled() -> Iterator[None]:
    """Our look, whatever the user's matplotlibrc says; theirs is back behind it. ImportError without matplotlib."""
    import matplotlib.style

    with matplotlib.style.context(["default", STYLE]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # a name in a script that the font lacks shows as boxes
        yield


def png(figure: Figure) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=DPI)
    return stream.getvalue()


def shown(name: str) -> str:
    """The name of a class as it stands in a picture."""
    name = visible(name)
    return name if len(name) <= NAME else f"{name[: NAME - 9]}…{name[-8:]}"
