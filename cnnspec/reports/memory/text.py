"""`cnnspec memory` in a terminal."""

from __future__ import annotations

from textwrap import wrap

from cnnspec.reports.look import Look, visible
from cnnspec.reports.memory.figures import MemoryFigures
from cnnspec.reports.memory.parts import SHOWN, lines_of, samples, shares, table
from cnnspec.reports.memory.training import training_lines
from cnnspec.reports.network.columns import Column
from cnnspec.reports.numbers import counted, ends, memory, size, thousands

INFERENCE_NOTES = ("Each step writes a value of its own; a runtime that joins steps takes less.",)
NARROW_NOTES = {
    "float16": "Weights and values take 2 bytes a number, a batch norm's counter of batches 8.",
    "bfloat16": "Weights and values take 2 bytes a number, a batch norm's counter of batches 8.",
    "int8": "Weights and values take 1 byte a number, biases, too (kernels take them in 32 bits); scales are left out.",
}
EXACT = "In all: exact, as torch counts what it saves."
ESTIMATE = (
    "At the peak: an estimate, tensor by tensor in torch's order. Not counted: the loss, what kernels and the allocator"
    " take for themselves, the framework."
)
NOTES = 79


def memory_text(figures: MemoryFigures, look: Look) -> str:
    """Inference, training, what keeps most, and the largest batch if a memory is given."""
    parts = [
        [_head(figures, look)],
        _inference(figures, look),
        _alive(figures, look),
        *training_lines(figures, look),
        _fitting(figures, look),
        _notes(figures, look),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def _head(figures: MemoryFigures, look: Look) -> str:
    built, source = figures.built, figures.compiled.source
    assert source is not None
    inputs = ends([built.shapes.get(id) for id in built.graph.inputs], "inputs")
    outputs = ends([built.shapes.get(id) for id in built.graph.outputs.values()], "outputs")
    name, file = visible(built.graph.name, look.encoding), visible(source.name, look.encoding)
    return f"{look.paint('bold', name)}  {inputs} {look.arrow} {outputs}  {look.paint('dim', file)}"


# -- inference ---------------------------------------------------------------------------------------------------------


def _inference(figures: MemoryFigures, look: Look) -> list[str]:
    found, batch = figures.inference, figures.batch
    weights, peak, best = found.weights, figures.inference_peak, found.best
    rows = [
        ("weights", memory(weights.bytes), _of_weights(weights.params, weights.buffers)),
        ("inputs" if len(figures.built.graph.inputs) > 1 else "input", memory(found.inputs * batch), ""),
        ("activations", memory(found.activations * batch), "all results together"),
        ("peak", memory(peak), _where(figures, look)),
    ]
    if best.order is not None:
        remark = "exact: no order has less" if best.least == best.bytes else _between(best.least * batch)
        rows.append(("in the best order", memory(best.bytes * batch), remark))
    elif best.least < best.bytes:
        rows.append(("in the best order", memory(best.bytes * batch), _between(best.least * batch)))
    rows.append(("weights and peak", memory(weights.bytes + peak), ""))
    title = look.paint("bold", f"Inference, {samples(batch)}, {figures.asked.precision.told}")
    return [title, *lines_of(rows, look)]


def _of_weights(params: int, buffers: int) -> str:
    return f"{memory(buffers)} of them buffers" if buffers and params else ""


def _between(least: int) -> str:
    return f"upper bound; no order has less than {memory(least)}"


def _where(figures: MemoryFigures, look: Look) -> str:
    best = figures.inference.best
    exact = "exact, in the order of the text"
    return "exact, as written; no other order has less" if best.order is None and best.least == best.bytes else exact


def _alive(figures: MemoryFigures, look: Look) -> list[str]:
    """What the peak is made of."""
    peak, batch, shapes = figures.inference.peak, figures.batch, figures.built.shapes
    if peak is None:
        return []
    shown = list(peak.alive.items())[:SHOWN]
    rest = len(peak.alive) - len(shown)
    names = [visible(id, look.encoding) for id, _ in shown]
    left = peak.total - sum(bytes for _, bytes in shown)
    sizes = [bytes for _, bytes in shown] + ([left] if rest else [])
    columns = [
        Column("alive then", (*names, *([counted(rest, "other value")] if rest else [])), False),
        Column("value", (*(size(shapes[id]) for id, _ in shown), *([""] if rest else []))),
        Column("bytes", tuple(memory(each * batch) for each in sizes)),
        *shares(sizes, peak.total, look),
    ]
    step = visible(peak.step, look.encoding)
    return [f"The most is alive while {look.paint('step', step)} runs:", "", *table(columns, look)]


def _fitting(figures: MemoryFigures, look: Look) -> list[str]:
    asked = figures.asked.memory
    if asked is None:
        return []
    inference, training = figures.fitting(asked)
    rows = [("at inference", *_fits(inference)), ("in training", *_fits(training))]
    title = look.paint("bold", f"The largest batch in {_large(asked)}")
    return [title, *lines_of(rows if figures.training.gradients else rows[:1], look)]


def _large(bytes: int) -> str:
    return memory(bytes)


def _fits(batch: int | None) -> tuple[str, str]:
    if batch is None:
        return "any", "nothing grows with the batch"
    return ("none", "one sample needs more") if not batch else (thousands(batch), "")


def _notes(figures: MemoryFigures, look: Look) -> list[str]:
    narrow = NARROW_NOTES.get(figures.asked.precision.told)
    notes = [*((narrow,) if narrow else ()), *INFERENCE_NOTES]
    if figures.training.gradients:
        notes += wrap(f"{_exact(figures, look)} {ESTIMATE}", min(look.width, NOTES))
    return [look.paint("dim", each) for each in notes]


def _exact(figures: MemoryFigures, look: Look) -> str:
    """What is claimed of what there is in all."""
    room = figures.training.room
    if not room:
        return EXACT
    names = [visible(each, look.encoding) for each in room]
    others = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
    most = memory(sum(room.values()) * figures.train_batch)
    return (
        f"{EXACT.removesuffix('.')}; but behind {names[0]}{others}, whose result is smaller than its operand, torch may"
        f" keep room of the operand's size, by the kernel that it takes: at most {most} more."
    )
