"""A block contains itself, directly or through others.

Its expansion would never end. To repeat is `xN`, to choose is `if`.

```cnn fails
block Unit(c) { conv 3x3 c pad=1 -> relu -> Unit c }

model Net {
  input 3x32x32
  Unit 8
}
```

```cnn
block Unit(c) { conv 3x3 c pad=1 -> relu }

model Net {
  input 3x32x32
  Unit 8 x3
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "names")
