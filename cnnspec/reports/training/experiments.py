"""What folds and sweeps say: the recipe they share, a line a run, and what they come to."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Any

from cnnspec.contract.settings import in_words
from cnnspec.reports.look import Look, can_show, visible
from cnnspec.reports.numbers import thousands

if TYPE_CHECKING:
    from cnnspec.api.experiment import Done, Failed, Spread
    from cnnspec.api.folds import FoldScore
    from cnnspec.api.sweep import Row
    from cnnspec.training.plan import Plan

GAP = "  "
FEWEST = 12
"""A column of settings is not made narrower than so many cells."""
LISTED = 4
"""So many values of what differs are listed."""


def plans_lines(plans: Sequence[Plan], origin: str, look: Look) -> str:
    """Every value and where it is from; of those that differ from run to run, each value."""
    plain = [each.plain() for each in plans]
    rows = []
    for word in dict.fromkeys(word for each in plain for word in each):
        entries = [each.get(word, {"value": None, "from": origin}) for each in plain]
        found = list(dict.fromkeys(in_words(each["value"]) for each in entries))
        more = f" | {look.ellipsis} ({len(found)} in all)" if len(found) > LISTED else ""
        rows.append((word, " | ".join(found[:LISTED]) + more, entries[0]["from"] if len(found) == 1 else origin))
    width = max(len(row[0]) for row in rows)
    most = max((len(row[1]) for row in rows if " | " not in row[1]), default=0)
    return "".join(
        f"  {visible(f'{word.ljust(width)}  {value.ljust(most)}', look.encoding)}  {look.paint('dim', where)}\n"
        for word, value, where in rows
    )


def fold_heading(look: Look) -> str:
    head = "fold  seed  trained on  held out  tested  best epoch  held-out acc.  accuracy    loss"
    return look.paint("bold", head) + "\n"


def fold_line(score: FoldScore) -> str:
    held = f"{score.held_accuracy:13.2%}" if score.held_accuracy is not None else " " * 13
    return (
        f"{score.fold:4}  {score.seed:4}  {score.trained_on:10,}  {score.held_out:8,}  {score.tested:6,}  "
        f"{score.best_epoch:10}  {held}  {score.accuracy:8.2%}  {score.loss:6.4f}\n"
    )


def folds_outcome(scores: Sequence[FoldScore], look: Look) -> str:
    found = [each.accuracy for each in scores]
    losses = [each.loss for each in scores]
    sign = plus_minus(look)
    return (
        look.paint("bold", f"accuracy of {len(scores)} folds: {fmean(found):.2%} {sign} {stdev(found):.2%}")
        + f", loss {fmean(losses):.4f} {sign} {stdev(losses):.4f}\n(mean {sign} sample standard deviation, n - 1)\n"
    )


def refit_line(done: Done, folder: Path, look: Look) -> str:
    """The run on all training samples."""
    test, held = done.result["test"], done.result["held_out"]
    chosen = f"best epoch {done.result['best_epoch']}" + (f", {held['accuracy']:.2%} of those held out" if held else "")
    tested = f"; test: {test['accuracy']:.2%} right, loss {test['loss']:.4f}" if test else ""
    return look.paint("bold", f"refit on all training samples: {chosen}{tested}") + f"\nits model is {folder}\n"


def plus_minus(look: Look) -> str:
    return "±" if can_show("±", look.encoding) else "+-"


def run_line(done: Done, of: int, look: Look) -> str:
    """A run of a sweep that has come to its end."""
    held, best = done.result["held_out"], done.result["best_epoch"]
    said = (
        f"best epoch {best}, {held['accuracy']:.2%} of those held out, loss {held['loss']:.4f}, {done.seconds:,.1f} s"
    )
    return f"{_numbered(done, of, look)}: {said}\n"


def failed_line(failed: Failed, of: int, look: Look) -> str:
    """A run of a sweep that has none."""
    why = visible(failed.why, look.encoding)
    return f"{_numbered(failed, of, look)}: {look.paint('error', 'no result')}, {why}\n"


def _numbered(end: Done | Failed, of: int, look: Look) -> str:
    return visible(f"{end.number:{len(str(of))}} of {of}  {end.member.title}", look.encoding)


def sweep_table(rows: Sequence[Row], by_loss: bool, held: int, look: Look) -> str:
    """The best first; `held` samples are held out. Settings that do not fit are cut; sweep.csv has them whole."""
    sign = plus_minus(look)
    measured = {
        "best epoch": [" ".join(map(str, row.best_epochs)) for row in rows],
        "held-out acc.": [_percents(row.accuracy, sign) for row in rows],
        "loss": [_number(row.loss, sign) for row in rows],
        "seconds": [f"{row.seconds:,.1f}" for row in rows],
    }
    same = len({row.params for row in rows}) == 1
    if not same:
        measured["parameters"] = [thousands(row.params) for row in rows]
    right = [_column(title, texts, str.rjust) for title, texts in measured.items()]
    settings = {name: [row.settings[name] for row in rows] for name in rows[0].settings}
    room = look.width - sum(len(each[0]) + len(GAP) for each in right)
    widths = {
        name: max(len(visible(each, look.encoding)) for each in (name, *texts)) for name, texts in settings.items()
    }
    while widths and sum(widths.values()) + len(GAP) * len(widths) > room and max(widths.values()) > FEWEST:
        widths[max(widths, key=lambda name: widths[name])] -= 1
    left = [_column(name, [_cut(each, widths[name], look) for each in settings[name]], str.ljust) for name in settings]
    lines = [GAP.join(each).rstrip() for each in zip(*left, *right, strict=True)]
    seeds = len(rows[0].seeds)
    said = [f"the best first: by {'held-out loss' if by_loss else 'held-out accuracy, then loss'}"] if rows[1:] else []
    said += [f"mean {sign} sample standard deviation (n - 1) over {seeds} seeds"] if seeds > 1 else []
    said += [f"one of {thousands(held)} held out is {1 / held:.2%}"] if rows[1:] else []
    said += [f"each has {thousands(rows[0].params)} parameters"] if same else []
    return "\n".join(["", look.paint("bold", lines[0]), *lines[1:], "; ".join(said), ""])


def _column(title: str, texts: Sequence[str], side: Callable[[str, int], str]) -> list[str]:
    width = max(map(len, (title, *texts)))
    return [side(each, width) for each in (title, *texts)]


def _cut(text: str, room: int, look: Look) -> str:
    text = visible(text, look.encoding)
    return text if len(text) <= room else text[: room - len(look.ellipsis)] + look.ellipsis


def _percents(found: Spread | None, sign: str) -> str:
    if found is None:
        return "no result"
    return f"{found.mean:.2%}" + (f" {sign} {found.std:.2%}" if found.std is not None else "")


def _number(found: Spread | None, sign: str) -> str:
    if found is None:
        return ""
    return f"{found.mean:.4f}" + (f" {sign} {found.std:.4f}" if found.std is not None else "")


def sweep_outcome(row: Row, out: Path, file: str, data: str, has_test: bool, look: Look) -> str:
    """Where the best lies, and how it is judged by what it was not chosen by."""
    folders = [str(out / each) for each in row.folders]
    said = f"{'the best is' if row.settings else 'the runs are'} {', '.join(folders)}\n"
    if not has_test:
        return said
    eval_ = shlex.join(["cnnspec", "eval", folders[0], "--data", data])
    test = shlex.join(["cnnspec", "train", file, "--resume", str(out), "--test"])
    return said + visible(f"its test accuracy: `{eval_}`, or `{test}`", look.encoding) + "\n"


def test_line(row: Row, found: Sequence[Mapping[str, Any]], look: Look) -> str:
    """The best on the test part, of each seed."""
    accuracies = [each["accuracy"] for each in found]
    sign = plus_minus(look)
    spread = f" {sign} {stdev(accuracies):.2%} over {len(found)} seeds" if len(found) > 1 else ""
    loss = fmean(each["loss"] for each in found)
    title = " ".join(f"{name}={each}" for name, each in row.settings.items()) or "all seeds"
    said = f"{title} on the test part: {fmean(accuracies):.2%}{spread} right, loss {loss:.4f}"
    return look.paint("bold", visible(said, look.encoding)) + "\n"
