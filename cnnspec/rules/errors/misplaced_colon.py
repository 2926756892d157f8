"""A colon stands behind a label and nowhere else.

`input`, `let`, `set` and the like take none; an argument by name is written with `=`.

```cnn fails
model Net {
  input: 3x32x32
  conv 3x3 8 -> relu
}
```

```cnn fails
model Net {
  input 4x32x32
  conv 3x3 8 groups: 2 -> relu
}
```

```cnn
model Net {
  input 4x32x32
  conv 3x3 8 groups=2 -> relu
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax", fixes=True)
