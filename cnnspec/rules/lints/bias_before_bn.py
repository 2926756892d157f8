"""The bias of a convolution is cancelled by the batch normalization behind it.

`bn` subtracts the mean of each channel, and with it whatever constant the convolution added; its own bias takes that
place. The parameters cost little and do nothing. Some published networks have them (VGG with batch normalization), and
their weights need them, so that it is told with `--pedantic` only.

```cnn fails --pedantic
model Net {
  input 3x32x32
  conv 3x3 8 -> bn -> relu
}
```

```cnn --pedantic
model Net {
  input 3x32x32
  conv 3x3 8 bias=no -> bn -> relu
}
```
"""

from collections.abc import Iterator
from math import prod

from cnnspec.ir.graph import Node
from cnnspec.rules.network import Network
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic, Edit, Fix, Label
from cnnspec.source.text import Span
from cnnspec.syntax import tree

RULE = rule(__name__, "pedantic", fixes=True)


def in_network(net: Network, text: Text) -> Iterator[Diagnostic]:
    always = net.in_every_use(lambda node: _norm_behind(node, net))
    for kind in net.kinds:
        bias = next((each for each in kind.weights if each.name == "bias"), None) if kind.multiplies else None
        if bias is None:
            continue
        for node in kind.nodes:
            norm = _norm_behind(node, net)
            if norm is not None and always(node):
                yield _found(node, norm, prod(bias.shape), text)


def _norm_behind(node: Node, net: Network) -> Node | None:
    reader = net.only_reader(node.id)
    if reader is None or reader.id not in net.kind_of:
        return None
    kind = net.kind_of[reader.id]
    return reader if kind.batch_statistics or kind.torch == ("nn.InstanceNorm",) else None


def _found(node: Node, norm: Node, count: int, text: Text) -> Diagnostic:
    same = norm.span.source is node.span.source and norm.trace == node.trace
    word = node.layer.word
    return RULE.found(
        f"the bias is cancelled by `{norm.layer.word}` ({count:,} parameters)",
        node.span,
        secondary=(Label(norm.span, "it subtracts the mean"),) if same else (),
        help=f"`bias=no`, or `set {word} bias=no` for all below",
        fix=_fix(node, text),
        trace=node.trace,
    )


def _fix(node: Node, text: Text) -> Fix | None:
    place = text.place_of(node.span)
    if place is None or not isinstance(place.step.core, tree.Apply):
        return None
    said = next((each for each in place.step.core.args if each.name and each.name.name == "bias"), None)
    end = Span(text.source, node.span.end, node.span.end)
    edit = Edit(said.span, "bias=no") if said else Edit(end, " bias=no")
    return Fix("", (edit,), safe=False)
