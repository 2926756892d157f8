"""A label is read whose line went on with steps that keep the shape.

A label names the result of the one step behind it. In `e1: conv 3x3 8 pad=1 -> relu`, `@e1` is what the convolution
gives, before `relu`; shapes agree either way, so that no error tells.

```cnn fails
model Net {
  input 3x32x32
  e1: conv 3x3 8 pad=1 -> bn -> relu -> maxpool 2x2
  conv 3x3 8 pad=1 -> relu -> upsample 2
  concat { @e1 | id } -> conv 1x1 8
}
```

A label before a group names the group's last value:

```cnn
model Net {
  input 3x32x32
  e1: (conv 3x3 8 pad=1 -> bn -> relu) -> maxpool 2x2
  conv 3x3 8 pad=1 -> relu -> upsample 2
  concat { @e1 | id } -> conv 1x1 8
}
```
"""

from collections.abc import Iterator

from cnnspec.contract.facts import Reach
from cnnspec.ir.graph import Node
from cnnspec.rules.network import Network
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.rules.walk import Place
from cnnspec.source.diagnostic import Diagnostic, Edit, Fix, Label
from cnnspec.source.text import Span

RULE = rule(__name__, "lint", fixes=True)


def in_network(net: Network, text: Text) -> Iterator[Diagnostic]:
    for place in text.places.values():
        label = place.step.label
        readings = text.readings(label.name) if label and place.after and not place.step.repeat else []
        following = _following(place, net) if readings else []
        if following and _is_read_elsewhere(following[0], net):
            yield _found(place, following, readings[0])


def _following(place: Place, net: Network) -> list[Node]:
    """The steps directly behind a labelled one that only finish its value: no weights that mix, the same shape."""
    found: list[Node] = []
    for step in place.chain.steps[place.number + 1 :]:
        span = step.core.span
        nodes = net.by_step.get((span.source.name, span.start, span.end), [])
        if not nodes or step.label or step.repeat or not _finishes(nodes[0], net):
            break
        found.append(nodes[0])
    return found


def _finishes(node: Node, net: Network) -> bool:
    kind = net.kind_of.get(node.id)
    if kind is None or kind.layer.merges or kind.multiplies or kind.windows is not Reach.POINTWISE:
        return False
    return kind.operands[0] == kind.shape


def _is_read_elsewhere(first: Node, net: Network) -> bool:
    """Whether something besides the next step reads the labelled value."""
    value = first.inputs[0]
    return value in net.kept or any(_takes(each, value, net) for each in net.readers[value] if each is not first)


def _takes(reader: Node, value: str, net: Network) -> bool:
    """Whether it reads the value, and not only its shape (`like=@e1`)."""
    kind = net.kind_of[reader.id]
    places = [place for place, each in enumerate(reader.inputs) if each == value]
    return any(kind.layer.window(kind.operands, place) is not Reach.NOTHING for place in places)


def _found(place: Place, following: list[Node], reading: Span) -> Diagnostic:
    assert place.step.label is not None, "only a label can be early"
    name, last = place.step.label.name, following[-1]
    words = " and ".join(f"`{each.layer.word}`" for each in following)
    return RULE.found(
        f"`@{name}` is the value before {words}",
        place.step.label.span,
        "it names this step alone",
        secondary=(Label(reading, "read here"),),
        help="a label before a group names its last value",
        fix=around(place.step.core.span, last.span),
        trace=last.trace,
    )


def around(first: Span, last: Span) -> Fix:
    """Parentheses from one step to another."""
    edits = Edit(first._replace(end=first.start), "("), Edit(last._replace(start=last.end), ")")
    return Fix("", edits, safe=False)
