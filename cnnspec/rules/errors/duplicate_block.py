"""A block is defined twice, here or by a file that is used.

```cnn fails
block Unit(c) { conv 3x3 c -> relu }
block Unit(c) { conv 5x5 c -> relu }

model Net {
  input 3x32x32
  Unit 8
}
```

```cnn
block Unit(k, c) { conv k c -> relu }

model Net {
  input 3x32x32
  Unit 5 8 -> Unit 3 8
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "names")
