"""Something looks like a number and is none.

Numbers are `64`, `0.5`, `1e-5` and ratios such as `1/255`; sizes `3x3`; quantities `12M` and `64MB`, in `require` only.
Nothing stands between digits, nor before a unit: `7500000`, `7.5M`, `20G`.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 8 -> relu -> dropout .5
}
```

```cnn fails
model Net {
  input 3x32x32
  require params <= 7,500,000, memory <= 64MB
  conv 3x3 8 -> relu
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 8 -> relu -> dropout 0.5
  require params <= 7.5M, macs <= 20G, memory <= 64MB
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax", fixes=True)
