"""Training as a whole, data, step and logging: `cnnspec train` beside a bare PyTorch loop, Keras and skorch.

    pip install -e '.[bench]'
    python benchmarks/train_loop.py [ROUNDS]

LeNet on 6,400 grey pictures of 32x32 (numbers by chance, which is as much work as any), batches of 64, SGD with
momentum, cross-entropy; Keras on its torch backend. The bare loop and cnnspec begin with bytes in memory and scale
them a batch at a time, Keras and skorch are given numbers that are scaled already. Each trains its network for one
epoch after the other, in turn; an epoch of cnnspec ends with its checkpoint and its rows of metrics on the disk.
Medians of processor time are compared, on one thread: threads that wait for each other take processor time as well.
Asked: at most 1.1 of the bare loop, and less than Keras and skorch.
"""

import os

os.environ["KERAS_BACKEND"] = "torch"  # before Keras is imported

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import skorch
import torch
import twins
from torch import nn
from torch.nn.functional import cross_entropy

from cnnspec.api.recipe import Asked, with_recipe
from cnnspec.api.train import Run, Wish
from cnnspec.build.options import Options
from cnnspec.pipeline import compile_file
from cnnspec.training.loop import Epoch

COUNT, BATCH, RATE, MOMENTUM = 6400, 64, 0.01, 0.9
LIMITS = {"bare loop": 1.1, "Keras": 1.0, "skorch": 1.0}
WARM = 1


def pictures() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    chance = np.random.default_rng(0)
    return chance.integers(0, 256, (COUNT, 1, 32, 32), np.uint8), np.tile(np.arange(10), COUNT // 10)


def scaled(x: torch.Tensor) -> torch.Tensor:
    return (x.float() / 255 - 0.5) / 0.29


def ours(epochs: int, folder: Path) -> Iterator[float]:
    x, y = pictures()
    np.savez(folder / "data.npz", x_train=x, y_train=y)
    compiled = compile_file("zoo:lenet", Options(inputs={None: (1, 32, 32)}))
    line = f"optimizer=sgd {RATE} momentum={MOMENTUM}"
    compiled, origins = with_recipe(compiled, Asked((line,), epochs, BATCH, None))
    run = Run(compiled, Wish(str(folder / "data.npz"), folder / "run", holdout=0, threads=1), origins)
    begin = time.process_time()
    for event in run.train():
        if isinstance(event, Epoch):
            yield time.process_time() - begin
            begin = time.process_time()


def bare(epochs: int, folder: Path) -> Iterator[float]:
    x, y = map(torch.from_numpy, pictures())
    network = twins.lenet()
    optimizer = torch.optim.SGD(network.parameters(), lr=RATE, momentum=MOMENTUM)
    for _ in range(epochs):
        begin = time.process_time()
        network.train()
        losses, right = 0.0, 0
        for places in torch.randperm(COUNT).split(BATCH):
            batch, target = scaled(x[places]), y[places]
            optimizer.zero_grad()
            made = network(batch)
            loss = cross_entropy(made, target)
            loss.backward()
            optimizer.step()
            losses += loss.item() * len(target)
            right += int((made.argmax(1) == target).sum())
        yield time.process_time() - begin


def in_keras(epochs: int, folder: Path) -> Iterator[float]:
    x, y = pictures()
    layers = keras.layers
    network = keras.Sequential([
        keras.Input((32, 32, 1)),
        layers.Conv2D(16, 5, activation="relu"), layers.MaxPool2D(2),
        layers.Conv2D(32, 5, activation="relu"), layers.MaxPool2D(2),
        layers.Flatten(), layers.Dense(120, activation="relu"), layers.Dense(84, activation="relu"), layers.Dense(10),
    ])  # fmt: skip
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(keras.optimizers.SGD(RATE, MOMENTUM), loss, metrics=["accuracy"])
    numbers = scaled(torch.from_numpy(x)).numpy().transpose(0, 2, 3, 1)
    for _ in range(epochs):
        begin = time.process_time()
        network.fit(numbers, y, batch_size=BATCH, epochs=1, verbose=0)
        yield time.process_time() - begin


def in_skorch(epochs: int, folder: Path) -> Iterator[float]:
    x, y = pictures()
    network = skorch.NeuralNetClassifier(
        twins.lenet(), criterion=nn.CrossEntropyLoss, optimizer=torch.optim.SGD, optimizer__momentum=MOMENTUM, lr=RATE,
        batch_size=BATCH, train_split=None, iterator_train__shuffle=True, verbose=0,
    )  # fmt: skip
    network.initialize()
    numbers = scaled(torch.from_numpy(x)).numpy()
    for _ in range(epochs):
        begin = time.process_time()
        network.fit_loop(numbers, y, epochs=1)
        yield time.process_time() - begin


def main() -> int:
    torch.set_num_threads(1)
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    ways: dict[str, Callable[[int, Path], Iterator[float]]] = {
        "cnnspec": ours, "bare loop": bare, "Keras": in_keras, "skorch": in_skorch,
    }  # fmt: skip
    times: dict[str, list[float]] = {name: [] for name in ways}
    with tempfile.TemporaryDirectory() as folder:
        under_way = {name: way(rounds + WARM, Path(folder)) for name, way in ways.items()}
        for turn in range(rounds + WARM):
            for name, epochs in under_way.items():
                taken = next(epochs)
                if turn >= WARM:
                    times[name].append(taken)
    middle = {name: statistics.median(each) for name, each in times.items()}
    sys.stdout.write(f"{'':<12}{'ms a step':>10}{'cnnspec / it':>14}{'at most':>9}\n")
    fine = True
    for name, taken in middle.items():
        shown = f"{taken / (COUNT / BATCH) * 1000:>10.2f}"
        if name in LIMITS:
            ratio = statistics.median(one / other for one, other in zip(times["cnnspec"], times[name], strict=True))
            fine = fine and ratio <= LIMITS[name]
            shown += f"{ratio:>14.2f}{LIMITS[name]:>9}{'' if ratio <= LIMITS[name] else '   missed'}"
        sys.stdout.write(f"{name:<12}{shown}\n")
    return int(not fine)


if __name__ == "__main__":
    sys.exit(main())
