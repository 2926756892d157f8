"""The input's shape is written with its channels last.

Channels come first, as in torch and ONNX: `3x32x32` has 3 channels of 32 by 32. A `32x32x3` is read as 32 channels of
maps that are 32 high and 3 wide, and a network over it may well compile. Where it does not, this is said before its
errors, if they are gone with the channels in front. Of what is not square nothing is said where a kernel such as `3x1`
shows that maps one pixel wide are meant.

```cnn fails
model Net {
  input 32x32x3
  conv 3x3 16 pad=1 -> relu -> flatten -> linear 10
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 16 pad=1 -> relu -> flatten -> linear 10
}
```
"""

from collections.abc import Iterator
from typing import Any

from cnnspec.contract.channels import picture_turned
from cnnspec.fixes.channels_last import channels_last
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic
from cnnspec.syntax import tree

RULE = rule(__name__, "lint", fixes=True)


def in_text(text: Text) -> Iterator[Diagnostic]:
    models = [item for item in text.file.items if isinstance(item, tree.Model)]
    for model, line in ((each, line) for each in models for line in each.body.lines):
        size = line.args[0].value if isinstance(line, tree.Input) and line.args else None
        if not isinstance(size, tree.Size):
            continue
        right = picture_turned(size.value)
        if right is not None and (right[1] == right[2] or not _has_columns(model, text)):
            yield channels_last(size.value, right, size.span)


def _has_columns(model: tree.Model, text: Text) -> bool:
    """Whether a kernel such as `3x1` is in the model, or in a block or a `let` of the file that it is made with."""
    named: dict[str, list[tree.Block | tree.Let]] = {}
    for item in text.file.items:
        if isinstance(item, tree.Block | tree.Let):
            named.setdefault(item.name.name, []).append(item)
    waiting: list[Any] = [*model.params, *(line for line in model.body.lines if not isinstance(line, tree.Input))]
    while waiting:
        for node in tree.walk(waiting.pop()):
            match node:
                case tree.Size(value=(high, 1)) if high > 1:
                    return True
                case tree.Apply(word=word):
                    waiting += named.pop(word.name, [])
                case tree.Name(name=name):
                    waiting += named.pop(name, [])
    return False
