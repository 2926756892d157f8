"""The list of labels is not as long as the model's output.

`cnnspec run` could not say what is on a picture, and refuses.

```cnn file=names.txt
cat
dog
```

```cnn fails
model Net(classes=10) {
  input 3x32x32
  labels "names.txt"
  flatten -> linear 16 -> relu -> linear classes
}
```

```cnn
model Net(classes=2) {
  input 3x32x32
  labels "names.txt"
  flatten -> linear 16 -> relu -> linear classes
}
```

With `--set` nothing is said: the file's own numbers are what the list is for.
"""

from collections.abc import Iterator

from cnnspec.rules.network import Network
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic, Label
from cnnspec.syntax import tree

RULE = rule(__name__, "lint")


def in_network(net: Network, text: Text) -> Iterator[Diagnostic]:
    outputs = list(net.graph.outputs.values())
    if net.labels is None or not net.own_numbers or len(outputs) != 1:
        return
    node = net.graph.nodes[outputs[0]]
    found, wanted = len(net.labels), net.shapes[node.id][0]
    line = next((each for each in text.applies if _is_list(each)), None)
    if found != wanted and line is not None:
        same = node.span.source is line.span.source
        yield RULE.found(
            f"there are {found:,} labels for {wanted:,} outputs",
            line.span,
            secondary=(Label(node.span, f"{wanted:,} values"),) if same else (),
            help="one line for each class, in the order of the outputs",
        )


def _is_list(apply: tree.Apply) -> bool:
    return apply.word.name == "labels" and any(isinstance(each.value, tree.Text) for each in apply.args)
