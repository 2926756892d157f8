"""A model has no input.

```cnn fails
model Net {
  conv 3x3 8 -> relu
}
```

```cnn
model Net {
  input 3x224x224
  conv 3x3 8 -> relu
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "shapes")
