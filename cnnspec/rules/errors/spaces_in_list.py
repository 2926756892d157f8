"""A list of values is written without spaces.

A space ends an argument; so `mean=0.5, 0.5, 0.5` would be one argument and two more.

```cnn fails
model Net {
  input 3x32x32
  image { resize 32 -> crop 32 -> rescale 1/255 -> normalize mean=0.5, 0.5, 0.5 std=0.25 }
  conv 3x3 8 -> relu
}
```

```cnn
model Net {
  input 3x32x32
  image { resize 32 -> crop 32 -> rescale 1/255 -> normalize mean=0.5,0.5,0.5 std=0.25 }
  conv 3x3 8 -> relu
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax", fixes=True)
