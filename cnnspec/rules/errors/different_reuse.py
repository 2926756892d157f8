"""What is reused would not be the same step again.

The same weights must fit: the same channels come in, and every `if` inside takes the same branch.

```cnn fails
model Net {
  input left: 1x28x28
  input right: 3x28x28
  @left -> tower: conv 5x5 8
  @right -> other: reuse tower
  concat { @tower | @other }
}
```

```cnn
model Net {
  input left: 1x28x28
  input right: 1x28x28
  @left -> tower: conv 5x5 8
  @right -> other: reuse tower
  concat { @tower | @other }
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "shapes")
