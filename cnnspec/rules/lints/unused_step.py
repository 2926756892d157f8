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
from cnnspec.rules.network import Network
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic

RULE = rule(__name__, "lint")


def in_network(net: Network, text: Text) -> Iterator[Diagnostic]:
    always = net.in_every_use(lambda node: _is_lost(node, net))
    for id, readers in net.readers.items():
        if not readers and id not in net.kept and always(node := net.graph.nodes[id]):
            what = "this input is never read" if isinstance(node.layer, Input) else "this step feeds no output"
            help = "`output name: …` makes an output of it; else delete it"
            yield RULE.found(what, node.span, help=help, trace=node.trace)


def _is_lost(node: Node, net: Network) -> bool:
    return not net.readers[node.id] and node.id not in net.kept
