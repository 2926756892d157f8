"""A whole network before its judges: torch's module tree, onnx's strict inference, onnxruntime and torch's numbers."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import torch

from cnnspec.pipeline import Compiled
from tests.judges import network_onnx, network_torch
from tests.judges.network_torch import Values

BATCH = 3
FLOOR, FACTOR = 1e-5, 20
LOST = 1e-2
"""A scaled error that leaves so little of a value that two of them say nothing of each other."""
TOO_LARGE = 1e12
"""Beyond it the square of a value leaves float32."""


class Verdict(NamedTuple):
    """How many nodes ran; at how many of them the runtimes differ by more than by their own errors or have lost the
    value, but by no more than what rounding comes to; and whether numbers were too large for float32."""

    nodes: int
    shaky: int
    too_large: bool


class Disagreement(NamedTuple):
    """Two runtimes' values of all nodes that can be seen, at one of which the scaled error of one is more than FLOOR +
    FACTOR times that of the other, or more than LOST."""

    node: str
    batch: int
    torch: Values
    onnx: Values


def judge(result: Compiled) -> Verdict:
    """AssertionError where a judge finds something else than cnnspec."""
    assert result.built is not None
    network_torch.check_names(result)
    chance = torch.Generator().manual_seed(len(result.built.graph))
    shapes = {id: (BATCH, *(result.built.shapes[id] or ())) for id in result.built.graph.nodes}
    inputs = {id: torch.randn(shapes[id], generator=chance) for id in result.built.graph.inputs}
    with torch.no_grad():
        doubled = network_torch.doubled(inputs)
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
                _check_carried(each, exact, noise)
                _check_alone(result, weights, each)
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
            given = cut(inputs, batch)
            arrays = runtime({id: each.numpy() for id, each in given.items()})
            found = given | {id: torch.as_tensor(arrays[name]) for id, name in names.items() if name in arrays}
            for id, value in found.items():
                assert value.shape == theirs[id].shape, f"onnxruntime finds {id} is {value.shape}"
                one, other = (error(each, exact[id][:batch]) for each in (theirs[id], value))
                if not max(one, other) <= min(FLOOR + FACTOR * min(one, other), LOST):
                    yield Disagreement(id, batch, theirs, found)


def _check_carried(found: Disagreement, exact: Values, noise: list[Values]) -> None:
    """The difference is no more than what float32's rounding at every node comes to."""
    expected = exact[found.node][: found.batch]
    known = max(error(each[found.node][: found.batch], expected) for each in noise)
    errors = {name: error(each[found.node], expected) for name, each in (("torch", found.torch), ("onnx", found.onnx))}
    allowed = FLOOR + FACTOR * max(known, min(errors.values()))
    assert max(errors.values()) <= allowed, f"the errors of {found.node} are {errors}, allowed is {allowed:.3g}"


def _check_alone(result: Compiled, weights: network_torch.Weights, found: Disagreement) -> None:
    """Where what a runtime's node read is known, it made of that what float64 makes of it, but for its own rounding."""
    assert result.built is not None
    node = result.built.graph.nodes[found.node]
    for name, each in (("torch", found.torch), ("onnx", found.onnx)):
        if not set(node.inputs) <= set(each):
            continue
        read = network_torch.doubled({id: each[id] for id in node.inputs})
        value = network_torch.applied(result, weights, node, read)
        size = network_torch.rounding(result, weights, node, read, value, torch.Generator().manual_seed(1))
        allowed = FLOOR * value.abs().max() + FACTOR * size
        own = (each[found.node].double() - value).abs().max()
        assert own <= allowed, f"{name} makes an error of {own:.3g} at {node.id} alone, allowed is {allowed:.3g}"


def error(found: torch.Tensor, exact: torch.Tensor) -> float:
    """The largest difference, as a share of the largest value."""
    scale = float(exact.abs().max()) or 1.0
    return float((found.double() - exact).abs().max()) / scale
