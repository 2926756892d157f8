"""Whether a network that takes any size is the same at every size: it is asked again at others."""

from collections.abc import Callable, Iterator, Mapping

from cnnspec.contract.errors import LayerError
from cnnspec.contract.facts import Onnx
from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Shape, Shapes, dress
from cnnspec.ir.graph import Graph, Input, Node
from cnnspec.lower.errors import ExportError
from cnnspec.passes.fold import ShapeTable
from cnnspec.passes.sizes.answer import Answer, answer
from cnnspec.passes.sizes.joint import Product
from cnnspec.passes.sizes.valid import Network
from cnnspec.passes.sizes.ways import resized

Expand = Callable[[Mapping[str, Shape]], tuple[Graph, ShapeTable] | None]
"""The network of the same text for inputs of other shapes; None where the text refuses them."""

MORE = (1, 2, 3, 4, 5, 7, 8, 16, 32, 64)
"""How much larger than the written size: every rest that strides up to 8 leave, and the same rest under the usual
strides of whole networks."""

TIMES = (2, 3)
"""How many times the written size: where that is a multiple of what a network divides by, so are these."""

NEIGHBOURS = 4
"""How many of the next larger sizes that a network is known to take, and of the next smaller ones."""

ONE_SIZE = "export one size: write the input without `size=any`"


def takes_any_size(graph: Graph) -> bool:
    return any(isinstance(node.layer, Input) and node.layer.any_size for node in graph)


def facts_of(layer: Layer, operands: Shapes, any_size: bool) -> Onnx:
    """What a layer is in ONNX; where sizes are open, what it says for all of them at once, if it says that apart."""
    facts = layer.onnx(operands)
    return facts.open if any_size and facts.open is not None else facts


def check_any_size(graph: Graph, shapes: ShapeTable, expand: Expand | None = None) -> None:
    """ExportError where a step would have other nodes or weights at another size of the input, or where no other size
    was found that the network takes.

    `expand` is given where the text reads sizes (`in.h`), so that its steps may be others at other sizes. A size that
    is refused is no evidence: a network that halves four times takes multiples of 16 only, and is the same at each.
    """
    taken = False
    for inputs in _other_sizes(graph, None if expand else answer(Network(graph, shapes), search=False)):
        other = expand(inputs) if expand else _reshaped(graph, inputs)
        if other is None:
            continue
        taken = True
        id = _first_that_differs(graph, shapes, *other)
        if id is not None:
            raise ExportError(*_said(graph.nodes[id], shapes, other, " and ".join(map(dress, inputs.values()))))
    if not taken:
        message = "the network takes no other size of the input that was tried: nothing says what it would be there"
        raise ExportError(message, ONE_SIZE)


def _said(node: Node, shapes: ShapeTable, other: tuple[Graph, ShapeTable], size: str) -> tuple[str, str]:
    """What differs in a step at another size, and what would not."""
    graph, others = other
    again = graph.nodes.get(node.id)
    what, help = "is not there, or takes another value", ONE_SIZE
    if again is not None and again.inputs == node.inputs:
        here, there = (_operands(node.inputs, table) for table in (shapes, others))
        weights = zip(node.layer.weights(here), again.layer.weights(there), strict=False)
        first, later = next(((a, b) for a, b in weights if a != b), (None, None))
        if first is not None and later is not None:
            what = f"has {dress(later.shape)} numbers in `{first.name}`, not {dress(first.shape)}"
            if len(here[0]) == 1:
                vector = "`gap -> flatten` makes a vector as long as the channels, whatever the size"
                help = f"{vector}; or {ONE_SIZE}"
        elif node.layer != again.layer:
            what = "has other arguments"
            if "like" in node.layer.fields:
                help = f"`like=@label` takes the size of a map, whatever it is; or {ONE_SIZE}"
        else:
            what = "is computed in another way"
    place = f"{node.span.source.name}:{node.span.line}:{node.span.column}"
    step = f"`{node.id}` ({node.layer.word}, {place})"
    return f"{step} cannot be exported for any size: for an input of {size} it {what}", help


def _other_sizes(graph: Graph, known: Answer | None) -> Iterator[dict[str, Shape]]:
    """Every open input at another size, all others as they are; where it is known which sizes the network takes, those
    next to the written ones before all others."""
    if known is not None:
        yield from _members(graph, known)
    for times, more in (*((1, more) for more in MORE), *((times, 0) for times in TIMES)):
        yield {
            id: (layer.shape[0], *(times * each + more for each in layer.shape[1:])) if layer.any_size else layer.shape
            for id, node in graph.inputs.items()
            if isinstance(layer := node.layer, Input)
        }


def _members(graph: Graph, known: Answer) -> Iterator[dict[str, Shape]]:
    """The next sizes up and down that the network takes, of all open axes together."""
    opened = {id for id, node in graph.inputs.items() if isinstance(node.layer, Input) and node.layer.any_size}
    here = [next((each for each in products if _holds(each, known)), None) for products in known.products.values()]
    if None in here or known.ties:
        return
    sets = {name: sizes for product in here if product for name, sizes in product.items() if name.input in opened}
    for up in (True, False):
        sizes = dict(known.written)
        for _ in range(NEIGHBOURS):
            for name, those in sets.items():
                near = those.up(sizes[name] + 1) if up else those.down(sizes[name] - 1)
                sizes[name] = sizes[name] if near is None else near
            if sizes != known.written:
                yield resized(graph, sizes)


def _holds(product: Product, known: Answer) -> bool:
    return all(known.written[name] in sizes for name, sizes in product.items())


def _reshaped(graph: Graph, inputs: Mapping[str, Shape]) -> tuple[Graph, ShapeTable] | None:
    """The same steps on other inputs; None where some step refuses them."""
    shapes: dict[str, Shape] = {}
    for node in graph:
        if node.id in inputs:
            shapes[node.id] = inputs[node.id]
        elif node.id in graph.running:
            try:
                shapes[node.id] = node.layer.infer(tuple(shapes[each] for each in node.inputs))
            except LayerError:
                return None
    return graph, shapes


def _first_that_differs(graph: Graph, shapes: ShapeTable, other: Graph, others: ShapeTable) -> str | None:
    """The first step that runs and has other nodes or weights there, or is not there; or an output's, where the output
    is another step there."""
    for node in graph:
        if node.id not in graph.running or isinstance(node.layer, Input):
            continue
        again = other.nodes.get(node.id)
        if again is None or again.inputs != node.inputs:
            return node.id
        here, there = (_operands(node.inputs, table) for table in (shapes, others))
        if facts_of(node.layer, here, True) != facts_of(again.layer, there, True):
            return node.id
        if node.layer.weights(here) != again.layer.weights(there):
            return node.id
    return next((id for name, id in graph.outputs.items() if other.outputs.get(name) != id), None)


def _operands(ids: tuple[str, ...], shapes: ShapeTable) -> Shapes:
    return tuple(shape for each in ids if (shape := shapes[each]) is not None)
