"""Costs as formulas of the input's sizes, ready to be shown and to be worked out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cnnspec.contract.values import Shape, dress
from cnnspec.ir.graph import Graph, Input
from cnnspec.passes.cost_formulas import Formulas, Total, formulas
from cnnspec.passes.fold import ShapeTable
from cnnspec.passes.polynomial import value_at
from cnnspec.passes.size_class import Axis, variables_of
from cnnspec.passes.size_known import Bound
from cnnspec.pipeline import Compiled, Expansion, expansion
from cnnspec.reports.formulas import formulas_table
from cnnspec.reports.formulas_plain import formulas_markdown, formulas_record
from cnnspec.reports.formulas_words import letters_of
from cnnspec.reports.look import Look
from cnnspec.reports.polynomial_text import PEOPLE, of_sizes, written

ABOVE = (1, 2, 3, 5, 8)
BELOW = (1, 2, 3)
"""How many steps from the written size a text that asks for sizes is tried; below it the least size of all, too."""


Inputs = tuple[Shape, ...]
"""One shape an input, in the order of the text."""


class Derived(NamedTuple):
    """What the formulas are of. `tried` are the inputs at which a text whose steps hang on sizes makes the same
    network, `other` smaller ones at which it makes another; `requires` says that a condition of its asks for some."""

    formulas: Formulas
    graph: Graph
    shapes: ShapeTable
    file: str
    tried: tuple[Inputs, ...]
    other: tuple[Inputs, ...]
    requires: bool

    @property
    def inputs(self) -> Mapping[str, Shape]:
        """As they are written."""
        return {id: self.shapes[id] or () for id in self.graph.inputs}

    def place(self, node: str) -> str:
        """`fc1` (lenet.cnn:9)"""
        span = self.graph.nodes[node].span
        return f"`{node}` ({span.source.name}:{span.line})"

    def entering(self, node: str) -> Shape:
        """The sizes of the first operand as they are written."""
        return self.shapes[self.graph.nodes[node].inputs[0]] or ()


def derived(compiled: Compiled) -> Derived:
    """Of a network without errors."""
    built, source = compiled.built, compiled.source
    assert built is not None
    assert source is not None
    graph, found = built.graph, formulas(built.graph, built.shapes)
    expand = None if all(_is_fixed(found, *each) for each in built.reads) else expansion(compiled)
    same: list[Inputs] = []
    other: list[Inputs] = []
    if expand is not None:
        why = _elsewhere(graph, found.sizes.axes, expand, same, other)
        if why is not None:
            more = [Bound(each, size, "", why) for each, size in variables_of(graph).items()]
            found, same, other = formulas(graph, built.shapes, more), [], []
    requires = not all(_is_fixed(found, *each) for each in built.required)
    return Derived(found, graph, built.shapes, source.name, tuple(same), tuple(other), requires)


def _is_fixed(found: Formulas, node: str, place: int) -> bool:
    """Whether a size that the text asks for is the same on the whole class; then what the text makes of it is, too."""
    sizes = found.sizes.extents.get(node)
    return not found.sizes.axes or (sizes is not None and isinstance(sizes[place], int))


def _elsewhere(
    graph: Graph, axes: Sequence[Axis], expand: Expansion, same: list[Inputs], other: list[Inputs]
) -> str | None:
    """Tries the text at other sizes of the class, those from the written one up first. Why there is no formula, where
    it is another network at one of these; None if it is the same at all of them, which are put into `same`, and
    smaller ones at which it is not into `other`."""
    for count in (*ABOVE, *(-each for each in BELOW), None):
        inputs = _further(graph, axes, count)
        found = expand(inputs) if tuple(inputs.values()) not in (*same, *other) else None
        if found is None:
            continue
        wrong = _first_that_differs(graph, found[0])
        if wrong is not None and count in ABOVE:
            at = " and ".join(map(dress, inputs.values()))
            return f"the text asks for sizes (`in.h`), and at {at} `{wrong}` is another step"
        (same if wrong is None else other).append(tuple(inputs.values()))
    return None if same else "the text asks for sizes (`in.h`), and took no other one that was tried"


def _further(graph: Graph, axes: Sequence[Axis], count: int | None) -> dict[str, Shape]:
    """The inputs so many steps of each axis on; of None the least ones."""
    found = {id: [*node.layer.shape] for id, node in graph.inputs.items() if isinstance(node.layer, Input)}
    for axis in axes:
        size = axis.least if count is None else max(axis.written + count * axis.period, axis.least)
        for each in axis.variables:
            found[each.input][each.axis] = size if axis.most is None else min(size, axis.most)
    return {id: tuple(shape) for id, shape in found.items()}


def _first_that_differs(graph: Graph, other: Graph) -> str | None:
    for id in graph.nodes:
        if id in graph.running and id not in graph.inputs:
            here, there = graph.nodes[id], other.nodes.get(id)
            if there is None or (here.layer, here.inputs) != (there.layer, there.inputs):
                return id
    return next((id for name, id in graph.outputs.items() if other.outputs.get(name) != id), None)


class Formula:
    """One number of a network as a polynomial of its sizes. Called with them it gives the number:
    `model.formulas().macs(N=8, H=320, W=256)`."""

    def __init__(self, derived: Derived, total: Total) -> None:
        self._derived, self._total = derived, total
        self._letters = letters_of(derived)

    def __str__(self) -> str:
        terms = of_sizes(self._total.known, self._derived.formulas.sizes.axes, self._letters)
        return written(terms, PEOPLE, batch=True)

    def __repr__(self) -> str:
        return f"<cnnspec.Formula {self}>"

    def __call__(self, N: int = 1, **sizes: int) -> int:  # noqa: N803  (the letters of the formula)
        """For N samples; a size that is not given is as it is written. ValueError for one of another class, and where
        some step follows no polynomial."""
        if self._total.untold:
            names = ", ".join(f"`{each.node.id}`" for each in self._total.untold)
            raise ValueError(f"what {names} costs follows no polynomial on this class")
        steps = {}
        for axis in self._derived.formulas.sizes.axes:
            letter = self._letters[axis.unknown]
            size = sizes.pop(letter, axis.written)
            count, rest = divmod(size - axis.least, axis.period)
            if rest or count < 0 or (axis.most is not None and size > axis.most):
                raise ValueError(f"{letter} = {size} is not of this class: {axis.least}, {axis.least + axis.period}, …")
            steps[axis.unknown] = count
        if sizes:
            raise ValueError(f"there is no {next(iter(sizes))} in this formula")
        return N * value_at(self._total.known, steps)


class CostFormulas:
    """What a network costs at every size of the class of its input."""

    def __init__(self, compiled: Compiled) -> None:
        self._derived = derived(compiled)

    @property
    def params(self) -> int:
        """The same at every size."""
        return self._derived.formulas.params

    @property
    def macs(self) -> Formula:
        return Formula(self._derived, self._derived.formulas.macs)

    @property
    def ops(self) -> Formula:
        return Formula(self._derived, self._derived.formulas.ops)

    @property
    def activations(self) -> Formula:
        return Formula(self._derived, self._derived.formulas.activations)

    def to_dict(self) -> dict[str, Any]:
        """By the schema of docs/formulas.md."""
        return formulas_record(self._derived)

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), indent=2) + "\n"

    def to_markdown(self, layers: bool = False) -> str:
        """With the formulas in LaTeX, as GitHub and notebooks show them."""
        return formulas_markdown(self._derived, layers)

    def to_text(self, layers: bool = False, width: int = 120) -> str:
        return formulas_table(self._derived, Look(width=width), layers)

    def __str__(self) -> str:
        return self.to_text()

    def _repr_markdown_(self) -> str:
        return self.to_markdown()
