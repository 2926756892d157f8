"""`cnnspec memory` in a terminal: training."""

from __future__ import annotations

from cnnspec.contract.settings import in_words
from cnnspec.reports.look import Look, visible
from cnnspec.reports.memory.figures import MemoryFigures
from cnnspec.reports.memory.parts import SHOWN, samples, shares, table
from cnnspec.reports.network.columns import BAR, Column
from cnnspec.reports.numbers import bar, counted, memory, percent, short


def training_lines(figures: MemoryFigures, look: Look) -> list[list[str]]:
    training, batch = figures.training, figures.train_batch
    setup = training.setup
    precision = "mixed precision" if setup.mixed else "float32"
    said = " (train section)" if figures.said["batch"] else ""
    optimizer = in_words(_brief(figures))
    title = look.paint("bold", f"Training, {samples(batch)}{said}, {optimizer}, {precision}")
    if not training.gradients:
        return [[title, "  nothing is trained: there are no weights, or all are frozen"]]
    return [[title, "", *_kinds(figures, look)], _moment(figures, look), _keepers(figures, look)]


def _brief(figures: MemoryFigures) -> dict[str, object]:
    """The optimizer with what makes its state larger."""
    optimizer = figures.training.setup.optimizer
    plain = optimizer.plain()
    wanted = ("word", "momentum", "centered")
    return {name: each for name, each in plain.items() if name in wanted and (name == "word" or each)}


def _kinds(figures: MemoryFigures, look: Look) -> list[str]:
    """What there is in all, and what of it at the peak."""
    training, batch, moment = figures.training, figures.train_batch, figures.moment
    kept = training.kinds(batch)
    rows: list[tuple[str, int | None, int | None]] = [
        ("weights", training.weights.bytes, training.weights.bytes),
        ("optimizer's state", training.state, training.state),
    ]
    if training.average:
        rows.append(("mean of the weights", training.average, training.average))
    gradients = training.gradients + training.half_gradients
    rows.append(("gradients of weights", gradients, moment.weights))
    rows.append(("kept for backward", training.kept.at(batch), moment.kept.at(batch)))
    if len(kept) > 1:
        rows += [(f"  {kind.value}", bytes, None) for kind, bytes in kept.items()]
    rows.append(("gradients of activations", None, moment.gradients * batch))
    rows.append(("other inputs and results", None, moment.others.at(batch)))
    rows = [each for each in rows if each[1] or each[2]]
    total = training.total(batch)
    at_peak = [each for _, _, each in rows]
    most = max(each or 0 for each in at_peak)
    columns = [
        Column("", (*(name for name, _, _ in rows), "total"), False),
        Column("in all", (*("" if each is None else memory(each) for _, each, _ in rows), "")),
        Column("at the peak", (*("" if each is None else memory(each) for each in at_peak), memory(total))),
        Column("share", (*(percent(each, total) if each else "" for each in at_peak), "")),
        Column("", (*(bar(each or 0, most, BAR, look.unicode) for each in at_peak), ""), False, "share"),
    ]
    lines = table(columns, look)
    return [*lines[:-1], lines[1], lines[-1]]


def _moment(figures: MemoryFigures, look: Look) -> list[str]:
    moment = figures.moment
    step = look.paint("step", visible(moment.node, look.encoding))
    kept = memory(figures.training.kept.each)
    return [f"The peak is in {moment.phase.value}, at {step}.", f"Backward keeps {kept} for each sample."]


def _keepers(figures: MemoryFigures, look: Look) -> list[str]:
    """The blocks that keep most, and what a checkpoint of each would save."""
    batch, whole = figures.train_batch, figures.training.kept.at(figures.train_batch)
    order = sorted(figures.blocks, key=lambda each: each.kept.at(batch), reverse=True)
    order = [each for each in order if each.kept.at(batch)]
    shown, rest = order[:SHOWN], order[SHOWN:]
    if not shown:
        return []
    sizes = [each.kept.at(batch) for each in shown] + ([sum(each.kept.at(batch) for each in rest)] if rest else [])
    more = [""] if rest else []
    saved = [_saving(each.steps, each.saved.at(batch)) for each in shown]
    again = [f"{short(each.macs * batch)} MACs" if text else "" for each, text in zip(shown, saved, strict=True)]
    columns = [
        Column("keeps most", (*(visible(each.path, look.encoding) for each in shown), *_others(len(rest))), False),
        Column("bytes", tuple(map(memory, sizes))),
        *shares(sizes, whole, look),
    ]
    if any(saved):
        columns += [Column("checkpoint saves", (*saved, *more)), Column("for", (*again, *more))]
    return table(columns, look)


def _others(count: int) -> list[str]:
    return [counted(count, "other")] if count else []


def _saving(steps: int, bytes: int) -> str:
    return memory(bytes) if steps > 1 and bytes > 0 else ""
