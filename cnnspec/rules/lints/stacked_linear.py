"""Two linear layers without an activation between them are one linear layer.

A matrix times a matrix is a matrix: whatever the two can do, one can do with fewer weights. What makes a network more
than a matrix is the activation between.

```cnn fails
model Net {
  input 3x32x32
  flatten -> linear 64 -> linear 10
}
```

```cnn
model Net {
  input 3x32x32
  flatten -> linear 64 -> relu -> linear 10
}
```

Where the value between them is narrower than both sides it is told nothing of: that is a factorization, and saves
weights.
"""

from collections.abc import Iterator

from cnnspec.ir.graph import Node
from cnnspec.rules.network import Network
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic, Edit, Fix, Label
from cnnspec.source.text import Span

RULE = rule(__name__, "lint", fixes=True)


def in_network(net: Network, text: Text) -> Iterator[Diagnostic]:
    for kind in net.kinds:
        if not kind.is_dense:
            continue
        for node in kind.nodes:
            first = net.behind(node.inputs[0])
            if first.id not in net.kind_of or not net.kind_of[first.id].is_dense or not _is_wide(first, node, net):
                continue
            if all(net.only_reader(each) for each in _between(first, node, net)):
                yield _found(first, node, net, text)


def _between(first: Node, node: Node, net: Network) -> Iterator[str]:
    at = node.inputs[0]
    while at != first.id:
        yield at
        at = net.graph.nodes[at].inputs[0]
    yield first.id


def _is_wide(first: Node, node: Node, net: Network) -> bool:
    entering, between, leaving = _sizes(first, node, net)
    return between >= min(entering, leaving)


def _sizes(first: Node, node: Node, net: Network) -> tuple[int, int, int]:
    return net.shapes[first.inputs[0]][0], net.shapes[first.id][0], net.shapes[node.id][0]


def _found(first: Node, node: Node, net: Network, text: Text) -> Diagnostic:
    entering, between, leaving = _sizes(first, node, net)
    both, one = entering * between + between * leaving, entering * leaving
    note = f"{entering:,} → {between:,} → {leaving:,} has {both:,} weights, {entering:,} → {leaving:,} has {one:,}"
    place = text.place_of(node.span)
    fix = None
    if place is not None:
        start = place.step.span.start
        fix = Fix("put an activation between them", (Edit(Span(text.source, start, start), "relu -> "),), safe=False)
    same = first.span.source is node.span.source and first.span != node.span
    return RULE.found(
        "two linear layers without an activation between them are one",
        node.span,
        secondary=(Label(first.span, "this is the first"),) if same else (),
        notes=(note,),
        help="put an activation between them",
        fix=fix,
        trace=node.trace,
    )
