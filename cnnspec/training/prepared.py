"""Data and network brought together, before anything is trained: classes, sizes, who is held out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from cnnspec.contract.preprocess import Preprocess, show
from cnnspec.contract.sections import Resize
from cnnspec.contract.values import Shape
from cnnspec.pipeline import Compiled
from cnnspec.training.data.dataset import Dataset, Targets
from cnnspec.training.data.fit import Fitted, matched, measured, prepared_for
from cnnspec.training.errors import DataError
from cnnspec.training.split import hold_out


class Prepared(NamedTuple):
    """`shape` is the input's, `outputs` how many numbers the output is. `deployed` is `preprocess` for pictures of any
    size. `test` is not read before the end. `notes` say all that was done."""

    dataset: Dataset
    classes: tuple[str, ...]
    shape: Shape
    outputs: int
    preprocess: Preprocess
    deployed: Preprocess
    train: Fitted
    held: Fitted | None
    notes: tuple[str, ...]

    def test(self) -> Fitted | None:
        """The set's own part for the end."""
        return Fitted(self.dataset.test, self.preprocess, self.shape) if self.dataset.test else None


class Paired(NamedTuple):
    """A network and a set that go together, before a picture is looked at; the fields are those of Prepared."""

    dataset: Dataset
    classes: tuple[str, ...]
    shape: Shape
    outputs: int
    preprocess: Preprocess
    notes: tuple[str, ...]


def paired(compiled: Compiled, dataset: Dataset) -> Paired:
    """DataError where they do not go together."""
    built = compiled.built
    assert built is not None, "there is no model to train"
    shape, outputs = ends(compiled)
    dataset, classes = matched(dataset, built.labels, max(outputs, 2), exact=True)
    within(dataset, outputs)
    preprocess, notes = prepared_for(dataset, built.image, shape)
    return Paired(dataset, classes, shape, outputs, preprocess, notes)


def prepared(compiled: Compiled, dataset: Dataset, holdout: float, seed: int) -> Prepared:
    """DataError where they do not go together."""
    dataset, classes, shape, outputs, preprocess, notes = paired(compiled, dataset)
    built = compiled.built
    assert built is not None
    targets = dataset.train.targets
    places, held = np.arange(len(targets)), np.empty(0, np.intp)
    if holdout and dataset.held is None:
        places, held = hold_out(targets, holdout, seed)
    train = Fitted(dataset.train.part(places), preprocess, shape)
    if built.image is None:
        norm = measured(train)
        preprocess = preprocess._replace(steps=(*preprocess.steps, norm))
        mean, deviation = (",".join(f"{each:g}" for each in values) for values in (norm.mean, norm.std))
        notes = (*notes, f"normalized by the training pictures' mean {mean} and deviation {deviation}")
    held_out = dataset.held or (dataset.train.part(held) if len(held) else None)
    out = Fitted(held_out, preprocess, shape) if held_out else None
    train_targets, held_targets = targets[places], held_out.targets if held_out else targets[:0]
    notes = (*_sizes(dataset, classes, train_targets, held_targets), *dataset.notes, *notes)
    deployed = preprocess if built.image else _of_any_size(preprocess, dataset)
    return Prepared(dataset, classes, shape, outputs, preprocess, deployed, train, out, notes)


def _of_any_size(preprocess: Preprocess, dataset: Dataset) -> Preprocess:
    """Other pictures are first brought to the size of the set's, if that is one, which does nothing to its own."""
    size = dataset.train.size
    if size is None or isinstance(next(iter(preprocess.steps), None), Resize):
        return preprocess
    return preprocess._replace(steps=(Resize(size=size[:2]), *preprocess.steps))


def ends(compiled: Compiled) -> tuple[Shape, int]:
    """The shape of the only input, and how many numbers the only output is."""
    built = compiled.built
    assert built is not None
    graph, shapes = built.graph, built.shapes
    for what, names in (("inputs", graph.inputs), ("outputs", graph.outputs)):
        if len(names) != 1:
            message = f"the network has {len(names)} {what}, and a classifier has one"
            raise DataError(message, "`train` trains classifiers")
    shape, made = shapes[next(iter(graph.inputs))], shapes[next(iter(graph.outputs.values()))]
    if shape is None or any(each is None for each in shape):
        raise DataError("the input takes any size, and a batch has one", "`--input 3x224x224` says it")
    if made is None or len(made) != 1:
        shown = "unknown" if made is None else show(made)
        message = f"the output is {shown}, and a classifier's is one number for each class"
        raise DataError(message, "`gap -> flatten -> linear 10`")
    return shape, made[0]


def within(dataset: Dataset, outputs: int) -> None:
    """DataError where a class has no output."""
    parts = (dataset.train, dataset.test, dataset.held)
    largest = max(int(each.targets.max(initial=0)) for each in parts if each is not None)
    if largest >= max(outputs, 2):
        raise DataError(f"{dataset.name} has the class {largest}, and the network {outputs:,} outputs")


def _sizes(dataset: Dataset, classes: tuple[str, ...], places: Targets, held: Targets) -> Iterator[str]:
    counts = [np.bincount(each, minlength=len(classes)) for each in (places, held)]
    there = np.flatnonzero(counts[0] + counts[1])
    test = f", {dataset.test.samples:,} to test" if dataset.test else ""
    yield f"{dataset.name}: {len(places):,} samples to train on, {len(held):,} held out{test}"
    sizes = [f"{classes[i]} {counts[0][i]:,}+{counts[1][i]:,}" for i in there[:20]]
    yield "by class, trained on + held out: " + ", ".join(sizes) + (" …" if len(there) > 20 else "")
