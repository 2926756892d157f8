"""`cnnspec memory --json`: by docs/memory.md."""

from __future__ import annotations

from cnnspec.passes.memory.backward.step import Line
from cnnspec.reports.findings.json import Json, file_name
from cnnspec.reports.memory.figures import MemoryFigures

SCHEMA_VERSION = 1


def memory_record(figures: MemoryFigures) -> Json:
    """All numbers are bytes, but for `batch`, and whole."""
    source = figures.compiled.source
    assert source is not None
    return {
        "schema_version": SCHEMA_VERSION,
        "model": figures.built.graph.name,
        "file": file_name(source.name),
        "inference": _inference(figures),
        "training": _training(figures) if figures.training.gradients else None,
        "fits": _fits(figures),
    }


def _inference(figures: MemoryFigures) -> Json:
    found, batch = figures.inference, figures.batch
    peak, best = found.peak, found.best
    return {
        "batch": batch,
        "precision": figures.asked.precision.told,
        "weights": {"parameters": found.weights.params, "buffers": found.weights.buffers},
        "inputs": found.inputs * batch,
        "activations": found.activations * batch,
        "peak": peak
        and {
            "bytes": peak.total * batch,
            "step": peak.step,
            "alive": [{"name": id, "bytes": bytes * batch} for id, bytes in peak.alive.items()],
        },
        "best_order": {
            "bytes": best.bytes * batch,
            "at_least": best.least * batch,
            "bound": "exact" if best.bytes == best.least else "upper",
            "order": None if best.order is None else list(best.order),
        },
        "total": found.weights.bytes + figures.inference_peak,
    }


def _training(figures: MemoryFigures) -> Json:
    training, batch, moment = figures.training, figures.train_batch, figures.moment
    return {
        "batch": batch,
        "precision": "mixed" if training.setup.mixed else "fp32",
        "optimizer": training.setup.optimizer.plain(),
        "frozen": sorted(training.setup.frozen),
        "weights": training.weights.bytes,
        "gradients": training.gradients,
        "half_gradients": training.half_gradients,
        "optimizer_state": training.state,
        "average": training.average,
        "kept": {
            **_line(training.kept, batch),
            "may_add": {id: bytes * batch for id, bytes in training.room.items()},
            "kinds": {kind.value: bytes for kind, bytes in training.kinds(batch).items()},
            "steps": {id: sum(each.bytes(batch) for each in kept) for id, kept in training.saved.items()},
        },
        "blocks": [
            {
                "name": each.path,
                "steps": each.steps,
                "kept": each.kept.at(batch),
                "checkpoint_saves": max(each.saved.at(batch), 0) if each.steps > 1 else 0,
                "macs": each.macs * batch,
            }
            for each in figures.blocks
        ],
        "peak": {
            "bytes": training.total(batch),
            "bound": "estimate",
            "phase": moment.phase.value,
            "step": moment.node,
            "kept": moment.kept.at(batch),
            "gradients_of_weights": moment.weights,
            "gradients_of_activations": moment.gradients * batch,
            "others": moment.others.at(batch),
        },
    }


def _line(line: Line, batch: int) -> Json:
    return {"bytes": line.at(batch), "each_sample": line.each, "fixed": line.fixed}


def _fits(figures: MemoryFigures) -> Json | None:
    if figures.asked.memory is None:
        return None
    inference, training = figures.fitting(figures.asked.memory)
    return {"memory": figures.asked.memory, "inference": inference, "training": training}
