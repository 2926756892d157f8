"""A whole network before its judges: torch's module tree, onnx's strict inference, onnxruntime and torch's numbers."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import torch

from cnnspec.lower.errors import ExportError
from cnnspec.pipeline import Compiled
from tests.judges import network_onnx, network_sizes, network_torch
from tests.judges.network_torch import Values

BATCH = 3
FLOOR, FACTOR = 1e-5, 20
LOST = 1e-2
"""A scaled error that leaves so little of a value that two of them say nothing of each other."""
TOO_LARGE = 1e12
"""Beyond it the square of a value leaves float32."""


class Verdict(NamedTuple):
    """How many nodes ran; at how many of them the runtimes differ by more than by their own errors or have lost the
    value, but by no more than what rounding comes to; whether numbers were too large for float32; and for a network of
    any size, at how many sizes it ran, or the step that binds it to its own."""

    nodes: int
    shaky: int = 0
    too_large: bool = False
    sizes: int = 0
    bound: str = ""


class Disagreement(NamedTuple):
    """Two runtimes' values of all nodes that can be seen, at one of which the scaled error of one is more than FLOOR +
    FACTOR times that of the other, or more than LOST."""

    node: str
    batch: int
    torch: Values
    onnx: Values


def judge(result: Compiled) -> Verdict:
    """AssertionError where a judge finds something else than cnnspec."""
    network_torch.check_names(result)
    fixed = network_sizes.fixed(result) if network_sizes.is_open(result) else result
    with torch.no_grad():
        inputs = _inputs(fixed)
        weights = network_torch.settled(fixed, network_torch.doubled(inputs))
        made = network_onnx.exported(fixed, network_torch.arrays(weights))
        network_onnx.check_shapes(fixed, made)
        verdict = _values(fixed, weights, made, inputs)
        return verdict if fixed is result else _at_any_size(result, weights, verdict)


def _at_any_size(result: Compiled, weights: network_torch.Weights, verdict: Verdict) -> Verdict:
    """The one file that is for all sizes, at several; or the step for which there is none."""
    try:
        made = network_onnx.exported(result, network_torch.arrays(weights))
    except ExportError as error:
        return verdict._replace(bound=network_sizes.binding(result, error))
    network_onnx.check_open_shapes(result, made)
    for other in (network_sizes.fixed(result), *network_sizes.at_other_sizes(result)):
        found = _values(other, weights, made, _inputs(other))
        verdict = verdict._replace(shaky=verdict.shaky + found.shaky, sizes=verdict.sizes + 1)
    return verdict


def _inputs(result: Compiled) -> Values:
    assert result.built is not None
    graph, shapes = result.built.graph, result.built.shapes
    chance = torch.Generator().manual_seed(len(graph))
    return {id: torch.randn((BATCH, *(shapes[id] or ())), generator=chance) for id in graph.inputs}


def _values(result: Compiled, weights: network_torch.Weights, made: network_onnx.ModelProto, inputs: Values) -> Verdict:
    """Every node's numbers in torch and in onnxruntime against float64."""
    assert result.built is not None
    doubled = network_torch.doubled(inputs)
    exact = network_torch.values(result, weights, doubled)
    shapes = {id: (BATCH, *(shape or ())) for id, shape in result.built.shapes.items()}
    assert {id: tuple(each.shape) for id, each in exact.items()} == shapes
    names, single = network_onnx.results(result, made), network_torch.single(weights)
    torchs = {size: network_torch.values(result, single, cut(inputs, size)) for size in (BATCH, 1)}
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
