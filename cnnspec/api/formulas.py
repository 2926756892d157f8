"""Costs as formulas of the input's sizes, ready to be shown and to be worked out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph
from cnnspec.passes.fold import ShapeTable
from cnnspec.passes.formulas.costs import Formulas, Total, formulas
from cnnspec.passes.formulas.polynomial import value_at
from cnnspec.pipeline import Compiled, network_of
from cnnspec.reports.formulas.plain import formulas_markdown, formulas_record
from cnnspec.reports.formulas.polynomial_text import PEOPLE, of_sizes, written
from cnnspec.reports.formulas.table import formulas_table
from cnnspec.reports.formulas.words import letters_of
from cnnspec.reports.look import Look


class Derived(NamedTuple):
    """What the formulas are of."""

    formulas: Formulas
    graph: Graph
    shapes: ShapeTable
    file: str

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
    network = network_of(built)
    return Derived(formulas(*network), built.graph, built.shapes, source.name)


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

    def __repr__(self) -> str:
        return f"<cnnspec.CostFormulas of {self._derived.graph.name}: MACs = {self.macs}>"

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
