"""A text that goes other ways for other sizes (`if in.h % 2 == 1 { pad 0,0,1,1 }`), way by way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cnnspec.contract.facts import Weight
from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph
from cnnspec.passes.parameters import full_weights
from cnnspec.passes.sizes.conditions import Bound, Untold
from cnnspec.passes.sizes.form import Variable
from cnnspec.passes.sizes.joint import Product, merged
from cnnspec.passes.sizes.sets import EVERY, SizeSet
from cnnspec.passes.sizes.valid import Expand, Found, Network, found_of

MOST_WAYS = 16
"""Ways of a text that are expanded."""

TRIED = 4
"""Sizes that are tried to find one that the text takes."""


def resized(graph: Graph, sizes: Mapping[Variable, int]) -> dict[str, Shape]:
    """The inputs with other extents."""
    found = {}
    for id, node in graph.inputs.items():
        shape = node.layer.infer(())
        found[id] = tuple(sizes.get(Variable(id, axis), each) for axis, each in enumerate(shape))
    return found


def same_weights(one: Network, other: Network) -> bool:
    """Whether the two own tensors of the same names and shapes, and outputs of the same names."""
    return _owned(one) == _owned(other) and list(one.graph.outputs) == list(other.graph.outputs)


def _owned(network: Network) -> dict[str, Weight]:
    """What inference computes owns."""
    graph, shapes, _ = network
    ran = {id: shapes[id] if id in graph.computed else None for id in graph.nodes}
    return full_weights(graph, ran)


def ways_of(network: Network, first: Found, written: Mapping[Variable, int], expand: Expand | None) -> list[Product]:
    """The sizes that the text takes on one of its ways. Untold where a way is not known."""
    if expand is None or len({each.input for each in written}) != 1:
        raise Untold("the text goes other ways for other sizes of several inputs")
    (input,) = {each.input for each in written}
    left: list[Product] = [dict.fromkeys(written, EVERY)]
    accepted: list[Product] = []
    found, same = first, True
    for _ in range(MOST_WAYS):
        way = _way(found, written)
        inside = [box for each in left if (box := _both(each, way))]
        if same:
            accepted += [box for each in inside for one in found.products[input] if (box := _both(each, one))]
        left = [rest for each in left for rest in _without(each, way)]
        if not left:
            return merged(accepted)
        other = _expanded(network, left[0], written, expand)
        found, same = found_of(other), same_weights(network, other)
        if found.ties or found.chances:
            raise Untold("the text goes other ways for other sizes, which are tied")
    raise Untold(f"the text goes more than {MOST_WAYS} ways for other sizes")


def _expanded(network: Network, box: Product, written: Mapping[Variable, int], expand: Expand) -> Network:
    """The text as it comes out for some sizes in there: of those near the written ones the first that it takes."""
    for sizes in _some_of(box, written):
        other = expand(resized(network.graph, sizes))
        if other is not None:
            return other
    raise Untold("the text goes another way for other sizes, and none was found that it takes")


def _some_of(box: Product, written: Mapping[Variable, int]) -> Iterator[dict[Variable, int]]:
    at = dict(written)
    for _ in range(TRIED):
        sizes = {name: sizes.up(at[name]) or sizes.down(at[name]) or sizes.least for name, sizes in box.items()}
        yield sizes
        at = {name: size + 1 for name, size in sizes.items()}


def _way(found: Found, written: Mapping[Variable, int]) -> Product:
    """The sizes at which the text goes this way."""
    way: dict[Variable, SizeSet] = dict.fromkeys(written, EVERY)
    for each in found.ways:
        if not isinstance(each, Bound):
            raise Untold("the text goes other ways for other sizes, which are tied")
        way[each.variable] = way[each.variable].both(each.sizes)
    return way


def _both(one: Product, other: Product) -> Product | None:
    both = {variable: sizes.both(other[variable]) for variable, sizes in one.items()}
    return None if any(each.is_empty for each in both.values()) else both


def _without(box: Product, way: Product) -> Iterator[Product]:
    """What is left of a product of sets without another one, in products that have nothing in common."""
    inside = dict(box)
    for variable, sizes in way.items():
        outside = inside[variable].both(sizes.others())
        if not outside.is_empty:
            yield {**inside, variable: outside}
        inside[variable] = inside[variable].both(sizes)
        if inside[variable].is_empty:
            return
