"""Softmax over a single channel is always 1.

Softmax compares channels with each other; one channel has nothing to be compared with. For two classes, one number goes
through `sigmoid`, or two through `softmax`.

```cnn fails
model Net {
  input 3x32x32
  flatten -> linear 64 -> relu -> linear 1 -> softmax
}
```

```cnn
model Net {
  input 3x32x32
  flatten -> linear 64 -> relu -> linear 1 -> sigmoid
}
```
"""

from collections.abc import Iterator

from cnnspec.rules.network import Network
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic, Edit, Fix

RULE = rule(__name__, "lint", fixes=True)
RESULTS = {"nn.Softmax": "e^x / e^x = 1", "nn.LogSoftmax": "log(e^x / e^x) = 0"}


def in_network(net: Network, text: Text) -> Iterator[Diagnostic]:
    for kind in net.kinds:
        if kind.shape[0] > 1 or len(kind.torch) != 1 or kind.torch[0] not in RESULTS:
            continue
        worked = RESULTS[kind.torch[0]]
        for node in kind.nodes:
            own = text.place_of(node.span) is not None and node.span.text == node.layer.word
            yield RULE.found(
                f"`{node.layer.word}` over one channel is always {worked[-1]}",
                node.span,
                worked,
                help="`sigmoid` makes a probability of one number",
                fix=Fix("", (Edit(node.span, "sigmoid"),), safe=False) if own else None,
                trace=node.trace,
            )
