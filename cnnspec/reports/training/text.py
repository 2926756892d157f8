"""What a run says: its recipe, an epoch a line, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from math import isnan
from typing import TYPE_CHECKING, Any

from cnnspec.contract.settings import in_words
from cnnspec.contract.training.recipe import Train
from cnnspec.reports.look import Look, visible

if TYPE_CHECKING:
    from cnnspec.api.evaluate import Evaluated
    from cnnspec.api.train import Trained
    from cnnspec.training.loop import Epoch
    from cnnspec.training.metrics import Metrics
    from cnnspec.training.plan import Plan

WORST = 5
"""Classes shown, those with the lowest F1 first; classes.csv has all."""


def plan_lines(plan: Plan, look: Look) -> str:
    """Every value and where it is from."""
    rows = [
        (word, in_words(value), entry["from"])
        for word, entry in plan.plain().items()
        for value in (entry["value"] if word in Train.repeated else (entry["value"],))
    ]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    lines = []
    for word, value, origin in rows:
        said = visible(f"{word.ljust(widths[0])}  {value.ljust(widths[1])}", look.encoding)
        lines.append(f"  {said}  {look.paint('dim', origin)}\n")
    return "".join(lines)


def heading(has_held: bool, look: Look) -> str:
    held = "   held-out loss  accuracy" if has_held else ""
    return look.paint("bold", f"epoch    loss  accuracy{held}        lr  samples/s") + "\n"


def _loss(value: float) -> str:
    """In a column: a loss that grows beyond all bounds does not move the others."""
    return f"{value:.4f}" if abs(value) < 1000 else f"{value:.3g}"


def epoch_line(epoch: Epoch, speed: float | None, look: Look) -> str:
    """`speed` is None for an epoch of an earlier run."""
    held = ""
    if epoch.held_loss is not None and epoch.held_accuracy is not None:
        mark = "*" if epoch.is_best else " "
        held = f"   {_loss(epoch.held_loss):>13}  {epoch.held_accuracy:7.2%}{mark}"
    shown = f"{speed:9,.0f}" if speed is not None else " " * 9
    line = f"{epoch.epoch:5}  {_loss(epoch.loss):>6}  {epoch.accuracy:8.2%}{held}  {epoch.lr:8.3g}  {shown}"
    return line.rstrip() + "\n"


def outcome(trained: Trained, look: Look) -> str:
    return "\n".join(_outcome(trained, look)) + "\n"


def _outcome(trained: Trained, look: Look) -> Iterable[str]:
    if trained.held:
        yield f"best epoch {trained.best_epoch}: {trained.held.accuracy:.2%} of those held out"
    if trained.test:
        yield look.paint("bold", f"test: {_numbers(trained.test)}")
    if judged := trained.test or trained.held:
        yield from _weakest(judged, trained.classes, look)
    if trained.parity:
        same = "all" if trained.parity.agree == trained.parity.samples else f"{trained.parity.agree:,}"
        yield (
            f"ONNX Runtime and torch: {same} of {trained.parity.samples:,} samples alike, "
            f"outputs within {trained.parity.largest:.1e} of the largest"
        )
    for each in trained.notes:
        yield f"note: {visible(each, look.encoding)}"
    yield "wrote " + ", ".join(str(each) for each in trained.files)


def _numbers(found: Metrics, top: tuple[int, float] | None = None) -> str:
    made = f"{found.accuracy:.2%} right"
    if found.top5 is not None:
        top = top or (5, found.top5)
    if top:
        made += f", top {top[0]} {top[1]:.2%}"
    if not isnan(found.loss):
        made += f", loss {found.loss:.4f}"
    return made if found.mean_ap is None else f"{made}, mean AP {found.mean_ap:.2%}"


def _weakest(judged: Metrics, classes: tuple[str, ...], look: Look) -> Iterable[str]:
    rows = sorted(judged.by_class(classes), key=lambda row: row.f1)[:WORST]
    width = max(5, *(len(row.name) for row in rows))
    yield f"the weakest of {len(classes)} classes:"
    yield f"  {'class'.ljust(width)}  precision   recall       F1       AP  samples"
    for row in rows:
        name = visible(row.name, look.encoding).ljust(width)
        ap = "" if row.ap is None else f"{row.ap:.2%}"
        yield f"  {name}  {row.precision:9.2%}  {row.recall:7.2%}  {row.f1:7.2%}  {ap:>7}  {row.support:7,}"


def evaluation(made: Evaluated, look: Look) -> str:
    found = made.metrics
    name = visible(f"{made.data} ({made.part}, {made.samples:,} samples)", look.encoding)
    head = look.paint("bold", f"{name}: {_numbers(found, made.top)}")
    return "\n".join([head, *_weakest(found, made.classes, look)]) + "\n"


def evaluation_record(made: Evaluated) -> dict[str, Any]:
    """As JSON has it."""
    found = made.metrics
    return {
        "data": made.data,
        "part": made.part,
        "samples": made.samples,
        "accuracy": found.accuracy,
        "top5": found.top5,
        "top": made.top and {"k": made.top[0], "accuracy": made.top[1]},
        "loss": None if isnan(found.loss) else found.loss,
        "mean_ap": found.mean_ap,
        "classes": [each._asdict() for each in found.by_class(made.classes)],
        "confusion": found.confusion.tolist(),
    }
