"""A window of as many pixels as layers have channels, and as many channels as windows have pixels.

`conv 64 3` is a 64x64 kernel with 3 channels: the kernel comes first, then the channels. Other tools have it the other
way round. It is told of even numbers from 8 on before a smaller odd one. What nobody writes by mistake is not meant:
`conv 64x64 3`, signals of one dimension, windows that stand side by side as in `conv 16 3 /16`.

```cnn fails
model Net {
  input 3x64x64
  conv 64 3 -> relu
}
```

```cnn
model Net {
  input 3x64x64
  conv 3 64 -> relu
}
```
"""

from collections.abc import Iterator

from cnnspec.rules.network import Network
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic, Edit, Fix
from cnnspec.syntax import tree

RULE = rule(__name__, "lint", fixes=True)
SMALLEST = 8
"""Windows of fewer pixels are usual, even ones too."""


def in_network(net: Network, text: Text) -> Iterator[Diagnostic]:
    for kind in net.kinds:
        if not {"kernel", "channels"} <= set(kind.layer.fields) or len(kind.shape) < 3:
            continue
        for node in kind.nodes:
            place = text.place_of(node.span)
            core = place.step.core if place else None
            numbers = _numbers(core) if isinstance(core, tree.Apply) else None
            if numbers is None or kind.layer.arguments["stride"] == kind.layer.arguments["kernel"]:
                continue
            kernel, channels = numbers
            edits = Edit(kernel.span, channels.span.text), Edit(channels.span, kernel.span.text)
            side = "x".join([kernel.span.text] * (len(kind.shape) - 1))
            yield RULE.found(
                f"a {side} kernel with {channels.span.text} channels",
                kernel.span.to(channels.span),
                "the kernel comes first",
                help=f"did you mean `{node.layer.word} {channels.span.text} {kernel.span.text}`?",
                fix=Fix("", edits, safe=False),
                trace=node.trace,
            )


def _numbers(step: tree.Apply) -> tuple[tree.Number, tree.Number] | None:
    """The kernel and the channels, if they are plain numbers that look like each other's."""
    given = [each.value for each in step.args if each.name is None and not each.slash][:2]
    if len(given) < 2:
        return None
    kernel, channels = given
    if not isinstance(kernel, tree.Number) or not isinstance(channels, tree.Number):
        return None
    looks = kernel.value >= SMALLEST and kernel.value % 2 == 0 and channels.value < kernel.value
    return (kernel, channels) if looks and channels.value % 2 == 1 else None
