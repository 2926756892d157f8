"""The examples of a word, worked out by the compiler itself: what they make, and what that takes."""

from typing import NamedTuple

from cnnspec.contract.facts import Cost, Example, OnnxNode, Torch, Weight
from cnnspec.contract.values import Shape, dress
from cnnspec.manual.entries import Entry
from cnnspec.passes.cost import costs
from cnnspec.passes.fold import known
from cnnspec.passes.parameters import weights_of
from cnnspec.pipeline import compile_source
from cnnspec.source.text import Source


class Worked(NamedTuple):
    """`weights` and `cost` are those of all that stands in the example. `arithmetic`, a line an axis, leads to the
    shape that the word itself makes, `torch` and `onnx` say it there; empty for what is no step of its own."""

    example: Example
    output: Shape
    weights: tuple[Weight, ...]
    cost: Cost
    arithmetic: tuple[str, ...] = ()
    torch: tuple[Torch, ...] = ()
    onnx: tuple[OnnxNode, ...] = ()


class Page(NamedTuple):
    """All that there is to say of a word: `example` is its first one, `more` are those that are written otherwise."""

    entry: Entry
    example: Worked
    more: tuple[Worked, ...]


def page(entry: Entry) -> Page:
    """A word with its examples worked."""
    written: dict[str, Example] = {}
    for each in entry.examples:
        written.setdefault(each.text, each)
    first, *more = (worked(each, entry.word) for each in written.values())
    return Page(entry, first, tuple(more))


def program(example: Example) -> str:
    """The example as a whole file, whose inputs are called as a merge's example names them: `x0 x1 …`."""
    inputs = "".join(f"  input x{place}: {dress(shape)}\n" for place, shape in enumerate(example.inputs))
    start = "" if "@x0" in example.text else "@x0 -> "
    return f"cnn 1\nmodel Example {{\n{inputs}  {start}{example.text}\n}}\n"


def worked(example: Example, word: str) -> Worked:
    """An example of this word compiled, with its numbers."""
    compiled = compile_source(Source("example.cnn", program(example)))
    assert compiled.built is not None, f"{example.text} is no network"
    assert not compiled.diagnostics, f"{example.text}: {compiled.diagnostics}"
    graph, shapes = compiled.built.graph, compiled.built.shapes
    (output,) = graph.outputs.values()
    shape = shapes[output]
    assert shape is not None, "what has no error has a shape"
    spent = costs(graph, shapes).values()
    found = Worked(
        example,
        shape,
        tuple(weight for owned in weights_of(graph, shapes).values() for weight in owned),
        Cost(sum(each.macs for each in spent), sum(each.ops for each in spent)),
    )
    for node, operands in known(graph, shapes):
        if node.id == output and node.layer.word == word:
            torch, onnx = node.layer.torch(operands), node.layer.onnx(operands).nodes
            return found._replace(arithmetic=node.layer.worked(operands), torch=torch, onnx=onnx)
    return found
