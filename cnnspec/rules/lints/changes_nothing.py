"""A step gives what it is given.

Whatever comes out of `relu` is not negative, so that a second one leaves it as it is, also behind a pooling; and a
1x1 window with stride 1 takes each value by itself. Such a step costs time, and often stands where something else was
meant.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 8 pad=1 -> relu -> maxpool 2x2 -> relu
}
```

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 8 pad=1 -> maxpool 1x1 -> relu
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 8 pad=1 -> relu -> maxpool 2x2
}
```

In a block it is told only if the step changes nothing in every use. The fix is safe if that is so whatever the
parameters are: not where what comes before stands in an `if`, in another block, or is a word that a parameter holds.
"""

from collections.abc import Iterator
from math import inf
from typing import NamedTuple

from cnnspec.contract.facts import Bounds, Chapter, Reach, Window
from cnnspec.ir.graph import Node
from cnnspec.rules.bounds import BoundsTable, of_words
from cnnspec.rules.network import Kind, Network
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic, Fix, Label
from cnnspec.syntax import tree

RULE = rule(__name__, "lint", fixes=True)
ONE = Window()
"""A window of one pixel that moves by one."""


class Nothing(NamedTuple):
    """Why a step gives what it is given; `enters` says between what values that lies, where it is the reason."""

    why: str
    enters: Bounds | None = None


def in_network(net: Network, text: Text) -> Iterator[Diagnostic]:
    suspects = [kind for kind in net.kinds if kind.layer.spares is not None or _at_most(kind)]
    table = BoundsTable(net)
    always = net.in_every_use(lambda node: _reason(node, net, text, table))
    for kind in suspects:
        for node in kind.nodes:
            reason = _reason(node, net, text, table)
            if reason is not None and always(node):
                yield _found(node, reason, net, text)


def _reason(node: Node, net: Network, text: Text, table: BoundsTable) -> Nothing | None:
    kind, spares = net.kind_of[node.id], node.layer.spares
    if spares is not None:
        enters = table.of(net.behind(node.inputs[0]))
        return Nothing("", enters) if spares.hold(enters) else None
    why = _at_most(kind)
    return Nothing(why) if why and (not kind.layer.fields or _is_literal(node, text)) else None


def _at_most(kind: Kind) -> str | None:
    """Why such a step would change nothing, for these numbers; None if it does something."""
    if kind.layer.training_only:
        return "it drops nothing" if set(kind.layer.arguments.values()) == {0} else None
    if len(kind.operands[0]) == 1 and kind.layer.chapter is Chapter.DENSE:
        return "a vector is flat already" if kind.torch == ("nn.Flatten",) else None
    if "kernel" in kind.layer.fields and not kind.weights and not isinstance(kind.windows, Reach):
        return "a window of one pixel takes each value by itself" if set(kind.windows) == {ONE} else None
    return None


def _is_literal(node: Node, text: Text) -> bool:
    """Whether the numbers of a step are written out: what comes from a parameter may be another one elsewhere."""
    place = text.place_of(node.span)
    core = place.step.core if place else None
    plain = (tree.Number, tree.Size, tree.Flag)
    return isinstance(core, tree.Apply) and all(isinstance(each.value, plain) for each in core.args)


def _found(node: Node, reason: Nothing, net: Network, text: Text) -> Diagnostic:
    edits = text.without_step(node.span)
    renames = net.graph.scopes[node.scope].listed or bool(net.kind_of[node.id].weights)
    source = net.behind(node.inputs[0])
    near = reason.enters and source.span.source is node.span.source and source.trace == node.trace
    shown = f"this gives values {_shown(reason.enters)}" if reason.enters else ""
    return RULE.found(
        f"`{node.layer.word}` changes nothing here",
        node.span,
        reason.why or f"it leaves values {_shown(node.layer.spares)} as they are",
        secondary=(Label(source.span, shown),) if near and not source.layer.merges else (),
        notes=() if near or not shown else (f"`{source.id}` gives values {_shown(reason.enters)}",),
        help="delete it",
        fix=Fix("", edits, safe=not renames and _is_so_anywhere(node, text)) if edits else None,
        trace=node.trace,
    )


def _is_so_anywhere(node: Node, text: Text) -> bool:
    """Whether the step changes nothing whatever the parameters are, in this model and in all others that may use it."""
    place = text.place_of(node.span)
    if place is None or text.word_of(place.step) is None:
        return False
    leading = list(text.leading_to(place))
    if node.layer.spares is not None:
        entering = [each for each in leading if not each.training_only]
        return node.layer.spares.hold(of_words(entering[::-1]))
    if node.layer.chapter is Chapter.DENSE:
        return bool(leading) and leading[0].chapter is Chapter.DENSE
    settings = (line for line, _ in text.bound if isinstance(line, tree.Set))
    return not any(node.layer.word in (word.name for word in line.words) for line in settings)


def _shown(bounds: Bounds | None) -> str:
    """`from 0 on`, `from 0 to 6`"""
    assert bounds is not None, "only what has bounds is shown"
    return f"from {bounds.low:g} on" if bounds.high == inf else f"from {bounds.low:g} to {bounds.high:g}"
