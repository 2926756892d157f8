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

import re
from collections.abc import Iterator

from cnnspec.contract.channels import picture_turned
from cnnspec.fixes.channels_last import channels_last
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic
from cnnspec.syntax import tree

RULE = rule(__name__, "lint", fixes=True)
_COLUMN = r"\b(?:[2-9]|[1-9]\d+)x1\b"


def in_text(text: Text) -> Iterator[Diagnostic]:
    models = (item for item in text.file.items if isinstance(item, tree.Model))
    for line in (line for model in models for line in model.body.lines if isinstance(line, tree.Input)):
        size = line.args[0].value
        if not isinstance(size, tree.Size):
            continue
        right = picture_turned(size.value)
        if right is not None and (right[1] == right[2] or not re.search(_COLUMN, text.source.text)):
            yield channels_last(size.value, right, size.span)
