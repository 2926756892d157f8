"""Formulas before fresh compilations of the same text at other sizes of the class: every number, to the unit."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping

from cnnspec.api.formulas import Derived, derived
from cnnspec.build.options import Options
from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph
from cnnspec.passes.analysis import analyse
from cnnspec.passes.fold import ShapeTable
from cnnspec.passes.formulas.costs import Total
from cnnspec.passes.formulas.polynomial import value_at as at
from cnnspec.passes.formulas.size_class import Axis
from cnnspec.passes.measures import activations
from cnnspec.pipeline import Compiled, sizes_of

Compile = Callable[[Options], Compiled]
Steps = dict[str, int]


def sizes_at(found: Derived, steps: Steps) -> dict[str, Shape]:
    """The inputs with so many steps from the least size of each axis on."""
    inputs = {id: list(shape) for id, shape in found.inputs.items()}
    for axis in found.formulas.sizes.axes:
        for each in axis.variables:
            inputs[each.input][each.axis] = axis.least + steps[axis.unknown] * axis.period
    return {id: tuple(shape) for id, shape in inputs.items()}


def written(found: Derived) -> Steps:
    return {each.unknown: (each.written - each.least) // each.period for each in found.formulas.sizes.axes}


def drawn(found: Derived, chance: random.Random, count: int) -> Iterator[Steps]:
    """The written size, the least of all, the least of each axis alone, and some at random; none very large."""
    axes = found.formulas.sizes.axes
    yield written(found)
    yield dict.fromkeys((each.unknown for each in axes), 0)
    for _ in range(count):
        yield {each.unknown: chance.randint(0, _most(each)) for each in axes}


def _most(axis: Axis) -> int:
    most = max(3, (axis.written + 300 - axis.least) // axis.period)
    return most if axis.most is None else min(most, (axis.most - axis.least) // axis.period)


def judge(first: Compiled, compile: Compile, chance: random.Random, count: int = 4) -> tuple[Derived, int]:
    """The formulas, and at how many sizes they were held to what is compiled there."""
    found = derived(first)
    held = 0
    seen: list[Steps] = []
    for steps in drawn(found, chance, count):
        if steps in seen:
            continue
        seen.append(steps)
        inputs = sizes_at(found, steps)
        other = compile(Options(inputs=dict(inputs)))
        if not other.whole and any(id not in found.graph.running for id in found.graph.nodes):
            graph, shapes = found.graph, reshaped(found.graph, inputs)  # heads and dead ends are not asked
        else:
            assert other.whole, f"{inputs} is of the class, and refused: {[each.message for each in other.diagnostics]}"
            assert other.built is not None
            now, then = first.analysis.totals, other.analysis.totals
            assert found.formulas.params == now.params
            assert now.params - now.aux_params == then.params - then.aux_params
            graph, shapes = other.built.graph, other.built.shapes
        same(found, steps, graph, shapes)
        held += 1
    return found, held


def reshaped(graph: Graph, inputs: Mapping[str, Shape]) -> ShapeTable:
    """The sizes of what runs, by `infer`."""
    shapes = dict(inputs)
    for node in graph:
        if node.id in graph.running and node.id not in shapes:
            shapes[node.id] = node.layer.infer(tuple(shapes[each] for each in node.inputs))
    return shapes


def same(found: Derived, steps: Steps, graph: Graph, shapes: ShapeTable) -> None:
    """Every size, every step's numbers and all totals."""
    analysis, what = analyse(graph, shapes), f"at {sizes_at(found, steps)}"
    totals, rows = analysis.totals, {row.node.id: row for row in analysis.rows}
    formulas = found.formulas
    running = [id for id in graph.nodes if id in graph.running and id not in graph.inputs]
    assert [each.node.id for each in formulas.steps] == running
    left = {"macs": 0, "ops": 0}
    for each in formulas.steps:
        row = rows[each.node.id]
        assert tuple(at(size, steps) for size in each.shape) == row.shape, f"{each.node.id} {what}"
        for name, value in (("macs", each.macs), ("ops", each.ops)):
            now = getattr(row.cost, name)
            left[name] += now if value is None else 0
            assert value is None or at(value, steps) == now, f"{name} of {each.node.id} {what}"
    assert total_at(formulas.macs, steps) + left["macs"] == totals.macs, what
    assert total_at(formulas.ops, steps) + left["ops"] == totals.ops, what
    assert total_at(formulas.activations, steps) == activations(graph, shapes), what


def total_at(total: Total, steps: Steps) -> int:
    return at(total.known, steps)


def is_least(found: Derived, first: Compiled, compile: Compile) -> bool:
    """Whether one step below the least size of every axis, all others as they are written, nothing is the same network
    any more: the text refuses it, or has other weights. Of an axis whose least size was left out, the formula is wrong
    there, if only at the least size of another one."""
    assert first.built is not None
    for axis in found.formulas.sizes.axes:
        if axis.unknown in found.formulas.later:
            if not _is_otherwise_below(found, axis, compile):
                return False
            continue
        if axis.least <= axis.period:
            continue
        inputs = sizes_at(found, {**written(found), axis.unknown: -1})
        other = compile(Options(inputs=dict(inputs)))
        if other.whole and other.analysis.totals.params == found.formulas.params:
            return False
    return True


def _is_otherwise_below(found: Derived, axis: Axis, compile: Compile) -> bool:
    others = (
        written(found),
        {each.unknown: -(each.unknown in found.formulas.later) for each in found.formulas.sizes.axes},
    )
    for each in others:
        steps = {**each, axis.unknown: -1}
        other = compile(Options(inputs=dict(sizes_at(found, steps))))
        assert other.whole, "the network takes it"
        if other.analysis.totals.ops != total_at(found.formulas.ops, steps):
            return True
    return False


def agrees_with_sizes(first: Compiled, found: Derived, chance: random.Random) -> None:
    """All sizes of the class are among those of `cnnspec sizes`, which is worked out apart."""
    assert first.built is not None
    if len(found.inputs) > 1 and first.built.decisions:
        return  # not told there
    answer = sizes_of(first, search=False)
    if answer is None or not answer.proved:
        return
    for steps in drawn(found, chance, 6):
        inputs = sizes_at(found, steps)
        sizes = {each: inputs[each.input][each.axis] for each in answer.written}
        assert answer.takes(sizes), f"{inputs} is of the class, and not among the sizes"
