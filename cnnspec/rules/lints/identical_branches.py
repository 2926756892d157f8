"""Two branches of a merge give the same value.

`add { id | id }` is twice the value, `concat { id | id }` has each channel twice: nothing that the layer behind it
could not do by itself. Mostly a branch was forgotten, or a label is another's.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 8 pad=1 -> relu
  add { id | id }
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 8 pad=1 -> relu
  add { conv 3x3 8 pad=1 | id }
}
```

Layers with weights differ by these, and dropout by chance. `mul { id | id }` is the square, which is something else.
In a block it is told only if it is so in every use.
"""

from collections.abc import Iterator

from cnnspec.ir.graph import Node
from cnnspec.rules.lints._branches import branches_of, conditions_without_else, word_of
from cnnspec.rules.network import Network
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.rules.values import may_be_equal, values
from cnnspec.source.diagnostic import Diagnostic, Label

RULE = rule(__name__, "lint")
RESULTS = {
    "+": "the sum holds this value {} times",
    "-": "the difference of a value and itself is 0",
    "torch.maximum": "the larger of a value and itself is the value",
    "torch.cat": "the result holds these channels {} times",
}
"""What comes of n equal operands, by what torch calls the merge; any other makes something new of them."""


def in_network(net: Network, text: Text) -> Iterator[Diagnostic]:
    merges = [kind for kind in net.kinds if kind.layer.merges and kind.torch and kind.torch[0] in RESULTS]
    suspects = [(node, kind.torch[0]) for kind in merges for node in kind.nodes if may_be_equal(node, net)]
    table = values(net) if suspects else {}
    always = net.in_every_use(lambda node: _equal(node, table))
    for node, result in suspects:
        if any(True for _ in conditions_without_else(node, text)):
            continue  # `branch-without-else` says it better
        if always(node):
            yield _found(node, RESULTS[result], table, text)


def _equal(node: Node, table: dict[str, int]) -> int:
    """How often the most frequent operand comes in, if more than once."""
    most = max(_counts(node, table).values())
    return most if most > 1 else 0


def _counts(node: Node, table: dict[str, int]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for each in node.inputs:
        counts[table[each]] = counts.get(table[each], 0) + 1
    return counts


def _found(node: Node, result: str, table: dict[str, int], text: Text) -> Diagnostic:
    numbers = [table[each] for each in node.inputs]
    counts = _counts(node, table)
    most = max(counts.values())
    equal = [place for place, each in enumerate(numbers) if counts[each] == most]
    chains = branches_of(node, text)
    shown = [chains[place].span for place in equal] if len(chains) == len(numbers) else []
    many = "both" if len(numbers) == 2 else f"{len(equal)} of {len(numbers)}"
    return RULE.found(
        f"{many} branches are the same",
        word_of(node),
        secondary=tuple(
            Label(each, "this") if place == 0 else Label(each, "and this") for place, each in enumerate(shown[:2])
        ),
        notes=(result.format(len(equal)),),
        help="delete one, or write what it was to be",
        trace=node.trace,
    )
