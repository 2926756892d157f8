"""From a network and a data set to trained weights, in a folder of their own."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch

from cnnspec.api.deploy import lowered
from cnnspec.api.identity import same, text_digest
from cnnspec.api.plots import plotted
from cnnspec.api.recipe import without_hold_out
from cnnspec.api.transfer import beginning, with_fitting_labels
from cnnspec.api.weights import Weights
from cnnspec.contract.training.losses import CrossEntropy
from cnnspec.lower.errors import ExportError, WeightsError
from cnnspec.lower.onnx_file import save
from cnnspec.lower.safetensors_file import safetensors_bytes
from cnnspec.lower.weights import read_weights
from cnnspec.pipeline import Compiled
from cnnspec.training import checkpoint, run_folder
from cnnspec.training.curves import curves
from cnnspec.training.data.dataset import Dataset
from cnnspec.training.data.fit import Fitted
from cnnspec.training.data.open import open_data
from cnnspec.training.device import deterministic, device_named
from cnnspec.training.feed import Scaling
from cnnspec.training.judging import Outputs, Parity, compared, finite
from cnnspec.training.loop import Data, Epoch, Loop, Stopped, Updated
from cnnspec.training.manner import Manner
from cnnspec.training.metrics import Metrics, metrics
from cnnspec.training.network import Network, load
from cnnspec.training.plan import planned
from cnnspec.training.prepared import prepared
from cnnspec.training.processes import ALONE, Processes

SAVED_EVERY = 30.0
"""Seconds between checkpoints within an epoch; an epoch's end has one always."""


class Wish(NamedTuple):
    """What is asked besides the recipe: `out` is the run's folder, `resume` whether it is gone on with; with
    `replace_head` the last layer does not begin with `weights`. `asked` is kept with the run, for whoever goes on with
    it. Without `test` the set's test part is not judged."""

    data: str
    out: Path
    seed: int = 0
    holdout: float = 0.1
    device: str = "auto"
    threads: int | None = None
    weights: Weights = None
    replace_head: bool = False
    resume: bool = False
    manner: Manner = Manner()
    asked: Mapping[str, Any] = {}
    test: bool = True


class Trained(NamedTuple):
    """What came of it. `held` is of the samples held out; `test` of the set's own test part, read once, in the end;
    both with the best weights."""

    best_epoch: int
    held: Metrics | None
    test: Metrics | None
    classes: tuple[str, ...]
    files: tuple[Path, ...]
    parity: Parity | None
    notes: tuple[str, ...]


class Run:
    """A run that is ready: data read and fitted, weights in place, a folder begun; nothing was trained yet. `notes` say
    all that was done to bring data and network together."""

    def __init__(
        self,
        compiled: Compiled,
        wish: Wish,
        origins: dict[str, str],
        dataset: Dataset | None = None,
        processes: Processes = ALONE,
    ) -> None:
        """`dataset` is one that was read already, or a part of one. With several `processes` each has a run, and all do
        the same at the same time. TrainError, WeightsError."""
        self.wish, self.processes = wish, processes
        self.compiled, unlabelled = with_fitting_labels(compiled)
        with processes.together(WeightsError):
            self._prepare(origins, dataset, unlabelled)
        processes.same(json.dumps(self.identity), "data, text or recipe")
        with processes.together():
            if processes.is_first and not wish.resume:
                run_folder.begin(wish.out)
                self._save()
                run_folder.write(wish.out, {run_folder.RUN: json.dumps(self._description(), indent=2)})

    def _prepare(self, origins: dict[str, str], dataset: Dataset | None, unlabelled: tuple[str, ...]) -> None:
        compiled, wish, processes = self.compiled, self.wish, self.processes
        built = compiled.built
        assert built is not None, "there is no model to train"
        self.ready = prepared(compiled, dataset or open_data(wish.data), wish.holdout, wish.seed)
        self.notes = (*self.ready.notes, *unlabelled)
        if self.ready.held is None and built.recipe:
            without_hold_out(built.recipe)
        manner = wish.manner._replace(processes=processes.size)
        self.plan = planned(built.recipe, origins, wish.seed, wish.holdout, manner)
        self.device = device_named(wish.device) if processes is ALONE else processes.device
        self.threads = wish.threads or torch.get_num_threads()
        data = Data(self.ready.train, self.ready.held, Scaling(self.ready.preprocess, self.ready.shape, self.device))
        aux = {name: each.weight for name, each in built.graph.aux.items()}
        self.loop = Loop(self._network(), self.plan, data, self.ready.outputs, aux, processes)
        self.notes += self.loop.transfer.notes()
        if self.loop.transfer.parts and wish.weights is None:
            self.notes += ("what is frozen is as it was drawn: there are no `--weights`",)
        self.identity = {"data": self.ready.dataset.digest, "text": text_digest(compiled), "plan": self.plan.plain()}
        self.notes += self.loop.works.notes(processes.backend)
        if wish.resume:
            self._go_on()

    def _network(self) -> Network:
        built, weights = self.compiled.built, None if self.wish.resume else self.wish.weights
        assert built is not None
        network = Network(built.graph, built.shapes)
        begin = beginning(built.graph, built.shapes, weights, self.wish.seed, self.wish.replace_head)
        self.notes += begin.notes
        self.fresh = begin.fresh
        load(network, begin.arrays)
        network.to(self.device)
        return network

    def _go_on(self) -> None:
        found, trouble = checkpoint.read(self.wish.out)
        self.threads = self.wish.threads or found.plain["threads"]
        same(found.plain["identity"], self.identity, self.wish.out)
        if trouble:
            self.notes += (f"{trouble}; the one before it is taken",)
        before = found.plain.get("processes", 1)
        if before != self.processes.size:
            self.notes += (
                f"begun with {before} processes, goes on with {self.processes.size}: sums are taken in another order",
            )
        self.loop.restore(found)
        done, steps = self.loop.step, self.loop.steps
        self.notes += (f"goes on after {done:,} of {steps:,} steps" if done < steps else "it was trained to its end",)

    def _description(self) -> dict[str, Any]:
        from cnnspec import __version__

        return {
            "cnnspec": __version__,
            "torch": torch.__version__,
            "model": self.compiled.built.graph.name if self.compiled.built else None,
            "file": self.compiled.source.name if self.compiled.source else None,
            "text_sha256": self.identity["text"],
            "data": {"from": self.wish.data, "sha256": self.identity["data"], "classes": list(self.ready.classes)},
            "device": str(self.device),
            "threads": self.threads,
            "preprocess": json.loads(self.ready.preprocess.to_json()),
            "asked": dict(self.wish.asked),
            "recipe": self.plan.plain(),
            "transfer": {**self.loop.transfer.plain(), "fresh": [each._asdict() for each in self.fresh]},
            "notes": list(self.notes),
        }

    # -- training -------------------------------------------------------------------------------------------------

    def train(self, stopped: Callable[[], bool] = lambda: False) -> Iterator[Updated | Epoch | Stopped]:
        """Every update and every epoch. When `stopped` says so it ends behind the update under way, at a checkpoint.
        TrainError, too where another process trains in the folder."""
        with self._at_work():
            yield from self._events(stopped)

    def _events(self, stopped: Callable[[], bool]) -> Iterator[Updated | Epoch | Stopped]:
        saved = time.monotonic()
        for event in self.loop.run():
            yield event
            if isinstance(event, Epoch):
                self._keep(event)
                saved = time.monotonic()
            elif self.loop.is_between:
                continue  # the epoch's end follows at once
            ends = self.processes.any(stopped())
            is_late = ends or time.monotonic() - saved > SAVED_EVERY
            if is_late and self.processes.is_first and not isinstance(event, Epoch):
                self._save()
                saved = time.monotonic()
            if ends:
                yield Stopped("interrupted")
                return

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        with ExitStack() as stack:
            with self.processes.together():
                if self.processes.is_first:
                    stack.enter_context(run_folder.alone(self.wish.out))
            stack.enter_context(deterministic(self.device, self.threads))
            yield

    def _save(self) -> None:
        made = self.loop.checkpoint()
        more = {"identity": self.identity, "threads": self.threads, "processes": self.processes.size}
        checkpoint.write(self.wish.out, made._replace(plain={**made.plain, **more}))

    def _keep(self, epoch: Epoch) -> None:
        """The best weights before the checkpoint that knows of them: what is lost in between is done again."""
        with self.processes.together():
            if not self.processes.is_first:
                return
            if epoch.is_best:
                kept = self.loop.kept()
                finite(kept)
                run_folder.write(self.wish.out, {run_folder.BEST: safetensors_bytes(kept)})
            run_folder.write(self.wish.out, run_folder.history([each._asdict() for each in self.loop.history]))
            self._save()

    def finish(self) -> Trained:
        """The best weights: judged on the test part, written as ONNX, and compared with it. Only the first process
        writes, and has files to tell of."""
        with self._at_work():
            return self._finished()

    def _finished(self) -> Trained:
        ready, loop, together = self.ready, self.loop, self.processes.together
        with together(WeightsError):
            best = read_weights(self.wish.out / run_folder.BEST)
            loop.take(best)
            data = ready.test() if self.wish.test else None
        held, outputs = self._judged(ready.held) if ready.held else (None, None)
        test, outputs = self._judged(data) if data else (None, outputs)
        trained = Trained(loop.best_epoch, held, test, ready.classes, (), None, ())
        with together(ExportError):
            if self.processes.is_first:
                trained = self._written(trained, best, data or ready.held, outputs)
        return trained

    def _written(
        self, trained: Trained, best: Mapping[str, Any], shown: Fitted | None, outputs: Outputs | None
    ) -> Trained:
        """The files of the end; `outputs` are those for what is `shown`."""
        out, loop = self.wish.out, self.loop
        part = "test part" if trained.test else "held out"
        judged = trained.test or trained.held
        plots, notes = plotted(loop.history, loop.best_epoch, judged, part, trained.classes)
        if judged:
            run_folder.write(out, run_folder.judged(judged, trained.classes))
            notes += run_folder.thinned(judged)
        run_folder.write(out, plots)
        model, more = lowered(self._with_preparation(), best, None)
        files = save(model, out / run_folder.MODEL)
        notes += more
        parity: Parity | str | None = None
        if shown is not None and outputs is not None:
            parity = compared(outputs, files[0], shown, loop.data.scaling, loop.criterion.threshold)
        if isinstance(parity, str):
            notes, parity = (*notes, parity), None
        result = _result(loop, trained.held, trained.test, parity)
        run_folder.write(out, {run_folder.RESULT: json.dumps(result, indent=2)})
        written = (out / run_folder.BEST, *files, *(out / name for name in plots))
        return trained._replace(files=written, parity=parity, notes=notes)

    def _judged(self, data: Fitted) -> tuple[Metrics, Outputs]:
        """With precision and recall at every threshold; and the outputs."""
        made, loss = self.loop.outputs(data)
        threshold = self.loop.criterion.threshold
        found = curves(made, data.targets, softmax=isinstance(self.plan.loss, CrossEntropy), threshold=threshold)
        return metrics(made, data.targets, loss, threshold)._replace(curves=found), made

    def _with_preparation(self) -> Compiled:
        """The network that says how its pictures are prepared and what its classes are called."""
        built = self.compiled.built
        assert built is not None
        labels = self.ready.classes if len(self.ready.classes) == self.ready.outputs else None  # not of yes and no
        return self.compiled.with_built(built._replace(image=self.ready.deployed, labels=labels))


def _result(loop: Loop, held: Metrics | None, test: Metrics | None, parity: Parity | None) -> dict[str, Any]:
    """What came of the run, as JSON has it; it is written last."""
    judged = {
        name: each and {"accuracy": each.accuracy, "top5": each.top5, "loss": each.loss, "mean_ap": each.mean_ap}
        for name, each in (("held_out", held), ("test", test))
    }
    return {"best_epoch": loop.best_epoch, "steps": loop.step, **judged, "parity": parity and parity._asdict()}
