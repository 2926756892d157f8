"""What lints say of a network, held to what torch computes of it: every claim that is about values is looked at, and a
text with all safe fixes made computes the same."""

from collections import Counter
from collections.abc import Mapping

import torch
from torch import Tensor

from cnnspec.ir.graph import Node
from cnnspec.passes.parameters import full_weights
from cnnspec.pipeline import Compiled, compile_models
from cnnspec.reports.findings.text import render_all
from cnnspec.reports.look import Look
from cnnspec.rules.lints._sliding import slid
from cnnspec.rules.network import Network
from cnnspec.rules.review import reviewed
from cnnspec.rules.selection import Selection
from cnnspec.rules.tried import mended
from cnnspec.source.diagnostic import Diagnostic
from cnnspec.source.text import Source
from tests.judges import network_torch
from tests.judges.network_torch import Values, Weights
from tests.texts import Shelf

EVERYTHING = Selection(pedantic=True, perf=True)
CLOSE = 1e-9


def judge_lints(text: str, files: Mapping[str, str] | None = None) -> Counter[str]:
    """How often each lint spoke; AssertionError where one is not right. `files` are those that the text uses."""
    shelf = Shelf("model.cnn", files or {})
    (plain,) = compile_models(Source("model.cnn", text), library=shelf)
    (result,) = reviewed([plain], EVERYTHING, shelf)
    found = result.diagnostics
    assert all(each.label and each.label.span.text for each in found)
    assert not found or render_all(found, Look())
    inputs = _inputs(result)
    weights = network_torch.settled(result, inputs)
    exact = network_torch.values(result, weights, inputs)
    for each in found:
        _check_claim(each, _nodes(each, result), exact)
    _check_windows(result, weights, exact)
    _check_safe_fixes(result, weights, exact, inputs, shelf)
    return Counter(each.id for each in found)


def _inputs(result: Compiled) -> Values:
    assert result.built is not None
    chance = torch.Generator().manual_seed(len(result.built.graph))
    shapes = {id: (3, *(result.built.shapes[id] or ())) for id in result.built.graph.inputs}
    return {id: torch.randn(shape, generator=chance, dtype=torch.float64) for id, shape in shapes.items()}


def _nodes(found: Diagnostic, result: Compiled) -> list[Node]:
    """The nodes that a finding is about."""
    assert found.label is not None
    assert result.built is not None
    return [node for node in result.built.graph if node.span == found.label.span]


def _check_claim(found: Diagnostic, nodes: list[Node], exact: Values) -> None:
    """What is said of a step holds in every use of it, or at least in one."""
    match found.id:
        case "changes-nothing":
            assert all(torch.allclose(exact[node.id], exact[node.inputs[0]], CLOSE, CLOSE) for node in nodes)
        case "softmax-of-one":
            assert any(exact[node.id].unique().numel() == 1 for node in nodes)
        case "rectified-output" | "residual-ends-in-relu":
            assert all(exact[node.id].min() >= 0 for node in nodes)
        case "identical-branches":
            for node in nodes:
                operands = [exact[each] for each in node.inputs]
                assert any(_same(one, other) for i, one in enumerate(operands) for other in operands[:i])


def _same(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and torch.equal(one, other)


def _check_windows(result: Compiled, weights: Weights, exact: Values) -> None:
    """The pixels that no window reads are those that have no gradient, behind any linear window."""
    assert result.built is not None
    net = Network(result.built.graph, result.built.shapes)
    for kind in net.kinds:
        axes = slid(kind) if "kernel" in kind.layer.fields else ()
        if not axes or not (kind.multiplies or "count_pad" in kind.layer.fields):
            continue
        node = kind.nodes[0]
        entering = exact[node.inputs[0]].clone().requires_grad_()
        with torch.enable_grad():
            value = network_torch.applied(result, weights, node, {**exact, node.inputs[0]: entering})
            value.sum().backward()
        assert entering.grad is not None
        if not all(each.live for each in axes):
            assert not entering.grad.any()
            continue
        for axis, each in enumerate(axes):
            others = [i for i in range(entering.ndim) if i != axis + 2]
            read = entering.grad.abs().amax(others) > 0
            last = int(read.nonzero().max()) if read.any() else -1
            assert each.holes == int((~read[: last + 1]).sum()), (node.span.text, axis)
            assert each.holes or each.lost == len(read) - 1 - last, (node.span.text, axis)


def _check_safe_fixes(result: Compiled, weights: Weights, exact: Values, inputs: Values, shelf: Shelf) -> None:
    fixes = [each.fix for each in result.diagnostics if each.fix is not None and each.fix.safe]
    source = result.source
    assert source is not None
    text = mended(source, [edit for each in fixes for edit in each.edits])
    if not fixes or text is None:
        return
    (after,) = compile_models(Source(source.name, text), library=shelf)
    assert after.ok, render_all(after.diagnostics, Look())
    assert after.built is not None
    assert result.built is not None
    assert full_weights(after.built.graph, after.built.shapes) == full_weights(result.built.graph, result.built.shapes)
    values = network_torch.values(after, weights, inputs)
    outputs = result.built.graph.outputs
    for name, node in after.built.graph.outputs.items():
        torch.testing.assert_close(values[node], exact[outputs[name]], rtol=CLOSE, atol=CLOSE)
