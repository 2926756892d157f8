"""A step feeds no output, or an input is never read.

With `output name: …` only what is named is an output; a last value that nobody takes is lost, and is trained for
nothing. Of a chain of such steps the last is told.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 8 pad=1 -> relu
  output a: conv 3x3 8 pad=1
  conv 3x3 16 -> relu
}
```

A label names the one step that it stands before. Where the value of a whole line is meant, the line stands in
parentheses.

```cnn fails
model Net {
  input 3x32x32
  x: conv 3x3 16 pad=1
  gate: gap -> conv 1x1 16 -> sigmoid
  mul { @x | @gate }
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 8 pad=1 -> relu
  output a: conv 3x3 8 pad=1
  output b: conv 3x3 16 -> relu
}
```
"""

from collections.abc import Iterator

from cnnspec.ir.graph import Input, Node
from cnnspec.rules.lints.early_label import around
from cnnspec.rules.network import Network
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic
from cnnspec.syntax import tree

RULE = rule(__name__, "lint", fixes=True)


def in_network(net: Network, text: Text) -> Iterator[Diagnostic]:
    always = net.in_every_use(lambda node: _is_lost(node, net))
    for id, readers in net.readers.items():
        if not readers and id not in net.kept and always(node := net.graph.nodes[id]):
            what = "this input is never read" if isinstance(node.layer, Input) else "this step feeds no output"
            help, fix = "`output name: …` makes an output of it; else delete it", None
            label = _label_meant_for(node, text)
            if label is not None:
                name, first = label
                help = (
                    f"`@{name}` is the value of `{first.span.text}` alone; `{name}: ( … )` names that of the whole line"
                )
                fix = around(first.span, node.span)
            yield RULE.found(what, node.span, help=help, fix=fix, trace=node.trace)


def _label_meant_for(node: Node, text: Text) -> tuple[str, tree.Core] | None:
    """The label that is read elsewhere and begins the chain which this step ends, and the step that it names."""
    place = text.place_of(node.span)
    first = place.chain.steps[0] if place and place.number and place.after is None else None
    if first is None or first.label is None or first.repeat is not None or not text.readings(first.label.name):
        return None
    return first.label.name, first.core


def _is_lost(node: Node, net: Network) -> bool:
    return not net.readers[node.id] and node.id not in net.kept
