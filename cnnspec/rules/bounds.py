"""Between which values the results of a step lie, whatever the weights are."""

from collections.abc import Sequence
from math import inf

from cnnspec.contract.facts import ANYTHING, Bounds
from cnnspec.contract.layer import Layer
from cnnspec.ir.graph import Input, Node
from cnnspec.rules.network import Network


class BoundsTable:
    """What the layers say of themselves, followed as far back as a question needs."""

    def __init__(self, net: Network) -> None:
        self._nodes = net.graph.nodes
        self._known: dict[str, Bounds] = {}

    def of(self, node: Node) -> Bounds:
        waiting = [node]
        while waiting:
            last = waiting[-1]
            unknown = [each for each in self._operands(last) if each not in self._known]
            if unknown:
                waiting += [self._nodes[each] for each in unknown]
            else:
                self._known[last.id] = _of(last, [self._known[each] for each in self._operands(last)])
                waiting.pop()
        return self._known[node.id]

    def _operands(self, node: Node) -> tuple[str, ...]:
        """Those that its bounds depend on."""
        layer = node.layer
        asks = layer.keeps_bounds or layer.training_only or layer.spares is not None
        return node.inputs if asks else ()


def of_words(leading: Sequence[type[Layer]]) -> Bounds:
    """Between what the last of these lies, each of which the one before enters; whatever entered the first."""
    bounds = ANYTHING
    for each in leading:
        bounds = _passed_on(each, [bounds])
    return bounds


def _of(node: Node, entering: list[Bounds]) -> Bounds:
    return ANYTHING if isinstance(node.layer, Input) else _passed_on(node.layer, entering)


def _passed_on(layer: Layer | type[Layer], entering: list[Bounds]) -> Bounds:
    if layer.keeps_bounds:
        return Bounds(min(0, *(each.low for each in entering)), max(0, *(each.high for each in entering)))
    if layer.training_only:  # while training what is left is made larger
        return Bounds(0 if entering[0].low >= 0 else -inf, inf)
    if layer.spares is not None and layer.spares.hold(entering[0]):
        return entering[0]
    return layer.bounds
