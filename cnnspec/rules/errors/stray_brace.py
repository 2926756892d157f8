"""A `}` closes nothing.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 8 -> relu
}
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 8 -> relu
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax")
