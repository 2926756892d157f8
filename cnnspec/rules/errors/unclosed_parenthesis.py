"""A `(` has no `)`.

```cnn fails
model Net {
  input 3x32x32
  (conv 3x3 8 -> relu
}
```

```cnn
model Net {
  input 3x32x32
  (conv 3x3 8 -> relu) x2
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax")
