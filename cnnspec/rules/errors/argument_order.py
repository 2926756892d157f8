"""Two arguments stand in each other's place.

First the kernel, then the channels, as papers write it: "3x3, 64".

```cnn fails
model Net {
  input 3x32x32
  conv 64 3x3 -> relu
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 64 -> relu
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "arguments", fixes=True)
