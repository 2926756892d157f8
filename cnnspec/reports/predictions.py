"""What was found on pictures: a few lines each, or data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnspec.reports.findings.json import file_name
from cnnspec.reports.look import Look, visible
from cnnspec.reports.numbers import bar

if TYPE_CHECKING:
    from cnnspec.runtime.predict import Guess, Prediction

BAR = 10


def prediction_text(prediction: Prediction, look: Look, *, likely: bool = True) -> str:
    """The picture, then a line for each class: percent, bar, name. Without `likely` the score is a plain number."""
    lines = [look.paint("bold", visible(prediction.image, look.encoding))]
    if prediction.error is not None:
        lines.append(f"  {look.paint('error', 'error')}: {visible(prediction.error, look.encoding)}")
        if prediction.hint:
            lines.append(f"  {look.paint('bold', 'help:')} {visible(prediction.hint, look.encoding)}")
    for each in prediction.top:
        name = f"class {each.index}" if each.label is None else visible(each.label, look.encoding)
        lines.append(f"  {_score(each, look)}  {name}" if likely else f"  {each.score:.6g}  {name}")
    lines += [look.paint("dim", f"  note: {visible(each, look.encoding)}") for each in prediction.notes]
    return "\n".join([*lines, ""])


def _score(guess: Guess, look: Look) -> str:
    length = round(1000 * min(max(guess.score, 0.0), 1.0))
    drawn = bar(length, 1000, BAR, look.unicode)
    return f"{100 * guess.score:5.1f}%  {look.paint('fix', drawn)}{' ' * (BAR - len(drawn))}"


def prediction_record(prediction: Prediction) -> dict[str, Any]:
    """`notes`, `error` and `hint` are there only if there is something to say."""
    record: dict[str, Any] = {
        "image": file_name(prediction.image),
        "top": [{"label": each.label, "score": each.score, "index": each.index} for each in prediction.top],
    }
    if prediction.notes:
        record["notes"] = list(prediction.notes)
    if prediction.error is not None:
        record["error"] = prediction.error
    if prediction.hint is not None:
        record["hint"] = prediction.hint
    return record
