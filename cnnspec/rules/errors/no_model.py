"""A file holds no model.

A file of blocks is for others to use and is passed over; a file without either is likely not the one that was meant.

```cnn fails
let width = 8
```

```cnn
let width = 8
model Net {
  input 3x32x32
  conv 3x3 width -> relu
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "shapes")
