"""Other values for one argument of a layer, and what sizes they would lead to; tried on the shapes alone, before the
whole text is compiled."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from cnnspec.contract.errors import LayerError
from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Shape, Shapes
from cnnspec.ir.graph import Node, Unknown

WIDEST_PAD = 16
STRIDES = (1, 2, 3, 4)


class Tuned(NamedTuple):
    """A layer with another value for one field, and that value as the language writes it. The smaller `rank`, the more
    usual the slip."""

    layer: Layer
    field: str
    value: str
    rank: int

    @property
    def keeps_size(self) -> bool:
        """Whether it is the padding with which a window of stride 1 leaves the size as it is."""
        if self.field != "pad" or "kernel" not in self.layer.fields:
            return False
        pad, kernel, dilation = (_each(self.layer.arguments.get(name, 1)) for name in ("pad", "kernel", "dilation"))
        axes = max(len(pad), len(kernel), len(dilation))
        many = (each * axes if len(each) == 1 else each for each in (pad, kernel, dilation))
        return all(isinstance(p, int) and 2 * p == d * (k - 1) for p, k, d in zip(*many, strict=True))


def _each(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def tunings(layer: Layer) -> Iterator[Tuned]:
    """What a layer whose window slides could be given instead, the usual slips first."""
    fields, values = layer.fields, layer.arguments
    if not {"kernel", "stride"} <= set(fields):
        return
    kernel, dilation = values["kernel"], values.get("dilation", 1)
    if "pad" in fields:
        yield from (_tuned(layer, "pad", pad, 0) for pad in _paddings(kernel, dilation) if pad != values["pad"])
        if kernel in (2, (2, 2), (2, 2, 2)) and values["stride"] in (1, (1, 1), (1, 1, 1)) and values["pad"] == 0:
            yield _tuned(layer, "pad", "same_upper", 0)  # what Darknet and TensorFlow do, without saying so
    if "output_pad" in fields:
        yield from (_tuned(layer, "output_pad", each, 0) for each in (1, 0, 2, 3) if each != values["output_pad"])
    if "ceil_mode" in fields:
        yield _tuned(layer, "ceil_mode", not values["ceil_mode"], 1)
    yield from (_tuned(layer, "stride", each, 2) for each in STRIDES if each != values["stride"])
    if isinstance(kernel, int) or len(set(kernel)) == 1:
        side = kernel if isinstance(kernel, int) else kernel[0]
        sides = (side + 1, side - 1, 3, 1, 2)
        shaped = {each: each if isinstance(kernel, int) else (each,) * len(kernel) for each in sides if each > 0}
        yield from (_tuned(layer, "kernel", each, 3) for number, each in shaped.items() if number != side)


def _paddings(kernel: int | tuple[int, ...], dilation: int | tuple[int, ...]) -> list[int | tuple[int, ...]]:
    """The padding that keeps the size, then the others up to half of what the window reaches over."""
    kernels = (kernel,) if isinstance(kernel, int) else kernel
    dilations = (dilation,) * len(kernels) if isinstance(dilation, int) else dilation
    halves = tuple(d * (k - 1) // 2 for k, d in zip(kernels, dilations, strict=False))
    uniform = [each for each in range(min(max(halves), WIDEST_PAD) + 1) if each != halves[0]]
    if len(set(halves)) == 1:
        return [halves[0], *uniform]
    return [halves, *uniform, halves[0]]


def _tuned(layer: Layer, field: str, value: Any, rank: int) -> Tuned:
    return Tuned(type(layer)(**{**layer.arguments, field: value}), field, written(value), rank)


def written(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "x".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _infer(layer: Layer, operands: Shapes) -> Shape:
    return layer.infer(operands)


class Work:
    """Nodes whose shapes may yet be worked out once more for one answer: some tenths of a second. It is counted and not
    timed, so that the same text always gets the same answer."""

    def __init__(self, left: int = 100_000) -> None:
        self.left = left


class Replay:
    """Shapes once more, with other layers in places."""

    def __init__(self, nodes: Mapping[str, Node], shapes: Mapping[str, Shape | None], work: Work) -> None:
        self.nodes, self.shapes, self.work = nodes, shapes, work
        self._infer = cache(_infer)
        self._order = {id: place for place, id in enumerate(nodes)}

    def shape(
        self, changed: Mapping[str, Layer], target: str, given: Mapping[str, Shape] = MappingProxyType({})
    ) -> Shape | None:
        """The target's shape if these nodes had other layers, or are given other shapes; None if a step on the way
        could not be then, or no work is left."""
        now: dict[str, Shape | None] = {}
        if self.work.left <= 0:
            return None
        between = self._between((*changed, *given), target)
        self.work.left -= len(between)
        for id in between:
            if id in given:
                now[id] = given[id]
                continue
            node = self.nodes[id]
            operands = tuple(shape for each in node.inputs if (shape := now.get(each, self.shapes[each])) is not None)
            if len(operands) != len(node.inputs):
                return None
            if isinstance(node.layer, Unknown):  # an error stands there, and its shape is a guess
                if any(now.get(each, self.shapes[each]) != self.shapes[each] for each in node.inputs):
                    return None
                now[id] = self.shapes[id]
                continue
            try:
                now[id] = self._infer(changed.get(id, node.layer), operands)
            except LayerError:
                return None
        return now.get(target, self.shapes[target])

    def _between(self, starts: Iterable[str], end: str) -> list[str]:
        """The nodes from the first of `starts` on that lead to `end`, in the graph's order."""
        first = min(self._order[id] for id in starts)
        found, waiting = set[str](), [end]
        while waiting:
            id = waiting.pop()
            if id not in found and self._order[id] >= first:
                found.add(id)
                waiting += self.nodes[id].inputs
        return sorted(found, key=self._order.__getitem__)
