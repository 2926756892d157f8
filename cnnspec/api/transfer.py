"""What training begins with: fresh weights, those of a file, or those of a file with a fresh head."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from numpy.typing import NDArray

from cnnspec.api.weights import Weights, arrays_of, given, notes_of
from cnnspec.contract.facts import Weight
from cnnspec.contract.values import Shape, dress
from cnnspec.ir.graph import Graph
from cnnspec.lower.errors import WeightsError
from cnnspec.lower.init import initialise
from cnnspec.lower.match import checked, match
from cnnspec.passes.fold import ShapeTable
from cnnspec.passes.head import heads
from cnnspec.passes.parameters import full_weights
from cnnspec.pipeline import Compiled

Arrays = Mapping[str, NDArray[Any]]


class Fresh(NamedTuple):
    """A tensor that is made anew, and the shape of the file's under that name; None if the file has none. One that
    only the file has is not `shape`d."""

    name: str
    shape: Shape | None
    in_file: Shape | None

    def __str__(self) -> str:
        has = "the file has none" if self.in_file is None else f"in the file {_dressed(self.in_file)}"
        if self.shape is None:
            return f"{self.name}: not taken; {has}"
        return f"{self.name}: fresh, {_dressed(self.shape)}; {has}"


class Beginning(NamedTuple):
    """All tensors of a network by name, what there is to say of them, and those that are made anew beside a file's."""

    arrays: Arrays
    notes: tuple[str, ...] = ()
    fresh: tuple[Fresh, ...] = ()


def beginning(graph: Graph, shapes: ShapeTable, weights: Weights, seed: int, replace_head: bool) -> Beginning:
    """From a file's weights, with fresh ones in the head's place if that is replaced, or from the seed alone.
    WeightsError where they are not this network's; NoWeights."""
    if weights is None:
        return Beginning(*arrays_of(graph, shapes, None, seed, everything=True))
    expected, head = full_weights(graph, shapes), heads(graph, shapes)
    found, where = given(weights)
    rest = {name: each for name, each in expected.items() if not _is_of(name, head)}
    result = match(rest, {name: each for name, each in found.items() if not _is_of(name, head)})
    if not replace_head:
        whole = match(expected, found)
        try:
            return Beginning(checked(whole, where), notes_of(whole))
        except WeightsError as error:
            if not result.fits:
                raise
            hint = f"`--replace-head` takes all but {_listed(head)} from the file, and begins with that anew"
            raise WeightsError(error.message, hint) from None
    arrays = checked(result, where)
    wanted = {name: each for name, each in expected.items() if name not in rest}
    fresh = _fresh(wanted, found, head)
    return Beginning(arrays | initialise(wanted, seed), (*notes_of(result), *map(str, fresh)), fresh)


def _is_of(tensor: str, steps: Collection[str]) -> bool:
    return tensor.rpartition(".")[0] in steps


def _fresh(wanted: Mapping[str, Weight], found: Arrays, head: Collection[str]) -> tuple[Fresh, ...]:
    made = [Fresh(name, weight.shape, found[name].shape if name in found else None) for name, weight in wanted.items()]
    left = [Fresh(name, None, each.shape) for name, each in found.items() if name not in wanted and _is_of(name, head)]
    return (*made, *left)


def _dressed(shape: Shape) -> str:
    return dress(shape) or "a number"


def _listed(names: Collection[str]) -> str:
    return ", ".join(f"`{each}`" for each in names)


def with_fitting_labels(compiled: Compiled) -> tuple[Compiled, tuple[str, ...]]:
    """Without the names of classes where the text has more or fewer of them than the network has outputs, as after
    `--set classes=10`; and a note of that."""
    built = compiled.built
    assert built is not None
    ends = [built.shapes[id] for id in built.graph.outputs.values()]
    count = ends[0][0] if len(ends) == 1 and ends[0] else None
    if built.labels is None or count is None or len(built.labels) in (count, 2 * (count == 1)):
        return compiled, ()
    note = f"the text's {len(built.labels):,} labels are not those of {count:,} outputs: the data's names are taken"
    return compiled.with_built(built._replace(labels=None)), (note,)
