"""The pictures of a run: they are there, nothing overlaps, and without matplotlib a note says so."""

import io
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cnnspec.api.plots import MISSING, plotted
from cnnspec.reports.training import plot_judged
from cnnspec.training.curves import curves
from cnnspec.training.metrics import Metrics, metrics
from tests import ROOT

torch = pytest.importorskip("torch")

from cnnspec.training.loop import Epoch  # noqa: E402

pytestmark = pytest.mark.torch
EPOCHS = [Epoch(n, 10 * n, 0.1 / n, 2 / n, 1 - 1 / n, 2.5 / n, 1 - 1.1 / (n + 1), True) for n in range(1, 9)]


def judged(samples: int, classes: int) -> Metrics:
    chance = np.random.default_rng(0)
    y = chance.integers(0, classes, samples)
    x = chance.normal(size=(samples, classes)).astype(np.float32)
    x[np.arange(samples), y] += 3
    return metrics(x, y, 0.0)._replace(curves=curves(x, y, softmax=True))


def names(classes: int, begin: str = "class") -> tuple[str, ...]:
    return tuple(f"{begin} {place}" for place in range(classes))


def test_each_is_a_picture() -> None:
    pytest.importorskip("matplotlib")
    made, notes = plotted(EPOCHS, 8, judged(300, 10), "test part", names(10))
    assert notes == ()
    assert sorted(made) == ["confusion.png", "curves.png", "pr.png"]
    for content in made.values():
        assert isinstance(content, bytes)
        picture = Image.open(io.BytesIO(content)).convert("RGB")
        assert 400 < picture.width < 1000
        assert len(picture.getcolors(1 << 24) or ()) > 20
        assert picture.getpixel((0, 0)) == (255, 255, 255)
    assert made == plotted(EPOCHS, 8, judged(300, 10), "test part", names(10))[0]


@pytest.mark.parametrize(
    ("epochs", "count", "begin"),
    [
        (EPOCHS[:1], 2, "no"),
        ([each._replace(held_loss=None, held_accuracy=None) for each in EPOCHS], 100, "$x_1$ 猫\x1b"),
        ([each._replace(loss=0.0, held_loss=0.0, lr=0.0, accuracy=1.0) for each in EPOCHS], 130, "a" * 90),
    ],
)
def test_odd_runs_and_names(epochs: list[Epoch], count: int, begin: str) -> None:
    """One epoch, nobody held out, no loss at all; names that are formulas, of other scripts, too long."""
    pytest.importorskip("matplotlib")
    assert len(plotted(epochs, 1, judged(300, count), "held out", names(count, begin))[0]) == 3


@pytest.mark.parametrize("count", [2, 10, 20, 21, 60, 100, 120])
@pytest.mark.parametrize("begin", ["", "n01440764 a long name, with much behind it"])
def test_no_label_lies_on_another(monkeypatch: pytest.MonkeyPatch, count: int, begin: str) -> None:
    pytest.importorskip("matplotlib")
    figures: list[Any] = []
    monkeypatch.setattr(plot_judged, "png", lambda figure: figures.append(figure) or b"")
    plot_judged.confusion_png(judged(500, count), names(count, begin), "test part")
    plot_judged.pr_png(judged(500, count), names(count, begin), "test part")
    for figure in figures:
        figure.draw_without_rendering()
        width, height = figure.bbox.size
        axes = figure.axes[0]
        for axis, near in ((axes.xaxis, "x"), (axes.yaxis, "y")):
            boxes = _labels(axis)
            boxes.sort(key=lambda box: getattr(box, f"{near}0"))
            assert len(boxes) > 1
            for one, other in pairwise(boxes):
                assert getattr(one, f"{near}1") <= getattr(other, f"{near}0") + 0.5
        texts = (axes._left_title, axes.xaxis.label, axes.yaxis.label)
        for box in (*_labels(axes.xaxis), *_labels(axes.yaxis), *(each.get_window_extent() for each in texts)):
            assert box.x0 > -1
            assert box.y0 > -1
            assert box.x1 < width + 1
            assert box.y1 < height + 1


def _labels(axis: Any) -> list[Any]:
    """Where those are that are seen."""
    low, high = sorted(axis.get_view_interval())
    ticks = zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=True)
    return [label.get_window_extent() for at, label in ticks if low <= at <= high and label.get_text()]


def test_without_matplotlib_a_note_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in sys.modules if each.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert plotted(EPOCHS, 8, judged(100, 3), "test part", names(3)) == ({}, (MISSING,))


def test_the_state_of_pyplot_is_left_alone(tmp_path: Path) -> None:
    """Whoever draws in the same process finds their own settings."""
    pytest.importorskip("matplotlib")
    code = (
        "import sys, matplotlib\n"
        "matplotlib.rcParams['font.size'] = 31\n"
        "from tests.test_plots import EPOCHS, judged, names\n"
        "from cnnspec.api.plots import plotted\n"
        "assert len(plotted(EPOCHS, 8, judged(100, 3), 'test part', names(3))[0]) == 3\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "assert matplotlib.rcParams['font.size'] == 31\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
