"""Nothing comes into a step.

A model with several inputs has no current value until a reference says which of them a chain begins with.

```cnn fails
model Net {
  input left: 3x32x32
  input right: 3x32x32
  conv 3x3 8 pad=1
}
```

```cnn
model Net {
  input left: 3x32x32
  input right: 3x32x32
  concat { @left | @right }
  conv 3x3 8 pad=1
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "shapes")
