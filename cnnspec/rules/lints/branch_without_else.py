"""An `if` without `else` passes the value on, and so makes a branch of a merge a copy of another.

Without an `else` the value that comes in is the branch. That is right for a shortcut (`add { … | if s != 1 { conv … }
}`); where another branch is that value already, it comes in twice. `none` is no branch at all.

```cnn fails
block Unit(c, side=no) {
  concat {
    id
    if side { conv 3x3 c pad=1 }
  }
}

model Net {
  input 3x32x32
  conv 3x3 8 pad=1
  Unit 8 -> Unit 8 side=yes
}
```

```cnn
block Unit(c, side=no) {
  concat {
    id
    if side { conv 3x3 c pad=1 } else { none }
  }
}

model Net {
  input 3x32x32
  conv 3x3 8 pad=1
  Unit 8 -> Unit 8 side=yes
}
```
"""

from collections.abc import Iterator

from cnnspec.ir.graph import Node
from cnnspec.rules.lints._branches import conditions_without_else
from cnnspec.rules.network import Network
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic, Edit, Fix, Label
from cnnspec.source.text import Span
from cnnspec.syntax import tree

RULE = rule(__name__, "lint", fixes=True)


def in_network(net: Network, text: Text) -> Iterator[Diagnostic]:
    for kind in net.kinds:
        for node in kind.nodes if kind.layer.merges else ():
            if len(set(node.inputs)) == len(node.inputs):
                continue
            for cond in conditions_without_else(node, text):
                yield _found(node, cond)


def _found(node: Node, cond: tree.Cond) -> Diagnostic:
    last = cond
    while isinstance(last.other, tree.Cond):
        last = last.other
    end = Span(cond.span.source, last.then.span.end, last.then.span.end)
    return RULE.found(
        "where this condition does not hold, the branch is a copy of another one",
        Span(cond.span.source, cond.span.start, cond.test.span.end),
        "no `else`: the value passes through",
        secondary=(Label(node.span._replace(end=node.span.start + len(node.layer.word)), "it comes in twice here"),),
        help="say what the branch is then: `none` leaves it out",
        fix=Fix("", (Edit(end, " else { none }"),), safe=False),
        trace=node.trace,
    )
