"""The branches of a merge are separated by `|` or a new line.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 8 pad=1 -> y: relu -> conv 3x3 8 pad=1
  add { @y, id }
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 8 pad=1 -> y: relu -> conv 3x3 8 pad=1
  add { @y | id }
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax", fixes=True)
