"""A `{` has no `}`.

Which one it is, the indentation tells: a `}` that stands at the margin of an outer body closes the inner ones that were
forgotten. What stands in the body is read all the same.

```cnn fails
model Net {
  input 3x32x32
  add {
    conv 3x3 3 pad=1
    id
  relu
}
```

```cnn
model Net {
  input 3x32x32
  add {
    conv 3x3 3 pad=1
    id
  }
  relu
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax")
