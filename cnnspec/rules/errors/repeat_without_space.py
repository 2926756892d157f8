"""A repeat by a name has a space: `x n`.

`x2` is a repeat since `x` and digits can be no name. `xn` is a name like any other.

```cnn fails
block Stage(c, n) { (conv 3x3 c pad=1 -> relu) xn }

model Net {
  input 3x32x32
  Stage 8 3
}
```

```cnn fails
block Unit(c) { conv 3x3 c pad=1 -> relu }
block Stage(c, n) { Unit c xn }

model Net {
  input 3x32x32
  Stage 8 3
}
```

```cnn
block Stage(c, n) { (conv 3x3 c pad=1 -> relu) x n }

model Net {
  input 3x32x32
  Stage 8 3
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax", fixes=True)
