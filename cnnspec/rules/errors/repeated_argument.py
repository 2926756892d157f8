"""An argument is given twice.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 64 pad=1 pad=same -> relu
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 64 pad=1 -> relu
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "arguments")
