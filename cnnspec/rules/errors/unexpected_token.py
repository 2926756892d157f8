"""Something stands where the language has no place for it.

The message says what could stand there. Only the line is given up, so that what is wrong elsewhere is told in the same
run.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 64 -> -> relu
}
```

```cnn fails
model Net(c=3) {
  input 3x32x32
  if c = 3 { conv 3x3 8 } else { conv 3x3 16 }
}
```

A comment begins with `#`; `//` divides, so that what stands behind it is taken for one only if it is no number's name.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 8 // the stem
}
```

```cnn
model Net(c=3) {
  input 3x32x32
  if c == 3 { conv 3x3 8 } else { conv 3x3 16 }
  relu -> conv 3x3 64 -> relu
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax", fixes=True)
