"""A training step of the torch source that we export, beside the same network as one writes it by hand.

    pip install -e '.[torch]'
    python benchmarks/train_step.py [PAIRS]

The yardsticks are in benchmarks/twins.py, and have the same parameters in the same order; both begin with the same
weights and are given the same batch. torch's profiler must list the same operators as often for both. Then they are
run in turn, forward, loss, backward and SGD's update; what is shown is the median of the pairs' ratios in processor
time, and the interval that holds the true median with 95 % (order statistics). Asked: a median of at most 1.05.
"""

import importlib.util
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from math import comb
from pathlib import Path

import torch
import twins
from torch import nn
from torch.nn.functional import cross_entropy
from torch.profiler import ProfilerActivity, profile

from cnnspec.api.torch_export import source
from cnnspec.pipeline import compile_file

NETWORKS = {"resnet18": twins.resnet18, "resnet50": twins.resnet50, "mobilenet_v2": twins.mobilenet_v2}
BATCH, MOST = 4, 1.05


def exported(name: str, folder: Path) -> nn.Module:
    """The network of the zoo from its exported source."""
    compiled = compile_file(f"zoo:{name}")
    assert compiled.built is not None
    path = folder / f"{name}.py"
    path.write_text(source(compiled, None), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = getattr(module, compiled.built.graph.name)()
    assert isinstance(made, nn.Module)
    return made


def alike(ours: nn.Module, twin: nn.Module) -> None:
    """Gives both the same weights; they must be the same in number, order and shape."""
    pairs = list(zip(ours.state_dict().values(), twin.state_dict().values(), strict=True))
    assert all(ours.shape == theirs.shape for ours, theirs in pairs)
    twin.load_state_dict(dict(zip(twin.state_dict(), ours.state_dict().values(), strict=True)))


def step(network: nn.Module) -> Callable[[], float]:
    """One update on a batch that stays the same; gives the loss."""
    chance = torch.Generator().manual_seed(0)
    x = torch.randn(BATCH, 3, 224, 224, generator=chance)
    y = torch.randint(0, 1000, (BATCH,), generator=chance)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)

    def update() -> float:
        torch.manual_seed(0)
        optimizer.zero_grad()
        loss = cross_entropy(network(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return update


def operators(update: Callable[[], float]) -> Counter[str]:
    with profile(activities=[ProfilerActivity.CPU]) as found:
        update()
    return Counter({each.key: each.count for each in found.key_averages() if each.key.startswith("aten::")})


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def interval(values: list[float]) -> tuple[float, float, float]:
    """The median, and an interval that holds the true one with 95 %."""
    ranked, count = sorted(values), len(values)
    rank, outside = 0, 2 * 0.5**count
    while rank + 1 < count // 2 and outside + 2 * comb(count, rank + 1) * 0.5**count <= 0.05:
        rank += 1
        outside += 2 * comb(count, rank) * 0.5**count
    return ranked[count // 2], ranked[rank], ranked[-1 - rank]


def main() -> int:
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    fine = True
    torch.set_num_threads(1)
    head = f"{'':<14}{'operators':>11}{'ours s':>9}{'twin s':>9}{'ours / twin':>13}{'95 % within':>18}"
    sys.stdout.write(f"{head}   at most {MOST}\n")
    for name, make in NETWORKS.items():
        with tempfile.TemporaryDirectory() as folder:
            ours, twin = exported(name, Path(folder)), make()
        alike(ours, twin)
        works = step(ours), step(twin)
        assert works[0]() == works[1](), "the first loss is the same"
        listed = operators(works[0]), operators(works[1])
        times = [(seconds(works[0]), seconds(works[1])) for _ in range(pairs)]
        ratio, low, high = interval([one / other for one, other in times])
        same = listed[0] == listed[1]
        count = f"{listed[0].total():,} same" if same else f"{(listed[0] - listed[1]).total()} more"
        middle = [sorted(each)[pairs // 2] for each in zip(*times, strict=True)]
        fine = fine and same and ratio <= MOST
        line = f"{name:<14}{count:>11}{middle[0]:>9.3f}{middle[1]:>9.3f}{ratio:>13.3f}"
        sys.stdout.write(f"{line}{low:>9.3f} … {high:.3f}\n")
    return int(not fine)


if __name__ == "__main__":
    sys.exit(main())
