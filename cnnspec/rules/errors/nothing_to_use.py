"""A used file has no block.

`use` brings blocks; values, settings and models stay where they are.

```cnn file=widths.cnn
let width = 8
```

```cnn fails
use "widths.cnn"

model Net {
  input 3x32x32
  conv 3x3 8 -> relu
}
```

```cnn file=blocks.cnn
let width = 8
block Unit() { conv 3x3 width -> relu }
```

```cnn
use "blocks.cnn"

model Net {
  input 3x32x32
  Unit
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "files")
