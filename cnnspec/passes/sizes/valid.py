"""Which sizes of its inputs a network takes with the same weights, exactly.

Every size of every value is a form of the input's (forms.py), so what a layer needs of its operands is a set of the
input's height or width (conditions.py), and what all need is their intersection. Where a vector's length ties
height and width, the set is a union of products (joint.py). Where a text asks for sizes, what it says of other
ones is expanded and joined (ways.py). Where some rule is no form, sizes are tried one by one, to a bound that
is told (answer.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from cnnspec.contract.sizing import Within
from cnnspec.contract.values import Shape
from cnnspec.ir.decisions import NOTHING_ASKED, Asked
from cnnspec.ir.graph import Graph, Input
from cnnspec.passes.fold import ShapeTable, operands
from cnnspec.passes.sizes.conditions import Bound, Cause, Chance, Condition, Never, Tie, Untold, of_demand
from cnnspec.passes.sizes.form import Form, Variable, extent_at
from cnnspec.passes.sizes.forms import Demand, Forms, forms
from cnnspec.passes.sizes.implied import implied
from cnnspec.passes.sizes.joint import Product, solved
from cnnspec.passes.sizes.required import of_decision
from cnnspec.passes.sizes.sets import EVERY, NONE, SizeSet


class Network(NamedTuple):
    """A text as it comes out for one input: its graph, shapes, and what it asked of sizes on the way."""

    graph: Graph
    shapes: ShapeTable
    asked: Asked = NOTHING_ASKED


Expand = Callable[[Mapping[str, Shape]], Network | None]
"""The same text for inputs of other shapes; None where it refuses them."""


class Limit(NamedTuple):
    """What keeps an axis from being of more sizes: those that the cause by itself leaves."""

    variable: Variable
    sizes: SizeSet
    cause: Cause


class Found(NamedTuple):
    """What holds for one expansion of a text: `products` of sets over all variables of one input each, by input;
    `ties` that no product tells, and `joint` all, but for those that the limits of single axes imply; `limits`, without
    those of the `ways`, which are the conditions under which the text comes out so; `chances` that have to be tried."""

    products: Mapping[str, list[Product]]
    ties: tuple[Tie, ...]
    joint: tuple[Tie, ...]
    limits: tuple[Limit, ...]
    chances: tuple[Chance, ...]
    ways: tuple[Condition, ...]


def variables_of(graph: Graph) -> dict[Variable, int]:
    """Every spatial axis of every input, with its written size."""
    return {
        Variable(id, axis): size
        for id, node in graph.inputs.items()
        if isinstance(node.layer, Input)
        for axis, size in enumerate(node.layer.shape)
        if axis
    }


def found_of(network: Network) -> Found:
    """What holds while the text comes out as it did. Untold or TooLarge where that is not proved."""
    graph, shapes, asked = network
    table = forms(graph, shapes)
    _check(table, graph, shapes, variables_of(graph))
    for id, why in table.untold.items():
        raise Untold(f"`{id}` ({graph.nodes[id].layer.word}): {why}")
    for read in asked.reads:
        extents = table.extents.get(read.node)
        if extents is None or not isinstance(extents[read.axis], int):
            raise Untold("the text uses a size (`in.h`) in another way than to compare it")
    ways: list[Condition] = []
    conditions: list[Condition] = []
    for demand in _strongest(table.demands):
        conditions += of_demand(demand, operands(graph.nodes[demand.node], shapes))
    for decision in asked.decisions:
        (conditions if decision.required else ways).extend(of_decision(decision, table.extents))
    return _put_together(variables_of(graph), conditions, ways)


def _check(table: Forms, graph: Graph, shapes: ShapeTable, written: Mapping[Variable, int]) -> None:
    """The forms give the shapes that there are. They do not where an operand happens to be a gate at the written sizes,
    and at no others."""
    for id, extents in table.extents.items():
        if tuple([extent_at(each, written) for each in extents]) != shapes[id]:
            raise Untold(f"`{id}` ({graph.nodes[id].layer.word}) is otherwise at the written size than at others")


def _strongest(demands: Iterable[Demand]) -> list[Demand]:
    """The demands without those that ask less of a form than another one: most are windows over maps of one size."""
    leasts: dict[Form, tuple[int, Demand]] = {}
    others = []
    for demand in demands:
        need = demand.need
        if isinstance(need, Within) and need.period == 1 and need.upto is None and not need.low:
            extent = demand.operands[need.operand][need.axis]
            if isinstance(extent, int) and extent >= need.start:
                continue
            if isinstance(extent, Form):
                if extent not in leasts or leasts[extent][0] < need.start:
                    leasts[extent] = need.start, demand
                continue
        others.append(demand)
    return [*(demand for _, demand in leasts.values()), *others]


def _put_together(written: Mapping[Variable, int], conditions: list[Condition], ways: list[Condition]) -> Found:
    every = (*conditions, *ways)
    never = any(isinstance(each, Never) for each in every)
    sets = _narrowed(dict.fromkeys(written, NONE if never else EVERY), conditions)
    joint = tuple(each for each in every if isinstance(each, Tie) and not implied(each, sets))
    ties = list(joint)
    sets = _narrowed(sets, ways)
    products: dict[str, list[Product]] = {}
    for input in dict.fromkeys(each.input for each in written):
        own = {variable: sizes for variable, sizes in sets.items() if variable.input == input}
        products[input], ties = solved(own, ties)
    chances = tuple(each for each in conditions if isinstance(each, Chance))
    return Found(products, tuple(ties), joint, _limits(conditions), chances, tuple(ways))


def _narrowed(sets: Product, conditions: Iterable[Condition]) -> dict[Variable, SizeSet]:
    """What each variable may be where these hold, too."""
    found = dict(sets)
    for variable, sizes in dict.fromkeys((each.variable, each.sizes) for each in conditions if isinstance(each, Bound)):
        found[variable] = found[variable].both(sizes)
    return found


def _limits(conditions: list[Condition]) -> tuple[Limit, ...]:
    """For each variable few conditions that together leave what is left, the first in the text of equal ones."""
    found: list[Limit] = []
    bounds = [each for each in reversed(conditions) if isinstance(each, Bound)]
    for variable in sorted({each.variable for each in bounds}):
        own = {each.sizes: each for each in bounds if each.variable == variable}
        strongest = sorted(own.values(), key=_strength, reverse=True)
        kept, sizes = list[Bound](), EVERY
        for each in strongest:
            both = sizes.both(each.sizes)
            if both != sizes:
                kept.append(each)
                sizes = both
        for each in [*kept]:
            if _all_of(other.sizes for other in kept if other is not each) == sizes:
                kept.remove(each)
        found += [Limit(variable, each.sizes, each.cause) for each in kept]
    return tuple(found)


def _strength(bound: Bound) -> tuple[bool, int, int]:
    return bound.sizes.is_finite, bound.sizes.period, bound.sizes.start


def _all_of(sets: Iterable[SizeSet]) -> SizeSet:
    found = EVERY
    for each in sets:
        found = found.both(each)
    return found
