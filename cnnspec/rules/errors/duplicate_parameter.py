"""A block or model lists a parameter twice.

```cnn fails
block Unit(c, c) { conv 3x3 c -> relu }

model Net {
  input 3x32x32
  conv 3x3 8
}
```

```cnn
block Unit(k, c) { conv k c -> relu }

model Net {
  input 3x32x32
  Unit 3 8
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "names")
