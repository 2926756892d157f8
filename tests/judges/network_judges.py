"""A whole network before its judges: torch's module tree, onnx's strict inference, onnxruntime and torch's numbers."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import torch

from cnnspec.pipeline import Compiled
from tests.judges import network_onnx, network_torch
from tests.judges.network_torch import Values

BATCH = 3
FLOOR, FACTOR = 1e-5, 20
TOO_LARGE = 1e12
"""Beyond it the square of a value leaves float32."""


class Verdict(NamedTuple):
    """How many nodes ran; at how many of them the runtimes differ by more than by their own errors, but by no more than
    what errors in the last bit come to; and whether numbers were too large for float32."""

    nodes: int
    shaky: int
    too_large: bool


class Disagreement(NamedTuple):
    """The scaled errors of two runtimes at a node, of which one is more than FLOOR + FACTOR times the other."""

    node: str
    batch: int
    torch: float
    onnx: float
    optimised: bool


def judge(result: Compiled) -> Verdict:
    """AssertionError where a judge finds something else than cnnspec."""
    assert result.built is not None
    network_torch.check_names(result)
    chance = torch.Generator().manual_seed(len(result.built.graph))
    shapes = {id: (BATCH, *(result.built.shapes[id] or ())) for id in result.built.graph.nodes}
    inputs = {id: torch.randn(shapes[id], generator=chance) for id in result.built.graph.inputs}
    with torch.no_grad():
        doubled = {id: each.double() for id, each in inputs.items()}
        weights, exact = network_torch.settled(result, doubled)
        assert {id: tuple(each.shape) for id, each in exact.items()} == shapes
        made = network_onnx.exported(result, network_torch.arrays(weights))
        network_onnx.check_shapes(result, made)
        names = network_onnx.results(result, made)
        torchs = {
            size: network_torch.values(result, network_torch.single(weights), cut(inputs, size)) for size in (BATCH, 1)
        }
        found = list(_disagreements(made, names, inputs, exact, torchs))
        too_large = any(not each.isfinite().all() or each.abs().max() > TOO_LARGE for each in exact.values())
        if found and not too_large:
            noise = [network_torch.values(result, weights, doubled, noise=seed) for seed in (1, 2, 3)]
            for each in found:
                _check_shaky(each, exact, noise)
    return Verdict(len(names), len({each.node for each in found}), too_large)


def cut(values: Values, size: int) -> Values:
    """The first samples."""
    return {id: each[:size] for id, each in values.items()}


def _disagreements(
    made: network_onnx.ModelProto,
    names: Mapping[str, str],
    inputs: Values,
    exact: Values,
    torchs: Mapping[int, Values],
) -> Iterator[Disagreement]:
    """Every node at both batches, without optimisations; every output with them."""
    for optimised in (False, True):
        runtime = network_onnx.Runtime(made, optimised=optimised)
        for batch, theirs in torchs.items():
            found = runtime({id: each.numpy() for id, each in cut(inputs, batch).items()})
            for id, name in names.items():
                if name not in found:
                    continue
                assert found[name].shape == tuple(theirs[id].shape), f"onnxruntime finds {id} is {found[name].shape}"
                one, other = (error(each, exact[id][:batch]) for each in (theirs[id], found[name]))
                if not max(one, other) <= FLOOR + FACTOR * min(one, other):
                    yield Disagreement(id, batch, one, other, optimised)


def _check_shaky(found: Disagreement, exact: Values, noise: list[Values]) -> None:
    """The difference is no more than what errors in float32's last bit, put on every node, come to."""
    expected = exact[found.node][: found.batch]
    known = max(error(each[found.node][: found.batch], expected) for each in noise)
    allowed = FLOOR + FACTOR * max(known, min(found.torch, found.onnx))
    assert max(found.torch, found.onnx) <= allowed, f"{found}, allowed is {allowed:.3g}"


def error(found: torch.Tensor | np.ndarray, exact: torch.Tensor) -> float:
    """The largest difference, as a share of the largest value."""
    scale = float(exact.abs().max()) or 1.0
    return float((torch.as_tensor(found).double() - exact).abs().max()) / scale
